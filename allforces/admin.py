"""Custom AdminSite: names, order of the models, sign-in, and pages that belong to no model.

Not in `blog.admin`, because Django creates the site while it imports the modules that register models with it: the class
has to be in a module that registers nothing (`DeskConfig` in allforces/apps.py names it).
"""

from __future__ import annotations

from typing import Any

from allauth.account import views as account
from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from blog.models import TERMS, Post

APPS = ("blog", "auth", "admin")
MODELS = (
    "Post",
    "Manuscript",
    "Image",
    *(model.__name__ for model in TERMS),
    "Page",
    "Address",
    "Synonym",
    "MissedSearch",
    "SiteSettings",
)
"""Order of the models in the menu, most used first; others follow in Django's order."""


NAMES = {"LogEntry": "操作の記録"}
"""Japanese names for Django's own models."""


class DeskSite(admin.AdminSite):
    """`admin.site` (see `default_site` in allforces/apps.py)."""

    site_header = site_title = "ALLFORCES 編集部"
    index_title = "きょうの編集部"
    enable_nav_sidebar = False  # the lists need the width; base_site.html has its own menu

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Replace Django's `view_on_site` route, which reveals the URL of any object to every staff user."""
        on_site = self.admin_view(self.view_on_site)
        tokens = RedirectView.as_view(pattern_name="admin:blog_apitoken_changelist")
        return [
            path("blog/machinetoken/", self.admin_view(tokens), name="api_tokens_before_1_0"),
            path("r/<path:content_type_id>/<path:object_id>/", on_site, name="view_on_site"),
            *(each for each in super().get_urls() if getattr(each, "name", "") != "view_on_site"),
        ]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """List of apps and models, in the order of `MODELS` instead of alphabetically."""
        apps = super().get_app_list(request, app_label)
        apps.sort(key=lambda app: _rank(app["app_label"], APPS))
        for app in apps:
            app["models"].sort(key=lambda model: _rank(model["object_name"], MODELS))
            for model in app["models"]:
                model["name"] = NAMES.get(model["object_name"], model["name"])
        return apps

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Redirect to allauth's sign-in page, which has rate limits."""
        return secure_admin_login(super().login)(request, extra_context)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Sign out as allauth's page does: GET asks first, POST ends the session."""
        return account.logout(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Redirect to allauth's page for changing the password, which has rate limits."""
        return redirect("account_change_password")

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")

    def autocomplete_view(self, request: HttpRequest) -> Any:
        return Suggestions.as_view(admin_site=self)(request)

    def view_on_site(self, request: HttpRequest, content_type_id: str, object_id: str) -> HttpResponse:
        """Redirect to the public page of an object (「サイト上で表示」), only for users who may view it in the admin."""
        kind = ContentType.objects.filter(pk=content_type_id).first() if content_type_id.isdecimal() else None
        model = kind and kind.model_class()
        shown: Any = model and self._registry.get(model)
        item = shown and shown.get_object(request, object_id)
        if not (
            shown and item and hasattr(item, "get_absolute_url") and shown.has_view_permission(request, item)
        ):
            raise Http404
        if isinstance(item, Post) and not item.live_revision_id:
            return redirect("admin:blog_post_preview", item.pk)  # it has no URL yet
        return redirect(item.get_absolute_url())


class Suggestions(AutocompleteJsonView):
    """Autocomplete endpoint restricted to the form fields that use it; Django's accepts any relation of any model."""

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


def _rank(name: str, order: tuple[str, ...]) -> int:
    return order.index(name) if name in order else len(order)
