"""Publish, schedule, unschedule and withdraw posts."""

from __future__ import annotations

from datetime import datetime

from blog.editorial import addresses, permissions
from blog.editorial.actors import Actor, Person
from blog.editorial.changes import Kind, OpenChange, changing
from blog.editorial.content import Content
from blog.editorial.publishing.common import (
    WrongState,
    current,
    log,
    mark_approved,
    publication_news,
    to_the_minute,
)
from blog.editorial.publishing.readiness import NotReady, addressed, check_ready
from blog.models import Post, Revision, SiteSettings
from blog.text.markdown import Rendered
from blog.text.normalise import one_line


class ChangedMeanwhile(WrongState):
    """The post is not as it was when somebody decided about it."""


def state_token(post: Post) -> str:
    """A mark of which revisions readers see, will see and the desk works on, and of the moments of it."""
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
    seen: str | None = None,
) -> Post:
    """Let readers see `revision`, now or from `at` on; an `at` in the past dates a first publication back.

    For a post that readers already see, a future `at` schedules the update; a present one makes it, and drops
    an update that was scheduled. `announce` moves `updated_at` of a post that was public: a corrected typo
    is no news. `announced_at`: when readers have been told, where they were elsewhere; `featured_at` likewise, of a
    revision that is featured. `rendered`: the revision's content as `Content.render` gives it, when that is done already.
    Whoever may publish also passes the revision, unless another pair of eyes is required.
    `seen`: the `state_token` of the post when the decision was made; another one now, and nothing is done.
    Raises NotReady, WrongState, ChangedMeanwhile, AddressTaken, PermissionDenied.
    """
    site = SiteSettings.objects.current(now)
    permissions.require(permissions.may_publish(by, revision.post, site), "公開する")
    at = at or now
    by_hand = isinstance(by, Person)
    content = as_published(revision, by=by, at=at, now=now, images_described=by_hand)
    rendered = rendered or content.render()
    # What is imported is no news, and is compared at the end of the import.
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
        addresses.release_reservation(post)
        if post.is_published(now) and at > now:
            addresses.reserve_for_update(path=content.path, post=post)
            plan_update(post, revision, at=at)
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
        is_new = not was_public or post.is_withdrawn(now)
        if post.is_withdrawn(now):
            post.withdrawn_at, post.withdrawn_reason = None, ""
        go_live(
            change,
            *(post, revision, content, rendered),
            at=max(at, now),
            keep_old_path=was_public,
            announced_at=max(at, now) if by_hand and (is_new or announce) else None,
            featured_at=featured_at,
        )
        log(by, post, publication_news(revision, at=at, now=now))
    return post


def planned_release(post: Post, *, now: datetime) -> tuple[Revision, datetime] | None:
    """Which revision goes out at which hour, if that is planned: a first publication, or an update."""
    if post.next_revision and post.next_at:
        return post.next_revision, post.next_at
    if post.is_scheduled(now) and post.live_revision and post.published_at:
        return post.live_revision, post.published_at
    return None


def replace_planned(*, revision: Revision, by: Actor, now: datetime) -> datetime:
    """Let `revision` go out in place of the one that is booked; returns the hour, which stays.

    Raises as `publish` does.
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
    """Take back what has not happened yet: a first publication, an update, an end of publication."""
    permissions.require(
        permissions.may_publish(by, post, SiteSettings.objects.current(now)), "予約を取り消す"
    )
    with changing([post], kind=Kind.UNSCHEDULED, actor=by, now=now) as change:
        post = change.locked(post)
        if post.is_scheduled(now):
            post.live_revision = post.published_at = None
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
    """Take a public post away, now or from `at` on; its path answers 410 with `reason`. Nothing is deleted."""
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
        if isinstance(by, Person):  # as in `publish`: what is imported is no news
            change.announce(post, at=post.withdrawn_at)
        log(by, post, f"取り下げました（{to_the_minute(post.withdrawn_at)}）。理由: {post.withdrawn_reason}")
    return post


PLAN = ("next_revision", "next_at", "next_try_at", "next_attempts", "next_error")


def plan_update(post: Post, revision: Revision | None, *, at: datetime | None) -> None:
    """Set the scheduled update of `post`, or none, without saving it; whatever became of one before is forgotten."""
    post.next_revision = revision
    post.next_at = post.next_try_at = at
    post.next_attempts, post.next_error = 0, ""


def as_published(
    revision: Revision, *, by: Actor, at: datetime, now: datetime, images_described: bool
) -> Content:
    """The revision's content with the day and slug of its public path. Raises NotReady."""
    content = addressed(revision, at=at, now=now)
    if problems := check_ready(content, post=revision.post, by=by, images_described=images_described):
        raise NotReady(problems)
    return content


def go_live(
    change: OpenChange,
    post: Post,
    revision: Revision,
    content: Content,
    rendered: Rendered,
    *,
    at: datetime,
    keep_old_path: bool,
    announced_at: datetime | None,
    featured_at: datetime | None = None,
) -> None:
    """Write what readers see of `post`, as part of `change`. `announced_at`: from when on it is news, None when it is none."""
    post.live_revision = revision
    plan_update(post, None, at=None)
    post.live_at = at
    # An hour that was planned and is given up counts no more.
    featured_at = featured_at or max(min(post.featured_at or at, at), post.published_at or at)
    post.featured_at = featured_at if content.featured else None
    content.apply(post, rendered=rendered)
    addresses.reserve(path=content.path, post=post, keep_old=keep_old_path)
    change.went_live(post, words=rendered.words, announced_at=announced_at)
