"""The page on which a post is written. Every button saves first, so that nothing typed depends on what follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from blog import desk, publishing
from blog.addresses import AddressTaken
from blog.admin.compare import Comparison, compare
from blog.admin.forms import PostForm
from blog.admin.verbs import TEXT_VERBS, Situation, act_on_revision
from blog.content import Content
from blog.models import Post, Revision, SiteSettings
from blog.querysets import LARGE_COLUMNS
from blog.reading import related_only_in_text

REFUSALS = (publishing.WrongState, AddressTaken, PermissionDenied)
SAVED = "saved"
"""Marks the message by which `keeping.js` knows that the browser's own copy has done its duty."""


def post_for(user: Any, pk: int) -> Post:
    """The post, for somebody who may edit it. Raises Http404, PermissionDenied."""
    posts = Post.objects.select_related("latest_revision__by", "live_revision", "assignee")
    post = get_object_or_404(posts.defer("live_revision__content", *LARGE_COLUMNS), pk=pk)
    desk.insist(desk.may_edit(user, post), "この記事を編集する")
    return post


def latest_content(post: Post | None) -> Content:
    return Content.from_json(post.latest_revision.content) if post and post.latest_revision else Content()


def situation(request: HttpRequest, post: Post | None) -> Situation:
    return Situation(user=request.user, post=post, site=SiteSettings.objects.get(pk=1), now=timezone.now())


@dataclass
class Conflict:
    """What the editor must know when somebody else wrote in the same places."""

    theirs: Revision
    comparison: Comparison


def edit(request: HttpRequest, post: Post | None) -> HttpResponse:
    """Show and take the form."""
    here = situation(request, post)
    if request.method == "POST":
        return _take(request, here)
    content, base, draft = latest_content(post), post and post.latest_revision, None
    if post:
        draft = post.drafts.filter(editor_id=request.user.pk).select_related("base").first()
        if draft and "draft" in request.GET:
            content, base, draft = Content.from_json(draft.content), draft.base or base, None
    form = PostForm(
        by=request.user,
        post=post,
        content=content,
        base=base and base.pk,
        assignee=post.assignee_id if post else request.user.pk,
    )
    return _page(request, here, form, draft=draft)


def _take(request: HttpRequest, here: Situation) -> HttpResponse:
    post, user, now = here.post, here.user, here.now
    verb = request.POST.get("verb", "save")
    desk.insist(verb in TEXT_VERBS and here.permits(verb), "この操作をする")
    form = PostForm(request.POST, by=user, post=post, content=latest_content(post))
    if not form.is_valid() or not _time_is_clear(form, verb, post, now):
        messages.error(request, "まだ保存していません。赤い印の欄を直してください。")
        return _page(request, here, form)
    typed = Content.from_form(form.cleaned_data, base=form.content)
    try:
        post, revision = _save(form, typed, post=post, by=user, now=now)
    except publishing.EditConflict as conflict:
        comparison = compare(
            Content.from_json(conflict.theirs.content), conflict.merged, only=conflict.fields
        )
        form = PostForm.again(
            request.POST, by=user, post=conflict.theirs.post, content=conflict.merged, base=conflict.theirs
        )
        return _page(request, here, form, conflict=Conflict(conflict.theirs, comparison))

    if missing := related_only_in_text(typed, now=now):
        told = f"本文の「関連記事」「あわせて読みたい」の一覧はページに出ません。「関連記事」の欄に入れてください：{'、'.join(missing)}"
        messages.warning(request, told, extra_tags=SAVED)
    if Content.from_json(revision.content) != typed:
        # Somebody else's words are in it now. Nobody passes or publishes what they have not seen.
        told = f"ほかの人の変更と合わせて、第{revision.number}版として保存しました。内容を確かめてください。"
        told += "" if verb == "save" else "よければ、もう一度ボタンを押してください。"
        messages.warning(request, told, extra_tags=SAVED)
    elif verb == "save":
        is_new = here.post is None or revision.pk != here.post.latest_revision_id
        told = f"第{revision.number}版を保存しました。" if is_new else "変更はありません。"
        messages.success(request, told, extra_tags=SAVED)
    elif problem := _act(request, verb, revision, form, now=now):
        form = PostForm.again(request.POST, by=user, post=post, content=typed, base=revision)
        for name, sentences in problem.items():
            for sentence in sentences:
                form.add_error(name if name in form.fields else None, sentence)
        return _page(request, situation(request, post_for(user, post.pk)), form, saved=True)
    return redirect("admin:blog_post_change", post.pk)


def _act(
    request: HttpRequest, verb: str, revision: Revision, form: PostForm, *, now: datetime
) -> publishing.Problems:
    """Do what the button says with the revision just saved; what keeps it from being done, if anything does."""
    cleaned = form.cleaned_data
    try:
        told = act_on_revision(
            verb,
            revision,
            by=request.user,
            now=now,
            at=cleaned["publish_at"],
            tell=cleaned["tell_readers"],
            note=cleaned["note"],
        )
    except publishing.NotReady as not_ready:
        messages.error(request, "保存はしました。公開するには、赤い印の欄を直してください。")
        return not_ready.problems
    except REFUSALS as refusal:
        messages.error(request, "保存はしましたが、続きはできませんでした。")
        return {"": [str(refusal)]}
    messages.success(request, told, extra_tags=SAVED)
    return {}


def _save(
    form: PostForm, typed: Content, *, post: Post | None, by: Any, now: datetime
) -> tuple[Post, Revision]:
    cleaned, is_new = form.cleaned_data, post is None
    if post is None:
        post = publishing.create(content=typed, by=by, now=now)
        revision = post.revisions.get()
    else:
        revision = publishing.save(
            post=post, content=typed, by=by, now=now, base=cleaned["base"], note=cleaned["note"]
        )
    if "assignee" in form.changed_data or (is_new and cleaned["assignee"]):
        publishing.assign(post=post, to=cleaned["assignee"], by=by)
    return post, revision


def _time_is_clear(form: PostForm, verb: str, post: Post | None, now: datetime) -> bool:
    """A forgotten or mistyped time must not publish at the wrong moment: only 「公開する」 dates back."""
    at = form.cleaned_data["publish_at"]
    was_public = post is not None and post.was_public(now)
    if verb == "schedule" and not at:
        form.add_error("publish_at", "公開する日時を入れてください。")
    elif verb == "schedule" and at <= now:
        told = "" if was_public else "過ぎた日時の記事としていま出すなら、「公開する」を押してください。"
        form.add_error("publish_at", f"過ぎた日時です。これからの日時を入れてください。{told}")
    elif verb == "publish" and at and at > now:
        form.add_error(
            "publish_at",
            "これからの日時が入っています。予約なら「日時を指定」のボタンを、いま出すなら日時を消してください。",
        )
    elif verb == "publish" and at and was_public:
        form.add_error("publish_at", "一度公開した記事の公開日時は変えられません。日時を消してください。")
    return not form.errors


def _page(request: HttpRequest, here: Situation, form: PostForm, **more: Any) -> TemplateResponse:
    post = here.post
    context = {
        **admin.site.each_context(request),
        "title": "記事を編集" if post else "新しい記事",
        "subtitle": post and (post.working_title or "（無題）"),
        "opts": Post._meta,
        "original": post,
        "here": here,
        "state": post and post.state(here.now),
        "form": form,
        "media": form.media,
        "services": services(post),
        "waiting": post and _approved_and_waiting(post),
        "arrived": post and _arrived_over_other_words(post),
        **more,
    }
    context["unsaved"] = form.is_bound and not more.get("saved")
    return TemplateResponse(request, "admin/blog/post/change_form.html", context)


def services(post: Post | None) -> dict[str, str]:
    """Where the scripts of the editor find their services: `data-` attributes."""
    names = {"tags": "admin:blog_post_tags", "images": "admin:blog_post_images"}
    found = {name: reverse(view) for name, view in names.items()}
    found["upload"] = settings.MARKDOWNX_UPLOAD_URLS_PATH
    found["preview"] = settings.MARKDOWNX_URLS_PATH + (f"?post={post.pk}" if post else "")
    if post:
        found["autosave"] = reverse("admin:blog_post_autosave", args=[post.pk])
    return found


def _approved_and_waiting(post: Post) -> Revision | None:
    """A revision that the desk passed and that is older than the working text."""
    approved = post.revisions.filter(stage=Post.Stage.APPROVED).defer("content").first()
    if not approved or approved.pk in (post.latest_revision_id, post.live_revision_id, post.next_revision_id):
        return None
    return approved if post.live_revision is None or approved.number > post.live_revision.number else None


def _arrived_over_other_words(post: Post) -> Revision | None:
    """The working text, when it came from a file, readers do not see it, and the desk had other words before."""
    latest = post.working
    is_file = latest.kind in (Revision.Kind.IMPORT, Revision.Kind.MERGE) or latest.by is None
    return latest if is_file and latest.base_id and latest.pk != post.live_revision_id else None
