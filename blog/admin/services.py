"""JSON and preview endpoints for the editor's scripts: preview, upload, autosave, suggestions. Each checks permissions."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from uuid import UUID

from csp.constants import SELF
from csp.decorators import csp_replace
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from blog.admin.drafts import article_of, sent_draft
from blog.admin.editor import latest_content, post_for
from blog.admin.post_form import PostForm
from blog.editorial import images, permissions, publishing
from blog.editorial.actors import signed_in
from blog.editorial.content_fields import MAX_BODY
from blog.models import Draft, Image, Page, Tag
from blog.public.post_page import preview_fixed_page, preview_page
from blog.text.names import tag_key

NUMBER = re.compile(r"[1-9][0-9]{0,9}")
SUGGESTIONS = 8
IMAGES_PER_PAGE = 24
SIGNED_OUT = "ログインが切れています。入力した文章はこの画面に残っています。"

View = Callable[..., HttpResponse]


def for_scripts(view: View) -> View:
    """Decorator for script endpoints: refusals as JSON instead of a login page, and no caching."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
        if not admin.site.has_permission(request):
            return JsonResponse({"error": SIGNED_OUT, "signed_out": True}, status=403)
        try:
            return view(request, **arguments)
        except PermissionDenied as denied:
            return refuse(str(denied) or "権限がありません。", status=403)
        except Http404:
            return refuse("記事が見つかりません。", status=404)

    return guarded


def framed_by_the_admin(view: View) -> View:
    """Decorator for the preview: pages of our own may show it in a frame, as both headers say."""
    return cast(View, xframe_options_sameorigin(csp_replace({"frame-ancestors": [SELF]})(view)))


def refuse(sentence: str, *, status: int) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status)


@for_scripts
@require_POST
@framed_by_the_admin
def preview(request: HttpRequest) -> HttpResponse:
    """Preview the content of the form as a public page: post `?post=`, a new post, or a fixed page (`?page`).

    Nothing is stored.
    """
    if len(request.POST.get("body", "")) > MAX_BODY:
        return refuse(f"本文が長すぎて表示できません（{MAX_BODY:,}文字まで）。", status=413)
    if "page" in request.GET:
        return _preview_of_page(request)
    by, pk = signed_in(request.user), request.GET.get("post", "")
    post = post_for(by, int(pk)) if NUMBER.fullmatch(pk) else None
    if post is None:
        permissions.require(permissions.may_edit(by, None), "記事を書く")
    content = PostForm(request.POST, by=by, post=post, content=latest_content(post)).typed()
    return _shown(request, "blog/post.html", preview_page(content=content, post=post, now=timezone.now()))


def _preview_of_page(request: HttpRequest) -> HttpResponse:
    permissions.require(permissions.may_write_pages(signed_in(request.user)), "固定ページを書く")
    typed = {name: request.POST.get(name, "") for name in ("title", "path", "description", "body")}
    return _shown(request, "blog/page.html", preview_fixed_page(Page(**typed), now=timezone.now()))


@require_GET
@never_cache
@framed_by_the_admin
def saved_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Preview the newest revision as a public page."""
    post = post_for(signed_in(request.user), pk)
    context = preview_page(content=latest_content(post), post=post, now=timezone.now())
    return _shown(request, "blog/post.html", context)


@for_scripts
@require_POST
def upload(request: HttpRequest) -> JsonResponse:
    """Upload one image (`image`, `alt` or `decorative`); returns the Markdown to insert."""
    by = signed_in(request.user)
    permissions.require(permissions.may_add_images(by), "画像を追加する")
    file = request.FILES.get("image")
    alt = " ".join(request.POST.get("alt", "").split())
    decorative = request.POST.get("decorative") == "on"
    if file is None:
        return refuse("画像を選んでください。", status=400)
    if bool(alt) == decorative:
        return refuse("画像の説明を書くか、「装飾」を選んでください。", status=400)
    if len(alt) > 250:
        return refuse("画像の説明は250文字までです。", status=400)
    try:
        image = images.accept(
            upload=file,
            name=file.name or "",
            by=by,
            now=timezone.now(),
            alt=alt,
            is_decorative=decorative,
        )
    except images.ImageRefused as refusal:
        return refuse(str(refusal), status=400)
    return JsonResponse({"markdown": f"![{_escaped(alt)}]({image.url})", "image": _described(image)})


@for_scripts
@require_POST
def autosave(request: HttpRequest, pk: int | None = None) -> JsonResponse:
    """Autosave the draft of one tab; without `pk`, of a new article.

    Returns the key and number of the draft, which the next request sends back.
    """
    sent, by, now = sent_draft(request.POST), signed_in(request.user), timezone.now()
    made = article_of(sent.key, by=by) if pk is None else None  # already saved by another tab
    pk = made.pk if made else pk
    post = post_for(by, pk) if pk else None
    permissions.require(bool(post) or permissions.may_edit(by, None), "記事を書く")
    latest = latest_content(post)
    form = PostForm(request.POST, by=by, post=post, content=latest)
    content = form.typed()
    if len(content.body) > MAX_BODY:
        return refuse(f"本文が長すぎます（{MAX_BODY:,}文字まで）。自動保存は止まっています。", status=413)
    said = {"saved_at": f"{timezone.localtime(now):%H:%M:%S}", "key": str(sent.key), "number": sent.number}
    says_more = bool(form.errors) or {"note", "assignee"} & set(form.changed_data)
    if content == latest and not says_more:
        publishing.drop_draft(key=sent.key, by=by, tab=sent.tab)
        return JsonResponse(said | {"number": 0})
    base = form.cleaned_data.get("base") or (made.revisions.get(number=1) if made else None)
    draft = publishing.keep_draft(
        sent=sent, post=post, content=content, fields=form.typed_fields(), by=by, now=now, base=base
    )
    return JsonResponse(said | {"key": str(draft.key), "number": draft.number})


@require_POST
def drop_draft(request: HttpRequest, key: UUID) -> HttpResponse:
    """Discard the draft of one tab."""
    draft = get_object_or_404(Draft, key=key, editor=request.user)
    publishing.drop_draft(key=key, by=signed_in(request.user))
    if draft.post_id:
        return redirect("admin:blog_post_change", draft.post_id)
    return redirect("admin:blog_post_add")


@for_scripts
@require_GET
def tag_suggestions(request: HttpRequest) -> JsonResponse:
    """Tag autocomplete: tags that begin with the input, then those that contain it; by key, so `ＡＩ` finds `AI`."""
    permissions.require(permissions.may_write(signed_in(request.user)), "記事を書く")
    key = tag_key(request.GET.get("q", ""))
    tags: QuerySet[Any] = Tag.objects.with_counts(timezone.now())
    found = list(tags.filter(key__startswith=key).order_by("-listed_count", "name")[:SUGGESTIONS])
    if key and len(found) < SUGGESTIONS:
        others = tags.filter(Q(key__contains=key) | Q(aliases__key__startswith=key)).exclude(
            key__startswith=key
        )
        found += others.order_by("-listed_count", "name")[: SUGGESTIONS - len(found)]
    return JsonResponse(
        {"tags": [{"name": tag.name, "count": tag.listed_count, "exact": tag.key == key} for tag in found]}
    )


@for_scripts
@require_GET
def image_choices(request: HttpRequest) -> JsonResponse:
    """Image search in the library: each word of `q` in the description or file name, newest first."""
    by = signed_in(request.user)
    permissions.require(permissions.may_write(by), "記事を書く")
    permissions.require(permissions.may_choose_images(by), "画像を見る")
    found = Image.objects.all()
    for word in request.GET.get("q", "").split():
        found = found.filter(
            Q(alt__icontains=word)
            | Q(caption__icontains=word)
            | Q(credit__icontains=word)
            | Q(original_name__icontains=word)
        )
    page = request.GET.get("page", "")
    start = (int(page) - 1) * IMAGES_PER_PAGE if NUMBER.fullmatch(page) else 0
    rows = list(found[start : start + IMAGES_PER_PAGE + 1])
    return JsonResponse(
        {
            "images": [_described(image) for image in rows[:IMAGES_PER_PAGE]],
            "more": len(rows) > IMAGES_PER_PAGE,
        }
    )


def _shown(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _described(image: Image) -> dict[str, Any]:
    return {
        "hash": image.hash,
        "url": image.url,
        "label": str(image),
        "alt": image.alt,
        "decorative": image.is_decorative,
        "markdown": f"![{_escaped(image.alt)}]({image.url})",
    }


def _escaped(alt: str) -> str:
    """Escape brackets in `alt` for Markdown image syntax."""
    return alt.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
