"""Articles into posts. Running twice changes nothing; an editor's work is never overwritten."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction

from blog import addresses, images, publishing
from blog.archive.reader import Article, Unreadable, read
from blog.content import Content, Credit, find_authors, find_category
from blog.models import Author, Category, Image, Post, Revision, SiteSettings

ORGANIZATION = re.compile(r"(編集部|チーム|編集室|研究所|委員会|事務局|取材班)$")
MARKDOWN_IMAGE_TARGET = re.compile(r"(!\[[^\]\n]*\]\()([^)\s]+)")


@dataclass
class Report:
    """What an import did: counts by outcome, and per file what the desk should know."""

    counts: Counter[str] = field(default_factory=Counter)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def warn(self, name: str, sentence: str) -> None:
        self.warnings.setdefault(name, []).append(sentence)


def import_files(
    paths: list[Path],
    *,
    now: datetime,
    images_from: Path | None = None,
    as_draft: bool = False,
    dry_run: bool = False,
    ref_prefix: str = "",
    progress: Callable[[str, str], None] = lambda name, outcome: None,
) -> Report:
    """Import each file in a transaction of its own; one bad file never stops the rest.

    Outcomes: created, updated, unchanged, proposed (an editor had changed the post: their work stands, the new
    text waits as a revision), failed. `dry_run` does all of it and keeps nothing.
    """
    report = Report()
    for path in paths:
        try:
            article = read(path.name, path.read_bytes())
            for sentence in article.warnings:
                report.warn(path.name, sentence)
            with transaction.atomic():
                outcome = _import_one(
                    article,
                    ref_prefix + article.ref,
                    path.name,
                    report,
                    now=now,
                    images_from=images_from,
                    as_draft=as_draft,
                )
                transaction.set_rollback(dry_run)
        except Unreadable as error:
            outcome = "failed"
            report.failures[path.name] = f"{error.line}行目: {error}" if error.line else str(error)
        except (publishing.NotReady, publishing.EditConflict, addresses.AddressTaken, OSError) as error:
            outcome = "failed"
            report.failures[path.name] = str(error)
        report.counts[outcome] += 1
        progress(path.name, outcome)
    return report


def _import_one(
    article: Article,
    ref: str,
    name: str,
    report: Report,
    *,
    now: datetime,
    images_from: Path | None,
    as_draft: bool,
) -> str:
    content = _content(article, name, report, now=now, images_from=images_from)
    goes_out = not (as_draft or article.is_draft)
    post = Post.objects.filter(import_ref=ref).first()
    if post is None:
        post = publishing.create(content=content, by=None, now=now, kind=Revision.Kind.IMPORT, import_ref=ref)
        if goes_out:
            publishing.publish(revision=post.working, by=None, now=now, at=article.published_at)
        return "created"
    imported = post.revisions.filter(kind=Revision.Kind.IMPORT).first()
    if imported and Content.from_json(imported.content) == content:
        return "unchanged"
    untouched = imported is not None and imported.pk == post.latest_revision_id
    revision = publishing.save(
        post=post, content=content, by=None, now=now, base=imported, kind=Revision.Kind.IMPORT
    )
    if untouched and post.is_published(now):
        publishing.publish(revision=revision, by=None, now=now, tell_readers=False)
        return "updated"
    if untouched:
        return "updated"
    publishing.submit(revision=revision, by=None)
    return "proposed"


def _content(
    article: Article, name: str, report: Report, *, now: datetime, images_from: Path | None
) -> Content:
    """The article in the words of the magazine; sections and authors it does not know yet are made."""
    if article.category and not find_category(article.category):
        Category.objects.create(name=article.category)
        report.warn(name, f"カテゴリ「{article.category}」を新しく作りました。")
    house = SiteSettings.objects.get(pk=1)
    known = find_authors(article.authors)
    for author in article.authors:
        if author not in known:
            is_house = author.startswith(house.name) or ORGANIZATION.search(author)
            Author.objects.create(
                name=author, kind=Author.Kind.ORGANIZATION if is_house else Author.Kind.PERSON
            )
    hero = (
        _image(article.hero, images_from, name, report, now=now, alt=article.title) if article.hero else None
    )
    return Content(
        title=article.title,
        slug=article.slug,
        category=article.category,
        tags=article.tags,
        bylines=tuple(Credit(author) for author in article.authors or (house.publisher,)),
        hero=hero.hash if hero else "",
        excerpt=article.excerpt,
        description=article.description,
        canonical_url=article.canonical_url,
        noindex=article.noindex,
        featured=article.featured,
        body=_with_stored_images(article.body, images_from, name, report, now=now),
    ).normalised()


def _with_stored_images(body: str, folder: Path | None, name: str, report: Report, *, now: datetime) -> str:
    """`body` with images that lie in `folder` taken into the library; all other targets stay as they are."""

    def stored(match: re.Match[str]) -> str:
        image = _image(match[2], folder, name, report, now=now)
        return match[1] + (image.url if image else match[2])

    return MARKDOWN_IMAGE_TARGET.sub(stored, body) if folder else body


def _image(
    target: str, folder: Path | None, name: str, report: Report, *, now: datetime, alt: str = ""
) -> Image | None:
    """The library's image of the file that `target` names in `folder`; None, with a warning, when there is none.

    `alt` is for an image that the library does not know yet.
    """
    path = folder and folder / Path(target).name
    if not path or not path.is_file():
        if not target.startswith(("http://", "https://", "/media/")):
            report.warn(name, f"画像 {target} が見つかりません。")
        return None
    try:
        return images.accept(upload=ContentFile(path.read_bytes()), name=path.name, by=None, now=now, alt=alt)
    except images.ImageRefused as error:
        report.warn(name, f"画像 {target}: {error}")
        return None
