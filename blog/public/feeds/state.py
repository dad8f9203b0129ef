"""Conditional requests for feeds: the posts of a feed and whether it has changed, before any text is read."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from django.conf import settings
from django.db.models import Subquery

from blog.models import Page, Post, SiteSettings
from blog.public.feeds.archive import Chain
from blog.public.feeds.document import VERSION
from blog.public.feeds.items import MAX_ITEMS, MIN_ITEMS
from blog.public.feeds.subjects import Subject
from blog.querysets import PostQuerySet

SETTLED = timedelta(minutes=1)
"""Age from which a Last-Modified date is reliable: no more changes can happen at that date (RFC 9110, 8.8.2.2)."""


@dataclass(frozen=True)
class State:
    """Feed state: its posts and validators. `posts`: primary keys that may be in the feed; `fresh`: those that must be.
    `etag` changes with every text in the feed, announced or not; `modified` (POSIX seconds) with every visible change
    of any post of the magazine, since a post may leave a feed without a trace. It is None for an empty feed, and until
    it has been quiet."""

    etag: str
    modified: int | None
    posts: list[int]
    fresh: set[int]


class _Row(NamedTuple):
    pk: int
    live_revision: int
    renderer_version: int
    published_at: datetime
    updated_at: datetime | None

    @property
    def came(self) -> tuple[datetime, int]:
        """Sort key in lists."""
        return self.published_at, self.pk

    @property
    def announced(self) -> tuple[datetime, int]:
        """Sort key in feeds."""
        return self.updated_at or self.published_at, self.pk


def last_modified(changes: Iterable[datetime | None], *, now: datetime) -> int | None:
    """Return Last-Modified in POSIX seconds, from the latest of `changes`; None without one, or until all
    has been quiet for a minute."""
    changed = max(filter(None, changes), default=None)
    return int(changed.timestamp()) if changed and now - changed >= SETTLED else None


def next_moment(*, now: datetime) -> datetime | None:
    """Return when the latest change of a post or page is a minute old, or the clock makes the next change.

    (Fixed pages are in sitemaps, which use `last_modified` too.)
    """
    since = now - SETTLED
    to_come = Post.objects.first_changes(now)
    just_now = {f"{name}_just_now": found for name, found in Post.objects.first_changes(since).items()}
    saved = Page.objects.filter(modified_at__gt=since).order_by("modified_at").values("modified_at")
    rows = SiteSettings.objects.values_list(*to_come.values(), *just_now.values(), Subquery(saved[:1]))
    row = rows.get(pk=1)  # annotated on the single settings row: one query
    found = [at for at in row if at]
    return min((at if at > now else at + SETTLED for at in found), default=None)


def state_of(subject: Subject, posts: PostQuerySet, chain: Chain, *, now: datetime) -> State:
    """Select the posts of a feed and compute its validators, in one query that reads no texts.

    A second query is needed in the rare case that more than twenty of the last thirty announcements are updates of old
    posts. The feed holds the latest announcements, new posts or updates of old ones; and always the newest MIN_ITEMS by
    publication, which may be in no archive document yet, however many updates there were.
    """
    indexable = posts.indexable(now)
    changes = Post.objects.last_changes(now)
    found = list(
        indexable.last_announced_first().annotate(**changes).values_list(*_Row._fields, *changes)[:MAX_ITEMS]
    )
    rows = [_Row(*row[: -len(changes)]) for row in found]
    # `rows` includes every post published since the last of its announcements.
    if len(rows) == MAX_ITEMS and sum(row.came >= rows[-1].announced for row in rows) < MIN_ITEMS:
        newest = indexable.newest_first().values_list(*_Row._fields)[:MIN_ITEMS]
        rows = sorted({*rows, *itertools.starmap(_Row, newest)}, key=lambda row: row.announced, reverse=True)
    by_publication = sorted(rows, key=lambda row: row.came, reverse=True)
    fresh = {row.pk for row in by_publication[:MIN_ITEMS]}
    others = [row.pk for row in rows if row.pk not in fresh][: MAX_ITEMS - len(fresh)]
    brought = [row for row in rows if row.pk in fresh or row.pk in others]
    # Weak: an author may have been renamed between two equal states, which is no reason to send the feed again.
    known = (VERSION, settings.WEBSUB_HUB, subject.title, subject.description, chain, brought)
    moments = [row.published_at for row in rows] + [m for row in found[:1] for m in row[-len(changes) :]]
    return State(
        etag=f'W/"{sha256(repr(known).encode("utf-8", "replace")).hexdigest()[:32]}"',
        modified=last_modified(moments, now=now),
        posts=[row.pk for row in brought],
        fresh=fresh,
    )
