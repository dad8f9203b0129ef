"""Working text of a post: create, save, merge, assign, discard and restore, without effect on readers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.admin.models import ADDITION
from django.db import transaction
from django.db.models import Max

from blog.editorial import permissions
from blog.editorial.actors import TRASH, Actor
from blog.editorial.changes import Kind, changing
from blog.editorial.content import Content, merge
from blog.editorial.publishing.common import WrongState, locked, log
from blog.models import Address, Post, Revision

if TYPE_CHECKING:
    from django.contrib.auth.models import User

BIN_DAYS = 30


class EditConflict(Exception):
    """Merge conflict: somebody else changed the same places. `merged` holds the caller's text there; nothing is lost."""

    def __init__(self, *, merged: Content, fields: list[str], theirs: Revision) -> None:
        super().__init__("ほかの人が同じ場所を書き換えています。")
        self.merged, self.fields, self.theirs = merged, fields, theirs


def create(
    *,
    content: Content,
    by: Actor,
    now: datetime,
    kind: str = Revision.Kind.SAVE,
    note: str = "",
    draft_key: UUID | None = None,
    **identity: Any,
) -> Post:
    """Create a post with its first revision. `identity` may set `uuid`, `import_ref` and `guid`, which never change, and `settled`."""
    permissions.require(permissions.may_edit(by, None), "記事を作る")
    with transaction.atomic():
        post = Post.objects.create(
            created_by=by.user, created_at=now, modified_at=now, working_title=content.title, **identity
        )
        _add_revision(
            post, content, by=by.user, now=now, kind=kind, base=None, note=note, draft_key=draft_key
        )
        log(by, post, "作成しました。", flag=ADDITION)
    return post


def save(
    *,
    post: Post,
    content: Content,
    by: Actor,
    now: datetime,
    base: Revision | None,
    note: str = "",
    kind: str = Revision.Kind.SAVE,
    draft_key: UUID | None = None,
) -> Revision:
    """Save `content` as a new revision, which readers do not see. Unchanged content returns the latest revision.

    The new revision takes over the stage of the previous one when that is in review or was sent back.
    `base` is the revision that the editor started from. When others have saved since, both sides' changes are merged; on a
    conflict EditConflict is raised and nothing is stored. `draft_key`: of the saving tab; a revision that the tab made
    without receiving the answer replaces `base`.
    """
    permissions.require(permissions.may_edit(by, post), "この記事を編集する")
    with transaction.atomic():
        post = locked(post)
        if post.trashed_at:
            raise WrongState("ゴミ箱の記事です。先に戻してください。")
        latest = post.latest_revision
        base = _unheard_of(post, base, by=by, draft_key=draft_key) or base
        if base is not None and latest is not None and base.pk != latest.pk:
            theirs = Content.from_json(latest.content)
            content, conflicts = merge(Content.from_json(base.content), content, theirs)
            if conflicts:
                raise EditConflict(merged=content, fields=conflicts, theirs=latest)
            kind = Revision.Kind.MERGE
        if latest is not None and content == Content.from_json(latest.content):
            return latest
        made = {"kind": kind, "base": base or latest, "note": note, "draft_key": draft_key}
        revision = _add_revision(post, content, by=by.user, now=now, **made)
        log(by, post, f"第{revision.number}版を保存しました。{request_followed(revision)}")
    return revision


def _unheard_of(post: Post, base: Revision | None, *, by: Actor, draft_key: UUID | None) -> Revision | None:
    """First revision after `base` that the same tab has saved: its response was lost."""
    if base is None or draft_key is None:
        return None
    own = post.revisions.filter(draft_key=draft_key, by=by.user, kind=Revision.Kind.SAVE)
    return own.filter(number__gt=base.number).first()


def request_followed(revision: Revision) -> str:
    """Message when `revision` took over the review request of the previous one; else empty."""
    in_review = revision.stage == Post.Stage.REVIEW
    return f"校閲の依頼は第{revision.number}版に引き継ぎました。" if in_review else ""


def import_revision(
    *, post: Post, content: Content, by: Actor, now: datetime, base: Revision | None
) -> Revision:
    """Import a new version of a file as a verbatim revision, and merge it; returns the resulting working revision.

    `base` is the previous version of the file, None when unknown. When others have saved since, both sides' changes are
    merged in a further revision; in a conflict it holds the file's text, and its note names the revision that lost. Unsaved
    drafts are not touched, and a post in the trash stays there.
    """
    permissions.require(permissions.may_edit(by, post), "この記事を編集する")
    with transaction.atomic():
        post = locked(post)
        latest = post.working
        before = Content.from_json(base.content) if base else Content()
        if base and content == before:
            return latest
        said = _record(post, content, by=by.user, now=now, kind=Revision.Kind.IMPORT, base=base, note="")
        if base == latest:
            revision = _work_on(post, said)
        else:
            theirs = Content.from_json(latest.content)
            merged, conflicts = merge(before, content, theirs)
            if merged == theirs:
                return latest
            note = f"届いた原稿が第{latest.number}版と食い違っています。" if conflicts else ""
            kind = Revision.Kind.MERGE
            revision = _add_revision(post, merged, by=by.user, now=now, kind=kind, base=latest, note=note)
        log(by, post, f"第{revision.number}版を取り込みました。")
    return revision


def assign(*, post: Post, to: User | None, by: Actor) -> Post:
    """Assign `post` to a user (None: to nobody), who may edit it from now on."""
    permissions.require(permissions.may_edit(by, post), "担当を決める")
    with transaction.atomic():
        post = locked(post)
        post.assignee = to
        post.save(update_fields=["assignee"])
        log(by, post, f"担当を{to or '空'}にしました。")
    return post


def restore_revision(*, post: Post, revision: Revision, by: Actor, now: datetime) -> Revision:
    """Restore an older revision: its content becomes the newest working text. Readers do not see it."""
    return save(
        post=post,
        content=Content.from_json(revision.content),
        by=by,
        now=now,
        base=None,
        note=f"第{revision.number}版から復元",
        kind=Revision.Kind.RESTORE,
    )


def _add_revision(post: Post, content: Content, **values: Any) -> Revision:
    return _work_on(post, _record(post, content, **values))


def _record(post: Post, content: Content, *, now: datetime, **values: Any) -> Revision:
    """Create a revision without making it the working text."""
    number = (post.revisions.aggregate(last=Max("number"))["last"] or 0) + 1
    return Revision.objects.create(
        post=post, number=number, content=content.to_json(), created_at=now, **values
    )


def _work_on(post: Post, revision: Revision) -> Revision:
    """Make `revision` the working text; it takes over the stage of a previous one that is in review or was sent back."""
    before = post.latest_revision
    if before is not None and before.stage in (Post.Stage.REVIEW, Post.Stage.RETURNED):
        revision.stage = before.stage
        if before.stage == Post.Stage.REVIEW:
            before.stage = Post.Stage.WRITING
            before.save(update_fields=["stage"])
        revision.save(update_fields=["stage"])
    post.latest_revision, post.working_title = revision, revision.content["title"]
    post.stage, post.modified_at = revision.stage, revision.created_at
    post.save(update_fields=["latest_revision", "working_title", "stage", "modified_at"])
    return revision


def discard(*, post: Post, by: Actor, now: datetime) -> Post:
    """Move an unpublished post to the trash, from which it can be restored for `BIN_DAYS` days.

    Also empties the trash of older posts, so that no timer is needed.
    """
    permissions.require(permissions.may_discard(by, post), "ゴミ箱に入れる")
    with transaction.atomic():
        post = locked(post)
        if post.live_revision_id:
            raise WrongState("公開・予約した記事は捨てられません。取り下げるか、予約を取り消してください。")
        post.trashed_at = now
        post.save(update_fields=["trashed_at"])
        log(by, post, "ゴミ箱に入れました。")
    empty_bin(now=now)
    return post


def restore_from_trash(*, post: Post, by: Actor) -> Post:
    """Restore a post from the trash."""
    permissions.require(permissions.may_edit(by, post), "ゴミ箱から戻す")
    with transaction.atomic():
        post = locked(post)
        post.trashed_at = None
        post.save(update_fields=["trashed_at"])
        log(by, post, "ゴミ箱から戻しました。")
    return post


def empty_bin(*, now: datetime) -> int:
    """Delete posts that have been in the trash for `BIN_DAYS` days; returns how many."""
    old = Post.objects.filter(trashed_at__lte=now - timedelta(days=BIN_DAYS))
    with changing(kind=Kind.REMOVED, actor=TRASH, now=now, note="ゴミ箱") as change:
        posts = list(old.select_for_update())
        # Readers never saw them, but a manual redirect to one of them is deleted with it.
        if not Address.objects.filter(post__in=posts).exists():
            change.nothing_changed()
        for post in posts:
            change.remove(post)
            post.delete()
    return len(posts)
