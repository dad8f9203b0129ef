"""Review workflow: submit, approve, or send back a revision. An approval never covers later edits."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from blog.editorial import permissions
from blog.editorial.actors import Actor
from blog.editorial.publishing.common import (
    WrongState,
    locked_revision,
    log,
    mark_approved,
    set_stage,
)
from blog.models import Post, Revision, SiteSettings
from blog.text.normalise import normalise


def submit(*, revision: Revision, by: Actor) -> None:
    """Submit `revision` for review; it must be the newest."""
    permissions.require(permissions.may_edit(by, revision.post), "校閲に出す")
    with transaction.atomic():
        post, revision = locked_revision(revision)
        if post.trashed_at:
            raise WrongState("ゴミ箱の記事です。先に戻してください。")
        if revision.is_approved:
            raise WrongState("この版はもう校閲済みです。")
        _insist_on_the_newest(post, revision, "校閲に出して")
        set_stage(post, revision, Post.Stage.REVIEW)
        log(by, post, f"第{revision.number}版を校閲に出しました。")


def withdraw_request(*, revision: Revision, by: Actor) -> None:
    """Cancel the review request for `revision`; its stage is writing again."""
    permissions.require(permissions.may_edit(by, revision.post), "校閲の依頼を取り消す")
    with transaction.atomic():
        post, revision = locked_revision(revision)
        if revision.stage != Post.Stage.REVIEW:
            raise WrongState(
                f"第{revision.number}版は校閲に出ていません。画面を開き直して、確かめてください。"
            )
        set_stage(post, revision, Post.Stage.WRITING)
        log(by, post, f"第{revision.number}版の校閲の依頼を取り消しました。")


def approve(*, revision: Revision, by: Actor, now: datetime) -> None:
    """Approve exactly this revision. Later edits need their own approval."""
    with transaction.atomic():
        post, revision = locked_revision(revision)
        permissions.require(
            permissions.may_approve(by, revision, SiteSettings.objects.current(now)),
            "この版の校閲を通す",
        )
        if revision.is_approved:
            raise WrongState("この版はもう校閲済みです。")
        mark_approved(post, revision, by=by, now=now)
        log(by, post, f"第{revision.number}版の校閲を通しました。")


def send_back(*, revision: Revision, by: Actor, now: datetime, reason: str) -> None:
    """Send `revision` back to its writer with a `reason`; an approval that was not published yet is revoked.

    Refused for an older revision that is not approved: the newer text has to be read first.
    """
    permissions.require(permissions.may_review(by), "差し戻す")
    reason = normalise(reason).strip()
    with transaction.atomic():
        post, revision = locked_revision(revision)
        if post.trashed_at:
            raise WrongState("ゴミ箱の記事です。先に戻してください。")
        if revision.pk in (post.live_revision_id, post.next_revision_id):
            raise WrongState("公開中または予約中の版は差し戻せません。")
        if revision.stage == Post.Stage.RETURNED and revision.returned_at:
            raise WrongState(f"第{revision.number}版は、もう差し戻されています。")
        if not revision.is_approved:
            _insist_on_the_newest(post, revision, "差し戻して")
        if not reason:
            raise WrongState("差し戻す理由を書いてください。")
        revision.approved_by = revision.approved_at = None
        revision.returned_by, revision.returned_at = by.user, now
        revision.returned_reason = reason
        set_stage(post, revision, Post.Stage.RETURNED)
        log(by, post, f"第{revision.number}版を差し戻しました。{reason}")


def _insist_on_the_newest(post: Post, revision: Revision, what: str) -> None:
    """Raise WrongState unless `revision` is the newest: a post has one review request, for the last saved text."""
    if revision.pk != post.latest_revision_id:
        newest = post.working.number
        raise WrongState(
            f"そのあとに第{newest}版が保存されました。内容を確かめて、第{newest}版を{what}ください。"
        )
