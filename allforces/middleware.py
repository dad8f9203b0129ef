"""Middleware: response headers that no package sets, and the short way for readers' requests."""

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
    """Switch off what a magazine never asks of a browser."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", POLICY)
        return response

    return middleware


def noindex(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """With NOINDEX, keep everything out of search: pages, feeds, images, static files. (Pages say so in their head too.)"""
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
    """400 for a NUL in the query: nobody types one, and PostgreSQL takes it in no text (SQLite does).

    The search page reads whatever it is given and answers with a sentence of its own.
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
    """Django's handler with no middleware: it resolves the path and calls the view."""

    _view_middleware = _template_response_middleware = _exception_middleware = ()

    def __init__(self) -> None:
        # The innermost of what `load_middleware` puts together, and all of it when there is no middleware.
        get_response: Callable[[HttpRequest], HttpResponse] = self._get_response  # type: ignore[attr-defined]
        self.respond: Any = convert_exception_to_response(get_response)


def readers_pass_by(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Session, sign-in, messages and CSRF tokens for requests of the desk alone: the middleware listed after this one.

    A reader's page is the same for everybody, so nothing on its way may know a visitor. Outside `DESK` no view takes a
    form (`tests/test_access.py` asks each of them).
    """
    to_the_view = ViewHandler().respond

    def middleware(request: HttpRequest) -> HttpResponse:
        is_desk = request.path_info.startswith(DESK)
        response: HttpResponse = get_response(request) if is_desk else to_the_view(request)
        return response

    return middleware
