"""Health check (`/healthz`) for monitors and load balancers."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)

PATIENCE = 0.8
_thread = ThreadPoolExecutor(1, thread_name_prefix="healthz")
_lock = Lock()
_asked: Future[None] | None = None


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """View: 200 `ok` when the database answers, else 503, within a second. The reason is logged, not shown."""
    try:
        ask().result(PATIENCE)
    except (Error, TimeoutError) as error:
        logger.error("the database does not answer: %s", str(error) or f"nothing heard for {PATIENCE} s")
        return HttpResponse("database unavailable\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


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
