"""The whole past of the magazine as a chain of documents that do not change (RFC 5005, section 4).

A month is cut into documents of ten posts, oldest first: `2026-03-1`, `2026-03-2`, …, and, once the month is over, what is
left as `2026-03`. A document exists only when nothing can be added to it any more. Posts have their places by everything
that was ever public, so that a withdrawal empties its own place and moves nobody else; only a publication that is dated
back into a closed month does. The feed itself always holds what no document holds yet: at most ten posts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from blog.feeds.items import MIN_ITEMS
from blog.models import Post
from blog.querysets import PostQuerySet

PER_DOCUMENT = MIN_ITEMS
YEARS = range(1900, 9000)
"""Near the ends of the calendar a month in Japan is none in UTC."""


@dataclass(frozen=True)
class Place:
    """One document: of a month in Japan the `number`-th full one, or (0) the one that ends it."""

    year: int
    month: int
    number: int = 0

    @classmethod
    def of(cls, moment: datetime) -> Place:
        """The document that ends the month of `moment`."""
        local = timezone.localtime(moment)
        return cls(local.year, local.month)

    @property
    def start(self) -> datetime:
        return timezone.make_aware(datetime(self.year, self.month, 1))

    @property
    def end(self) -> datetime:
        return Place(self.year + self.month // 12, self.month % 12 + 1).start


def newest(*, now: datetime) -> Place | None:
    """Where the chain begins: the newest document that is complete. One query."""
    month = Place.of(now)
    full, earlier = _around(month, now=now)[1:]
    return replace(month, number=full) if full else earlier


def find(place: Place, *, now: datetime) -> tuple[PostQuerySet, Place | None] | None:
    """The posts of a document, public or not any more, and the next older document; None when there is no such one."""
    if place.year not in YEARS:
        return None
    count, full, earlier = _around(place, now=now)
    if place.number > full or (place.number == 0 and (count == 0 or now < place.end)):
        return None
    before = place.number - 1 if place.number else full
    first = before * PER_DOCUMENT
    month = Post.objects.once_public(now).dated(place.start, place.end).in_reading_order()
    posts = Post.objects.filter(pk__in=month.values("pk")[first : first + PER_DOCUMENT])
    return posts, replace(place, number=before) if before else earlier


def _around(place: Place, *, now: datetime) -> tuple[int, int, Place | None]:
    """How many posts the month has, how many full documents that makes (one post at least is left to end the month),
    and the document that ends the month before it, if anything is older."""
    count, before = Post.objects.once_public(now).counted(place.start, place.end)
    return count, max(0, count - 1) // PER_DOCUMENT, Place.of(before) if before else None
