"""Demo magazine: what a newcomer reads after `make run`, imported by the importer itself."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.files.base import ContentFile
from django.db import transaction

from blog.editorial import image_uses, images
from blog.editorial.actors import DEMO, IMPORT
from blog.editorial.taxonomy import save_page
from blog.models import Author, Category, Collection, Image, Page, Post, SiteSettings, Tag
from blog.public import share_images
from blog.transfer.importing.importer import import_files
from blog.transfer.importing.report import Report

HERE = Path(__file__).parent
REF_PREFIX = "demo:"
"""What tells a demo post from a real one: the start of its `import_ref`."""


def is_empty() -> bool:
    """Whether nobody has written anything here yet. The demo never stands beside real posts."""
    return not (Post.objects.exists() or Page.objects.exists())


def load(*, now: datetime) -> Report:
    """Load the demo magazine. Safe to repeat after a crash: what is there stays as it is."""
    demo = _demo()
    for category in demo["categories"]:
        Category.objects.get_or_create(name=category["name"], defaults=category)
    for collection in demo["collections"]:
        Collection.objects.get_or_create(name=collection["name"], defaults=collection)
    for author in demo["authors"]:
        links = "\n".join(f"{urlsplit(url).netloc} | {url}" for url in author.pop("links", ()))
        Author.objects.get_or_create(name=author["name"], defaults=author | {"links": links})
    for name, described in demo["images"].items():
        upload = ContentFile((HERE / "images" / name).read_bytes())
        images.accept(upload=upload, name=name, by=DEMO, now=now, **described)
    report = import_files(
        sorted((HERE / "posts").glob("*.md")),
        by=IMPORT,
        now=now,
        images_from=HERE / "images",
        ref_prefix=REF_PREFIX,
        way=None,
        future=True,  # the letter of 2035 shows what a schedule is
    )
    for page in demo["pages"]:
        if not Page.objects.filter(path=page["path"]).exists():
            save_page(Page(**page, is_public=True))
    site = SiteSettings.objects.current(now)
    if not site.menu:
        site.menu = _menu(demo)
        for name, value in demo["site"].items():
            setattr(site, name, value)
        site.save()
    return report


def clear(*, now: datetime) -> int:
    """Remove the demo magazine, and of its sections, collections, tags, authors, images and pages those that nothing else uses.

    Pages that somebody has rewritten stay. Returns the number of posts removed.
    """
    demo = _demo()
    with transaction.atomic():
        posts = list(Post.objects.filter(import_ref__startswith=REF_PREFIX))
        tags = set(Tag.objects.filter(tagged__content_object__in=posts).values_list("pk", flat=True))
        for post in posts:
            post.delete()
            transaction.on_commit(partial(share_images.forget, post))
        Tag.objects.filter(pk__in=tags, tagged__isnull=True).delete()
        Category.objects.filter(name__in=[c["name"] for c in demo["categories"]], posts__isnull=True).delete()
        Collection.objects.filter(
            name__in=[c["name"] for c in demo["collections"]], posts__isnull=True
        ).delete()
        Author.objects.filter(name__in=[a["name"] for a in demo["authors"]], bylines__isnull=True).delete()
        for page in demo["pages"]:
            Page.objects.filter(path=page["path"], body=page["body"]).delete()
        SiteSettings.objects.filter(menu=_menu(demo)).update(menu="")
        for image in Image.objects.filter(original_name__in=demo["images"]):
            if not image_uses.is_needed(image):
                images.remove(image, by=DEMO, now=now)
    return len(posts)


def _menu(demo: dict[str, Any]) -> str:
    return "\n".join(f"{item['label']} | {item['path']}" for item in demo["menu"])


def _demo() -> dict[str, Any]:
    demo: dict[str, Any] = json.loads((HERE / "demo.json").read_text(encoding="utf-8"))
    return demo
