"""The answer while the database is away, busy or full: 503, and what an editor has sent is in it."""

from __future__ import annotations

import sqlite3
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.log import log_response

from blog.admin.editor import is_script
from blog.views import errors

RETRY_AFTER = 10
NOT_SAVED = "データベースにつながらないため、いまはできません。少し待って、もう一度お試しください。"
# PostgreSQL counts these among its internal errors: a standby that was no primary yet, a session that it has ended.
READ_ONLY, SESSION_ENDED = "25006", "25P03"
SQLITE = ("locked", "busy", "full", "readonly", "read-only", "unable to open", "disk i/o")
"""What SQLite says of itself; its other errors of this class are the program's, such as a table that is not there."""


def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`: the 503 when it is the database that failed, wherever that was noticed."""
    error = sys.exc_info()[1]
    return unavailable(request, error) if is_outage(error) else errors.server_error(request)


def is_outage(error: BaseException | None) -> bool:
    if isinstance(getattr(error, "__cause__", None), sqlite3.OperationalError):
        return any(word in str(error).lower() for word in SQLITE)
    state = getattr(getattr(error, "__cause__", None), "sqlstate", None)
    return isinstance(error, OperationalError | InterfaceError) or state in (READ_ONLY, SESSION_ENDED)


def unavailable(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """Needs no database, context or static file. Logged in one line: there may be thousands of it."""
    is_desk = request.path_info.startswith(reverse("admin:index"))
    response: HttpResponse
    if not request.accepts("text/html"):
        response = HttpResponse("database unavailable\n", content_type="text/plain")
    elif is_desk and is_script(request):
        response = JsonResponse({"error": NOT_SAVED})  # to the editor's scripts
    elif is_desk and request.method == "POST":
        response = HttpResponse(render_to_string("503_desk.html", _sent(request)))
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


def _sent(request: HttpRequest) -> dict[str, object]:
    """What the page needs to send the form again: nothing, unless a page of ours has sent it.

    Who signed in stands in the database that is away, so the token decides: without it another site could have us show
    what it likes, in our name. A form with a password in it is not repeated at all.
    """
    # Set by CsrfViewMiddleware when origin and token are right; views that need no token leave it unset.
    is_ours = getattr(request, "csrf_processing_done", False) and "csrfmiddlewaretoken" in request.POST
    if not is_ours or any("password" in name.lower() for name in request.POST):
        return {}
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    files = [file.name for _, files in request.FILES.lists() for file in files]
    return {"action": request.get_full_path(), "fields": fields, "files": files}
