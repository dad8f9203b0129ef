"""Demo data: sample articles for a new installation (`make run`), loaded by the importer."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.files.base import ContentFile

from blog.editorial import images, site_settings
from blog.editorial.actors import DEMO, IMPORT
from blog.editorial.changes import Kind, together
from blog.editorial.removal import remove
from blog.editorial.taxonomy import make_named, save_page
from blog.models import Author, Category, Collection, Page, Post, SiteSettings
from blog.transfer.importing import dialects
from blog.transfer.importing.importer import import_files
from blog.transfer.importing.report import Report

HERE = Path(__file__).parent
REF_PREFIX = "demo:"
"""Prefix of `import_ref` that marks demo posts."""


def is_empty() -> bool:
    """Whether the site has no content yet; demo data is never added to real posts."""
    return not (Post.objects.exists() or Page.objects.exists())


def load(*, now: datetime) -> Report:
    """Load the demo data. Idempotent, also after a crash: existing rows stay unchanged."""
    demo = _demo()
    for author in demo["authors"]:
        author["links"] = "\n".join(f"{urlsplit(url).netloc} | {url}" for url in author.get("links", ()))
    with together(kind=Kind.IMPORTED, actor=DEMO, now=now, note="デモ"):
        for model, key in ((Category, "categories"), (Collection, "collections"), (Author, "authors")):
            for row in demo[key]:
                make_named(model, by=DEMO, now=now, **row)
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
        dialect=dialects.OF_TODAY,
        future=True,  # the letter of 2035 demonstrates a scheduled post
    )
    for page in demo["pages"]:
        if not Page.objects.filter(path=page["path"]).exists():
            save_page(Page(**page, is_public=True), by=DEMO, now=now)
    site = SiteSettings.objects.current(now)
    if not site.menu:
        site_settings.save(site, by=DEMO, now=now, menu=_menu(demo), **demo["site"])
    return report


def clear(*, now: datetime) -> int:
    """Remove the demo data: its posts, and its terms, images and pages that nothing else uses.

    Edited pages stay. Returns the number of posts removed.
    """
    demo = _demo()
    return remove(
        posts=Post.objects.filter(import_ref__startswith=REF_PREFIX),
        named=[
            (model, [row["name"] for row in demo[key]])
            for model, key in ((Category, "categories"), (Collection, "collections"), (Author, "authors"))
        ],
        pages=[
            found
            for page in demo["pages"]
            for found in Page.objects.filter(path=page["path"], body=page["body"])
        ],
        images_called=demo["images"],
        menu=_menu(demo),
        by=DEMO,
        now=now,
    )


def _menu(demo: dict[str, Any]) -> str:
    return "\n".join(f"{item['label']} | {item['path']}" for item in demo["menu"])


def _demo() -> dict[str, Any]:
    demo: dict[str, Any] = json.loads((HERE / "demo.json").read_text(encoding="utf-8"))
    return demo
