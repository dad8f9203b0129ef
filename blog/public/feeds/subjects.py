"""Subjects of feeds: the whole magazine, a section, a tag, an author."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from blog.editorial.changes import Shown
from blog.models import Author, Category, SiteSettings, Tag
from blog.public.feeds import FORMATS
from blog.text.normalise import one_line

WHOLE = "xml"
"""The format in which every subject has a feed."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """`page` is the path that a person reads, `feed` the feed's in the format asked for."""

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


def of_section(section: Category, site: SiteSettings, *, feed_format: str = WHOLE) -> Subject:
    return _part(
        site,
        section.name,
        section.description,
        page=section.get_absolute_url(),
        feed=reverse("blog:section_feed", args=[section.slug, feed_format]),
    )


def of_tag(tag: Tag, site: SiteSettings) -> Subject:
    return _part(
        site,
        f"#{tag.name}",
        tag.description,
        page=tag.get_absolute_url(),
        feed=reverse("blog:tag_feed", args=[tag.slug]),
    )


def of_author(author: Author, site: SiteSettings) -> Subject:
    return _part(
        site,
        author.name,
        author.bio,
        page=author.get_absolute_url(),
        feed=reverse("blog:author_feed", args=[author.slug]),
    )


def feeds_of(post: Shown) -> list[str]:
    """The paths of all feeds in which a live post stands while it is public: those that change with it."""
    if post.noindex or not post.section:
        return []
    return [
        *(reverse("blog:feed", args=[feed_format]) for feed_format in FORMATS),
        *(reverse("blog:section_feed", args=[post.section, feed_format]) for feed_format in FORMATS),
        *(reverse("blog:tag_feed", args=[tag]) for tag in post.tags),
        *(reverse("blog:author_feed", args=[author]) for author in post.authors),
    ]


def _part(site: SiteSettings, name: str, description: str, *, page: str, feed: str) -> Subject:
    return Subject(
        title=one_line(f"{name} | {site.name}"),
        description=one_line(description) or one_line(f"{site.name}の「{name}」の新しい記事"),
        page=page,
        feed=feed,
    )
