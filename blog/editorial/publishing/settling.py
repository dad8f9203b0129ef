"""Settling of blocking defects: an editor lists a post as it is (「このまま載せる」).

A published post with a blocking defect answers at its URL and is in no list (`PostQuerySet.listed`). Either a clean version
is published, or somebody who may publish settles the defect: its code is noted on the post with name and moment, and does
not block a later version. Another code blocks again. What is settled for a scheduled update (`Post.next_settled`) counts when
that goes live, and is gone with the plan.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from blog.editorial import permissions
from blog.editorial.actors import Actor
from blog.editorial.changes import Kind, changing
from blog.editorial.content import Content
from blog.editorial.publishing.common import ChangedMeanwhile, WrongState, log
from blog.models import Post, Revision, SiteSettings
from blog.querysets import LARGE_COLUMNS
from blog.text.findings import Finding

Settlement = dict[str, str]
"""An entry of `Post.settled`."""


def settle(*, post: Post, by: Actor, now: datetime, shown: Collection[str] | None = None) -> Post:
    """Put a post into readers' lists although its live text has blocking defects.

    `shown`: the codes of defects that were shown to who decides. ChangedMeanwhile when there are others now; None: whatever
    there is.
    """
    permissions.require(
        permissions.may_publish(by, post, SiteSettings.objects.current(now)), "このまま載せる"
    )
    with changing([post], kind=Kind.SETTLED, actor=by, now=now) as change:
        post = change.locked(post)
        if post.live_revision is None or not post.is_blocked:
            raise WrongState("一覧に出ていない記事ではありません。")
        settled, change.note = settlement(post, live_defects(post), shown=shown, by=by, now=now)
        post.settled = [*post.settled, *settled]
        post.save(update_fields=["settled"])
        set_blocked(post, False, now=now)
    return post


def live_defects(post: Post) -> tuple[Finding, ...]:
    """Blocking defects of the live text that nobody has settled."""
    if post.live_revision is None:
        return ()
    content = replace(Content.from_json(post.live_revision.content), slug=post.slug)
    return content.blocking_defects(besides=post.settled_codes)


def is_blocked_today(post: Post) -> bool:
    """Whether a defect that this version of the program finds blocks a post whose live text an import published.

    What an editor published stays as it is: nothing that a person has read leaves the lists by itself.
    """
    live = post.live_revision
    if live is None or live.kind != Revision.Kind.IMPORT or live.approved_by_id is not None:
        return post.is_blocked
    return bool(live_defects(post))


def block_anew(keys: Collection[int], *, by: Actor, now: datetime) -> None:
    """Block and free posts, given by their primary keys, as `is_blocked_today`."""
    posts = Post.objects.with_live_revision().filter(pk__in=keys).order_by("pk")
    unread = set(LARGE_COLUMNS) - {"settled"}
    for post in posts.select_related("live_revision").defer(*unread) if keys else ():
        if is_blocked_today(post) == post.is_blocked:
            continue
        with changing([post], kind=Kind.IMPORTED, actor=by, now=now) as change:
            post = change.locked(post)
            if not set_blocked(post, is_blocked_today(post), now=now):
                change.nothing_changed()


def set_blocked(post: Post, is_blocked: bool, *, now: datetime) -> bool:
    """Take a locked post out of the lists or put it there, as part of a change; False: it is so already."""
    if post.is_blocked == is_blocked:
        return False
    post.is_blocked = is_blocked
    post.live_at = max(now, post.live_at or now)  # lists, feeds and sitemaps change
    post.save(update_fields=["is_blocked", "live_at"])
    return True


def settlement(
    post: Post, findings: Sequence[Finding], *, shown: Collection[str] | None, by: Actor, now: datetime
) -> tuple[list[Settlement], str]:
    """The entries with which `by` settles these defects, and the sentence that says so in the log of the post, which is locked."""
    codes = dict.fromkeys(finding.code for finding in findings)
    if shown is not None and not codes.keys() <= {*shown}:
        raise ChangedMeanwhile(
            "読者に見せられない点が、見ていたときと変わりました。まだ何もしていません。下を確かめてください。"
        )
    if not findings:
        return [], ""
    sentence = f"このまま載せることにしました。{' '.join(finding.message_with_line for finding in findings)}"
    log(by, post, sentence)
    return [{"code": code, "by": by.name, "at": now.isoformat()} for code in codes], sentence
