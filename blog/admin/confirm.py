"""Confirmation pages before a post is withdrawn, unscheduled, listed with its defects, discarded, restored from the trash or sent back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from blog.admin.actions import act_on_post
from blog.admin.editor import post_for, situation
from blog.admin.fields import MomentField
from blog.admin.history import page_about
from blog.admin.post_form import without_nul
from blog.editorial import permissions, publishing
from blog.editorial.actors import signed_in
from blog.models import Post

CONFIRMATIONS = {
    "withdraw": (
        "記事を取り下げる",
        "読者には見えなくなり、URLでは取り下げたことと理由（410）を示します。本文と履歴は残り、あとで公開し直せます。",
    ),
    "settle": (
        "このまま載せる",
        "下の点を直さずに、一覧・検索・フィードにも出します。誰がいつ決めたかが残ります。同じ点では、次の版も止まりません。",
    ),
    "unschedule": ("予約を取り消す", "予約した公開・更新・公開終了を取り消します。本文と履歴は残ります。"),
    "discard": (
        "ゴミ箱に入れる",
        f"一覧から消えます。{publishing.BIN_DAYS}日のあいだは「ゴミ箱」から戻せます。",
    ),
    "restore_from_trash": ("ゴミ箱から戻す", "一覧に戻ります。"),
}
"""Action → heading and explanation of the confirmation page."""


class WithdrawForm(forms.Form):
    """Form for withdrawing a post: when, and the reason that readers are shown."""

    when = forms.ChoiceField(
        label="いつ",
        choices=[("now", "今すぐ"), ("later", "日時を指定")],
        initial="now",
        widget=forms.RadioSelect,
    )
    at = MomentField(
        label="公開を終える日時（日本時間）", required=False, help_text="2026-12-01 18:00 の形で入れます。"
    )
    reason = forms.CharField(
        label="読者に示す理由（必須）",
        max_length=200,
        error_messages={"required": "読者に示す、取り下げの理由を書いてください。"},
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, post: Post, now: datetime) -> None:
        planned = {"when": "later", "at": post.withdrawn_at, "reason": post.withdrawn_reason}
        super().__init__(data, label_suffix="", initial=planned if post.withdrawn_at else {})
        self.now = now

    def clean(self) -> dict[str, Any]:
        """Set `at`, None for now. A time together with 「今すぐ」 is contradictory and refused."""
        cleaned = self.cleaned_data
        later, at = cleaned.get("when") == "later", cleaned.get("at")
        if "at" in self.errors:
            return cleaned
        if later and at is None:
            self.add_error("at", "公開を終える日時を入れてください。")
        elif later and at and at <= self.now:
            self.add_error("at", "過ぎた日時です。これからの日時を入れるか、「今すぐ」を選んでください。")
        elif at and not later:
            self.add_error("at", "日時が入っています。「日時を指定」を選ぶか、日時を消してください。")
        return cleaned


class SendBackForm(forms.Form):
    """Form for sending a revision back: the reason for its writer."""

    reason = forms.CharField(
        label="差し戻す理由（必須）",
        max_length=2000,
        help_text="何を直せばよいかを書きます。記事の画面、版の履歴、書いた人の最初の画面に出ます。読者には見えません。",
        error_messages={"required": "差し戻す理由を書いてください。書いた人には、これだけが手がかりです。"},
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data and without_nul(data), label_suffix="")


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Confirm and execute an action on the whole post: withdraw, settle, unschedule, discard, restore."""
    post = post_for(signed_in(request.user), pk)
    editing = situation(request, post)
    permissions.require(editing.permits(verb), "この操作をする")
    error, form = "", None
    if verb == "withdraw":
        form = WithdrawForm(request.POST or None, post=post, now=editing.now)
    if request.method == "POST" and (form is None or form.is_valid()):
        details = {name: form.cleaned_data[name] for name in ("at", "reason")} if form else {}
        if verb == "settle":
            details["shown"] = request.POST.get("shown", "").split(",")
        try:
            message = act_on_post(verb, post, by=editing.by, now=editing.now, **details)
        except publishing.WrongState as refusal:
            error, post = str(refusal), post_for(editing.by, pk)
        else:
            messages.success(request, message)
            return (
                redirect("admin:blog_post_changelist")
                if verb == "discard"
                else redirect("admin:blog_post_change", pk)
            )
    found = publishing.live_defects(post) if verb == "settle" else ()
    return page_about(
        request,
        "confirm",
        post,
        title=CONFIRMATIONS[verb][0],
        verb=verb,
        error=error,
        form=form,
        explanation=CONFIRMATIONS[verb][1],
        defects=found,
        shown=",".join(dict.fromkeys(defect.code for defect in found)),
    )


@require_http_methods(["GET", "POST"])
def send_back(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Ask for the reason, then send exactly this revision back to its writer."""
    post = post_for(signed_in(request.user), pk)
    revision = get_object_or_404(post.revisions, number=number)
    editing = situation(request, post)
    permissions.require(editing.permits("send_back"), "差し戻す")
    form, error = SendBackForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            publishing.send_back(revision=revision, by=editing.by, now=editing.now, reason=reason)
        except publishing.WrongState as refusal:
            error = str(refusal)
            newest = Post.objects.get(pk=pk).working
            if newest.number != number:  # keep what was typed on the newest revision's page
                number = newest.number
                error += "理由は残してあります。読んでから、もう一度押してください。"
        else:
            messages.success(
                request, f"第{number}版を差し戻しました。理由は、書いた人の最初の画面にも出ます。"
            )
            return redirect("admin:blog_post_change", pk)
    return page_about(
        request,
        "confirm",
        post,
        title=f"第{number}版を差し戻す",
        verb="send_back",
        error=error,
        form=form,
        action=reverse("admin:blog_post_send_back", args=[pk, number]),
        explanation="段階が「差し戻し」になります。直して「校閲に出す」を押すまで、理由が記事の画面に残ります。",
    )
