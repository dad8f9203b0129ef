"""Sign-in for django-allauth: adapter and forms, without sign-up; accounts are created in the admin."""

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
"""Background thread that sends mail sequentially. A worker that stops waits for it up to gunicorn's `graceful_timeout`."""


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count failed attempts for all spellings of a name together, folded as broadly as any database compares.

        PostgreSQL finds `sato` for `ſato` too, and otherwise each spelling would get its own five attempts.
        """
        names = {key: one_spelling(str(name)) for key, name in credentials.items() if key != "password"}
        super().pre_authenticate(request, **names)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Link in the password mail; always to SITE_URL, whatever `Host` the request claimed."""
        # The key is "<uid>-<token>"; the route takes them as two arguments.
        uid, token = key.split("-", 1)
        return settings.SITE_URL + reverse(
            "account_reset_password_from_key", kwargs={"uidb36": uid, "key": token}
        )


def one_spelling(name: str) -> str:
    """Fold width and case of a login name, including letters like ſ and ı."""
    return unicodedata.normalize("NFKC", name.strip()).upper().casefold()


class SignInForm(LoginForm):
    """Sign-in form: allauth's, with a label for user name or e-mail address, and the usual field name."""

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
        """Name the field `username` in HTML, as other Django sites do: scripts and password managers expect it."""
        prefixed: str = super().add_prefix("username" if field_name == "login" else field_name)
        return prefixed


class ForgottenPasswordForm(ResetPasswordForm):
    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Send the mail in the background: the response time would reveal which addresses have a login."""
        letters.submit(copy_context().run, self._send, request, kwargs)
        address: str = self.cleaned_data["email"]
        return address

    def _send(self, request: HttpRequest, kwargs: dict[str, Any]) -> None:
        try:
            super().save(request, **kwargs)
        except OSError as error:  # network errors and smtplib's own
            logger.error("a letter for a new password was not sent: %s", error)
        except Exception:
            logger.exception("a letter for a new password was not sent")
        finally:
            connections.close_all()
