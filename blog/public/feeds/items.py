"""Feed items: posts in the form common to all feed formats."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from mimetypes import guess_type

from django.conf import settings
from django.utils.html import format_html

from blog.models import Author, Image, Post
from blog.public.seo import absolute
from blog.text.normalise import normalise, one_line
from blog.text.portable import portable, with_origin

MIN_ITEMS, MAX_ITEMS = 10, 30
MAX_FEED_BYTES = 1_000_000
"""Maximum size of a feed as RSS or Atom, uncompressed. Required items may exceed it: texts are never cut."""
TAGS_OF_ITEM = 1_500
"""Approximate bytes of an item besides its texts: tags, URLs, dates."""


@dataclass(frozen=True)
class FeedAuthor:
    """Author of a feed or item: a person or an organization, as in RFC 4287 (3.2) and Dublin Core."""

    name: str
    url: str


@dataclass(frozen=True)
class FeedImage:
    """Image of a feed item: absolute URL, media type (or ""), size in pixels, description."""

    url: str
    type: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, kw_only=True)
class Item:
    """Feed item. `id` is assigned once (`Post.guid`); `is_permalink`: it is also the URL. `summary` is plain text,
    `html` the full text. `updated_at` is None until an update is announced."""

    id: str
    is_permalink: bool
    url: str
    title: str
    summary: str
    html: str
    published_at: datetime
    updated_at: datetime | None
    authors: tuple[FeedAuthor, ...]
    contributors: tuple[FeedAuthor, ...]
    categories: tuple[str, ...]
    picture: FeedImage | None

    @property
    def announced_at(self) -> datetime:
        """Latest announcement: the update, else the publication."""
        return self.updated_at or self.published_at

    @cached_property
    def size(self) -> int:
        """Approximate size in bytes."""
        texts = (self.html, self.title, self.summary, *self.categories)
        return TAGS_OF_ITEM + sum(map(_escaped_size, texts))


def item_of(post: Post) -> Item:
    """Build the item of a published post from `feed_posts`.

    Every text that was not normalised when it went live is normalised here: one control character in a caption, behind an entity or in an old row would make the
    whole document unreadable (https://www.w3.org/TR/xml/#charsets).
    """
    url = absolute(post.get_absolute_url())
    if post.published_at is None:
        raise ValueError("a post that is not published")
    names = [post.category.name] if post.category else []
    authors, contributors = post.signatures
    return Item(
        id=normalise(post.guid),
        is_permalink=post.guid == url,
        url=url,
        title=one_line(post.title),
        summary=normalise(post.summary).strip(),
        html=whole_text(post, url=url),
        published_at=post.published_at,
        updated_at=post.updated_at,
        authors=tuple(map(person, authors)),
        contributors=tuple(map(person, contributors)),
        categories=tuple(one_line(name) for name in (*names, *post.names_of_tags)),
        picture=picture(post.hero) if post.hero else None,
    )


def within_size(posts: Iterable[Post], *, fresh: Collection[int]) -> list[Item]:
    """Build as many items of `posts` as fit, whole and in order: at least MIN_ITEMS, and those with the keys `fresh`.

    Newest first: feed readers that keep a feed's order expect that, and an update is recognised by `updated_at`.
    """
    taken: list[Item] = []
    size, full = 0, False
    for post in posts:
        if full and post.pk not in fresh:
            continue
        item = item_of(post)
        size += item.size
        full = full or (len(taken) >= MIN_ITEMS and size > MAX_FEED_BYTES)
        if not full or post.pk in fresh:
            taken.append(item)
    return sorted(taken, key=lambda item: item.published_at, reverse=True)


def person(author: Author) -> FeedAuthor:
    return FeedAuthor(one_line(author.name), absolute(author.get_absolute_url()))


def picture(image: Image) -> FeedImage:
    url = absolute(image.url)
    return FeedImage(url, guess_type(url)[0] or "", image.width, image.height, one_line(image.alt))


def whole_text(post: Post, *, url: str) -> str:
    """Full text as on the page: hero image, disclosure, body."""
    disclosure = format_html("<p><strong>{}</strong></p>\n", post.disclosure) if post.disclosure else ""
    before = normalise((figure(post.hero) if post.hero else "") + disclosure)
    if not post.portable_html:  # went live before there was the column, and has not been rendered again
        return before + normalise(portable(post.html, page=url))
    return before + with_origin(post.portable_html, settings.SITE_URL)


def _escaped_size(text: str) -> int:
    """Bytes of `text` in XML."""
    return len(text.encode()) + 3 * (text.count("<") + text.count(">")) + 4 * text.count("&")


def figure(image: Image) -> str:
    legend = " ".join(filter(None, (image.caption, image.credit)))
    return format_html(
        '<figure><img src="{}" alt="{}" width="{}" height="{}">{}</figure>\n',
        absolute(image.url),
        image.alt,
        image.width,
        image.height,
        format_html("<figcaption>{}</figcaption>", legend) if legend else "",
    )
