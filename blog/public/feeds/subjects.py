"""Subjects of feeds: the whole magazine, or a term."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from blog.editorial.changes import Shown
from blog.models import SiteSettings, Term
from blog.models.term import TermKind
from blog.public.feeds import FORMATS
from blog.text.normalise import one_line

WHOLE = "xml"
"""Format that every subject's feed has."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Feed subject. `page`: path of its HTML page; `feed`: path of its feed in the requested format."""

    title: str
    description: str
    page: str
    feed: str


def of_magazine(site: SiteSettings, *, feed_format: str = WHOLE) -> Subject:
    return Subject(
        title=one_line(site.name),
        description=one_line(site.description or site.tagline or site.name),
        page=reverse("blog:home"),
        feed=reverse("blog:feed", args=[feed_format]),
    )


def of_term(term: Term, site: SiteSettings, *, feed_format: str = WHOLE) -> Subject:
    """Subject of a term, whose kind must have a feed."""
    about = one_line(term.about) or one_line(f"{site.name}の「{term.heading}」の新しい記事")
    return Subject(
        title=one_line(f"{term.heading} | {site.name}"),
        description=about,
        page=term.get_absolute_url(),
        feed=feed_path(term.declared, term.slug, feed_format=feed_format),
    )


def feed_path(kind: TermKind, slug: str, *, feed_format: str = WHOLE) -> str:
    """Path of a term's feed, in `feed_format` where the kind has several."""
    form = {"feed_format": feed_format} if kind.has_feed_formats else {}
    return reverse(f"blog:{kind.feed}", kwargs={"slug": slug, **form})


def feeds_of(post: Shown) -> list[str]:
    """Paths of all feeds that contain a live post while it is public, and so change with it."""
    if post.noindex or not post.terms:
        return []
    return [
        *(reverse("blog:feed", args=[feed_format]) for feed_format in FORMATS),
        *(
            feed_path(model.declared, slug, feed_format=feed_format)
            for model, slugs in post.terms.items()
            for slug in slugs
            for feed_format in (FORMATS if model.declared.has_feed_formats else (WHOLE,))
        ),
    ]
