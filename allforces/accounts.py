"""Sign-in rules for django-allauth: accounts are given by the desk, nobody makes one."""

from __future__ import annotations

import logging
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm, ResetPasswordForm
from django.conf import settings
from django.db import connections
from django.http import HttpRequest
from django.urls import reverse

logger = logging.getLogger(__name__)

letters = ThreadPoolExecutor(1, thread_name_prefix="mail")
"""Writes and sends mail, one after the other. A worker that ends waits for it as long as gunicorn's `graceful_timeout`."""


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count failures for every spelling of a name together, as generously as any database compares them.

        PostgreSQL finds `sato` for `ſato` too, and each spelling would have five attempts of its own.
        """
        names = {key: one_spelling(str(name)) for key, name in credentials.items() if key != "password"}
        super().pre_authenticate(request, **names)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link in the mail leads to our own site, whatever `Host` the asking request claimed."""
        # The key is "<uid>-<token>", of which the route makes two arguments.
        uid, token = key.split("-", 1)
        return settings.SITE_URL + reverse(
            "account_reset_password_from_key", kwargs={"uidb36": uid, "key": token}
        )


def one_spelling(name: str) -> str:
    """`name` without width, case and the letters that only case folding tells apart (ſ, ı)."""
    return unicodedata.normalize("NFKC", name.strip()).upper().casefold()


class SignInForm(LoginForm):
    """allauth's form, with a label that says what to type and the name that everybody knows its field by."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "ユーザー名またはメールアドレス"
        self.fields["login"].widget.attrs |= {
            "autocomplete": "username",
            "autocapitalize": "none",
            "autofocus": True,
        }
        for name in ("login", "password"):
            del self.fields[name].widget.attrs["placeholder"]

    def add_prefix(self, field_name: str) -> str:
        """`username` on the wire, as on every other Django site: scripts and password managers look for that."""
        prefixed: str = super().add_prefix("username" if field_name == "login" else field_name)
        return prefixed


class ForgottenPasswordForm(ResetPasswordForm):
    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Nobody waits for the mail server: how long the answer takes would tell which addresses have a login."""
        letters.submit(copy_context().run, self._send, request, kwargs)
        address: str = self.cleaned_data["email"]
        return address

    def _send(self, request: HttpRequest, kwargs: dict[str, Any]) -> None:
        try:
            super().save(request, **kwargs)
        except OSError as error:  # the network's, and smtplib's own
            logger.error("a letter for a new password was not sent: %s", error)
        except Exception:
            logger.exception("a letter for a new password was not sent")
        finally:
            connections.close_all()
