"""The site's own settings, the log of who did what, and the names on the door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from blog.admin.base import DeskAdmin
from blog.admin.generic import ModelForm
from blog.admin.lines import check_lines
from blog.admin.routes import taken_by_route
from blog.editorial import addresses
from blog.models import Post, SiteSettings
from blog.public import crawlers
from blog.text.names import public_path

admin.site.site_header = admin.site.site_title = "ALLFORCES 編集部"
admin.site.index_title = "きょうの編集部"
admin.site.enable_nav_sidebar = False  # the lists need the width; the menu of base_site.html leads on
LogEntry._meta.verbose_name = LogEntry._meta.verbose_name_plural = "操作の記録"

APPS = ("blog", "auth", "admin")
MODELS = (
    "Post",
    "Manuscript",
    "Image",
    "Category",
    "Collection",
    "Tag",
    "Author",
    "Page",
    "Address",
    "Synonym",
    "MissedSearch",
    "SiteSettings",
)
"""What the desk opens most stands first; whatever is not named here follows in Django's own order."""


def in_desk_order(listed: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """The admin's list of apps and models, sorted for the desk instead of by the alphabet."""

    def rank(name: str, order: tuple[str, ...]) -> int:
        return order.index(name) if name in order else len(order)

    def get_app_list(request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = sorted(listed(request, app_label), key=lambda app: rank(app["app_label"], APPS))
        for app in apps:
            app["models"].sort(key=lambda model: rank(model["object_name"], MODELS))
        return apps

    return get_app_list


admin.site.get_app_list = in_desk_order(admin.site.get_app_list)  # type: ignore[method-assign]  # the one site there is


class Suggestions(AutocompleteJsonView):
    """What the fields with suggestions ask for; Django's would take any relation of any model for one."""

    def process_request(self, request: HttpRequest) -> Any:
        asked = tuple(request.GET.get(name, "") for name in ("app_label", "model_name", "field_name"))
        offered = {
            (str(each.opts.app_label), str(each.opts.model_name), field)
            for each in admin.site._registry.values()
            for field in each.get_autocomplete_fields(request)
        }
        if asked not in offered:
            raise PermissionDenied
        return super().process_request(request)


def on_site(request: HttpRequest, content_type_id: str, object_id: str) -> HttpResponse:
    """「サイト上で表示」: to the page of something that the user may see in the admin. Nobody else learns its URL."""
    kind = ContentType.objects.filter(pk=content_type_id).first() if content_type_id.isdecimal() else None
    model = kind and kind.model_class()
    shown: Any = model and admin.site._registry.get(model)
    item = shown and shown.get_object(request, object_id)
    if not (
        shown and item and hasattr(item, "get_absolute_url") and shown.has_view_permission(request, item)
    ):
        raise Http404
    if isinstance(item, Post) and not item.live_revision_id:
        return redirect("admin:blog_post_preview", item.pk)  # it has no URL yet
    return redirect(item.get_absolute_url())


admin.site.autocomplete_view = Suggestions.as_view(admin_site=admin.site)  # type: ignore[method-assign, assignment]  # the same


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
    """One row: never added, never deleted, and the list is the form."""

    form = SiteSettingsForm
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

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect("admin:blog_sitesettings_change", 1)


@admin.register(LogEntry)
class LogEntryAdmin(DeskAdmin[LogEntry]):
    """「操作の記録」: who did what, when. Read by the chief, written by nobody."""

    list_display = ("action_time", "user", "action_flag", "content_type", "object_repr", "get_change_message")
    list_filter = ("action_flag", "content_type", "user")
    list_select_related = ("user", "content_type")
    search_fields = ("object_repr", "change_message")
    date_hierarchy = "action_time"
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:
        return request.user.has_perm("admin.view_logentry") or request.user.has_perm(
            "blog.change_sitesettings"
        )

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
