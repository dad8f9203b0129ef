"""Admin of search: synonyms, and searches without results."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from blog.admin.base import DeskAdmin
from blog.admin.generic import ModelForm
from blog.editorial import synonyms
from blog.editorial.actors import signed_in
from blog.editorial.changes import Kind
from blog.models import MissedSearch, Synonym


@admin.register(Synonym)
class SynonymAdmin(DeskAdmin[Synonym]):
    """Search synonyms; they take effect at once, since they are looked up at query time."""

    list_display = ("words",)
    search_fields = ("words", "keys")
    fields = ("words",)
    change_kind = Kind.SYNONYM

    def is_seen(self, item: Synonym | None) -> bool:
        return True

    def save_model(self, request: HttpRequest, obj: Synonym, form: ModelForm[Synonym], change: bool) -> None:
        synonyms.save(obj, by=signed_in(request.user), now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: Synonym) -> None:
        synonyms.delete(obj, by=signed_in(request.user), now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Synonym]) -> None:
        for synonym in queryset:
            synonyms.delete(synonym, by=signed_in(request.user), now=timezone.now())


@admin.register(MissedSearch)
class MissedSearchAdmin(DeskAdmin[MissedSearch]):
    """Searches without results (「見つからなかった検索」): a worklist; editors delete what is done."""

    list_display = ("query", "count", "last_day", "fallbacks")
    search_fields = ("query",)
    date_hierarchy = "last_day"
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="できること")
    def fallbacks(self, missed: MissedSearch) -> SafeString:
        return format_html(
            '<a href="{}?{}">同義語を足す</a> <a href="{}?{}">もう一度探す</a>',
            reverse("admin:blog_synonym_add"),
            urlencode({"words": f"{missed.query}、"}),
            reverse("blog:search"),
            urlencode({"q": missed.query}),
        )
