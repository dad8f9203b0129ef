"""Admin of fixed pages (About, privacy, …)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html

from blog.admin.base import DeskAdmin
from blog.admin.editor import services
from blog.admin.fields import BodyField
from blog.admin.generic import ModelForm
from blog.admin.redirect_conflicts import taken_by_route
from blog.editorial import addresses, permissions, taxonomy
from blog.editorial.actors import NOBODY, Actor, actor_of, signed_in
from blog.editorial.changes import Kind
from blog.models import Page, SiteSettings
from blog.text.names import public_path


class PageForm(ModelForm[Page]):
    by: Actor = NOBODY
    body = BodyField(label="本文", required=False, help_text="Markdownで書きます。")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    """Save time of the page in the form, to detect concurrent edits: pages have no revisions to merge."""

    class Meta:
        model = Page
        fields = ("title", "path", "description", "body", "is_public")
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.saved = self.instance.modified_at.isoformat() if self.instance.pk else ""
        self.initial["seen"] = self.saved

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("seen") and cleaned["seen"] != self.saved:
            data: Any = self.data
            self.data = data.copy() | {"seen": self.saved}  # the message tells of the change
            there = format_html('<a href="{}" target="_blank">別のタブで開く</a>', "")
            message = "まだ保存していません。開いているあいだに、ほかの人がこのページを保存しました。下の欄はあなたの文章です。{}と、いまの内容を見られます。もう一度「保存」を押すと、あなたの文章に置き換えます。"
            self.add_error(None, format_html(message, there))
        return cleaned

    def clean_path(self) -> str:
        try:
            path = public_path(self.cleaned_data["path"])
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if path == "/":
            raise ValidationError("トップページのパスです。「/about/」のように、名前を付けてください。")
        page = self.instance if self.instance.pk else None
        if owner := taken_by_route(path) or addresses.owner(path, besides=page, by=self.by):
            raise ValidationError(f"{path} は{owner}が使っています。別のパスにしてください。")
        return path


@admin.register(Page)
class PageAdmin(DeskAdmin[Page]):
    change_kind = Kind.PAGE
    form = PageForm
    list_display = ("title", "path", "is_public", "modified_at")
    list_filter = ("is_public",)
    search_fields = ("title", "path", "body")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Page]:
        """Defer the texts, which the list does not need."""
        return super().get_queryset(request).defer("body_html")

    def is_seen(self, item: Page | None) -> bool:
        return item is not None and item.is_public

    def get_readonly_fields(self, request: HttpRequest, obj: Page | None = None) -> Any:
        """Make `is_public` read-only for users who may not publish."""
        return (
            ()
            if permissions.may_change_seen(
                actor_of(request.user), SiteSettings.objects.current(timezone.now())
            )
            else ("is_public",)
        )

    def save_model(self, request: HttpRequest, obj: Page, form: ModelForm[Page], change: bool) -> None:
        taxonomy.save_page(obj, by=signed_in(request.user), now=timezone.now())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """List only the pages: their addresses are not deleted but answer 410."""
        kept = {self.opts.verbose_name for page in objs if not self.has_delete_permission(request, page)}
        return [str(page) for page in objs], {self.opts.verbose_name_plural: len(objs)}, kept, []

    def delete_model(self, request: HttpRequest, obj: Page) -> None:
        taxonomy.delete_page(obj, by=signed_in(request.user), now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Page]) -> None:
        for page in queryset:
            taxonomy.delete_page(page, by=signed_in(request.user), now=timezone.now())

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        """Add the endpoints of the editor's scripts: the preview for pages, and no autosave."""
        page = context["original"]
        offered = services(None) | {
            "preview": f"{settings.MARKDOWNX_URLS_PATH}?page",
            "article": f"page-{page.pk if page else 'new'}",
            "key": str(uuid4()),
        }
        del offered["autosave"]
        return super().render_change_form(request, context | {"services": offered}, *args, **options)

    def view_on_site(self, page: Page) -> str | None:
        """URL of the "view on site" link, for public pages only."""
        return page.get_absolute_url() if page.is_public else None
