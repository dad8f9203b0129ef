"""Shared parts of the transitions: row lock, log, review stage of a revision, `WrongState`."""

from __future__ import annotations

import logging
from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.utils import timezone

from blog.editorial.actors import Actor
from blog.models import Post, Revision
from blog.models.revision import STAGE_FIELDS

logger = logging.getLogger("blog.editorial.publishing")


class WrongState(Exception):
    """The transition is not possible in the current state of the post; str() is a sentence for the editor."""


class ChangedMeanwhile(WrongState):
    """The post was changed after the user saw it; str() is a sentence for the editor."""


def locked(post: Post) -> Post:
    """Lock and re-read the post; the lock lasts until the transaction ends.

    Without joins: after waiting for a lock PostgreSQL re-reads only the locked row, joined rows stay old.
    """
    return Post.objects.select_for_update().get(pk=post.pk)


def locked_revision(revision: Revision) -> tuple[Post, Revision]:
    """Lock the post of a revision, and re-read both."""
    post = locked(revision.post)
    return post, current(revision, of=post)


def current(revision: Revision, *, of: Post) -> Revision:
    """Re-read the revision; `of` is its post, which is locked."""
    revision = Revision.objects.get(pk=revision.pk)
    revision.post = of
    return revision


def mark_approved(post: Post, revision: Revision, *, by: Actor, now: datetime) -> None:
    revision.approved_by, revision.approved_at = by.user, now
    set_stage(post, revision, Post.Stage.APPROVED)


def set_stage(post: Post, revision: Revision, stage: str) -> None:
    revision.stage = stage
    revision.save(update_fields=STAGE_FIELDS)
    if post.latest_revision_id == revision.pk:
        post.stage = stage
        post.save(update_fields=["stage"])


def to_the_minute(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def publication_news(revision: Revision, *, at: datetime, now: datetime) -> str:
    """Log message for a first publication, immediate or scheduled."""
    what = "を公開しました" if at <= now else f"の公開を {to_the_minute(at)} に予約しました"
    return f"第{revision.number}版{what}。"


def log(by: Actor, post: Post, message: str, flag: int = CHANGE) -> None:
    """Log a transition, and record it in the admin history. Actions of processes (thousands of imports) log at DEBUG."""
    logger.log(logging.INFO if by.user else logging.DEBUG, "post %s: %s (%s)", post.pk, message, by.name)
    write_log_entry(by, post, message, flag)


def write_log_entry(by: Actor, post: Post, message: str, flag: int = CHANGE) -> None:
    """Add an entry to the admin history (`LogEntry`), if `by` is a person."""
    if by.user:
        LogEntry.objects.log_actions(by.user.pk, [post], flag, message, single_object=True)
