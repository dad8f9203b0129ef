"""Admin of manuscripts (「届いた原稿」): what came in, what is wrong in it, and who has looked at that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from blog.admin.base import DeskAdmin
from blog.admin.intake import import_files
from blog.editorial import permissions
from blog.editorial.actors import actor_of
from blog.editorial.content_fields import LONG_COLUMNS
from blog.models import Manuscript
from blog.models.intake import ManuscriptQuerySet
from blog.querysets import LARGE_COLUMNS
from blog.text.findings import Code

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class CheckFilter(admin.SimpleListFilter):
    title = "確認"
    parameter_name = "check"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "要確認"), ("resolved", "確認済み")]

    def queryset(self, request: Any, queryset: Any) -> ManuscriptQuerySet:
        manuscripts: ManuscriptQuerySet = queryset
        match self.value():
            case "open":
                return manuscripts.open()
            case "resolved":
                return manuscripts.filter(resolved_at__isnull=False)
        return manuscripts


@admin.register(Manuscript)
class ManuscriptAdmin(DeskAdmin[Manuscript]):
    """Read, never written: the only thing to do with a manuscript is to say that its problems are dealt with."""

    list_display = ("ref", "attention", "result", "article", "origin", "received")
    list_filter = (CheckFilter, "way", "outcome")
    list_per_page = 30
    list_max_show_all = 100
    show_full_result_count = False
    search_fields = ("ref", "post__working_title")
    search_help_text = "ファイルの名前と記事のタイトルを探します。"
    actions = ("settle_selected",)
    fields = ("result", "attention", "article", "origin", "received", "found", "text")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Manuscript | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Manuscript | None = None) -> bool:
        return False

    def has_settle_permission(self, request: HttpRequest) -> bool:
        return permissions.may_settle_manuscripts(actor_of(request.user))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Manuscript]:
        large = (f"post__{name}" for name in (*LARGE_COLUMNS, *LONG_COLUMNS))
        manuscripts = super().get_queryset(request).select_related("post", "sender", "machine", "resolved_by")
        return manuscripts.defer("source", *large)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view
        return [
            path("import/", page(import_files), name="blog_manuscript_import"),
            path("<int:pk>/settle/", page(require_POST(self.settle_view)), name="blog_manuscript_settle"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may_import = permissions.may_edit(actor_of(request.user), None)
        context = {"title": "届いた原稿", "may_import": may_import}
        return super().changelist_view(request, context | (extra_context or {}))

    # Columns

    @admin.display(description="結果", ordering="outcome")
    def result(self, manuscript: Manuscript) -> str:
        outcome = str(manuscript.get_outcome_display())
        is_held = any(finding.code == Code.HELD_BACK for finding in manuscript.findings)
        return f"{outcome}（公開しない印あり）" if is_held else outcome

    @admin.display(description="確認", empty_value="")
    def attention(self, manuscript: Manuscript) -> SafeString | str:
        if manuscript.resolved_at:
            return f"確認済み（{_name(manuscript.resolved_by)}）"
        if manuscript.is_blocking:
            return format_html('<strong class="mark alarm">{}</strong>', "要確認")
        return f"気になる点 {len(manuscript.problems)}" if manuscript.problems else ""

    @admin.display(description="記事", empty_value="")
    def article(self, manuscript: Manuscript) -> SafeString | None:
        if not (post := manuscript.post):
            return None
        return format_html(
            '<a href="{}">{}</a> <span class="mark">{}</span>',
            reverse("admin:blog_post_change", args=[post.pk]),
            post.working_title or "（無題）",
            post.state(timezone.now()),
        )

    @admin.display(description="届き方", ordering="way")
    def origin(self, manuscript: Manuscript) -> str:
        who = _name(manuscript.sender) or str(manuscript.machine or "")
        way = str(manuscript.get_way_display())
        return f"{way}（{who}）" if who else way

    @admin.display(description="届いた日時", ordering="received_at")
    def received(self, manuscript: Manuscript) -> SafeString:
        local = timezone.localtime(manuscript.received_at)
        return format_html('<span class="day">{}</span> {}', f"{local:%Y-%m-%d}", f"{local:%H:%M}")

    # One manuscript

    @admin.display(description="気になる点", empty_value="ありません")
    def found(self, manuscript: Manuscript) -> SafeString | None:
        rows = (
            (
                format_html('<a href="#line-{0}">{0}行目</a> ', finding.line) if finding.line else "",
                format_html('<strong class="mark alarm">{}</strong> ', "要確認")
                if finding.is_blocking
                else "",
                finding.message,
            )
            for finding in manuscript.findings
        )
        listed = format_html_join("", "<li>{}{}{}</li>", rows)
        return format_html('<ul class="problems">{}</ul>', listed) if listed else None

    @admin.display(description="届いたままの原稿", empty_value="残っていません")
    def text(self, manuscript: Manuscript) -> SafeString | None:
        """The original with its line numbers, as text: nothing in it may become HTML."""
        lines = manuscript.source.removesuffix("\n").split("\n")
        numbered = format_html_join("", '<li id="line-{}">{}</li>', enumerate(lines, start=1))
        return format_html('<ol class="manuscript-text">{}</ol>', numbered) if manuscript.source else None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = {"title": "届いた原稿", "may_settle": self.has_settle_permission(request)}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    # Settling

    def settle_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        permissions.require(self.has_settle_permission(request), "原稿を確認済みにする")
        self._settle(request, Manuscript.objects.filter(pk=get_object_or_404(Manuscript, pk=pk).pk))
        return redirect("admin:blog_manuscript_change", pk)

    @admin.action(description="確認済みにする", permissions=["settle"])
    def settle_selected(self, request: HttpRequest, manuscripts: QuerySet[Manuscript]) -> None:
        self._settle(request, manuscripts)

    def _settle(self, request: HttpRequest, manuscripts: QuerySet[Manuscript]) -> None:
        open_ones = list(Manuscript.objects.open().filter(pk__in=manuscripts.values("pk")).defer("source"))
        Manuscript.objects.filter(pk__in=[manuscript.pk for manuscript in open_ones]).update(
            resolved_at=timezone.now(), resolved_by=request.user
        )
        for manuscript in open_ones:
            self.log_change(request, manuscript, "確認済みにしました。")
        if open_ones:
            self.message_user(request, f"{len(open_ones)}件を確認済みにしました。", messages.SUCCESS)
        else:
            self.message_user(request, "要確認の原稿はありませんでした。", messages.INFO)


def _name(user: User | None) -> str:
    return (user.get_full_name() or user.get_username()) if user else ""
