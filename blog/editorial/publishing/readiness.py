"""Publish checks: what must be true before readers see a text."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from blog.editorial import addresses
from blog.editorial.actors import Actor
from blog.editorial.content import Content
from blog.editorial.lookups import ContentLookups, names_in
from blog.models import TERMS, Image, Post, Revision, Term
from blog.text.frontmatter import YEARS
from blog.text.names import slugify
from blog.text.pictures import find_picture
from blog.text.scan import find_images

Problems = dict[str, list[str]]
"""Field name of `Content` → sentences for the editor."""

SLUG_HELP = "スラッグは、文字・数字・ハイフンだけで書いてください（例: ai-investment、生成aiの今）。"


class NotReady(Exception):
    """The content cannot go out yet."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(" ".join(sentence for sentences in problems.values() for sentence in sentences))
        self.problems = problems


def _unknown(model: type[Term], name: str) -> str:
    label = model._meta.verbose_name
    sentence = f"{label}「{name}」がありません。"
    return f"{sentence}先に{label}を登録してください。" if model.declared.is_many else sentence


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


def check_text(content: Content) -> Problems:
    """What `content` (with its day and slug known) lacks by itself, whatever the magazine has."""
    wanted = (
        (content.title, "title", "タイトルを入れてください。"),
        (content.body.strip(), "body", "本文を入れてください。"),
        (content.category, "category", "カテゴリを選んでください。"),
        (content.bylines, "bylines", "署名を1人以上入れてください。"),
        (content.slug and slugify(content.slug) == content.slug, "slug", SLUG_HELP),
        (content.day is None or content.day.year in YEARS, "day", "URLの日付の年を確かめてください。"),
    )
    return {field: [sentence] for fine, field, sentence in wanted if not fine}


def check_ready(
    content: Content,
    *,
    post: Post,
    by: Actor,
    images_described: bool = True,
    known: ContentLookups | None = None,
) -> Problems:
    """What still keeps `content` (with its day and slug known) from going out; empty when nothing does.

    `images_described` False forgives images without alternative text: an archive that is public already must
    keep answering as it is. `by`: who reads the sentences. `known`: what its names mean, when that
    was asked already.
    """
    problems = check_text(content)
    known = known or ContentLookups([content])

    def unless(fine: Any, field: str, sentence: str) -> None:
        if not fine:
            problems.setdefault(field, []).append(sentence)

    for model in TERMS:
        kind = model.declared
        for name in () if kind.is_open else names_in(kind, getattr(content, kind.field)):
            fine = name in known.terms(model) or not (name or kind.is_many)
            unless(fine, kind.field, _unknown(model, name))
    if content.slug and content.day:
        owner = addresses.owner(content.path, besides=post, by=by, known=known.addresses)
        unless(
            owner is None,
            "slug",
            f"{content.path} は{owner}が使っています。スラッグか日付を変えてください。",
        )
    hero = known.images.get(content.hero)
    unless(hero or not content.hero, "hero", "主画像が見つかりません。選び直してください。")
    shared = not content.share_image or content.share_image in known.images
    unless(shared, "share_image", "共有画像が見つかりません。選び直してください。")
    if images_described:
        unless(
            not hero or hero.alt or hero.is_decorative,
            "hero",
            "主画像に代替テキストを付けるか、「装飾」にしてください。",
        )
        pictures = Image.objects.pictures(content.body)
        for image in find_images(content.body):
            picture = find_picture(pictures, image.src)
            described = image.alt.strip() or (picture and (picture.alt or picture.decorative))
            unless(
                described,
                "body",
                f"画像 {image.url} に代替テキストがありません。![ここに説明]({image.url}) のように書いてください。",
            )
    return problems
