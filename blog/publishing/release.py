"""What goes out, when, and what is taken away again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from blog import addresses, desk, outbox, related, search
from blog.content import Content
from blog.models import Notice, Post, Revision
from blog.publishing.common import (
    WrongState,
    locked,
    locked_revision,
    log,
    logger,
    pass_revision,
    publication_news,
    site_settings,
    when,
)
from blog.publishing.readiness import NotReady, check_ready, placed
from blog.text.markdown import Rendered
from blog.text.normalise import one_line


def publish(
    *,
    revision: Revision,
    by: Any,
    now: datetime,
    at: datetime | None = None,
    tell_readers: bool = True,
    rendered: Rendered | None = None,
) -> Post:
    """Let readers see `revision`, now or from `at` on; an `at` in the past dates a first publication back.

    For a post that readers already see, a future `at` schedules the update; a present one makes it, and drops
    an update that was scheduled. `tell_readers` moves `updated_at` of a post that was public: a corrected typo
    is no news. `rendered`: the revision's content as `Content.render` gives it, when that is done already.
    Whoever may publish also passes the revision, unless another pair of eyes is required.
    Raises NotReady, WrongState, AddressTaken, PermissionDenied.
    """
    site = site_settings()
    desk.insist(by is None or desk.may_publish(by, revision.post, site), "公開する")
    at = at or now
    content = _as_published(revision, by=by, at=at, now=now, images_described=by is not None)
    rendered = rendered or content.render()
    with transaction.atomic():
        post, revision = locked_revision(revision)
        if post.binned_at:
            raise WrongState("ゴミ箱の記事は公開できません。先に戻してください。")
        if not revision.is_approved:
            if by is not None and site.four_eyes:
                desk.insist(desk.may_approve(by, revision, site), "自分の原稿の校閲を通す")
            pass_revision(post, revision, by=by, now=now)
        addresses.let_go(post)
        if post.is_published(now) and at > now:
            addresses.hold(path=content.path, post=post)
            post.next_revision, post.next_at = revision, at
            post.save(update_fields=["next_revision", "next_at"])
            log(by, post, f"第{revision.number}版への更新を {when(at)} に予約しました。")
            return post
        was_public = post.was_public(now)
        if was_public and at > now:
            raise WrongState("取り下げた記事は予約では戻せません。いま公開するか、新しい記事にしてください。")
        if not was_public:
            post.published_at = at
        elif tell_readers:
            post.updated_at = now
        is_new = not was_public or post.is_withdrawn(now)
        stood = outbox.standing(post=post, now=now)
        if post.is_withdrawn(now):
            post.withdrawn_at, post.withdrawn_reason = None, ""
        _go_live(post, revision, content, rendered, at=max(at, now), keep_old_path=was_public)
        if by is not None:  # what is imported is no news, and is compared at the end of the import
            if is_new:
                outbox.take_back(post=post, now=now)  # a first publication that was planned for another hour
            if is_new or tell_readers:
                event = Notice.Event.PUBLISHED if is_new else Notice.Event.UPDATED
                outbox.write(post=post, event=event, at=max(at, now), stood=stood)
            related.relate(post)
        log(by, post, publication_news(revision, at=at, now=now))
    return post


def apply_due(*, now: datetime) -> list[Post]:
    """Make the scheduled updates that have come due. Safe to call from everywhere, at any time, twice."""
    done = []
    for due in Post.objects.due(now).select_related("next_revision"):
        revision, at = due.next_revision, due.next_at
        if revision is None or at is None:  # the database forbids it; this tells the type checker
            continue
        try:
            if post := _update(due, revision, at=at, now=now):
                done.append(post)
        except NotReady as problem:
            logger.error("scheduled update of post %s dropped: %s", due.pk, problem)
            Post.objects.filter(pk=due.pk, next_at=at).update(next_revision=None, next_at=None)
            log(
                revision.approved_by,
                due,
                f"予約した第{revision.number}版への更新を行えませんでした。{problem}",
            )
        except Exception:
            # A reader asked for a page, perhaps another one: she gets it, and the next request tries again.
            logger.exception("scheduled update of post %s failed", due.pk)
    return done


def _update(due: Post, revision: Revision, *, at: datetime, now: datetime) -> Post | None:
    """Make one scheduled update; None when somebody else has made or cancelled it meanwhile."""
    content = _as_published(revision, by=addresses.NOBODY, at=at, now=now, images_described=False)
    rendered = content.render()
    with transaction.atomic():
        post = locked(due)
        if post.next_at != at or post.next_revision_id != revision.pk:
            return None
        post.updated_at = at
        stood = outbox.standing(post=post, now=now)
        _go_live(post, revision, content, rendered, at=now, keep_old_path=True)
        related.relate(post)
        outbox.write(post=post, event=Notice.Event.UPDATED, at=at, stood=stood)
        log(revision.approved_by, post, f"予約どおり第{revision.number}版に更新しました。")
    return post


def unschedule(*, post: Post, by: Any, now: datetime) -> Post:
    """Take back what has not happened yet: a first publication, an update, an end of publication."""
    desk.insist(by is None or desk.may_publish(by, post, site_settings()), "予約を取り消す")
    with transaction.atomic():
        post = locked(post)
        if post.is_scheduled(now):
            post.live_revision = post.published_at = None
            addresses.give_back(post)
        elif post.next_at is None and (post.withdrawn_at is None or post.withdrawn_at <= now):
            raise WrongState("この記事に予約はありません。")
        else:
            post.withdrawn_at, post.withdrawn_reason = None, ""
        addresses.let_go(post)
        outbox.take_back(post=post, now=now)
        post.next_revision = post.next_at = None
        post.save()
        log(by, post, "予約を取り消しました。")
    return post


def withdraw(*, post: Post, by: Any, now: datetime, reason: str, at: datetime | None = None) -> Post:
    """Take a public post away, now or from `at` on; its path answers 410 with `reason`. Nothing is deleted."""
    desk.insist(by is None or desk.may_publish(by, post, site_settings()), "取り下げる")
    with transaction.atomic():
        post = locked(post)
        if not post.was_public(now) or post.is_withdrawn(now):
            raise WrongState("公開中の記事ではありません。")
        if not reason.strip():
            raise WrongState("読者に示す、取り下げの理由を書いてください。")
        post.withdrawn_at, post.withdrawn_reason = at or now, one_line(reason)
        post.live_at = now
        addresses.let_go(post)
        post.next_revision = post.next_at = None
        post.save()
        outbox.take_back(post=post, now=now)
        if by is not None:  # as in `publish`: what is imported is no news
            outbox.write(post=post, event=Notice.Event.WITHDRAWN, at=post.withdrawn_at)
        log(by, post, f"取り下げました（{when(post.withdrawn_at)}）。理由: {post.withdrawn_reason}")
    return post


def _as_published(
    revision: Revision, *, by: Any, at: datetime, now: datetime, images_described: bool
) -> Content:
    """The revision's content with the day and slug of its public path. Raises NotReady."""
    post = revision.post
    frozen = post if post.was_public(now) else None
    content = placed(Content.from_json(revision.content), at=at, frozen=frozen)
    if problems := check_ready(content, post=post, by=by, images_described=images_described):
        raise NotReady(problems)
    return content


def _go_live(
    post: Post,
    revision: Revision,
    content: Content,
    rendered: Rendered,
    *,
    at: datetime,
    keep_old_path: bool,
) -> None:
    post.live_revision, post.next_revision, post.next_at = revision, None, None
    post.live_at = at
    # An hour that was planned and is given up counts no more.
    featured_at = max(min(post.featured_at or at, at), post.published_at or at)
    post.featured_at = featured_at if content.featured else None
    post.day = content.day
    content.apply(post, rendered=rendered)
    search.index(post, body=rendered.words)
    addresses.reserve(path=content.path, post=post, keep_old=keep_old_path)
