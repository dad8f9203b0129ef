"""Browsers in which somebody has signed in before, known by a cookie: strangers' wrong passwords do not lock these out.

Nothing is stored: the cookie is signed, with the hash of the password as part of the key, so a new password makes it
void. It goes to the sign-in page only, and opens nothing by itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

MAX_AGE = 400 * 86_400
"""Seconds; browsers keep no cookie longer."""


def remember(response: HttpResponseBase, user: AbstractBaseUser) -> None:
    """Set the cookie, after `user` has signed in. People who share a computer have one each."""
    response.set_cookie(
        _cookie(user),
        signing.dumps([user.pk, secrets.token_hex(8)], salt=_salt(user)),
        max_age=MAX_AGE,
        path=reverse("account_login"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def known(request: HttpRequest, accounts: Sequence[AbstractBaseUser]) -> str:
    """Name of this browser when one of these accounts, and it alone, is tried, and has signed in here; else "".

    A name that may open several accounts is known nowhere: the owner of one could try the password of another.
    """
    if len(accounts) != 1:
        return ""
    [user] = accounts
    try:
        pk, number = signing.loads(request.COOKIES.get(_cookie(user), ""), salt=_salt(user), max_age=MAX_AGE)
    except signing.BadSignature:
        return ""
    return f"browser:{pk}:{number}"


def _cookie(user: AbstractBaseUser) -> str:
    return f"known_browser_{user.pk}"


def _salt(user: AbstractBaseUser) -> str:
    return f"allforces.known_browsers {user.password}"
