"""What a poller is told before any text is read: has anything changed?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db.models import Subquery

from blog.feeds.items import MAX_ITEMS
from blog.feeds.subjects import Subject
from blog.querysets import PostQuerySet

COLUMNS = ("pk", "live_revision", "renderer_version", "published_at", "updated_at")


@dataclass(frozen=True)
class State:
    """`etag` changes with every text that the feed brings, told or not; `modified` (POSIX seconds, None for an empty
    feed) with what readers are told and with every withdrawal."""

    etag: str
    modified: int | None
    is_empty: bool


def state_of(subject: Subject, posts: PostQuerySet, *, now: datetime) -> State:
    """One query, which reads no texts: of those of `posts` that may be in the feed, more than may fit."""
    # A withdrawal is a change too: who asks by date alone must hear of it.
    # (`once_public` says nothing more, and lets the index of the lists answer: all rows would be read else.)
    gone = posts.once_public(now).withdrawn(now).order_by("-withdrawn_at").values("withdrawn_at")[:1]
    newest = posts.listed(now).newest_first().annotate(gone=Subquery(gone))
    rows = list(newest.values_list(*COLUMNS, "gone")[:MAX_ITEMS])
    told = [
        moment for *_, published, updated, gone in rows for moment in (updated or published, gone) if moment
    ]
    # Weak: between two equal states an author may have been renamed, and that is no news.
    known = (subject.title, subject.description, [row[:-1] for row in rows])
    return State(
        etag=f'W/"{sha256(repr(known).encode("utf-8", "replace")).hexdigest()[:32]}"',
        modified=int(max(told).timestamp()) if told else None,
        is_empty=not rows,
    )
