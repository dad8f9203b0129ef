"""Editor page of a post. Every button saves first, so that nothing typed is lost if the action fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import resolve, reverse
from django.utils import timezone

from blog.admin import defects
from blog.admin.actions import LEADING_ON, TEXT_VERBS, EditorContext, act_on_revision, insist_on_readiness
from blog.admin.compare import Comparison, compare
from blog.admin.drafts import article_of, as_uuid, sent_draft
from blog.admin.post_form import PostForm
from blog.editorial import permissions, publishing
from blog.editorial.actors import Actor, signed_in
from blog.editorial.addresses import AddressTaken
from blog.editorial.content import Content
from blog.editorial.imported_texts import imported_text_of
from blog.models import Post, Revision, SiteSettings
from blog.public.post_page import related_only_in_text
from blog.querysets import LARGE_COLUMNS
from blog.text.findings import Code, Finding

REFUSALS = (publishing.WrongState, AddressTaken, PermissionDenied)
MEANWHILE = {
    "": "この記事は、開いているあいだに公開や予約が取り消されました。",
    "scheduled": "この記事は、開いているあいだに公開が予約されました。いま保存した版は、予約の版ではありません。",
    "public": "この記事は、開いているあいだに公開されました。いま保存した版は、まだ読者に見えていません。",
    "withdrawn": "この記事は、開いているあいだに取り下げられました。保存した版は、公開し直すまで読者に見えません。",
}
"""Warning that a colleague changed the state of the post while the form was open, by its new `visibility`."""


def visibility(post: Post | None, now: datetime) -> str:
    """Publication state of a post in one word, which the form sends back to detect a change."""
    if post is None or not post.live_revision_id:
        return ""
    if post.is_withdrawn(now):
        return "withdrawn"
    return "public" if post.is_published(now) else "scheduled"


def post_for(by: Actor, pk: int) -> Post:
    """Fetch a post that `by` may edit. Raises Http404, PermissionDenied."""
    posts = Post.objects.select_related("latest_revision__by", "live_revision", "next_revision", "assignee")
    unread = ("live_revision__content", "next_revision__content")
    post = get_object_or_404(posts.defer(*unread, *(set(LARGE_COLUMNS) - {"settled", "next_settled"})), pk=pk)
    permissions.require(permissions.may_edit(by, post), "この記事を編集する")
    return post


def latest_content(post: Post | None) -> Content:
    return Content.from_json(post.latest_revision.content) if post and post.latest_revision else Content()


def situation(request: HttpRequest, post: Post | None) -> EditorContext:
    now = timezone.now()
    return EditorContext(
        by=signed_in(request.user), post=post, site=SiteSettings.objects.current(now), now=now
    )


@dataclass
class Conflict:
    """Edit conflict as the editor page shows it: somebody else changed the same places."""

    theirs: Revision
    comparison: Comparison


def edit(request: HttpRequest, post: Post | None, *, key: UUID | None = None) -> HttpResponse:
    """View: show the editor form and process it. `key`: draft key of a new article, from the URL."""
    editing = situation(request, post)
    if request.method == "POST":
        response = _take(request, editing)
        return for_script(response) if is_script(request) else response
    latest, base = latest_content(post), post.latest_revision if post else None
    key = key or as_uuid(request.GET.get("draft", ""))
    drafts = publishing.open_drafts(post=post, by=editing.by)
    draft = next((draft for draft in drafts if draft.key == key), None)
    if draft:
        sent = publishing.SentDraft(key=draft.key, number=draft.number, tab=str(uuid4()))
        form = PostForm.restored(draft, by=editing.by, post=post, content=latest, base=draft.base or base)
    else:
        sent = publishing.SentDraft(key=(not post and key) or uuid4(), tab=str(uuid4()))
        form = PostForm(
            by=editing.by,
            post=post,
            content=latest,
            base=base and base.pk,
            assignee=post.assignee_id if post else request.user.pk,
        )
    return _page(
        request,
        editing,
        form,
        sent=sent,
        restored=draft,
        drafts=[other for other in drafts if other != draft],
    )


def new_article(request: HttpRequest, key: UUID) -> HttpResponse:
    """View: a new article by draft key: its draft, or a redirect to the article that was saved from it."""
    if request.method == "GET" and (post := article_of(key, by=signed_in(request.user))):
        return redirect("admin:blog_post_change", post.pk)
    return edit(request, None, key=key)


def is_script(request: HttpRequest) -> bool:
    """Whether the editor's script sent the request; it stays on the page and handles redirects itself."""
    return request.headers.get("X-Requested-With") == "fetch"


def for_script(response: HttpResponse) -> HttpResponse:
    """Convert a redirect to JSON: `fetch` would follow it and consume the messages on a page that nobody sees.

    `article`: URL of the form from now on; `stays`: whether the redirect leads to that URL.
    """
    if not isinstance(response, HttpResponseRedirect):
        return response
    page = resolve(urlsplit(response.url).path)
    article = reverse("admin:blog_post_change", args=[page.kwargs["pk"]])
    return JsonResponse({"url": response.url, "article": article, "stays": response.url == article})


def _take(request: HttpRequest, editing: EditorContext) -> HttpResponse:
    by, now, sent = editing.by, editing.now, sent_draft(request.POST)
    data: QueryDict = request.POST
    if editing.post is None and (existing := article_of(sent.key, by=by)):
        # The form of a new article was sent again: Back button, second tab, lost response.
        editing = situation(request, post_for(by, existing.pk))
        renewed = data.copy()
        renewed["base"] = str(existing.revisions.get(number=1).pk)
        data = renewed
    post = editing.post
    verb = data.get("verb", "save")
    permissions.require(verb in TEXT_VERBS and editing.permits(verb), "この操作をする")
    form = PostForm(data, by=by, post=post, content=latest_content(post))
    if not form.is_valid():
        messages.error(request, "まだ保存していません。赤い印の欄を直してください。")
        return _page(request, editing, form, sent=sent)
    typed = Content.from_form(form.cleaned_data, base=form.content)
    try:
        post, revision = _save(form, typed, post=post, key=sent.key, by=by, now=now)
    except publishing.EditConflict as conflict:
        comparison = compare(
            Content.from_json(conflict.theirs.content), conflict.merged, only=conflict.fields
        )
        form = PostForm.again(
            data, by=by, post=conflict.theirs.post, content=conflict.merged, base=conflict.theirs
        )
        return _page(request, editing, form, sent=sent, conflict=Conflict(conflict.theirs, comparison))
    except publishing.WrongState as refusal:
        messages.error(request, "まだ保存していません。書いたものはこの画面に残っています。")
        form.add_error(None, str(refusal))
        return _page(request, editing, form, sent=sent)
    except IntegrityError:
        if editing.post is None and article_of(sent.key, by=by):
            return _take(request, editing)  # the same form was sent twice at once
        raise
    publishing.forget_saved(sent=sent, post=post, content=typed, by=by)

    if (seen := data.get("seen")) is not None and editing.post and seen != visibility(editing.post, now):
        messages.warning(request, MEANWHILE[visibility(editing.post, now)])
    text = typed.scan(imported=imported_text_of(post, typed))
    if missing := related_only_in_text(typed, text, now=now):
        messages.warning(request, Code.RELATED_IN_TEXT.found(paths="、".join(missing)).message)
    if Content.from_json(revision.content) != typed:
        # The merge contains somebody else's changes: do not approve or publish what the user has not seen.
        message = (
            f"ほかの人の変更と合わせて、第{revision.number}版として保存しました。内容を確かめてください。"
        )
        message += publishing.request_followed(revision) + editing.still_planned(revision)
        message += "" if verb == "save" else "よければ、もう一度ボタンを押してください。"
        messages.warning(request, message)
    elif verb == "save":
        messages.success(request, _saved(revision, editing) or "変更はありません。")
    elif findings := _act(request, verb, revision, editing):
        form = PostForm.again(data, by=by, post=post, content=typed, base=revision)
        for finding in findings:
            error = ValidationError(finding.message_with_line, code=finding.code)
            form.add_error(finding.field if finding.field in form.fields else None, error)
        return _page(request, situation(request, post_for(by, post.pk)), form, saved=True)
    elif verb in LEADING_ON:
        return redirect(f"admin:blog_post_{verb}", post.pk, revision.number)
    return redirect("admin:blog_post_change", post.pk)


def _saved(revision: Revision, editing: EditorContext) -> str:
    """Message about the saved revision and its consequences; "" when nothing was changed."""
    if editing.post and revision.pk == editing.post.latest_revision_id:
        return ""
    more = publishing.request_followed(revision) + editing.still_planned(revision)
    return f"第{revision.number}版を保存しました。{more}"


def _act(request: HttpRequest, verb: str, revision: Revision, editing: EditorContext) -> Sequence[Finding]:
    """Execute the button's action on the revision just saved; returns the findings that prevent it."""
    try:
        if verb == "publish":
            insist_on_readiness(revision, by=editing.by, now=editing.now)
        if verb in LEADING_ON:
            message = _saved(revision, editing)
        else:
            message = act_on_revision(verb, revision, by=editing.by, now=editing.now)
            message += editing.still_planned(revision) if verb != "replace" else ""
    except publishing.NotReady as not_ready:
        messages.error(request, "保存はしました。公開するには、赤い印の欄を直してください。")
        return not_ready.findings
    except REFUSALS as refusal:
        messages.error(request, "保存はしましたが、続きはできませんでした。")
        return [Code.REFUSED.found(reason=refusal)]
    if message:
        messages.success(request, message)
    return []


def _save(
    form: PostForm, typed: Content, *, post: Post | None, key: UUID, by: Actor, now: datetime
) -> tuple[Post, Revision]:
    cleaned, is_new = form.cleaned_data, post is None
    if post is None:
        is_taken = Post.objects.filter(uuid=key).exists()  # uuids of public posts are no secret
        uuid = uuid4() if is_taken else key
        made = {"note": cleaned["note"], "draft_key": key, "uuid": uuid}
        post = publishing.create(content=typed, by=by, now=now, **made)
        revision = post.revisions.get()
    else:
        revision = publishing.save(
            post=post,
            content=typed,
            by=by,
            now=now,
            base=cleaned["base"],
            note=cleaned["note"],
            draft_key=key,
        )
    if "assignee" in form.changed_data or (is_new and cleaned["assignee"]):
        publishing.assign(post=post, to=cleaned["assignee"], by=by)
    return post, revision


def _page(
    request: HttpRequest,
    editing: EditorContext,
    form: PostForm,
    *,
    sent: publishing.SentDraft | None = None,
    **more: Any,
) -> TemplateResponse:
    """Render the form. With `sent` the tab continues its draft."""
    post = editing.post
    content = form.typed() if form.is_bound else form.content
    context = {
        **admin.site.each_context(request),
        "title": "記事を編集" if post else "新しい記事",
        "subtitle": post and (post.working_title or "（無題）"),
        "opts": Post._meta,
        "original": post,
        "editing": editing,
        "state": post and post.state(editing.now),
        "form": form,
        "not_shown": publishing.find_not_shown(content, imported=imported_text_of(post, content)),
        "media": form.media,
        "services": services(post),
        "sent": sent or publishing.SentDraft(key=uuid4(), tab=str(uuid4())),
        "seen": visibility(post, editing.now),
        "waiting": post and _approved_and_waiting(post),
        "arrived": post and _arrived_over_other_words(post),
        "failing": post and post.next_at and _failing_update(post),
        **defects.context(post),
        **more,
    }
    context["unsaved"] = form.is_bound and not (more.get("saved") or more.get("restored"))
    return TemplateResponse(request, "admin/blog/post/change_form.html", context)


def services(post: Post | None) -> dict[str, str]:
    """Endpoint URLs for the editor's scripts, as `data-` attributes."""
    names = {
        "tags": "admin:blog_post_tags",
        "images": "admin:blog_post_images",
        "add": "admin:blog_post_add",
        "login": "account_login",
    }
    found = {name: reverse(view) for name, view in names.items()}
    found["upload"] = settings.MARKDOWNX_UPLOAD_URLS_PATH
    found["preview"] = settings.MARKDOWNX_URLS_PATH + (f"?post={post.pk}" if post else "")
    found["article"] = str(post.pk) if post else "new"
    found["autosave"] = (
        reverse("admin:blog_post_autosave", args=[post.pk])
        if post
        else reverse("admin:blog_post_autosave_new")
    )
    return found


def _failing_update(post: Post) -> Post | None:
    """The post, if its scheduled update has failed, with the attempts and the error loaded."""
    columns = ("next_at", "next_try_at", "next_attempts", "next_error", "next_revision__number")
    return Post.objects.failing().select_related("next_revision").only(*columns).filter(pk=post.pk).first()


def _approved_and_waiting(post: Post) -> Revision | None:
    """Approved, unpublished revision that is older than the working text."""
    approved = post.revisions.filter(stage=Post.Stage.APPROVED).defer("content").first()
    if not approved or approved.pk in (post.latest_revision_id, post.live_revision_id, post.next_revision_id):
        return None
    return approved if post.live_revision is None or approved.number > post.live_revision.number else None


def _arrived_over_other_words(post: Post) -> Revision | None:
    """The working text, if a file import has changed an editor's text and it is not live yet."""
    latest = post.working
    if not latest.base_id or latest.pk == post.live_revision_id:
        return None
    is_file = latest.kind == Revision.Kind.IMPORT or latest.by is None
    if latest.kind == Revision.Kind.MERGE:  # perhaps of two editors' texts
        is_file = post.revisions.filter(number=latest.number - 1, kind=Revision.Kind.IMPORT).exists()
    return latest if is_file else None
