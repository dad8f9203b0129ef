"""Publish, schedule, unschedule and withdraw posts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from blog.editorial import addresses, permissions
from blog.editorial.actors import Actor, Person
from blog.editorial.changes import Kind, OpenChange, changing
from blog.editorial.content import Content
from blog.editorial.imported_texts import imported_text
from blog.editorial.publishing.common import (
    ChangedMeanwhile,
    WrongState,
    current,
    log,
    mark_approved,
    publication_news,
    to_the_minute,
)
from blog.editorial.publishing.readiness import NotReady, addressed, check_ready
from blog.editorial.publishing.settling import Settlement, set_blocked, settlement
from blog.models import Post, Revision, SiteSettings
from blog.text.markdown import Rendered
from blog.text.normalise import one_line


def state_token(post: Post) -> str:
    """Token of the publication state, for optimistic locking: latest, live and scheduled revision, and their times."""
    moments = (post.next_at, post.published_at if post.live_revision_id else None, post.withdrawn_at)
    revisions = (post.latest_revision_id, post.live_revision_id, post.next_revision_id)
    return "/".join(str(part or "") for part in (*revisions, *(m and m.timestamp() for m in moments)))


def publish(
    *,
    revision: Revision,
    by: Actor,
    now: datetime,
    at: datetime | None = None,
    announce: bool = True,
    announced_at: datetime | None = None,
    featured_at: datetime | None = None,
    rendered: Rendered | None = None,
    settle: bool = False,
    shown: Collection[str] | None = None,
    is_blocked: bool | None = None,
    seen: str | None = None,
) -> Post:
    """Publish `revision`, now or at `at`; a past `at` backdates a first publication.

    For a post that is already public, a future `at` schedules an update; without it the update is immediate and replaces a
    scheduled one. `announce`: set `updated_at` of a post that was public before; not for a corrected typo. `announced_at`:
    time of the last announcement, from an import; `featured_at` likewise, for a featured revision. `rendered`: result of
    `Content.render`, if it is there already. Publishing also approves the revision, unless a second person is required.
    `settle`: publish it with its blocking defects, and settle them (`blog.editorial.publishing.settling`), of a scheduled
    update when it goes live. `shown` as in `settling.settle`. `is_blocked`: whether an export says so; None: as is found now.
    `seen`: the `state_token` that the decision was based on; ChangedMeanwhile when it differs now.
    Raises NotReady, WrongState, ChangedMeanwhile, AddressTaken, PermissionDenied.
    """
    site = SiteSettings.objects.current(now)
    permissions.require(permissions.may_publish(by, revision.post, site), "公開する")
    at = at or now
    by_hand = isinstance(by, Person)
    content = as_published(revision, by=by, at=at, now=now, by_hand=by_hand, settles=settle)
    imported = imported_text(revision)
    rendered = rendered or content.render(imported=imported)
    # Imported posts are not announced; their related posts are computed once, at the end of the import.
    kind = Kind.PUBLISHED if by_hand else Kind.IMPORTED
    with changing([revision.post], kind=kind, actor=by, now=now) as change:
        post = change.locked(revision.post)
        revision = current(revision, of=post)
        if seen is not None and seen != state_token(post):
            raise ChangedMeanwhile("ほかの人が、記事の版か公開の状態を変えました。まだ何もしていません。")
        if post.trashed_at:
            raise WrongState("ゴミ箱の記事は公開できません。先に戻してください。")
        if not revision.is_approved:
            permissions.require(permissions.may_send_out(by, revision, site), "自分の原稿の校閲を通す")
            mark_approved(post, revision, by=by, now=now)
        elif (
            by.user and revision.approved_by_id is None
        ):  # an import approved it: now a person answers for it
            revision.approved_by = by.user
            revision.save(update_fields=["approved_by"])
        settled: list[Settlement] = []
        if settle:
            defects = content.blocking_defects(besides=post.settled_codes)
            settled, change.note = settlement(post, defects, shown=shown, by=by, now=now)
        addresses.release_reservation(post)
        if post.is_published(now) and at > now:
            addresses.reserve_for_update(path=content.path, post=post)
            plan_update(post, revision, at=at, settled=settled)
            post.save(update_fields=PLAN)
            log(by, post, f"第{revision.number}版への更新を {to_the_minute(at)} に予約しました。")
            return post
        was_public = post.was_public(now)
        if was_public and at > now:
            raise WrongState("取り下げた記事は予約では戻せません。いま公開するか、新しい記事にしてください。")
        if not was_public:
            post.published_at = at
        elif announce:
            post.updated_at = now
        post.updated_at = announced_at or post.updated_at
        post.settled = [*post.settled, *settled]
        is_new = not was_public or post.is_withdrawn(now)
        if post.is_withdrawn(now):
            post.withdrawn_at, post.withdrawn_reason = None, ""
        go_live(
            change,
            *(post, revision, content, rendered),
            imported=imported,
            at=max(at, now),
            keep_old_path=was_public,
            announced_at=max(at, now) if by_hand and (is_new or announce) else None,
            featured_at=featured_at,
        )
        if is_blocked is not None:
            set_blocked(post, is_blocked, now=now)
        log(by, post, publication_news(revision, at=at, now=now))
    return post


def planned_release(post: Post, *, now: datetime) -> tuple[Revision, datetime] | None:
    """Scheduled revision and its time: a first publication or an update; None when nothing is scheduled."""
    if post.next_revision and post.next_at:
        return post.next_revision, post.next_at
    if post.is_scheduled(now) and post.live_revision and post.published_at:
        return post.live_revision, post.published_at
    return None


def replace_planned(*, revision: Revision, by: Actor, now: datetime) -> datetime:
    """Replace the scheduled revision by `revision`; returns the scheduled time, which stays.

    Raises what `publish` raises.
    """
    post = Post.objects.get(pk=revision.post_id)
    planned = planned_release(post, now=now)
    if planned is None:
        raise WrongState("予約がありません。取り消されたか、時刻を過ぎてもう公開されています。")
    instead_of, at = planned
    if instead_of.pk == revision.pk:
        raise WrongState(f"第{revision.number}版は、もうその時刻に出ることになっています。")
    if at <= now:
        raise WrongState("予約の時刻を過ぎています。いまの状態を確かめてください。")
    publish(revision=revision, by=by, now=now, at=at, seen=state_token(post))
    return at


def unschedule(*, post: Post, by: Actor, now: datetime) -> Post:
    """Cancel what is scheduled: a first publication, an update, or a withdrawal. What was settled for it is settled no more."""
    permissions.require(
        permissions.may_publish(by, post, SiteSettings.objects.current(now)), "予約を取り消す"
    )
    with changing([post], kind=Kind.UNSCHEDULED, actor=by, now=now) as change:
        post = change.locked(post)
        if post.is_scheduled(now):
            post.live_revision = post.published_at = None
            post.is_blocked, post.settled = False, []
            addresses.release_unpublished(post)
        elif post.next_at is None and (post.withdrawn_at is None or post.withdrawn_at <= now):
            raise WrongState("この記事に予約はありません。")
        else:
            post.withdrawn_at, post.withdrawn_reason = None, ""
        addresses.release_reservation(post)
        plan_update(post, None, at=None)
        post.save()
        log(by, post, "予約を取り消しました。")
    return post


def withdraw(*, post: Post, by: Actor, now: datetime, reason: str, at: datetime | None = None) -> Post:
    """Withdraw a public post, now or at `at`; its path then answers 410 with `reason`. Nothing is deleted."""
    permissions.require(permissions.may_publish(by, post, SiteSettings.objects.current(now)), "取り下げる")
    with changing([post], kind=Kind.WITHDRAWN, actor=by, now=now) as change:
        post = change.locked(post)
        if not post.was_public(now) or post.is_withdrawn(now):
            raise WrongState("公開中の記事ではありません。")
        if not reason.strip():
            raise WrongState("読者に示す、取り下げの理由を書いてください。")
        post.withdrawn_at, post.withdrawn_reason = at or now, one_line(reason)
        post.live_at = now
        addresses.release_reservation(post)
        plan_update(post, None, at=None)
        post.save()
        if isinstance(by, Person):  # as in `publish`: imports are not announced
            change.announce(post, at=post.withdrawn_at)
        log(by, post, f"取り下げました（{to_the_minute(post.withdrawn_at)}）。理由: {post.withdrawn_reason}")
    return post


PLAN = ("next_revision", "next_at", "next_settled", "next_try_at", "next_attempts", "next_error")


def plan_update(
    post: Post, revision: Revision | None, *, at: datetime | None, settled: Sequence[Settlement] = ()
) -> None:
    """Set or clear the scheduled update of `post`, with what is `settled` as it goes live, without saving it; attempts and
    errors of the previous one are reset."""
    post.next_revision = revision
    post.next_at = post.next_try_at = at
    post.next_settled = list(settled)
    post.next_attempts, post.next_error = 0, ""


def as_published(
    revision: Revision, *, by: Actor, at: datetime, now: datetime, by_hand: bool, settles: bool = False
) -> Content:
    """Content of `revision` with the day and slug of its public path, checked for publication. Raises NotReady."""
    content = addressed(revision, at=at, now=now)
    if problems := check_ready(content, post=revision.post, by=by, by_hand=by_hand, settles=settles):
        raise NotReady(problems)
    return content


def go_live(
    change: OpenChange,
    post: Post,
    revision: Revision,
    content: Content,
    rendered: Rendered,
    *,
    imported: Content | None,
    at: datetime,
    keep_old_path: bool,
    announced_at: datetime | None,
    featured_at: datetime | None = None,
) -> None:
    """Make `revision` live, as part of `change`. `imported` as in `Content.render`; `announced_at`: when it is announced; None: not announced."""
    post.live_revision = revision
    plan_update(post, None, at=None)
    post.live_at = at
    # A scheduled time that was cancelled no longer counts.
    featured_at = featured_at or max(min(post.featured_at or at, at), post.published_at or at)
    post.featured_at = featured_at if content.featured else None
    content.apply(post, rendered=rendered, imported=imported)
    addresses.reserve(path=content.path, post=post, keep_old=keep_old_path)
    change.went_live(post, words=rendered.words, announced_at=announced_at)
