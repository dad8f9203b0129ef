"""Publish page: confirms what will be published, when and at which URL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from blog.admin import defects
from blog.admin.actions import OLD_NEWS, EditorContext, act_on_revision, is_old_news
from blog.admin.editor import REFUSALS, post_for, situation
from blog.admin.fields import MomentField
from blog.admin.history import page_about, publication_label
from blog.admin.post_form import without_nul
from blog.editorial import permissions, publishing
from blog.editorial.actors import signed_in
from blog.editorial.content import Content
from blog.editorial.content_fields import LABELS
from blog.editorial.imported_texts import imported_text
from blog.models import Revision

CHANGED_MEANWHILE = "このページを開いたあとに、記事の版か公開の状態が変わりました。まだ何もしていません。下を確かめて、もう一度押してください。"


class PublishForm(forms.Form):
    """Form for publishing a revision: when, and whether to announce it."""

    when = forms.ChoiceField(label="いつ", widget=forms.RadioSelect)
    at = MomentField(label="日時（日本時間）", required=False, help_text="2026-12-01 18:00 の形で入れます。")
    announce = forms.BooleanField(
        label="読者に更新を伝える",
        required=False,
        help_text="更新日を今にします。誤字の直しなら外します。予約した更新は、その時刻にいつも伝わります。",
    )
    settle = forms.BooleanField(
        label="このまま載せる",
        required=False,
        help_text="直さずに出します。誰がいつ決めたかが残ります。同じ点では、次の版も止まりません。",
    )
    shown = forms.CharField(required=False, widget=forms.HiddenInput)
    """Codes of the blocking defects that the page shows: no others are settled."""
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    """`state_token` of the post when the page was shown, to detect a change since."""

    def __init__(self, data: Any = None, *, editing: EditorContext, revision: Revision) -> None:
        self.defects = _content(revision, editing).blocking_defects(besides=revision.post.settled_codes)
        self.planned_at = editing.planned_release.at if editing.planned_release else None
        self.now, self.state_token = editing.now, publishing.state_token(revision.post)
        self.was_public = revision.post.was_public(editing.now)
        self.codes = ",".join(dict.fromkeys(defect.code for defect in self.defects))
        initial = {"when": "now", "announce": True, "seen": self.state_token, "shown": self.codes}
        if self.planned_at:
            initial |= {"when": "later", "at": self.planned_at}
        super().__init__(data and without_nul(data), label_suffix="", initial=initial)
        offered: dict[str, Any] = self.fields
        offered["when"].choices = [("now", "いますぐ")]
        if not revision.post.is_withdrawn(editing.now) and not editing.is_out(revision):
            offered["when"].choices += [("later", "日時を指定して予約する")]
        if not self.was_public:
            offered["when"].choices += [("past", "過ぎた日時の記事として、いますぐ")]
        offered["at"].widget.attrs["list"] = "coming-hours"
        if not editing.is_public:
            del self.fields["announce"]
        if not self.defects:
            del self.fields["settle"]

    def clean(self) -> dict[str, Any]:
        """Set `at`, None for now. A forgotten or mistyped time must not publish at the wrong moment."""
        cleaned = self.cleaned_data
        if self.defects and not cleaned.get("settle"):
            self.add_error("settle", "直してから公開するか、直さずに出すなら、ここに印を付けてください。")
        choice, at = cleaned.get("when"), cleaned.get("at")
        if choice == "now" and at and at == self.planned_at:
            at = cleaned["at"] = None  # a suggestion of ours, not typed
        if "at" in self.errors or choice is None:
            return cleaned
        coming = at is not None and at > self.now
        if choice == "now" and at:
            self.add_error(
                "at", "日時が入っています。いま出すなら日時を消し、そうでなければ上で選んでください。"
            )
        elif choice != "now" and at is None:
            self.add_error("at", "公開する日時を入れてください。")
        elif choice == "later" and not coming:
            message = "過ぎた日時です。これからの日時を入れてください。"
            if self.was_public:
                message += "一度公開した記事の公開日時は変えられません。"
            else:
                message += (
                    "過ぎた日時の記事としていま出すなら、上で「過ぎた日時の記事として」を選んでください。"
                )
            self.add_error("at", message)
        elif choice == "past" and coming:
            self.add_error(
                "at", "これからの日時です。予約なら、上で「日時を指定して予約する」を選んでください。"
            )
        return cleaned


@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """View: show what would be published, and publish it."""
    post = post_for(signed_in(request.user), pk)
    revision = get_object_or_404(post.revisions.select_related("by"), number=number)
    editing = situation(request, post)
    permissions.require(editing.permits("publish"), "公開する")
    refusal = _refusal(revision, editing)
    form = PublishForm(request.POST or None, editing=editing, revision=revision)
    if request.method == "POST" and not refusal and form.is_valid():
        try:
            message = act_on_revision(
                "publish",
                revision,
                by=editing.by,
                now=editing.now,
                at=form.cleaned_data["at"],
                announce=form.cleaned_data.get("announce", False),
                settle=form.cleaned_data.get("settle", False),
                shown=form.cleaned_data["shown"].split(","),
                seen=form.cleaned_data["seen"],
            )
        except publishing.ChangedMeanwhile:
            post = post_for(signed_in(request.user), pk)
            revision, editing = (
                post.revisions.select_related("by").get(pk=revision.pk),
                situation(request, post),
            )
            form = PublishForm(editing=editing, revision=revision)
            form = PublishForm(_seen_anew(request, form), editing=editing, revision=revision)
            form.is_valid()
            return _page(request, editing, revision, form, error=CHANGED_MEANWHILE)
        except (publishing.NotReady, *REFUSALS) as problem:
            return _page(request, editing, revision, form, error=str(problem))
        messages.success(request, message)
        return redirect("admin:blog_post_change", pk)
    return _page(request, editing, revision, form, refusal=refusal)


def _seen_anew(request: HttpRequest, standing: PublishForm) -> Any:
    """What was sent, as if it had been sent from the page as it is now: without a tick for other defects."""
    data = request.POST.copy()
    if data.get("shown") != standing.codes:
        data.pop("settle", None)
    data["seen"], data["shown"] = standing.state_token, standing.codes
    return data


def _refusal(revision: Revision, editing: EditorContext) -> str:
    """Reason why `revision` cannot be published, whatever is chosen on the page; "" when it can."""
    if revision.post.trashed_at:
        return "ゴミ箱の記事は公開できません。先に戻してください。"
    if is_old_news(revision, announce=True, now=editing.now):
        return OLD_NEWS
    if not permissions.may_send_out(editing.by, revision, editing.site):
        return editing.four_eyes
    return ""


def _page(
    request: HttpRequest,
    editing: EditorContext,
    revision: Revision,
    form: PublishForm,
    *,
    error: str = "",
    refusal: str = "",
) -> HttpResponse:
    post, live = revision.post, revision.post.live_revision
    content = _content(revision, editing, at=_chosen_at(form))
    found = defects.of_text(content, imported=imported_text(revision))
    problems = publishing.check_ready(content, post=post, by=editing.by, settles=True)
    before = Content.from_json(live.content) if live and live.pk != revision.pk else None
    changed = before.diff(Content.from_json(revision.content)) if before else {}
    return page_about(
        request,
        "publish",
        post,
        title=f"第{revision.number}版の{'更新' if editing.is_public else '公開'}",
        editing=editing,
        revision=revision,
        place=publication_label(revision, editing),
        live=live,
        live_place=publication_label(live, editing) if live else "",
        compared=before is not None,
        changed=[label for name, label in LABELS.items() if name in changed],
        path=content.path if content.slug else "",
        day_is_open=not (Content.from_json(revision.content).day or post.was_public(editing.now)),
        moves_from=post.path if post.was_public(editing.now) and post.path != content.path else "",
        headline=content.title,
        problems=[(one.field, LABELS[one.field], one.message_with_line) for one in problems],
        defects=form.defects,
        noticed=[finding for finding in found if not finding.is_blocking],
        form=form,
        error=error,
        refusal=refusal,
        labels=_labels(revision, editing),
    )


def _content(revision: Revision, editing: EditorContext, *, at: datetime | None = None) -> Content:
    return publishing.addressed(revision, at=at or editing.now, now=editing.now)


def _chosen_at(form: PublishForm) -> datetime | None:
    return form.cleaned_data.get("at") if form.is_bound and form.is_valid() else form.planned_at


def _labels(revision: Revision, editing: EditorContext) -> dict[str, str]:
    """Label of the submit button for each choice of `when`."""
    this = f"第{revision.number}版"
    if editing.is_out(revision):
        return {"now": f"{this}の更新を読者に伝える"}
    if editing.is_public:
        return {"now": f"{this}に更新する", "later": f"{this}への更新を予約する"}
    if revision.post.is_withdrawn(editing.now):
        return {"now": f"{this}をもう一度公開する"}
    return {
        "now": f"{this}を公開する",
        "later": f"{this}の公開を予約する",
        "past": f"{this}を過ぎた日時の記事として公開する",
    }
