"""Telling the world what stands in the outbox: each notice at least once, which is why receivers get an id with it.

What fails is tried again at growing distances, and after the last try stands in the admin as given up.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from blog import channels, publishing
from blog.models import Notice

logger = logging.getLogger(__name__)

AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 1440))
"""How long to wait after the first failure, the second, …: 33 hours in all."""
LEASE = timedelta(minutes=15)
"""For how long a notice belongs to the process that has taken it. If that one dies, another takes it up then."""
BATCH = 50
"""Notices taken at a time: sent within the lease though each takes its whole time limit (`channels.TIMEOUT`)."""
KEEP = timedelta(days=30)
"""For how long the admin shows what has been told."""


@dataclass
class Tally:
    """What a delivery did. `dropped`: no longer true, the post having changed its state meanwhile."""

    told: int = 0
    dropped: int = 0
    failed: int = 0
    given_up: int = 0


def deliver(*, now: datetime) -> Tally:
    """Make the updates that have come due, and tell everything that should be told by `now`."""
    publishing.apply_due(now=now)
    tally = Tally()
    while notices := _take(now):
        for notice in notices:
            _tell(notice, now=now, tally=tally)
    Notice.objects.filter(done_at__lt=now - KEEP).delete()
    return tally


def try_again(notice: Notice, *, now: datetime) -> bool:
    """Let a notice that was given up wait again, with all its attempts; False when it was not given up."""
    given_up = Notice.objects.filter(pk=notice.pk, done_at__isnull=True, next_try_at__isnull=True)
    return bool(given_up.update(next_try_at=now, attempts=0))


def _take(now: datetime) -> list[Notice]:
    """Due notices that nobody else has taken; they are ours until the lease ends."""
    with transaction.atomic():
        due = Notice.objects.due(now).select_for_update(skip_locked=True, of=("self",))
        taken = list(due.select_related("post__category")[:BATCH])
        Notice.objects.filter(pk__in=[notice.pk for notice in taken]).update(next_try_at=now + LEASE)
    return taken


def _tell(notice: Notice, *, now: datetime, tally: Tally) -> None:
    if not _is_true(notice, now):
        notice.delete()
        tally.dropped += 1
        return
    notice.attempts += 1
    try:
        channels.send(notice, now=now)
    except channels.NotSent as reason:
        notice.last_error = str(reason)[:300]
        waits = AFTER[notice.attempts - 1 : notice.attempts]
        notice.next_try_at = now + waits[0] if waits else None
        tally.failed += bool(waits)
        tally.given_up += not waits
        level = logging.WARNING if waits else logging.ERROR
        logger.log(level, "notice %s (%s): %s", notice.uuid, notice, reason)
    else:
        notice.next_try_at, notice.done_at, notice.last_error = None, now, ""
        tally.told += 1
    notice.save(update_fields=["attempts", "next_try_at", "done_at", "last_error"])


def _is_true(notice: Notice, now: datetime) -> bool:
    return notice.post.is_published(now) != (notice.event == Notice.Event.WITHDRAWN)
