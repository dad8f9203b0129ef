"""Admin of the site settings and of the audit log."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from blog.admin.base import DeskAdmin
from blog.admin.generic import ModelForm
from blog.admin.lines import check_lines
from blog.admin.redirect_conflicts import taken_by_route
from blog.editorial import addresses, permissions, site_settings
from blog.editorial.actors import actor_of, signed_in
from blog.editorial.changes import Kind
from blog.models import SiteSettings
from blog.public import crawlers
from blog.text.names import public_path


class SiteSettingsForm(ModelForm[SiteSettings]):
    def clean_menu(self) -> str:
        menu: str = self.cleaned_data["menu"]
        for number, name, target in check_lines(menu, example="このサイトについて | /about/"):
            if target.startswith("/") and not self._answers(target):
                raise ValidationError(f"{number}行目「{name}」の {target} というページはありません。")
        return menu

    def clean_crawlers(self) -> str:
        sent: str = self.cleaned_data["crawlers"]
        try:
            crawlers.exceptions(sent)
        except ValueError as error:
            raise ValidationError(str(error)) from error
        return sent

    def _answers(self, target: str) -> bool:
        try:
            path = public_path(target.split("?")[0].split("#")[0])
        except ValueError:
            return False
        return bool(taken_by_route(path) or addresses.find(path))


@admin.register(SiteSettings)
class SiteSettingsAdmin(DeskAdmin[SiteSettings]):
    """Site settings, a singleton: never added or deleted; the list URL shows the form."""

    form = SiteSettingsForm
    change_kind = Kind.SETTINGS
    autocomplete_fields = ("logo",)
    fieldsets = (
        ("サイト", {"fields": ("name", "tagline", "description", "logo", "publisher", "contact")}),
        ("メニューとフッター", {"fields": ("menu", "footer")}),
        ("編集部のきまり", {"fields": ("publishers", "four_eyes")}),
        ("検索エンジン", {"fields": ("allow_indexing", "google_verification", "bing_verification")}),
        (
            "AIの巡回（robots.txt）",
            {
                "fields": ("allow_ai_search", "allow_ai_training", "crawlers"),
                "description": "robots.txt は依頼で、守るかどうかは相手しだいです。"
                f"AI検索: {'、'.join(crawlers.SEARCH)}。学習: {'、'.join(crawlers.TRAINING)}。",
            },
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SiteSettings | None = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: SiteSettings, form: ModelForm[SiteSettings], change: bool
    ) -> None:
        site_settings.save(obj, by=signed_in(request.user), now=timezone.now())

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect("admin:blog_sitesettings_change", 1)


@admin.register(LogEntry)
class LogEntryAdmin(DeskAdmin[LogEntry]):
    """Audit log (「操作の記録」): who did what, when. Read-only, for the chief editor."""

    list_display = ("action_time", "user", "action_flag", "content_type", "object_repr", "get_change_message")
    list_filter = ("action_flag", "content_type", "user")
    list_select_related = ("user", "content_type")
    search_fields = ("object_repr", "change_message")
    date_hierarchy = "action_time"
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:
        return permissions.may_read_log(actor_of(request.user))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, (extra_context or {}) | {"title": "操作の記録"})

    def get_queryset(self, request: HttpRequest) -> QuerySet[LogEntry]:
        return super().get_queryset(request).order_by("-action_time", "-pk")
