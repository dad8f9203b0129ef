"""Error pages: 503 for database outages (unreachable, busy, full), 500 for the rest, with the form that an editor has sent."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import suppress

from django.db import Error, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.log import log_response

from allforces import resend
from blog.admin.editor import is_script
from blog.views import errors

RETRY_AFTER = 10
NOT_SAVED = "データベースにつながらないため、いまはできません。少し待って、もう一度お試しください。"
# PostgreSQL classifies these as internal errors: a standby before promotion, a session ended by the server.
READ_ONLY, SESSION_ENDED = "25006", "25P03"
SQLITE = ("locked", "busy", "full", "readonly", "read-only", "unable to open", "disk i/o")
"""Parts of SQLite's messages about outages; its other errors of this class are bugs, such as a missing table."""


def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`: answers 503 when the database failed, wherever that was noticed; else 500.

    An editor keeps what was in the form in both cases.
    """
    error = sys.exc_info()[1]
    if is_outage(error):
        return unavailable(request, error)
    if not resend.is_for_the_desk(request) or is_script(request):
        return errors.server_error(request)
    why, then = "プログラムに問題が起きました。おそらく", "少し待ってから、"
    response = resend.page(request, why=why, then=then)
    response.status_code = 500
    response["Cache-Control"] = "no-store"
    return response


def is_outage(error: BaseException | None) -> bool:
    if isinstance(getattr(error, "__cause__", None), sqlite3.OperationalError):
        return any(word in str(error).lower() for word in SQLITE)
    state = getattr(getattr(error, "__cause__", None), "sqlstate", None)
    return isinstance(error, OperationalError | InterfaceError) or state in (READ_ONLY, SESSION_ENDED)


def unavailable(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """Response 503, built without database, context or static files. Logged in one line: there may be thousands."""
    with suppress(Error):
        connection.close()  # a connection opened while the file was read-only would stay read-only
    is_desk = request.path_info.startswith(reverse("admin:index"))
    response: HttpResponse
    if request.path_info == reverse("blog:intake"):
        response = JsonResponse({"error": NOT_SAVED})  # to machines
    elif not request.accepts("text/html"):
        response = HttpResponse("database unavailable\n", content_type="text/plain")
    elif is_desk and (is_script(request) or request.headers.get("Sec-Fetch-Dest") == "empty"):
        response = JsonResponse({"error": NOT_SAVED})  # to the editor's scripts
    elif is_desk and request.method == "POST":
        why, then = "データベースにつながらないため、", "画面を閉じずに少し待ってから、"
        response = resend.page(request, why=why, then=then)
    else:
        response = HttpResponse(render_to_string("503.html"))
    response.status_code = 503
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    log_response(
        "%s %s: the database does not serve: %s",
        request.method,
        request.path,
        " ".join(str(error).split()),
        response=response,
        request=request,
    )
    return response
