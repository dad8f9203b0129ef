"""Health check (`/healthz`) for monitors and load balancers; for callers on this machine with figures of the page cache."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from blog.public import page_cache

logger = logging.getLogger(__name__)

PATIENCE = 0.8
_thread = ThreadPoolExecutor(1, thread_name_prefix="healthz")
_lock = Lock()
_asked: Future[None] | None = None


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """View: 200 `ok` when the database answers, else 503, within a second. The reason is logged, not shown.

    A caller on this machine also reads the figures of the page cache, of the process that answers.
    """
    try:
        ask().result(PATIENCE)
    except (Error, TimeoutError) as error:
        logger.error("the database does not answer: %s", str(error) or f"nothing heard for {PATIENCE} s")
        return HttpResponse("database unavailable\n", status=503, content_type="text/plain")
    figures = page_cache.status() if is_local(request) else {}
    lines = ["ok", *(f"{name} {number}" for name, number in figures.items())]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


def is_local(request: HttpRequest) -> bool:
    """Whether nobody asks but a program on this machine: a proxy there passes on the name of the site, and for whom."""
    by_name = request.get_host().partition(":")[0] in ("127.0.0.1", "localhost")
    is_here = request.META.get("REMOTE_ADDR", "") in ("127.0.0.1", "::1")
    return by_name and is_here and "HTTP_X_FORWARDED_FOR" not in request.META


def ask() -> Future[None]:
    """Query the database in a thread, which may hang; one query at a time, shared by concurrent requests."""
    global _asked
    with _lock:
        if _asked is None or _asked.done():
            _asked = _thread.submit(_select)
        return _asked


def _select() -> None:
    """Run `SELECT 1` on a new connection: a busy pool or a dead pooled connection says nothing about the database."""
    connection = connections.create_connection(DEFAULT_DB_ALIAS)
    connection.settings_dict = {**connection.settings_dict, "REQUESTS": {}}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()
