"""Logins. Django's own pages, but for what signing in by e-mail address asks of them."""

from __future__ import annotations

from typing import Any

import allauth.account.admin  # noqa: F401  registers the package's table of addresses, which is taken away below
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest

from blog.admin.base import DeskAdmin

# Without sign-up nobody confirms addresses: the one of the login counts, and a second list of them only confuses.
admin.site.unregister(EmailAddress)
admin.site.unregister((User, Group))


RIGHTS = ("is_superuser", "groups", "user_permissions")


def _may_touch(user: Any, other: User | None) -> bool:
    """A superuser's password or address, in the hands of somebody else, would be a way to their rights."""
    return user.is_superuser or other is None or not other.is_superuser


@admin.register(Group)
class RightsAdmin(DeskAdmin, GroupAdmin):
    """Which group may do what is for superusers to say."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser


@admin.register(User)
class PeopleAdmin(DeskAdmin, UserAdmin):
    list_display = ("username", "email", "last_name", "first_name", "is_staff", "is_active", "last_login")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Rights are given by superusers alone: whoever else makes logins would give them to themselves."""
        rights = () if request.user.is_superuser or obj is None else RIGHTS
        return (*super().get_readonly_fields(request, obj), *rights)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request.user, obj)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.email = obj.email.lower()  # django-allauth looks for addresses in small letters
        super().save_model(request, obj, form, change)
