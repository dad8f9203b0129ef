"""Middleware: response headers, requests that are refused, and bypass of session and sign-in for readers' requests."""

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase

DESK = ("/admin/", "/accounts/")
POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"


def require_host(application: WSGIApplication) -> WSGIApplication:
    """WSGI middleware: answer 400 to HTTP/1.1 without `Host` (RFC 9112, 3.2).

    Django would take the name of the server instead. It is around Django because its test client sends no `Host` either.
    """

    def guarded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["SERVER_PROTOCOL"] == "HTTP/1.1" and not environ.get("HTTP_HOST"):
            start_response("400 Bad Request", [("Content-Type", "text/plain"), ("Content-Length", "19")])
            return [b"Host header missing"]
        return application(environ, start_response)

    return guarded


class OrderedCSPMiddleware(CSPMiddleware):
    """Middleware: the Content-Security-Policy with its directives in the order of the settings.

    django-csp keeps them in a set, whose order differs from process to process; what is added to it keeps its order.
    """

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts: PolicyParts = super().get_policy_parts(request, response, report_only)
        if not report_only:
            replaced = parts.replace or {}
            parts.config, parts.replace = {}, {}
            parts.update = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"] | replaced
        return parts


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
