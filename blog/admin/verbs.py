"""The buttons of the desk: which of them a person is shown for a post, and what pressing them does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils import timezone

from blog import desk, publishing
from blog.models import Post, Revision, SiteSettings

USUAL_HOURS = ((6, 0), (8, 30), (12, 0), (15, 30), (18, 0))
"""When readers look, and before and after the hours of the Tokyo stock exchange."""


@dataclass(frozen=True)
class Situation:
    """Somebody in front of a post (None: a new one)."""

    user: Any
    post: Post | None
    site: SiteSettings
    now: datetime

    @cached_property
    def may_publish(self) -> bool:
        return desk.may_publish(self.user, self.post, self.site)

    @cached_property
    def may_approve(self) -> bool:
        return self.user.has_perm("blog.approve_post")

    def permits(self, verb: str) -> bool:
        """Whether the person may do this at all; whether it makes sense now is for `publishing` to say."""
        if verb in ("publish", "schedule", "unschedule", "withdraw"):
            return self.may_publish
        if verb in ("approve", "send_back"):
            return self.may_approve
        if verb == "discard":
            return self.user.has_perm("blog.delete_post")
        return verb in ("save", "submit", "take_back")

    @property
    def coming_hours(self) -> list[datetime]:
        """The next moments at which articles usually go out, to choose one for a schedule."""
        today = timezone.localtime(self.now).replace(second=0, microsecond=0)
        days = (today, today + timedelta(days=1), today + timedelta(days=2))
        hours = [day.replace(hour=hour, minute=minute) for day in days for hour, minute in USUAL_HOURS]
        return [hour for hour in hours if hour > self.now][: len(USUAL_HOURS)]

    @property
    def form_buttons(self) -> list[tuple[str, str]]:
        """Verb and label of the buttons that save the form first."""
        post, now = self.post, self.now
        if post and post.binned_at:
            return []
        buttons = [("save", "保存")]
        latest = post.latest_revision if post else None
        if not latest or latest.stage != Post.Stage.REVIEW:
            buttons.append(("submit", "校閲に出す"))
        elif desk.may_approve(self.user, latest, self.site):
            buttons.append(("approve", "校閲を通す"))
        if self.may_approve and post and latest and latest.stage != Post.Stage.WRITING:
            out = (post.live_revision_id, post.next_revision_id)
            buttons += [("send_back", "差し戻す")] if latest.pk not in out else []
        if self.may_publish:
            buttons.append(("publish", self.publish_label))
            if not (post and post.is_withdrawn(now)):
                buttons.append(
                    ("schedule", "日時を指定して公開" if not self.is_public else "日時を指定して更新")
                )
        return buttons

    @property
    def page_buttons(self) -> list[tuple[str, str]]:
        """Verb and label of the buttons that leave the text alone."""
        post, now = self.post, self.now
        if not post:
            return []
        if post.binned_at:
            return [("take_back", "ゴミ箱から戻す")]
        buttons = []
        if self.may_publish:
            if post.is_scheduled(now) or post.next_at or self.ends_at:
                buttons.append(("unschedule", "予約を取り消す"))
            if self.is_public:
                buttons.append(("withdraw", "取り下げる"))
        if not post.live_revision_id and self.permits("discard"):
            buttons.append(("discard", "ゴミ箱へ"))
        return buttons

    @property
    def is_public(self) -> bool:
        return self.post is not None and self.post.is_published(self.now)

    @property
    def ends_at(self) -> datetime | None:
        """When readers will see the post no more, if that is planned."""
        end = self.post and self.post.withdrawn_at
        return end if end and end > self.now else None

    @property
    def publish_label(self) -> str:
        if self.is_public:
            return "この版に更新する"
        if self.post and self.post.is_withdrawn(self.now):
            return "もう一度公開する"
        return "公開する"


TEXT_VERBS = ("save", "submit", "approve", "send_back", "publish", "schedule")
"""What may be done with a text that is being saved; the other verbs have pages of their own."""


def act_on_revision(
    verb: str,
    revision: Revision,
    *,
    by: Any,
    now: datetime,
    at: datetime | None = None,
    tell: bool = True,
    note: str = "",
) -> str:
    """Do `verb` with exactly this revision; returns what to tell. Raises what `publishing` raises."""
    match verb:
        case "submit":
            publishing.submit(revision=revision, by=by)
            return f"第{revision.number}版を校閲に出しました。"
        case "approve":
            publishing.approve(revision=revision, by=by, now=now)
            return f"第{revision.number}版の校閲を通しました。"
        case "send_back":
            publishing.send_back(revision=revision, by=by, note=note)
            return f"第{revision.number}版を差し戻しました。"
        case "publish" | "schedule":
            if not at and _is_old_news(revision, tell=tell, now=now):
                raise publishing.WrongState("この版は、もう読者に見えています。変えたところはありません。")
            publishing.publish(revision=revision, by=by, now=now, at=at, tell_readers=tell)
            if at and at > now:
                return f"{in_words(at)} に第{revision.number}版が出ます。"
            if at:
                return f"第{revision.number}版を、{in_words(at)} の記事として公開しました。もう読者に見えています。"
            return f"第{revision.number}版を公開しました。"
    raise ValueError(verb)


def _is_old_news(revision: Revision, *, tell: bool, now: datetime) -> bool:
    """Whether readers see `revision` already, and nothing of it is left to be told: feeds would show it again.

    What went live in silence may still be told. A first revision has been, however far it was dated back.
    """
    post = revision.post
    if post.live_revision_id != revision.pk or not post.is_published(now) or post.next_at:
        return False
    told_at, live_at = post.updated_at or post.published_at, post.live_at
    in_silence = revision.number > 1 and told_at is not None and live_at is not None and told_at < live_at
    return not (tell and in_silence)


def in_words(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y年%-m月%-d日 %H:%M}"


def act_on_post(
    verb: str, post: Post, *, by: Any, now: datetime, reason: str = "", at: datetime | None = None
) -> str:
    """Do `verb` with the post, whatever its text; returns what to tell. Raises what `publishing` raises."""
    match verb:
        case "unschedule":
            publishing.unschedule(post=post, by=by, now=now)
            return "予約を取り消しました。"
        case "withdraw":
            publishing.withdraw(post=post, by=by, now=now, reason=reason, at=at)
            if at:
                return f"{in_words(at)} に公開を終えます。それまでは読めます。"
            return "取り下げました。読者には、取り下げたことと理由が示されます。"
        case "discard":
            publishing.discard(post=post, by=by, now=now)
            return f"ゴミ箱に入れました。{publishing.BIN_DAYS}日のあいだ戻せます。"
        case "take_back":
            publishing.take_back(post=post, by=by)
            return "ゴミ箱から戻しました。"
    raise ValueError(verb)
