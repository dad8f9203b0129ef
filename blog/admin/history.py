"""What has become of a post: its revisions, any two of them compared, and old ones brought back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from blog import desk, publishing
from blog.admin.compare import compare
from blog.admin.editor import REFUSALS, post_for, situation
from blog.admin.forms import WithdrawForm
from blog.admin.verbs import act_on_post, act_on_revision
from blog.content import Content
from blog.models import Post, Revision

REVISIONS = 200
"""As many as one page lists; older ones keep their addresses."""


def history(request: HttpRequest, pk: int) -> HttpResponse:
    """All revisions of a post."""
    post = post_for(request.user, pk)
    revisions = post.revisions.select_related("by", "approved_by", "base").defer("content", "base__content")
    return _page(request, "history", post, title="版の履歴", revisions=revisions[:REVISIONS])


@require_http_methods(["GET", "POST"])
def revision(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One revision: what changed in it, and restoring, passing or publishing exactly this one."""
    post = post_for(request.user, pk)
    shown = get_object_or_404(
        Revision.objects.select_related("by", "approved_by", "post"), post=post, number=number
    )
    here = situation(request, post)
    if request.method == "POST":
        verb = request.POST.get("verb", "")
        desk.insist(verb == "restore" or here.permits(verb), "この操作をする")
        try:
            if verb == "restore":
                restored = publishing.restore(post=post, revision=shown, by=request.user, now=here.now)
                messages.success(
                    request,
                    f"第{number}版の内容を第{restored.number}版として戻しました。公開はしていません。",
                )
            elif verb in ("approve", "publish"):
                messages.success(request, act_on_revision(verb, shown, by=request.user, now=here.now))
            else:
                messages.error(request, "知らない操作です。")
        except (publishing.NotReady, *REFUSALS) as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:blog_post_revision", pk, number)
        return redirect("admin:blog_post_change", pk)
    other = _compared_with(request.GET.get("with", ""), post, shown)
    older, newer = sorted([other or shown, shown], key=lambda revision: revision.number)
    before = Content.from_json(older.content) if other else Content()
    return _page(
        request,
        "revision",
        post,
        title=f"第{number}版",
        shown=shown,
        older=older if other else None,
        newer=newer,
        comparison=compare(before, Content.from_json(newer.content)),
        here=here,
        may_approve=not shown.is_approved and desk.may_approve(request.user, shown, here.site),
        is_live=shown.pk == post.live_revision_id,
        is_latest=shown.pk == post.latest_revision_id,
        numbers=list(post.revisions.exclude(pk=shown.pk).values_list("number", flat=True)[:REVISIONS]),
        live_number=post.live_revision and post.live_revision.number,
    )


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Ask, then do what concerns the whole post: withdraw, unschedule, discard, take back."""
    post = post_for(request.user, pk)
    here = situation(request, post)
    desk.insist(here.permits(verb), "この操作をする")
    error, form = "", None
    if verb == "withdraw":
        form = WithdrawForm(request.POST or None, post=post, now=here.now)
    if request.method == "POST" and (form is None or form.is_valid()):
        details = {name: form.cleaned_data[name] for name in ("at", "reason")} if form else {}
        try:
            told = act_on_post(verb, post, by=request.user, now=here.now, **details)
        except publishing.WrongState as refusal:
            error = str(refusal)
        else:
            messages.success(request, told)
            return (
                redirect("admin:blog_post_changelist")
                if verb == "discard"
                else redirect("admin:blog_post_change", pk)
            )
    return _page(
        request,
        "confirm",
        post,
        title=CONFIRMATIONS[verb][0],
        verb=verb,
        error=error,
        form=form,
        explanation=CONFIRMATIONS[verb][1],
    )


CONFIRMATIONS = {
    "withdraw": (
        "記事を取り下げる",
        "読者には見えなくなり、URLでは取り下げたことと理由（410）を示します。本文と履歴は残り、あとで公開し直せます。",
    ),
    "unschedule": ("予約を取り消す", "予約した公開・更新・公開終了を取り消します。本文と履歴は残ります。"),
    "discard": (
        "ゴミ箱に入れる",
        f"一覧から消えます。{publishing.BIN_DAYS}日のあいだは「ゴミ箱」から戻せます。",
    ),
    "take_back": ("ゴミ箱から戻す", "一覧に戻ります。"),
}
"""Verb → heading, and what will happen, in words."""


def _compared_with(asked: str, post: Post, shown: Revision) -> Revision | None:
    """The revision that `asked` names: a number, "live", or nothing for the one before."""
    others = post.revisions.exclude(pk=shown.pk)
    live = post.live_revision
    if asked == "live" and live:
        return others.filter(number=live.number).first()
    if asked.isascii() and asked.isdigit() and len(asked) < 10:
        return get_object_or_404(others, number=int(asked))
    return others.filter(number__lt=shown.number).first()


def _page(request: HttpRequest, template: str, post: Post, **context: Any) -> TemplateResponse:
    return TemplateResponse(
        request,
        f"admin/blog/post/{template}.html",
        {
            **admin.site.each_context(request),
            "opts": Post._meta,
            "original": post,
            "subtitle": post.working_title or "（無題）",
            **context,
        },
    )
