"""Publish checks: what must be true before readers see a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from blog.editorial import addresses
from blog.editorial.actors import Actor
from blog.editorial.content import Content
from blog.editorial.content_fields import LABELS
from blog.editorial.lookups import ContentLookups, names_in
from blog.models import TERMS, Image, Post, Revision
from blog.text.dialects import Reason
from blog.text.findings import Code, Finding
from blog.text.frontmatter import YEARS
from blog.text.names import MAX_SLUG, is_visible, slugify
from blog.text.pictures import find_picture
from blog.text.scan import find_images


class NotReady(Exception):
    """The content cannot go out yet, for what was found in it."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(" ".join(finding.message for finding in findings))
        self.findings = tuple(findings)


def with_public_path(content: Content, *, at: datetime, frozen: Post | None = None) -> Content:
    """`content` with the day and slug of its public path: those of `frozen`, which readers know, or made of `at` and the title."""
    return replace(
        content,
        day=content.day or (frozen.day if frozen else timezone.localdate(at)),
        slug=content.slug or (frozen.slug if frozen else slugify(content.title)),
    )


def addressed(revision: Revision, *, at: datetime, now: datetime) -> Content:
    """The content of `revision` with the day and slug of the path that it would have, if it went out `at`."""
    frozen = revision.post if revision.post.was_public(now) else None
    return with_public_path(Content.from_json(revision.content), at=at, frozen=frozen)


def check_text(content: Content) -> list[Finding]:
    """What `content` (with its day and slug known) lacks by itself, whatever the magazine has."""
    wanted = (
        (content.title, Code.NO_TITLE),
        (not content.title or is_visible(content.title), Code.INVISIBLE_TITLE),
        (content.body.strip(), Code.NO_BODY),
        (content.category, Code.NO_CATEGORY),
        (content.bylines, Code.NO_BYLINE),
        (content.slug and slugify(content.slug, limit=len(content.slug)) == content.slug, Code.SLUG),
        (len(content.slug) <= MAX_SLUG, Code.LONG_SLUG),
        (content.day is None or content.day.year in YEARS, Code.YEAR),
    )
    return [code.found() for fine, code in wanted if not fine]


def find_not_shown(content: Content, *, imported: Content | None = None) -> list[Finding]:
    """What of `content` readers will not be shown, as its dialect says. `imported` as in `Content.render`."""
    found = [
        Code.NOT_SHOWN.found(line=place.line, words=place.words, why=place.reason)
        for place in content.scan(imported=imported).not_shown
    ]
    return found + [
        Code.NOT_SHOWN.found(field=name, words=LABELS[name], why=Reason.TITLE)
        for name in content.hidden_summaries(imported=imported)
    ]


def check_ready(
    content: Content,
    *,
    post: Post,
    by: Actor,
    by_hand: bool = True,
    settles: bool = False,
    known: ContentLookups | None = None,
) -> list[Finding]:
    """What still keeps `content` (with its day and slug known) from going out; empty when nothing does.

    `by_hand` False forgives what an archive may have, which is public already and must keep answering as it is: images
    without alternative text, and blocking defects, which keep it out of all lists. `settles`: these are settled as it goes
    out. `by`: who reads the sentences. `known`: what its names mean, when that
    was asked already.
    """
    found = check_text(content)
    known = known or ContentLookups([content])
    for model in TERMS:
        kind = model.declared
        for name in () if kind.is_open else names_in(kind, getattr(content, kind.field)):
            if name not in known.terms(model) and (name or kind.is_many):
                code = Code.UNREGISTERED if kind.is_many else Code.MISSING_TERM
                found.append(code.found(field=kind.field, what=model._meta.verbose_name, name=name))
    if content.slug and content.day:
        owner = addresses.owner(content.path, besides=post, by=by, known=known.addresses)
        if owner is not None:
            found.append(Code.PATH_TAKEN.found(path=content.path, owner=owner))
    hero = known.images.get(content.hero)
    if content.hero and not hero:
        found.append(Code.HERO_LOST.found())
    if content.share_image and content.share_image not in known.images:
        found.append(Code.SHARE_IMAGE_LOST.found())
    if by_hand and not settles:
        found += content.blocking_defects(besides=post.settled_codes)
    if by_hand:
        if hero and not (hero.alt or hero.is_decorative):
            found.append(Code.HERO_WITHOUT_ALT.found())
        found += _undescribed(content.body)
    return found


def _undescribed(body: str) -> Iterator[Finding]:
    """Findings of images without alternative text. One query if the text contains images of the library."""
    pictures = Image.objects.pictures(body)
    for image in find_images(body):
        picture = find_picture(pictures, image.src)
        if not (image.alt.strip() or (picture and (picture.alt or picture.decorative))):
            yield Code.IMAGE_WITHOUT_ALT.found(url=image.url, line=image.line)
