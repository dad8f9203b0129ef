"""Archived feeds: all published posts as a chain of documents (RFC 5005, section 4).

A month is split into documents of ten posts, oldest first: `2026-03-1`, `2026-03-2`, …; once the month is over, the
remaining posts are `2026-03`. A document exists only when no new post can enter it; the feed itself always holds the
posts that are in no document yet, at most ten. Positions count every post that was ever public, so a withdrawn post
leaves a gap and moves no other post. A document changes with the texts in it, and when the next newer one appears.

Only a post published with a date inside an existing document moves others: it takes its position by date, and each
document from there to the end of the month passes its last post on. Clients that revalidate by ETag see this; a feed
reader that never does misses the backdated post.
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
    """Archive document of a month in Japan: its `number`-th full one, or (0) the one that ends the month."""

    year: int
    month: int
    number: int = 0

    @classmethod
    def of(cls, at: datetime) -> Place:
        """Return the document that ends the month of `at`."""
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
    """Neighbours of a feed document in the archive chain; `current`: the feed (a path) of an archive document.
    `leads_back`: this is the feed itself, at the head of the chain."""

    leads_back: bool = False
    older: Place | None = None
    newer: Place | None = None
    current: str = ""


def newest(*, now: datetime) -> Place | None:
    """Return the newest complete archive document, the head of the chain. One query."""
    month = Place.of(now)
    about = _around(month, now=now)
    return replace(month, number=about.full) if about.full else about.earlier


def find(place: Place, *, now: datetime) -> tuple[PostQuerySet, Chain] | None:
    """Return an archive document's posts, still public or not, and its neighbours; None when it does not exist."""
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
    """Return the end of the month: its last document is then complete, and becomes the head of the chain."""
    return Place.of(now).end


class _Around(NamedTuple):
    """Counts of a month: its posts and its full documents (at least one post is left to end the month); the last
    document of the nearest earlier month with posts, and the first document after the month."""

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
