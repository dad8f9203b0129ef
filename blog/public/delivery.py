"""Outbox delivery: each notice is sent at least once, so receivers get an id to recognise repeats.

A failed notice is retried at growing intervals; after the last attempt the admin shows it as given up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from blog.editorial import publishing
from blog.models import Notice
from blog.public import channels
from blog.text.normalise import one_line

logger = logging.getLogger(__name__)

RETRY_DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 1440))
"""Retry delays after the first failure, the second, …: 33 hours in all."""
MAX_ATTEMPTS = len(RETRY_DELAYS) + 1
LEASE = timedelta(minutes=15)
"""How long a process holds a notice; sending takes less. If the process dies, another takes the notice after that."""
KEEP_DELIVERED = timedelta(days=30)
"""How long the admin shows delivered notices."""


@dataclass
class Tally:
    """Counts of one delivery run. `dropped`: notices no longer true, because the post's state has changed."""

    delivered: int = 0
    dropped: int = 0
    failed: int = 0
    given_up: int = 0


def deliver(
    *,
    clock: Callable[[], datetime],
    stopped: Callable[[], bool] = lambda: False,
    patience: float = channels.TIMEOUT,
) -> Tally:
    """Apply due updates and send due notices, until none is left or `stopped()`.

    The clock is read for each notice: a slow receiver must not make the next one's signature look old. A receiver has
    `patience` seconds for its answer.
    """
    publishing.apply_due(now=clock())
    tally = Tally()
    while not stopped() and (notice := _take(clock())):
        _tell(notice, clock=clock, patience=patience, tally=tally)
    Notice.objects.filter(done_at__lt=clock() - KEEP_DELIVERED).delete()
    return tally


def try_again(notice: Notice, *, now: datetime) -> bool:
    """Requeue a notice that was given up, with all its attempts; False when it was not given up."""
    given_up = Notice.objects.filter(pk=notice.pk, done_at__isnull=True, next_try_at__isnull=True)
    return bool(given_up.update(next_try_at=now, attempts=0, last_error=""))


def _take(now: datetime) -> Notice | None:
    """Claim the next due notice that no other process holds, until `next_try_at`, when the lease ends.

    The attempt counts from here on: a notice that kills its process must not be retried forever.
    """
    with transaction.atomic():
        due = Notice.objects.due(now).select_for_update(skip_locked=True, of=("self",))
        notice = due.select_related("post__category").first()
        if notice:
            notice.attempts, notice.next_try_at = notice.attempts + 1, now + LEASE
            notice.save(update_fields=["attempts", "next_try_at"])
    return notice


def _tell(notice: Notice, *, clock: Callable[[], datetime], patience: float, tally: Tally) -> None:
    # Only our own attempt is recorded: if the lease has ended, another process may hold the notice.
    ours = Notice.objects.filter(pk=notice.pk, next_try_at=notice.next_try_at)
    try:
        if not _is_true(notice, clock()):
            ours.delete()
            tally.dropped += 1
            return
        if notice.attempts > MAX_ATTEMPTS:
            raise channels.NotSent("送る途中で、プログラムが何度も止まりました。")
        channels.send(notice, now=clock(), patience=patience)
    except Exception as error:  # one bad notice must not stop the others
        expected = isinstance(error, channels.NotSent)
        reason = one_line(str(error))[:300] if expected else f"予期しない失敗です（{type(error).__name__}）。"
        waits = RETRY_DELAYS[notice.attempts - 1 : notice.attempts]
        ours.update(next_try_at=clock() + waits[0] if waits else None, last_error=reason)
        tally.failed += bool(waits)
        tally.given_up += not waits
        level = logging.WARNING if waits and expected else logging.ERROR
        logger.log(level, "notice %s (%s): %s", notice.uuid, notice, reason, exc_info=not expected)
    else:
        ours.update(next_try_at=None, done_at=clock(), last_error="")
        tally.delivered += 1


def _is_true(notice: Notice, now: datetime) -> bool:
    return notice.post.is_published(now) != (notice.event == Notice.Event.WITHDRAWN)
