"""Sign-in for django-allauth: adapter and forms, without sign-up; accounts are created in the admin."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from threading import get_ident
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm, ResetPasswordForm
from allauth.core.internal.ratelimit import RateLimitUsage, SingleRateLimitUsage
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, User
from django.core.signals import request_finished
from django.db import connections
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allforces import known_browsers

logger = logging.getLogger(__name__)

letters = ThreadPoolExecutor(1, thread_name_prefix="mail")
"""Background thread that sends mail sequentially. A worker that stops waits for it up to gunicorn's `graceful_timeout`."""


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Address by which attempts are counted; at the sign-in page, a browser that the account knows counts alone."""
        if request.method == "POST" and request.path_info == reverse("account_login"):
            accounts = accounts_of(request.POST.get("username", ""))
            if browser := known_browsers.known(request, accounts):
                return browser
        address: str = super().get_client_ip(request)
        return address

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count failed attempts for each account together, whether by name or e-mail address, in whatever spelling.

        A browser that the account knows counts apart from strangers.
        """
        login = str(credentials.get("email") or credentials.get("username", ""))
        accounts = accounts_of(login)
        browser = known_browsers.known(request, accounts)
        keys = [browser] if browser else [f"account:{user.pk}" for user in accounts]
        usage: list[SingleRateLimitUsage] = []
        for key in keys or [f"nobody:{one_spelling(login)}"]:
            super().pre_authenticate(request, username=key)
            if counted := self._login_failed_rl_usage:
                usage += counted.usage
        self._login_failed_rl_usage = RateLimitUsage(usage)  # which a successful attempt takes back

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """Forget the failed attempts of the account whose password has just been renewed by mail (called by allauth)."""
        for user in accounts_of(str(credentials.get("email", ""))):
            super()._delete_login_attempts_cached_email(request, username=f"account:{user.pk}")

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **details: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **details)
        known_browsers.remember(response, user)
        return response

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Link in the password mail; always to SITE_URL, whatever `Host` the request claimed."""
        # The key is "<uid>-<token>"; the route takes them as two arguments.
        uid, token = key.split("-", 1)
        return settings.SITE_URL + reverse(
            "account_reset_password_from_key", kwargs={"uidb36": uid, "key": token}
        )


def accounts_of(login: str) -> list[User]:
    """Accounts whose password is tried with this name or e-mail address, compared as broadly as any database does.

    PostgreSQL finds `sato` for `ſato` too. allauth copies `User.email` into a table of its own at a password reset.
    """
    spellings = {login.replace("\0", "").strip(), one_spelling(login)}
    named = Q()
    for spelling in spellings - {""}:
        named |= Q(username__iexact=spelling) | Q(email__iexact=spelling)
        named |= Q(emailaddress__email__iexact=spelling)
    return list(User.objects.filter(named).distinct().order_by("pk")) if named else []


def one_spelling(name: str) -> str:
    """Fold width and case of a login name, including letters like ſ and ı."""
    return unicodedata.normalize("NFKC", name.replace("\0", "").strip()).upper().casefold()


def after_the_answer(work: Callable[[], object]) -> None:
    """Call `work` once the answer to the request of this thread has been sent."""
    thread = get_ident()

    def receiver(**signal: Any) -> None:
        if get_ident() == thread:
            request_finished.disconnect(receiver)
            work()

    request_finished.connect(receiver, weak=False)


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
        """Send the mail in the background, after the answer: its time would reveal which addresses have a login."""
        after_the_answer(partial(letters.submit, copy_context().run, self._send, request, kwargs))
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
