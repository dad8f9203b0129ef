"""The desk passes a revision: submitted, approved, or sent back. Later edits never ride along."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from blog import desk
from blog.models import Post, Revision
from blog.publishing.common import WrongState, locked_revision, log, pass_revision, set_stage, site_settings


def submit(*, revision: Revision, by: Any) -> None:
    """Ask the desk to read `revision`."""
    desk.insist(by is None or desk.may_edit(by, revision.post), "校閲に出す")
    with transaction.atomic():
        post, revision = locked_revision(revision)
        if post.binned_at:
            raise WrongState("ゴミ箱の記事です。先に戻してください。")
        if revision.is_approved:
            raise WrongState("この版はもう校閲済みです。")
        set_stage(post, revision, Post.Stage.REVIEW)
        log(by, post, f"第{revision.number}版を校閲に出しました。")


def approve(*, revision: Revision, by: Any, now: datetime) -> None:
    """Pass exactly this revision. Later edits need a pass of their own."""
    with transaction.atomic():
        post, revision = locked_revision(revision)
        desk.insist(by is None or desk.may_approve(by, revision, site_settings()), "この版の校閲を通す")
        if revision.is_approved:
            raise WrongState("この版はもう校閲済みです。")
        pass_revision(post, revision, by=by, now=now)
        log(by, post, f"第{revision.number}版の校閲を通しました。")


def send_back(*, revision: Revision, by: Any, note: str = "") -> None:
    """Give `revision` back to its writer; an approval that was not used yet is taken back."""
    desk.insist(by is None or by.has_perm("blog.approve_post"), "差し戻す")
    with transaction.atomic():
        post, revision = locked_revision(revision)
        if revision.pk in (post.live_revision_id, post.next_revision_id):
            raise WrongState("公開中または予約中の版は差し戻せません。")
        revision.approved_by = revision.approved_at = None
        set_stage(post, revision, Post.Stage.WRITING)
        log(by, post, f"第{revision.number}版を差し戻しました。{note}")
