"""Results kept by this process while nothing that readers see can have changed: counts, states of feeds, newest titles.

What a page depends on is one number and one moment (docs/architecture.md, "What a page depends on"): a result holds
while the content version is the same and the clock has not passed `moments.next_moment`. So no follower has to correct
counts, and a publication at its hour, by the clock alone, is as exact as one by hand. The first page of each process
after a change computes anew what it needs; a page cache in front asks once for each version.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection

from blog.models import SiteSettings
from blog.public import moments

Result = TypeVar("Result")

MOST = 5_000
"""Maximum number of results: a feed's state for each of some thousand tags, at a few kilobytes."""


@dataclass(frozen=True)
class _Generation:
    """All results of one content version between two moments."""

    version: int
    since: datetime
    until: datetime
    results: dict[Hashable, Any] = field(default_factory=dict)

    def holds(self, version: int, now: datetime) -> bool:
        return self.version == version and self.since <= now < self.until


_latest: _Generation | None = None


def per_version(key: Hashable, compute: Callable[[], Result], *, site: SiteSettings, now: datetime) -> Result:
    """Result of `compute`, which reads what is public at `now` and nothing else; from memory where it still holds.

    `site` is the row that this request has read first, with its content version: what is read later is never older.
    Threads share the result, so nobody changes it. Inside a transaction nothing is kept: it may be rolled back.
    """
    global _latest
    version = site.content_version
    if version is None or connection.in_atomic_block:
        return compute()
    generation = _latest
    if generation is None or not generation.holds(version, now):
        generation = _Generation(version, now, moments.next_moment(now=now))
        if not generation.holds(version, now):  # a scheduled update is due
            return compute()
        _latest = generation
    found: Result
    try:
        found = generation.results[key]
    except KeyError:
        found = compute()
        if len(generation.results) < MOST:
            generation.results[key] = found
    return found


def forget(**_: object) -> None:
    """Drop all results. A receiver of `post_migrate`: another database, or an emptied one, counts its versions anew."""
    global _latest
    _latest = None
