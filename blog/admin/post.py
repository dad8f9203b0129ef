"""Admin of posts: list, bulk actions, and URLs of all pages about a post."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from blog.admin import confirm, history, publish_page, services
from blog.admin.actions import act_on_post
from blog.admin.base import DeskAdmin
from blog.admin.editor import edit, new_article, post_for
from blog.admin.filters import AssigneeFilter, CategoryFilter, MineFilter, StateFilter
from blog.editorial import permissions, publishing
from blog.editorial.actors import actor_of, signed_in
from blog.editorial.content_fields import LONG_COLUMNS
from blog.models import Post
from blog.public import search
from blog.querysets import LARGE_COLUMNS, PostQuerySet, failing_q
from blog.text.query import parse


@admin.register(Post)
class PostAdmin(DeskAdmin[Post]):
    """Post admin: Django's list, but `editor` instead of a ModelForm, which would write the live columns."""

    list_display = (
        "headline",
        "situation",
        "section",
        "writer",
        "assigned",
        "published",
        "modified",
    )
    list_filter = (StateFilter, "stage", MineFilter, CategoryFilter, AssigneeFilter)
    list_per_page = 30
    list_max_show_all = 100
    list_display_links = None
    ordering = ("-modified_at", "-pk")
    search_fields = ("working_title", "title", "plain_text", "tags")
    search_help_text = (
        "タイトル・本文・タグを、下書きも含めて探します。空白で区切ると全部を含む記事、"
        "引用符で囲むと書いたとおりの語、「-」を付けるとその語のない記事です。"
    )
    actions = ("discard_selected", "restore_selected", "settle_selected")
    show_full_result_count = False

    # Who

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # only by the trash

    def has_add_permission(self, request: HttpRequest) -> bool:
        return permissions.may_edit(actor_of(request.user), None)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return permissions.may_list_posts(actor_of(request.user))
        return permissions.may_edit(actor_of(request.user), obj)

    has_view_permission = has_change_permission

    # The list

    def get_queryset(self, request: HttpRequest) -> PostQuerySet:
        posts = Post.objects.defer(*LARGE_COLUMNS, *LONG_COLUMNS)
        posts = posts.select_related("category", "assignee", "created_by").annotate(
            working_category=F("latest_revision__content__category"),
            working_writer=F("latest_revision__content__bylines__0__author"),
            is_failing=failing_q(),
            working_number=F("latest_revision__number"),
            live_number=F("live_revision__number"),
            next_number=F("next_revision__number"),
        )
        return permissions.editable(posts, actor_of(request.user))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return search.for_desk(queryset, parse(search_term)), False

    @admin.display(description="タイトル", ordering="working_title")
    def headline(self, post: Post) -> SafeString:
        url = reverse("admin:blog_post_change", args=[post.pk])
        return format_html('<a href="{}">{}</a> {}', url, post.working_title or "（無題）", self._link(post))

    @admin.display(description="状態・段階")
    def situation(self, post: Any) -> SafeString:
        now = timezone.now()
        marks = [post.state(now)]
        if post.is_blocked and not post.is_withdrawn(now):
            marks.append("要確認")
        if post.has_unpublished_changes:
            marks.append("未公開の変更あり")
        if post.live_revision_id and (post.has_unpublished_changes or post.next_revision_id):
            marks.append(post.get_stage_display())
        if post.next_at:
            marks.append(f"更新予約 {timezone.localtime(post.next_at):%m-%d %H:%M}")
        if post.is_failing:
            marks.append("更新できていません")
        planned = post.next_number or (post.live_number if post.is_scheduled(now) else None)
        if planned:
            behind = f"（最新は第{post.working_number}版）" if planned != post.working_number else ""
            marks.append(f"出るのは第{planned}版{behind}")
        if post.withdrawn_at and post.withdrawn_at > now:
            marks.append(f"公開終了 {timezone.localtime(post.withdrawn_at):%m-%d %H:%M}")
        return format_html_join(" ", '<span class="mark">{}</span>', ((mark,) for mark in marks))

    @admin.display(description="カテゴリ", ordering="category__order")
    def section(self, post: Any) -> str:
        return post.working_category or ""

    @admin.display(description="筆者", empty_value="")
    def writer(self, post: Any) -> str:
        return post.working_writer or str(post.created_by or "")

    @admin.display(description="担当", ordering="assignee")
    def assigned(self, post: Post) -> str:
        return str(post.assignee.get_full_name() or post.assignee) if post.assignee else ""

    @admin.display(description="公開日時", ordering="published_at", empty_value="")
    def published(self, post: Post) -> SafeString | None:
        return self._day_and_time(post.published_at) if post.published_at else None

    @admin.display(description="最終保存", ordering="modified_at")
    def modified(self, post: Post) -> SafeString:
        return self._day_and_time(post.modified_at)

    def _day_and_time(self, at: datetime) -> SafeString:
        local = timezone.localtime(at)
        return format_html('<span class="day">{}</span> {}', f"{local:%Y-%m-%d}", f"{local:%H:%M}")

    def _link(self, post: Post) -> SafeString:
        """Link to the public page, or to its preview."""
        title = post.working_title or "（無題）"
        if post.is_published(timezone.now()):
            url, label = post.get_absolute_url(), "サイトで見る"
        else:
            url, label = reverse("admin:blog_post_preview", args=[post.pk]), "プレビュー"
        return format_html(
            '<a class="look" href="{}" target="_blank" aria-label="「{}」— {}">{}</a>',
            url,
            title,
            label,
            label,
        )

    # Many at once

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "記事"} | (extra_context or {}))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        state = request.GET.get("state")
        actions.pop("restore_selected" if state != "bin" else "discard_selected", None)
        if state != "blocked":
            actions.pop("settle_selected", None)
        return actions

    @admin.action(description="ゴミ箱へ", permissions=["change"])
    def discard_selected(self, request: HttpRequest, posts: Any) -> None:
        self._each(request, posts, "discard", "件をゴミ箱に入れました。")

    @admin.action(description="戻す", permissions=["change"])
    def restore_selected(self, request: HttpRequest, posts: Any) -> None:
        self._each(request, posts, "restore_from_trash", "件を戻しました。")

    @admin.action(description="このまま載せる", permissions=["change"])
    def settle_selected(self, request: HttpRequest, posts: Any) -> None:
        self._each(request, posts, "settle", "件を、このまま一覧に載せました。")

    def _each(self, request: HttpRequest, posts: Any, verb: str, report: str) -> None:
        done = 0
        for post in posts:
            try:
                act_on_post(verb, post, by=signed_in(request.user), now=timezone.now())
                done += 1
            except (publishing.WrongState, PermissionDenied) as refusal:
                self.message_user(request, f"「{post.working_title}」: {refusal}", messages.WARNING)
        if done:
            self.message_user(request, f"{done}{report}", messages.SUCCESS)

    # One post

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view

        def act(verb: str) -> URLPattern:
            return path(f"<int:pk>/{verb}/", page(confirm.act), {"verb": verb}, name=f"blog_post_{verb}")

        return [
            path("", page(self.changelist_view), name="blog_post_changelist"),
            path("add/", page(self.add_view), name="blog_post_add"),
            path("add/<uuid:key>/", page(self.add_under_key), name="blog_post_add_key"),
            path("autosave/", services.autosave, name="blog_post_autosave_new"),
            path("tags/", services.tag_suggestions, name="blog_post_tags"),
            path("images/", services.image_choices, name="blog_post_images"),
            path("<int:pk>/change/", page(self.edit_view), name="blog_post_change"),
            path("<int:pk>/", page(self.short_view)),
            path("<int:pk>/preview/", page(services.saved_preview), name="blog_post_preview"),
            path("<int:pk>/autosave/", services.autosave, name="blog_post_autosave"),
            path("draft/<uuid:key>/drop/", page(services.drop_draft), name="blog_post_drop_draft"),
            path("<int:pk>/history/", page(history.history), name="blog_post_history"),
            path("<int:pk>/history/<int:number>/", page(history.revision), name="blog_post_revision"),
            path("<int:pk>/log/", page(self.log_view), name="blog_post_log"),
            path("<int:pk>/publish/<int:number>/", page(publish_page.publish), name="blog_post_publish"),
            path("<int:pk>/send_back/<int:number>/", page(confirm.send_back), name="blog_post_send_back"),
            *(act(verb) for verb in confirm.CONFIRMATIONS),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        permissions.require(self.has_add_permission(request), "記事を作る")
        return edit(request, None)

    def add_under_key(self, request: HttpRequest, key: UUID) -> HttpResponse:
        permissions.require(self.has_add_permission(request), "記事を作る")
        return new_article(request, key)

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return edit(request, post_for(signed_in(request.user), pk))

    def short_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return redirect("admin:blog_post_change", pk)

    def log_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """View: Django's object history (who did what), with the messages of `publishing`."""
        post_for(signed_in(request.user), pk)
        return self.history_view(request, str(pk))
