"""Editor actions on a post: which buttons a user sees, and what they do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.utils import timezone

from blog.editorial import permissions, publishing
from blog.editorial.actors import Actor, Person
from blog.models import Post, Revision, SiteSettings

FOUR_EYES = (
    "この版にはあなたの書いたところがあるので、あなたは校閲を通せず、公開もできません。"
    "通せるのは、書いていない編集者か編集長です。「校閲に出す」で頼んでください。"
)
NOBODY_YET = "公開するには、先に校閲を通してもらいます。「校閲に出す」で頼んでください。通せるのは、編集者か編集長です。"
USUAL_HOURS = ((6, 0), (8, 30), (12, 0), (15, 30), (18, 0))
"""Suggested publication times (hour, minute): peak reading times, and around the hours of the Tokyo stock exchange."""


@dataclass(frozen=True)
class EditorContext:
    """A user editing a post (None: a new one) at a given time: permissions, buttons, schedule."""

    by: Person
    post: Post | None
    site: SiteSettings
    now: datetime

    @cached_property
    def may_publish(self) -> bool:
        return permissions.may_publish(self.by, self.post, self.site)

    @cached_property
    def may_review(self) -> bool:
        return permissions.may_review(self.by)

    def permits(self, verb: str) -> bool:
        """Whether the user has the permission for `verb`; whether the state allows it, `publishing` checks."""
        if verb in ("publish", "replace", "settle", "unschedule", "withdraw"):
            return self.may_publish
        if verb in ("approve", "send_back"):
            return self.may_review
        if verb == "discard":
            return self.post is not None and permissions.may_discard(self.by, self.post)
        return verb in ("save", "submit", "withdraw_request", "restore_from_trash")

    @property
    def coming_hours(self) -> list[datetime]:
        """Suggested publication times for a schedule: the next `USUAL_HOURS`."""
        today = timezone.localtime(self.now).replace(second=0, microsecond=0)
        days = (today, today + timedelta(days=1), today + timedelta(days=2))
        hours = [day.replace(hour=hour, minute=minute) for day in days for hour, minute in USUAL_HOURS]
        return [hour for hour in hours if hour > self.now][: len(USUAL_HOURS)]

    @cached_property
    def may_send_out(self) -> bool:
        """Whether review allows the user to publish the working text unchanged; changed by the user, it may need approval."""
        if not self.may_publish:
            return False
        if self.post is None:
            return not self.site.four_eyes
        return permissions.may_send_out(self.by, self.post.working, self.site)

    @property
    def four_eyes(self) -> str:
        """Who can publish the text, in words, when the user may publish but four-eyes review prevents it."""
        return FOUR_EYES if self.may_review else NOBODY_YET

    @cached_property
    def planned_release(self) -> PlannedRelease | None:
        """Scheduled publication, if it is still to come; an overdue one is shown as failing (`is_failing`)."""
        planned = self.post and publishing.planned_release(self.post, now=self.now)
        return PlannedRelease(*planned, now=self.now) if planned and planned[1] > self.now else None

    @property
    def may_replace(self) -> bool:
        """Whether the user may replace the scheduled revision by the working text, which differs from it."""
        return self.left_behind and self.may_send_out

    @property
    def left_behind(self) -> bool:
        """Whether the scheduled revision is older than the working text."""
        planned = self.planned_release
        return bool(planned and self.post and planned.revision.pk != self.post.latest_revision_id)

    @cached_property
    def returned(self) -> Revision | None:
        """Revision that was sent back last, until the text is submitted again."""
        if self.post is None or self.post.stage != Post.Stage.RETURNED:
            return None
        sent_back = self.post.revisions.filter(returned_at__isnull=False).defer("content")
        return sent_back.select_related("returned_by").order_by("-returned_at", "-number").first()

    @property
    def form_buttons(self) -> list[tuple[str, str]]:
        """Buttons that save the form first: (verb, label)."""
        post = self.post
        if post and post.trashed_at:
            return []
        buttons = [("save", "保存")]
        latest = post.latest_revision if post else None
        in_review = latest is not None and latest.stage == Post.Stage.REVIEW
        if not in_review:
            buttons.append(("submit", "校閲に出す"))
        elif latest and permissions.may_approve(self.by, latest, self.site):
            buttons.append(("approve", "校閲を通す"))
        if self.may_review and post and latest and (in_review or latest.is_approved):
            out = (post.live_revision_id, post.next_revision_id)
            buttons += [("send_back", "差し戻す")] if latest.pk not in out else []
        if in_review:
            buttons.append(("withdraw_request", "校閲の依頼を取り消す"))
        if self.may_send_out:
            buttons.append(("publish", self.publish_label))
        return buttons

    @property
    def page_buttons(self) -> list[tuple[str, str]]:
        """Buttons that do not change the text: (verb, label)."""
        post, now = self.post, self.now
        if not post:
            return []
        if post.trashed_at:
            return [("restore_from_trash", "ゴミ箱から戻す")]
        buttons = []
        if self.may_publish:
            if post.is_blocked and not post.is_withdrawn(now):
                buttons.append(("settle", "このまま載せる"))
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

    def is_out(self, revision: Revision) -> bool:
        """Whether readers see `revision` now."""
        return self.is_public and self.post is not None and self.post.live_revision_id == revision.pk

    @property
    def ends_at(self) -> datetime | None:
        """Time of the scheduled withdrawal, if there is one."""
        end = self.post and self.post.withdrawn_at
        return end if end and end > self.now else None

    @property
    def publish_label(self) -> str:
        if self.is_public:
            return "更新へ進む"
        if self.post and self.post.is_withdrawn(self.now):
            return "もう一度公開へ進む"
        return "公開へ進む"

    def still_planned(self, revision: Revision) -> str:
        """Warning that another revision than the one just saved is scheduled; else empty."""
        if not self.planned_release or self.planned_release.revision.pk == revision.pk:
            return ""
        return f"{self.planned_release.sentence}第{revision.number}版は出ません。"


@dataclass(frozen=True)
class PlannedRelease:
    """A scheduled revision and its publication time."""

    revision: Revision
    at: datetime
    now: datetime

    @property
    def hour(self) -> str:
        return in_few_words(self.at, now=self.now)

    @property
    def sentence(self) -> str:
        return f"{self.hour} に出るのは第{self.revision.number}版です。"


TEXT_VERBS = ("save", "submit", "withdraw_request", "approve", "send_back", "publish", "replace")
"""Actions that are sent together with the form; the other actions have their own pages."""
LEADING_ON = ("send_back", "publish")
"""Actions among `TEXT_VERBS` that save, and then continue on a confirmation page for exactly that revision."""


def act_on_revision(
    verb: str,
    revision: Revision,
    *,
    by: Actor,
    now: datetime,
    at: datetime | None = None,
    announce: bool = True,
    settle: bool = False,
    shown: Collection[str] | None = None,
    seen: str | None = None,
) -> str:
    """Execute the action `verb` on exactly this revision; returns the message for the user. Raises what `publishing` raises.

    `shown`: the codes of the defects that were shown. `seen`: the `state_token` that the decision to publish was based on.
    """
    number = revision.number
    match verb:
        case "submit":
            publishing.submit(revision=revision, by=by)
            return f"第{number}版を校閲に出しました。"
        case "withdraw_request":
            publishing.withdraw_request(revision=revision, by=by)
            return f"第{number}版の校閲の依頼を取り消しました。"
        case "approve":
            publishing.approve(revision=revision, by=by, now=now)
            return f"第{number}版の校閲を通しました。"
        case "replace":
            hour = publishing.replace_planned(revision=revision, by=by, now=now)
            return f"{in_few_words(hour, now=now)} に出る版を、第{number}版に差し替えました。"
        case "publish":
            if is_old_news(revision, announce=announce, now=now):
                raise publishing.WrongState(OLD_NEWS)
            publishing.publish(
                revision=revision,
                by=by,
                now=now,
                at=at,
                announce=announce,
                settle=settle,
                shown=shown,
                seen=seen,
            )
            if at and at > now:
                return f"{in_words(at)} に第{number}版が出ます。"
            if at:
                return f"第{number}版を、{in_words(at)} の記事として公開しました。もう読者に見えています。"
            return f"第{number}版を公開しました。"
    raise ValueError(verb)


def insist_on_readiness(revision: Revision, *, by: Actor, now: datetime) -> None:
    """Raise NotReady when `revision` could not be published now. (Of blocking defects the publish page asks.)"""
    content = publishing.addressed(revision, at=now, now=now)
    if problems := publishing.check_ready(content, post=revision.post, by=by, settles=True):
        raise publishing.NotReady(problems)


OLD_NEWS = "この版は、もう読者に見えています。変えたところはありません。"


def is_old_news(revision: Revision, *, announce: bool, now: datetime) -> bool:
    """Whether `revision` is already live and announced, so that publishing it again would repeat it in feeds.

    A revision that went live unannounced may still be announced. A first publication counts as announced, even backdated.
    """
    post = revision.post
    if post.live_revision_id != revision.pk or not post.is_published(now):
        return False
    announced_at, live_at = post.updated_at or post.published_at, post.live_at
    in_silence = (
        revision.number > 1 and announced_at is not None and live_at is not None and announced_at < live_at
    )
    return not (announce and in_silence)


def in_words(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y年%-m月%-d日 %H:%M}"


def in_few_words(at: datetime, *, now: datetime) -> str:
    """Format a time for editors, without the year if it is the current one."""
    local = timezone.localtime(at)
    year = "" if local.year == timezone.localtime(now).year else f"{local.year}年"
    return f"{year}{local.month}月{local.day}日 {local.hour}:{local:%M}"


def act_on_post(
    verb: str,
    post: Post,
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
    at: datetime | None = None,
    shown: Collection[str] | None = None,
) -> str:
    """Execute the action `verb` on the post as a whole; returns the message for the user. Raises what `publishing` raises.

    `shown` as in `publishing.settle`.
    """
    match verb:
        case "unschedule":
            publishing.unschedule(post=post, by=by, now=now)
            return "予約を取り消しました。"
        case "settle":
            publishing.settle(post=post, by=by, now=now, shown=shown)
            return "このまま載せました。一覧・検索・フィードにも出ます。"
        case "withdraw":
            publishing.withdraw(post=post, by=by, now=now, reason=reason, at=at)
            if at:
                return f"{in_words(at)} に公開を終えます。それまでは読めます。"
            return "取り下げました。読者には、取り下げたことと理由が示されます。"
        case "discard":
            publishing.discard(post=post, by=by, now=now)
            return f"ゴミ箱に入れました。{publishing.BIN_DAYS}日のあいだ戻せます。"
        case "restore_from_trash":
            publishing.restore_from_trash(post=post, by=by)
            return "ゴミ箱から戻しました。"
    raise ValueError(verb)
