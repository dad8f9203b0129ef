"""Shared parts of all transitions: the lock, the log, the stage of a revision, and the exceptions."""

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
    """The transition makes no sense for the post as it stands; str() is a sentence for the editor."""


def locked(post: Post) -> Post:
    """The post as it is now, and nobody else's until the transaction ends.

    Without joins: after waiting for a lock PostgreSQL reads only the locked row anew, joined rows stay old.
    """
    return Post.objects.select_for_update().get(pk=post.pk)


def locked_revision(revision: Revision) -> tuple[Post, Revision]:
    """The revision and its post, both as they are now, under the post's lock."""
    post = locked(revision.post)
    return post, current(revision, of=post)


def current(revision: Revision, *, of: Post) -> Revision:
    """The revision as it is now; `of` is its post, which is locked."""
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
    """What the log says of a first publication."""
    what = "を公開しました" if at <= now else f"の公開を {to_the_minute(at)} に予約しました"
    return f"第{revision.number}版{what}。"


def log(by: Actor, post: Post, message: str, flag: int = CHANGE) -> None:
    """A person's action is a line in the site's log and in the admin's history; thousands of imports are not."""
    logger.log(logging.INFO if by.user else logging.DEBUG, "post %s: %s (%s)", post.pk, message, by.name)
    write_log_entry(by, post, message, flag)


def write_log_entry(by: Actor, post: Post, message: str, flag: int = CHANGE) -> None:
    """A line in the admin's history, where a person stands for it."""
    if by.user:
        LogEntry.objects.log_actions(by.user.pk, [post], flag, message, single_object=True)
