"""List filters of the posts' admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils import timezone

from blog.editorial import permissions
from blog.models import Category
from blog.querysets import PostQuerySet


class StateFilter(admin.SimpleListFilter):
    """Filter posts by publication state; by default everything outside the trash."""

    title = "状態"
    parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        blocked = model_admin.get_queryset(request).blocked(timezone.now()).count()
        return [
            ("unpublished", "未公開"),
            ("scheduled", "予約"),
            ("published", "公開"),
            ("blocked", f"要確認（一覧に出ない記事） {blocked}" if blocked else "要確認（一覧に出ない記事）"),
            ("changed", "未公開の変更あり"),
            ("withdrawn", "取り下げ"),
            ("bin", "ゴミ箱"),
        ]

    def queryset(self, request: Any, queryset: Any) -> PostQuerySet:
        posts: PostQuerySet = queryset
        now = timezone.now()
        match self.value():
            case "unpublished":
                return posts.unpublished()
            case "scheduled":
                return posts.scheduled(now)
            case "published":
                return posts.published(now)
            case "blocked":
                return posts.blocked(now)
            case "changed":
                return posts.changed_since_publication()
            case "withdrawn":
                return posts.withdrawn(now)
            case "bin":
                return posts.trashed()
        return posts.not_trashed()


class MineFilter(admin.SimpleListFilter):
    title = "私の記事"
    parameter_name = "mine"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "私が書いた・担当する記事")]

    def queryset(self, request: Any, queryset: Any) -> PostQuerySet:
        posts: PostQuerySet = queryset
        return posts.written_by(request.user) if self.value() else posts


class CategoryFilter(admin.SimpleListFilter):
    """Filter posts by their live section; posts that were never live, by that of their working text."""

    title = "カテゴリ"
    parameter_name = "category"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in Category.objects.values_list("name", flat=True)]

    def queryset(self, request: Any, queryset: Any) -> PostQuerySet:
        posts: PostQuerySet = queryset
        category = Category.objects.filter(name=self.value()).first() if self.value() else None
        return posts.filed_under(category) if category else posts


class AssigneeFilter(admin.SimpleListFilter):
    title = "担当"
    parameter_name = "assignee"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        people = permissions.assignable().order_by("pk")
        return [(str(user.pk), user.get_full_name() or user.get_username()) for user in people]

    def queryset(self, request: Any, queryset: Any) -> PostQuerySet:
        posts: PostQuerySet = queryset
        value = self.value() or ""
        return (
            posts.filter(assignee=int(value)) if value in {key for key, _ in self.lookup_choices} else posts
        )
