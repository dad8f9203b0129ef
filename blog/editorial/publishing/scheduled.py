"""Scheduled updates of live posts: applied when due by the first process that comes by, retried after a failure.

A failing update stays scheduled, so that it goes out as soon as its cause is fixed; editors see the error until then. A
process counts an attempt and reserves it for `LEASE` before it renders anything.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import InternalError, OperationalError, connection, transaction

from blog.editorial.actors import SCHEDULED_UPDATE, Actor, Person
from blog.editorial.addresses import AddressTaken
from blog.editorial.changes import Kind, changing
from blog.editorial.imported_texts import imported_text
from blog.editorial.publishing.common import locked, log, logger, write_log_entry
from blog.editorial.publishing.readiness import NotReady
from blog.editorial.publishing.release import as_published, go_live
from blog.models import ContentVersion, Post, Revision
from blog.text.normalise import one_line

AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120))
"""Retry delays (backoff) after the first failure, the second, …; the last one applies to all further failures."""
LEASE = timedelta(minutes=15)
"""Minimum time for which an attempt is reserved for its process. If the process dies, another retries after that."""
STOPPED = "試している途中で、プログラムが止まりました。"
WAIT = 1000
"""Maximum wait for a database lock, in milliseconds, while a reader's request is served."""


def apply_due(*, now: datetime, reader_waits: bool = False) -> list[Post]:
    """Apply the scheduled updates that are due; returns the updated posts. Idempotent and safe to call concurrently.

    `reader_waits`: wait no longer than `WAIT` for locks. Raises OperationalError or InternalError when the database as a
    whole accepts no writes.
    """
    done = []
    for pk, uuid in list(Post.objects.due(now).values_list("pk", "uuid")):
        cannot_be_noted = f"scheduled-update-of-{uuid}-cannot-be-noted"
        if cache.get(cannot_be_noted):
            continue
        try:
            with _hardly_waiting() if reader_waits else nullcontext():
                due = _take(pk, now=now)
                if due and (post := _try(due, now=now)):
                    done.append(post)
        except (OperationalError, InternalError):
            raise
        except Exception:  # not even the failure can be stored: pause this update and go on with the others
            cache.set(cannot_be_noted, True, AFTER[0].total_seconds())
            logger.exception("scheduled update of post %s cannot be tried", pk)
    return done


def next_moment() -> datetime | None:
    """Time of the next attempt at a scheduled update; in the past when the next request makes it. None: none scheduled."""
    return Post.objects.next_tries().values_list("next_try_at", flat=True).first()


def _take(pk: int, *, now: datetime) -> Post | None:
    """Reserve an attempt for this process until `next_try_at`; None when another process has it or has finished."""
    with transaction.atomic():
        rows = Post.objects.due(now).filter(pk=pk).select_for_update(skip_locked=True)
        due = rows.only("next_revision", "next_at", "next_try_at", "next_attempts", "next_error").first()
        if due is None:
            return None
        if due.next_attempts and not due.next_error:
            due.next_error = STOPPED
            logger.error("scheduled update of post %s: try %s did not end", pk, due.next_attempts)
        due.next_attempts += 1
        due.next_try_at = now + max(LEASE, _pause(due))
        Post.objects.filter(pk=pk).update(
            next_attempts=due.next_attempts, next_try_at=due.next_try_at, next_error=due.next_error
        )
    return due


def _try(due: Post, *, now: datetime) -> Post | None:
    """Apply one scheduled update; None when it fails, or was cancelled or taken over meanwhile.

    OperationalError (lock timeout) is stored as a failure and raised again: the next update would wait in vain too.
    """
    revision, at = due.next_revision, due.next_at
    if revision is None or at is None:  # the database forbids it; this tells the type checker
        return None
    try:
        return _update(due, revision, at=at, now=now)
    except Exception as error:  # any failure: a reader is waiting, perhaps for another page
        _note_failure(due, revision, error, now=now)
        if isinstance(error, OperationalError):
            raise
    return None


def _update(due: Post, revision: Revision, *, at: datetime, now: datetime) -> Post | None:
    content = as_published(revision, by=SCHEDULED_UPDATE, at=at, now=now, by_hand=False)
    imported = imported_text(revision)
    rendered = content.render(imported=imported)
    announced_at = at if due.next_attempts == 1 else now  # after a failure it is news only when it comes
    with changing([due], kind=Kind.UPDATED, actor=SCHEDULED_UPDATE, now=now) as change:
        post = change.locked(due)
        if _plan(post) != _plan(due):
            change.nothing_changed()
            return None
        post.updated_at = announced_at
        post.settled = [
            *post.settled,
            *(one for one in post.next_settled if one["code"] not in post.settled_codes),
        ]
        go_live(
            change,
            *(post, revision, content, rendered),
            imported=imported,
            at=now,
            keep_old_path=True,
            announced_at=announced_at,
        )
        log(_answering_for(revision), post, f"予約どおり第{revision.number}版に更新しました。")
    return post


def _answering_for(revision: Revision) -> Actor:
    """Actor of the log entry: the approver of the revision, since history entries belong to a person."""
    return Person(revision.approved_by) if revision.approved_by else SCHEDULED_UPDATE


def _note_failure(due: Post, revision: Revision, error: Exception, *, now: datetime) -> None:
    """Store and log a failure: one log line each; a new reason also gets a traceback and a history entry."""
    expected = isinstance(error, NotReady | AddressTaken)
    sentence, name = one_line(str(error)), type(error).__name__
    reason = sentence[:300] if expected else f"プログラムの予期しない失敗です（{name}）。"
    is_news = reason != due.next_error
    next_try_at = now + _pause(due)
    with transaction.atomic():
        post = locked(due)
        if _plan(post) != _plan(due):
            return
        Post.objects.filter(pk=due.pk).update(next_try_at=next_try_at, next_error=reason)
        if is_news:
            message = f"予約した第{revision.number}版への更新を行えませんでした。{reason}"
            write_log_entry(_answering_for(revision), post, message)
        ContentVersion.objects.raise_number()  # cached pages expire at the next attempt, which is earlier now
    logger.log(
        logging.ERROR if is_news else logging.WARNING,
        "scheduled update of post %s: try %s failed, next at %s: %s",
        due.pk,
        due.next_attempts,
        next_try_at.isoformat(timespec="seconds"),
        sentence if expected else f"{name}: {sentence}",
        exc_info=is_news and not expected,
    )


def _plan(post: Post) -> tuple[int | None, datetime | None, datetime | None]:
    """Identity of an attempt: differs for another attempt and for a new schedule."""
    return post.next_revision_id, post.next_at, post.next_try_at


def _pause(post: Post) -> timedelta:
    return AFTER[min(post.next_attempts, len(AFTER)) - 1]


@contextmanager
def _hardly_waiting() -> Iterator[None]:
    """Shorten the lock timeout to `WAIT`: SQLite has one writer at a time, PostgreSQL locks rows and tables."""
    if connection.vendor == "sqlite":
        ask, set_to = "PRAGMA busy_timeout", "PRAGMA busy_timeout = {}"
    else:
        ask, set_to = "SHOW lock_timeout", "SET lock_timeout = '{}'"
    with connection.cursor() as cursor:
        cursor.execute(ask)
        [usual] = cursor.fetchone()
        cursor.execute(set_to.format(WAIT))
        try:
            yield
        finally:
            cursor.execute(set_to.format(usual))
