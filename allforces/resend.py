"""Resend page: shown when a form could not be processed (outage, expired session); contains the sent data.

Works without scripts. The editor's own script shows a message instead, and keeps the text in the form.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.urls import reverse
from django.views import csrf

from blog.admin.editor import is_script


def is_for_the_desk(request: HttpRequest) -> bool:
    """Whether a form of the desk was sent. (To sign out is no form: it is to lead to the sign-in page.)"""
    is_sent = request.method == "POST" and request.path_info.startswith(reverse("admin:index"))
    return is_sent and request.path_info != reverse("admin:logout")


def page(request: HttpRequest, *, why: str, then: str, login: str = "") -> HttpResponse:
    """Render the page. `why`: beginning of the sentence that ends in 「何も保存されていません」; `then`: what to do first."""
    context = {"why": why, "then": then, "login": login}
    return HttpResponse(render_to_string("resend.html", context | sent(request)))


def sent(request: HttpRequest) -> dict[str, object]:
    """Template context for sending the form again; empty unless the form came from our own site.

    Otherwise another site could make ours show any content with a submit button (CSRF). The origin is proven by a valid
    token, or by the browser's headers, which no page can change. A form with a password is never repeated.
    """
    # Set by CsrfViewMiddleware when origin and token are valid; unset for views that need no token.
    has_token = getattr(request, "csrf_processing_done", False) and "csrfmiddlewaretoken" in request.POST
    origin = urlsplit(request.headers.get("Origin", ""))
    is_ours = has_token or (origin.scheme, origin.netloc) == (request.scheme, request.get_host())
    if not is_ours or any("password" in name.lower() for name in request.POST):
        return {}
    pairs = [(name, value) for name, values in request.POST.lists() for value in values]
    fields = [pair for pair in pairs if pair[0] != "csrfmiddlewaretoken"]
    files = [file.name for _, files in request.FILES.lists() for file in files]
    token = ("csrfmiddlewaretoken", get_token(request))
    return {"action": request.get_full_path(), "fields": [token, *fields], "files": files}


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """`CSRF_FAILURE_VIEW`: usually the user has signed in again in another tab since the page was opened."""
    if not is_for_the_desk(request) or is_script(request) or not sent(request):
        return csrf.csrf_failure(request, reason=reason)
    why = "画面を開いたあとで、ログインし直されています。"
    response = page(request, why=why, then="書いていた人としてログインしているのを確かめて、")
    response.status_code = 403
    return response


def signed_out(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: keep a form whose session has expired; Django redirects to the sign-in page and loses it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        login = resolve_url(settings.LOGIN_URL)
        led_to = urlsplit(response.headers.get("Location", "")).path
        is_led_away = response.status_code == 302 and led_to in (login, reverse("admin:login"))
        if not is_led_away or not is_for_the_desk(request) or is_script(request) or not sent(request):
            return response
        kept = page(
            request, why="ログインが切れているため、", then="ログインしてから、この画面に戻って", login=login
        )
        kept.status_code = 403
        kept["Cache-Control"] = "no-store"
        return kept

    return middleware
