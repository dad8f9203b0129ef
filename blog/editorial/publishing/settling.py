"""Settling of blocking defects: an editor lists a post as it is (「このまま載せる」).

A published post with a blocking defect answers at its URL and is in no list (`PostQuerySet.listed`). Either a clean version
is published, or somebody who may publish settles the defect: its code is noted on the post with name and moment, and does
not block a later version. Another code blocks again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from blog.editorial import permissions
from blog.editorial.actors import Actor
from blog.editorial.changes import Kind, changing
from blog.editorial.content import Content
from blog.editorial.publishing.common import WrongState, log
from blog.models import Post, SiteSettings
from blog.text.findings import Finding


def settle(*, post: Post, by: Actor, now: datetime) -> Post:
    """Put a post into readers' lists although its live text has blocking defects."""
    permissions.require(
        permissions.may_publish(by, post, SiteSettings.objects.current(now)), "このまま載せる"
    )
    with changing([post], kind=Kind.SETTLED, actor=by, now=now) as change:
        post = change.locked(post)
        if post.live_revision is None or not post.is_blocked:
            raise WrongState("一覧に出ていない記事ではありません。")
        change.note = note_settled(post, live_defects(post), by=by, now=now)
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


def note_settled(post: Post, findings: Sequence[Finding], *, by: Actor, now: datetime) -> str:
    """Note on `post`, without saving it, and in its log that `by` settles these defects; returns the sentence of the log."""
    if not findings:
        return ""
    codes = dict.fromkeys(finding.code for finding in findings)
    post.settled = [*post.settled, *({"code": code, "by": by.name, "at": now.isoformat()} for code in codes)]
    sentence = f"このまま載せることにしました。{' '.join(finding.message_with_line for finding in findings)}"
    log(by, post, sentence)
    return sentence
