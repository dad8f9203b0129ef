"""Feed items: a post as every format of feed has it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from mimetypes import guess_type
from xml.sax.saxutils import escape

from django.utils.html import format_html

from blog.models import Author, Image, Post
from blog.public.seo import absolute
from blog.text.normalise import normalise, one_line
from blog.text.portable import portable

MIN_ITEMS, MAX_ITEMS = 10, 30
MAX_BYTES = 1_000_000
"""Of a feed as RSS or Atom, uncompressed. The items that must be in it may need more: no text is ever cut."""
TAGS_OF_ITEM = 1_500
"""Bytes that an item takes besides its texts, roughly: tags, URLs, dates."""


@dataclass(frozen=True)
class Person:
    """Somebody, or some body, that signs: RFC 4287 (3.2) and Dublin Core mean both."""

    name: str
    url: str


@dataclass(frozen=True)
class Picture:
    """The picture above a text: absolute URL, media type (or ""), pixels, description."""

    url: str
    type: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, kw_only=True)
class Item:
    """`id` is minted once (`Post.guid`); `is_permalink` says that it is the URL too. `summary` is plain text, `html` the
    whole text. `updated_at` is None until readers have been told of a change."""

    id: str
    is_permalink: bool
    url: str
    title: str
    summary: str
    html: str
    published_at: datetime
    updated_at: datetime | None
    authors: tuple[Person, ...]
    contributors: tuple[Person, ...]
    categories: tuple[str, ...]
    picture: Picture | None

    @property
    def announced_at(self) -> datetime:
        """When readers were last told of something new here."""
        return self.updated_at or self.published_at

    @cached_property
    def size(self) -> int:
        """Bytes in a document, roughly."""
        texts = (self.html, self.title, self.summary, *self.categories)
        return TAGS_OF_ITEM + sum(len(escape(text).encode()) for text in texts)


def item_of(post: Post) -> Item:
    """The item for a published post from `for_feed()`.

    Every text is normalised: one control character of an old row would make the whole document unreadable
    (https://www.w3.org/TR/xml/#charsets).
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
        html=normalise(whole_text(post, url=url)),
        published_at=post.published_at,
        updated_at=post.updated_at,
        authors=tuple(map(person, authors)),
        contributors=tuple(map(person, contributors)),
        categories=tuple(one_line(name) for name in (*names, *(tag.name for tag in post.tags.all()))),
        picture=picture(post.hero) if post.hero else None,
    )


def within_size(posts: Iterable[Post], *, fresh: Collection[int]) -> list[Item]:
    """The items of the first of `posts`, as many whole ones as fit, but at least MIN_ITEMS and those with the keys `fresh`.

    Newest first: whoever shows a feed as it comes expects that, and what was updated is known by its `updated_at`.
    """
    taken: list[Item] = []
    size, full = 0, False
    for post in posts:
        if full and post.pk not in fresh:
            continue
        item = item_of(post)
        size += item.size
        full = full or (len(taken) >= MIN_ITEMS and size > MAX_BYTES)
        if not full or post.pk in fresh:
            taken.append(item)
    return sorted(taken, key=lambda item: item.published_at, reverse=True)


def person(author: Author) -> Person:
    return Person(one_line(author.name), absolute(author.get_absolute_url()))


def picture(image: Image) -> Picture:
    url = absolute(image.url)
    return Picture(url, guess_type(url)[0] or "", image.width, image.height, one_line(image.alt))


def whole_text(post: Post, *, url: str) -> str:
    """What the page shows: the picture, what is disclosed to readers, the text."""
    disclosure = format_html("<p><strong>{}</strong></p>\n", post.disclosure) if post.disclosure else ""
    return (figure(post.hero) if post.hero else "") + disclosure + portable(post.html, page=url)


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
