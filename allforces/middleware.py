"""Middleware: response headers that no package sets, and bypass of session and sign-in for readers' requests."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

DESK = ("/admin/", "/accounts/")
POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"


def permissions_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: set Permissions-Policy, which disables browser features that the site never uses."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", POLICY)
        return response

    return middleware


def noindex(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: with NOINDEX, set `X-Robots-Tag` on everything: pages, feeds, images, static files. (Pages also have a
    meta element.)"""
    if not settings.NOINDEX:
        raise MiddlewareNotUsed

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return middleware


def refuse_nul(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: answer 400 to a NUL in the query string: nobody types one, and PostgreSQL text cannot hold it (SQLite
    can).

    The search page is exempt; it accepts any input and shows its own message.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if ("%00" in query or "\0" in query) and request.path != "/search/":
            return HttpResponseBadRequest(
                "URLに使えない文字があります。", content_type="text/plain; charset=utf-8"
            )
        return get_response(request)

    return middleware


class ViewHandler(BaseHandler):
    """Django's request handler without middleware: resolves the path and calls the view."""

    _view_middleware = _template_response_middleware = _exception_middleware = ()

    def __init__(self) -> None:
        # The innermost handler of `load_middleware`, which is all of it when there is no middleware.
        get_response: Callable[[HttpRequest], HttpResponse] = self._get_response  # type: ignore[attr-defined]
        self.respond: Any = convert_exception_to_response(get_response)


def readers_pass_by(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: skip the middleware listed after this one (session, sign-in, messages, CSRF) outside the admin's paths.

    A public page is the same for everybody, so nothing may identify a visitor while it is built. Outside `DESK` no view
    accepts a form (`tests/test_access.py` requests each of them).
    """
    to_the_view = ViewHandler().respond

    def middleware(request: HttpRequest) -> HttpResponse:
        is_desk = request.path_info.startswith(DESK)
        response: HttpResponse = get_response(request) if is_desk else to_the_view(request)
        return response

    return middleware
