"""Revision history of a post: list, comparison of two revisions, restore."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from blog.admin.actions import EditorContext, act_on_revision
from blog.admin.compare import compare
from blog.admin.editor import REFUSALS, post_for, situation
from blog.editorial import permissions, publishing
from blog.editorial.actors import signed_in
from blog.editorial.content import Content
from blog.models import Post, Revision

MAX_LISTED = 200
"""Maximum number of revisions listed on a page; older ones stay reachable by URL."""


def history(request: HttpRequest, pk: int) -> HttpResponse:
    """View: the revisions of a post."""
    post = post_for(signed_in(request.user), pk)
    revisions = post.revisions.select_related("by", "approved_by", "returned_by").defer("content")
    editing = situation(request, post)
    rows = [(revision, publication_label(revision, editing)) for revision in revisions[:MAX_LISTED]]
    return page_about(request, "history", post, title="版の履歴", rows=rows)


def publication_label(revision: Revision, editing: EditorContext) -> str:
    """Label for the publication state of a revision; "" when it is neither live nor scheduled."""
    post = editing.post
    if editing.planned_release and editing.planned_release.revision.pk == revision.pk:
        return f"{editing.planned_release.hour} に出る版"
    if post is None or post.live_revision_id != revision.pk:
        return ""
    return "取り下げた版" if post.is_withdrawn(editing.now) else "公開中の版"


@require_http_methods(["GET", "POST"])
def revision(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """View: one revision with its diff, and the buttons to restore, approve or publish exactly this one."""
    post = post_for(signed_in(request.user), pk)
    shown = get_object_or_404(
        Revision.objects.select_related("by", "approved_by", "returned_by", "post"), post=post, number=number
    )
    editing = situation(request, post)
    if request.method == "POST":
        verb = request.POST.get("verb", "")
        permissions.require(verb == "restore" or editing.permits(verb), "この操作をする")
        try:
            if verb == "restore":
                restored = publishing.restore_revision(
                    post=post, revision=shown, by=editing.by, now=editing.now
                )
                messages.success(
                    request,
                    f"第{number}版の内容を第{restored.number}版として戻しました。公開はしていません。"
                    + publishing.request_followed(restored)
                    + editing.still_planned(restored),
                )
            elif verb == "approve":
                messages.success(request, act_on_revision(verb, shown, by=editing.by, now=editing.now))
            else:
                messages.error(request, "知らない操作です。")
        except (publishing.NotReady, *REFUSALS) as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:blog_post_revision", pk, number)
        return redirect("admin:blog_post_change", pk)
    other = _compared_with(request.GET.get("with", ""), post, shown)
    older, newer = sorted([other or shown, shown], key=lambda revision: revision.number)
    before = Content.from_json(older.content) if other else Content()
    return page_about(
        request,
        "revision",
        post,
        title=f"第{number}版",
        shown=shown,
        older=older if other else None,
        newer=newer,
        comparison=compare(before, Content.from_json(newer.content)),
        editing=editing,
        may_approve=not shown.is_approved and permissions.may_approve(editing.by, shown, editing.site),
        place=publication_label(shown, editing),
        may_publish=editing.may_publish and not editing.is_out(shown) and not post.trashed_at,
        may_send_out=permissions.may_send_out(editing.by, shown, editing.site),
        is_latest=shown.pk == post.latest_revision_id,
        numbers=list(post.revisions.exclude(pk=shown.pk).values_list("number", flat=True)[:MAX_LISTED]),
        live_number=post.live_revision and post.live_revision.number,
    )


def _compared_with(asked: str, post: Post, shown: Revision) -> Revision | None:
    """Revision to compare with: `asked` is a number, "live", or empty for the previous one."""
    others = post.revisions.exclude(pk=shown.pk)
    live = post.live_revision
    if asked == "live" and live:
        return others.filter(number=live.number).first()
    if asked.isascii() and asked.isdigit() and len(asked) < 10:
        return get_object_or_404(others, number=int(asked))
    return others.filter(number__lt=shown.number).first()


def page_about(request: HttpRequest, template: str, post: Post, **context: Any) -> TemplateResponse:
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
