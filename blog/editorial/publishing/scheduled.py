"""Scheduled updates of live posts: made at their hour by whoever comes first, retried where they fail.

A failing update stays scheduled, for it goes out as soon as its cause is mended; the desk sees it until then. Each
try is one process's: it counts, and belongs to that process for `LEASE`, before anything is rendered.
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
from blog.editorial.publishing.common import locked, log, logger, write_log_entry
from blog.editorial.publishing.readiness import NotReady
from blog.editorial.publishing.release import as_published, go_live
from blog.models import ContentVersion, Post, Revision
from blog.text.normalise import one_line

AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120))
"""How long to wait after the first failure, the second, …; the last one holds for all that follow."""
LEASE = timedelta(minutes=15)
"""For how long at least an update belongs to the process that tries it. If that dies, another takes it up then."""
STOPPED = "試している途中で、プログラムが止まりました。"
WAIT = 1000
"""For how many milliseconds a reader lets other writers go before, where the database has one at a time."""


def apply_due(*, now: datetime, reader_waits: bool = False) -> list[Post]:
    """Make the scheduled updates that have come due. Safe to call from everywhere, at any time, twice.

    Raises DatabaseError where the database as a whole takes nothing now; with `reader_waits` after `WAIT`.
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
        except (
            Exception
        ):  # not even the failure can be noted: the others shall have their turn, and this one a pause
            cache.set(cannot_be_noted, True, AFTER[0].total_seconds())
            logger.exception("scheduled update of post %s cannot be tried", pk)
    return done


def next_moment() -> datetime | None:
    """When a scheduled update is to be tried next. Where that has come already, the next request makes it, or tries to."""
    return Post.objects.next_tries().values_list("next_try_at", flat=True).first()


def _take(pk: int, *, now: datetime) -> Post | None:
    """The post, ours to update until `next_try_at`; None when another process tries it, or has."""
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
    """Make one scheduled update; None when it fails, or somebody has cancelled or taken it meanwhile.

    Raises OperationalError, noted as well, when the database let it wait in vain: it would let the next one, too.
    """
    revision, at = due.next_revision, due.next_at
    if revision is None or at is None:  # the database forbids it; this tells the type checker
        return None
    try:
        return _update(due, revision, at=at, now=now)
    except Exception as error:  # whatever is wrong with this one: a reader waits, perhaps for another page
        _note_failure(due, revision, error, now=now)
        if isinstance(error, OperationalError):
            raise
    return None


def _update(due: Post, revision: Revision, *, at: datetime, now: datetime) -> Post | None:
    content = as_published(revision, by=SCHEDULED_UPDATE, at=at, now=now, images_described=False)
    rendered = content.render()
    announced_at = at if due.next_attempts == 1 else now  # what has failed first is new when it comes
    with changing([due], kind=Kind.UPDATED, actor=SCHEDULED_UPDATE, now=now) as change:
        post = change.locked(due)
        if _plan(post) != _plan(due):
            change.nothing_changed()
            return None
        post.updated_at = announced_at
        go_live(
            change, post, revision, content, rendered, at=now, keep_old_path=True, announced_at=announced_at
        )
        log(_answering_for(revision), post, f"予約どおり第{revision.number}版に更新しました。")
    return post


def _answering_for(revision: Revision) -> Actor:
    """In whose name the log tells of the update: of whoever passed it, for an entry there is a person's."""
    return Person(revision.approved_by) if revision.approved_by else SCHEDULED_UPDATE


def _note_failure(due: Post, revision: Revision, error: Exception, *, now: datetime) -> None:
    """For the desk and the log: each failure a line, each new reason with what there is to know of it."""
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
        ContentVersion.objects.raise_number()  # who keeps pages keeps them until the next try, which comes sooner now
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
    """What tells one try from every other, and from a schedule made anew."""
    return post.next_revision_id, post.next_at, post.next_try_at


def _pause(post: Post) -> timedelta:
    return AFTER[min(post.next_attempts, len(AFTER)) - 1]


@contextmanager
def _hardly_waiting() -> Iterator[None]:
    """Wait for other writers for a moment only: SQLite has one writer at a time, PostgreSQL locks rows and tables."""
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
