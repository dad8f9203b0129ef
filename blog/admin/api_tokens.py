"""Admin of API tokens (「投稿用トークン」) for programs that deliver articles. A token is shown once, on creation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from blog.admin.base import DeskAdmin
from blog.editorial.actors import signed_in
from blog.models import ApiToken
from blog.transfer.intake import api_tokens


@admin.register(ApiToken)
class ApiTokenAdmin(DeskAdmin[ApiToken]):
    list_display = ("name", "state", "created_at", "created_by", "last_used_at")
    list_select_related = ("created_by",)
    readonly_fields = ("state", "created_at", "created_by", "last_used_at")
    actions = ("revoke_selected",)

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> list[Any]:
        return ["name", *self.readonly_fields] if obj else ["name"]

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False  # revoke instead: manuscripts keep their sender

    @admin.display(description="状態")
    def state(self, machine: ApiToken) -> str:
        if machine.revoked_at:
            return f"{timezone.localtime(machine.revoked_at):%Y-%m-%d %H:%M} に取り消し"
        return "有効"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            obj.shown_once = api_tokens.issue(obj, by=signed_in(request.user), now=timezone.now())

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the new token in this response only: not as a message, which would be stored in a cookie."""
        context = self.admin_site.each_context(request) | {
            "title": f"「{obj}」のトークン",
            "opts": self.opts,
            "token": obj.shown_once,
            "url": settings.SITE_URL + reverse("blog:intake"),
        }
        return TemplateResponse(request, "admin/blog/apitoken/issued.html", context)

    @admin.action(description="取り消す（元に戻せません）", permissions=["change"])
    def revoke_selected(self, request: HttpRequest, chosen: QuerySet[ApiToken]) -> None:
        now = timezone.now()
        revoked = [machine for machine in chosen if api_tokens.revoke(machine, now=now)]
        for machine in revoked:
            self.log_change(request, machine, "取り消しました。")
        if revoked:
            names = "、".join(f"「{machine}」" for machine in revoked)
            self.message_user(request, f"{names}のトークンを取り消しました。", messages.SUCCESS)
        else:
            self.message_user(request, "選んだトークンは、もう取り消されています。", messages.INFO)
