"""Image usage: posts, pages, terms and settings that use an image, and whether readers see them."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from blog.editorial.content_fields import IMAGES
from blog.models import TERMS, Draft, Image, Page, Post, SiteSettings
from blog.querysets import PostQuerySet


def posts_with(image: Image) -> PostQuerySet:
    """Posts that use `image` in their live, newest or scheduled text, or in an unsaved draft."""
    typed = Draft.objects.filter(_content("content", image)).values("post")
    named = _live(image) | _content("latest_revision__content", image) | Q(pk__in=typed)
    return Post.objects.filter(named | _content("next_revision__content", image)).order_by("-pk")


def posts_showing(image: Image, *, now: datetime) -> PostQuerySet:
    """Posts that show `image` to readers, now or at a scheduled time."""
    shown = _live(image) | _content("next_revision__content", image)
    return Post.objects.seen_or_coming(now).filter(shown).order_by("-pk")


def uses_elsewhere(image: Image) -> list[str]:
    """Uses of `image` outside posts, in words for an editor."""
    return _pages(image, Page.objects.all()) + _fixed(image)


def is_needed(image: Image) -> bool:
    return posts_with(image).exists() or bool(uses_elsewhere(image))


def shown_elsewhere(image: Image) -> bool:
    """Whether readers see `image` outside posts: on public pages, on terms or in the site settings."""
    return bool(_pages(image, Page.objects.filter(is_public=True)) or _fixed(image))


def _live(image: Image) -> Q:
    return reduce(or_, (Q(**{name: image}) for name in IMAGES), Q(body__contains=image.name))


def _content(path: str, image: Image) -> Q:
    """Filter for `image` in the JSON of a `Content` at `path`."""
    in_body = Q(**{f"{path}__body__icontains": image.name})
    return reduce(or_, (Q(**{f"{path}__{name}": image.hash}) for name in IMAGES), in_body)


def _pages(image: Image, pages: QuerySet[Page]) -> list[str]:
    return [f"固定ページ「{page}」" for page in pages.filter(body__contains=image.name)]


def _fixed(image: Image) -> list[str]:
    logo_or_footer = SiteSettings.objects.filter(Q(logo=image) | Q(footer__contains=image.name))
    return [
        *(use for model in TERMS if "picture" in model.declared.columns for use in _of_terms(model, image)),
        *("サイト設定" for _ in logo_or_footer),
    ]


def _of_terms(model: Any, image: Image) -> list[str]:
    called = model._meta.get_field("picture").verbose_name
    return [f"{item.label}「{item}」の{called}" for item in model.objects.filter(picture=image)]
