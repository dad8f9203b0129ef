"""Admin of users and groups: Django's pages, adapted to sign-in by e-mail address and protected against escalation."""

from __future__ import annotations

from typing import Any

import allauth.account.admin  # noqa: F401  registers the package's e-mail addresses, which are unregistered below
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from blog.admin.base import DeskAdmin
from blog.admin.deletion import KindDeletion
from blog.admin.generic import UserAdmin
from blog.editorial import permissions
from blog.editorial.actors import actor_of

# Without sign-up no address is confirmed: `User.email` counts, and a second list would only confuse.
admin.site.unregister(EmailAddress)
admin.site.unregister((User, Group))


@admin.register(Group)
class RightsAdmin(DeskAdmin[Group], GroupAdmin):
    """Group admin; only superusers may change permissions."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return permissions.may_give_rights(actor_of(request.user))

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return permissions.may_give_rights(actor_of(request.user))

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return permissions.may_give_rights(actor_of(request.user))


@admin.register(User)
class PeopleAdmin(KindDeletion[User], UserAdmin[User]):
    list_display = ("username", "email", "last_name", "first_name", "is_staff", "is_active", "last_login")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        may_give = obj is None or permissions.may_give_rights(actor_of(request.user))
        rights = () if may_give else permissions.RIGHTS
        return (*super().get_readonly_fields(request, obj), *rights)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and permissions.may_touch_login(
            actor_of(request.user), obj
        )

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and permissions.may_touch_login(
            actor_of(request.user), obj
        )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.email = obj.email.lower()  # django-allauth looks up addresses in lower case
        super().save_model(request, obj, form, change)
        # It has kept the address of a password reset, which would go on opening the account.
        EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()

    def why_kept(self, item: User) -> str:
        if not _left_a_trace(item):
            return ""
        return format_html(
            "「{}」の名前は、記事の版や操作の記録に残っているので、消せません。代わりに"
            '<a href="{}">このログインの画面</a>で「有効」の印を外して保存してください。'
            "すぐにログインできなくなり、開いている画面も使えなくなります。"
            "版の履歴・操作の記録・記事の署名の名前と、下書きは、そのまま残ります。",
            item,
            reverse("admin:auth_user_change", args=[item.pk]),
        )


def _left_a_trace(user: User) -> bool:
    """Whether deleting this login would remove a name or a text from the magazine or the audit log."""
    relations: Any = User._meta.get_fields(include_hidden=True)
    for field in relations:
        model = field.related_model
        if not field.one_to_many or model._meta.app_label not in ("blog", "admin"):
            continue  # sign-in data and the link to an author may go with the login
        name = field.remote_field.name
        if name != "assignee" and model._base_manager.filter(**{name: user}).exists():
            return True
    return False
