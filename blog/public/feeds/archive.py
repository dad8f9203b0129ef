"""Archived feeds: the whole past of the magazine as a chain of documents (RFC 5005, section 4).

A month is cut into documents of ten posts, oldest first: `2026-03-1`, `2026-03-2`, …, and, once the month is over, what is
left as `2026-03`. A document exists only when nothing new can come into it any more; the feed itself always holds what no
document holds yet, at most ten posts. Posts have their places by everything that was ever public, so that a withdrawal
empties its own place and moves nobody else. A document changes with the texts in it, and when the next newer one appears.

Only a publication that is dated back behind a document moves posts: it takes its place by its date, and of the documents
from there to the end of its month each passes its last post on. Whoever asks again, with their ETags, hears of it; a reader
that never does misses the post that has been dated back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from blog.models import Post
from blog.public.feeds.items import MIN_ITEMS
from blog.querysets import PostQuerySet
from blog.text.frontmatter import YEARS

PER_DOCUMENT = MIN_ITEMS


@dataclass(frozen=True)
class Place:
    """One document: of a month in Japan the `number`-th full one, or (0) the one that ends it."""

    year: int
    month: int
    number: int = 0

    @classmethod
    def of(cls, at: datetime) -> Place:
        """The document that ends the month of `moment`."""
        local = timezone.localtime(at)
        return cls(local.year, local.month)

    @property
    def start(self) -> datetime:
        return timezone.make_aware(datetime(self.year, self.month, 1))

    @property
    def end(self) -> datetime:
        return Place(self.year + self.month // 12, self.month % 12 + 1).start


@dataclass(frozen=True)
class Chain:
    """What a feed document is chained to: the documents beside it and, of an archive document, its feed (a path).
    `leads_back`: it is that feed."""

    leads_back: bool = False
    older: Place | None = None
    newer: Place | None = None
    current: str = ""


def newest(*, now: datetime) -> Place | None:
    """Where the chain begins: the newest document that is complete. One query."""
    month = Place.of(now)
    about = _around(month, now=now)
    return replace(month, number=about.full) if about.full else about.earlier


def find(place: Place, *, now: datetime) -> tuple[PostQuerySet, Chain] | None:
    """The posts of a document, public or not any more, and the documents beside it; None when there is no such one."""
    if place.year not in YEARS:
        return None
    about = _around(place, now=now)
    is_over = now >= place.end
    if place.number > about.full or (place.number == 0 and not (about.posts and is_over)):
        return None
    before = place.number - 1 if place.number else about.full
    first = before * PER_DOCUMENT
    month = Post.objects.ever_published(now).dated(place.start, place.end).in_reading_order()
    posts = Post.objects.filter(pk__in=month.values("pk")[first : first + PER_DOCUMENT])
    older = replace(place, number=before) if before else about.earlier
    if not place.number:
        newer = about.later
    elif place.number < about.full:
        newer = replace(place, number=place.number + 1)
    else:
        newer = replace(place, number=0) if is_over else None
    return posts, Chain(older=older, newer=newer)


def next_moment(*, now: datetime) -> datetime:
    """When the month is over, which completes its last document, and with it where the chain begins."""
    return Place.of(now).end


class _Around(NamedTuple):
    """How many posts a month has, how many full documents that makes (one post at least is left to end the month), the
    document that ends the last month before it, and the first one after it."""

    posts: int
    full: int
    earlier: Place | None
    later: Place | None


def _around(place: Place, *, now: datetime) -> _Around:
    found = Post.objects.ever_published(now).counted(place.start, place.end, nth=PER_DOCUMENT + 1)
    later = Place.of(found["after"]) if found["after"] else None
    if later and found["nth"] and found["nth"] < later.end:
        later = replace(later, number=1)
    elif later and now < later.end:
        later = None
    return _Around(
        posts=found["count"],
        full=max(0, found["count"] - 1) // PER_DOCUMENT,
        earlier=Place.of(found["before"]) if found["before"] else None,
        later=later,
    )
