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
from blog.models import Post, SiteSettings
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
        post.is_blocked = False
        post.live_at = max(now, post.live_at or now)  # lists, feeds and sitemaps change
        post.save(update_fields=["settled", "is_blocked", "live_at"])
    return post


def live_defects(post: Post) -> tuple[Finding, ...]:
    """Blocking defects of the live text that nobody has settled."""
    if post.live_revision is None:
        return ()
    content = replace(Content.from_json(post.live_revision.content), slug=post.slug)
    return content.blocking_defects(besides=post.settled_codes)


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
