"""Admin of the outbox (「外への知らせ」): pending, sent and failed notices to hubs, search engines and the webhook."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from blog.admin.base import DeskAdmin
from blog.editorial import permissions
from blog.editorial.actors import actor_of
from blog.models import Notice
from blog.public import delivery


class StateFilter(admin.SimpleListFilter):
    title = "状態"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("due", "送信待ち"), ("failing", "失敗中"), ("given_up", "断念"), ("done", "送信済み")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Notice]) -> QuerySet[Notice]:
        states: dict[str, dict[str, Any]] = {
            "due": {"next_try_at__isnull": False, "last_error": ""},
            "failing": {"next_try_at__isnull": False, "last_error__gt": ""},
            "given_up": {"next_try_at__isnull": True, "done_at__isnull": True},
            "done": {"done_at__isnull": False},
        }
        return queryset.filter(**states.get(self.value() or "", {}))


@admin.register(Notice)
class NoticeAdmin(DeskAdmin[Notice]):
    list_display = ("title", "event", "channel", "happens_at", "state", "last_error")
    list_display_links = None
    list_filter = (StateFilter, "channel", "event")
    list_select_related = ()
    show_full_result_count = False
    actions = ("send_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        known = ("id", "working_title", "title")
        return (
            super()
            .get_queryset(request)
            .select_related("post")
            .only(
                *(field.name for field in Notice._meta.concrete_fields), *(f"post__{name}" for name in known)
            )
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # created by publishing only

    def has_change_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        return False

    def has_again_permission(self, request: HttpRequest) -> bool:
        return permissions.may_send_notices_again(actor_of(request.user))

    @admin.display(description="記事")
    def title(self, notice: Notice) -> str:
        return notice.post.title or notice.post.working_title

    @admin.display(description="状態")
    def state(self, notice: Notice) -> str:
        if notice.done_at:
            return f"{_time(notice.done_at)} に送信"
        if notice.is_given_up:
            return f"断念（{notice.attempts} 回失敗）"
        if notice.last_error:
            return f"{notice.attempts} 回失敗、次は {_time(notice.next_try_at)}"
        return f"送信待ち（{_time(notice.next_try_at)}）"

    @admin.action(description="断念したものをもう一度送る", permissions=["again"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Notice]) -> None:
        count = sum(delivery.try_again(notice, now=timezone.now()) for notice in chosen)
        if count:
            self.message_user(request, f"{count} 件をもう一度送ります。", messages.SUCCESS)
        else:
            self.message_user(request, "選んだ中に、断念したものはありません。", messages.INFO)


def _time(at: Any) -> str:
    return f"{timezone.localtime(at):%m-%d %H:%M}"
