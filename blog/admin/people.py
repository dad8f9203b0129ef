"""Logins. Django's own pages, but for what signing in by e-mail address asks of them."""

from __future__ import annotations

from typing import Any

import allauth.account.admin  # noqa: F401  registers the package's table of addresses, which is taken away below
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.http import HttpRequest

# Without sign-up nobody confirms addresses: the one of the login counts, and a second list of them only confuses.
admin.site.unregister(EmailAddress)
admin.site.unregister(User)


@admin.register(User)
class PeopleAdmin(UserAdmin):
    list_display = ("username", "email", "last_name", "first_name", "is_staff", "is_active", "last_login")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.email = obj.email.lower()  # django-allauth looks for addresses in small letters
        super().save_model(request, obj, form, change)
