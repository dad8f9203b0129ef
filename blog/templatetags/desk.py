"""Template tags of the admin start page: lists of open work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.text import Truncator

from blog.editorial import permissions
from blog.editorial.actors import actor_of
from blog.models import Draft, Manuscript, Post, Revision
from blog.querysets import PostQuerySet

register = template.Library()

LENGTH = 8
REASON = 60
"""Maximum length of the reason shown for a returned post."""
COLUMNS = (
    "working_title",
    "stage",
    "modified_at",
    "published_at",
    "withdrawn_at",
    "live_revision",
    "trashed_at",
)


@register.simple_tag(takes_context=True)
def desk_lists(context: template.Context) -> list[dict[str, Any]]:
    """Post lists of the start page, one query each: failing scheduled updates and returned posts, if any; the user's
    own posts, posts waiting for review, and posts to be published today.

    Users who may not edit others' posts see their own in each list; users who may edit none get no lists.
    """
    user, now = context["user"], timezone.now()
    if not permissions.may_list_posts(actor_of(user)):
        return []
    own = Post.objects.not_trashed().written_by(user)
    seen = permissions.editable(Post.objects.not_trashed(), actor_of(user))
    waiting = seen.filter(stage=Post.Stage.REVIEW).order_by("modified_at", "pk")
    tomorrow = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    failing = seen.failing().order_by("next_at", "pk")
    rows = [
        (post, f"{_day_and_time(post.next_at)} の予約・{post.next_error}")
        for post in failing.only("working_title", "next_at", "next_error")[:LENGTH]
    ]
    returned = _list("差し戻された記事", "", _with_reasons(own.filter(stage=Post.Stage.RETURNED)), now)
    return [
        *([{"title": "予約した更新ができていません", "rows": rows}] if rows else []),
        *([returned] if returned["rows"] else []),
        _list("私の記事", "まだ記事がありません。", own.order_by("-modified_at", "-pk"), now),
        _list("校閲待ち", "校閲を待つ記事はありません。", waiting, now),
        _list(
            "今日の公開予定",
            "今日これから公開される記事はありません。",
            seen.going_out_before(tomorrow, now=now),
            now,
        ),
    ]


@register.simple_tag(takes_context=True)
def manuscripts_to_check(context: template.Context) -> int:
    """Number of manuscripts whose problems somebody must check; 0 for users who may not see them."""
    if not permissions.may_see_manuscripts(actor_of(context["user"])):
        return 0
    return Manuscript.objects.open().count()


@register.simple_tag(takes_context=True)
def new_articles_begun(context: template.Context) -> int:
    """Number of new articles that the user has begun and never saved."""
    return Draft.objects.filter(post=None, editor=context["user"]).count()


def _list(title: str, empty: str, posts: PostQuerySet, now: datetime) -> dict[str, Any]:
    rows = [(post, _note(post, now)) for post in posts.only(*COLUMNS)[:LENGTH]]
    return {"title": title, "empty": empty, "rows": rows}


def _with_reasons(posts: PostQuerySet) -> PostQuerySet:
    """Annotate `reason`: the reason for which a post was last returned."""
    sent_back = Revision.objects.filter(post=OuterRef("pk"), returned_at__isnull=False)
    reason = sent_back.order_by("-returned_at", "-number").values("returned_reason")[:1]
    return posts.annotate(reason=Subquery(reason)).order_by("-modified_at", "-pk")


def _note(post: Any, now: datetime) -> str:
    if reason := getattr(post, "reason", ""):
        return Truncator(" ".join(reason.split())).chars(REASON)
    return f"{post.state(now)}・最終保存 {_day_and_time(post.modified_at)}"


def _day_and_time(at: Any) -> str:
    local = timezone.localtime(at)
    return f"{local.month}月{local.day}日 {local:%H:%M}"
