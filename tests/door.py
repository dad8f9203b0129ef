"""Django's test client, which passes the page cache's door on its way, as all requests do in life."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler

from blog.public.page_cache.answers import Environ
from blog.public.page_cache.door import Door
from blog.public.page_cache.freshness import Freshness
from blog.public.page_cache.store import Store


class DoorClient(Client):
    """Without a store nothing is kept: what is in a test's transaction, the cache's own connection cannot see."""

    def __init__(
        self, *, store: Store | None = None, freshness: Freshness | None = None, **options: Any
    ) -> None:
        super().__init__(**{"HTTP_HOST": "testserver"} | options)  # which every browser sends
        self.handler = DoorHandler(self.handler.enforce_csrf_checks)
        self.handler.door = Door(self.handler.ask_django, store=store, freshness=freshness)


class DoorHandler(ClientHandler):
    door: Door

    def __call__(self, environ: Environ) -> Any:
        self.response: Any = None
        sent: list[Any] = []

        def start_response(status: str, headers: Any) -> None:
            sent[:] = status, headers

        body: Iterable[bytes] = self.door(environ, start_response)
        if body is self.response:
            return body
        status, headers = sent
        answer: Any = HttpResponse(b"".join(body), status=int(status[:3]), headers=dict(headers))
        if not any(name.lower() == "content-type" for name, _ in headers):
            del answer.headers["Content-Type"]
        if "Location" in answer.headers:
            answer.url = answer.headers["Location"]  # as of Django's redirects
        if self.response:
            answer.cookies, answer.wsgi_request = self.response.cookies, self.response.wsgi_request
        else:
            answer.wsgi_request = WSGIRequest(environ)
        return answer

    def ask_django(self, environ: Environ, start_response: Callable[..., Any]) -> Any:
        response: Any = super().__call__(environ)
        self.response = response
        # Closing ends the request; here, too, that must not close the connection with the test's transaction.
        close, response.close = response.close, lambda: without_signal(close)
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return response


def without_signal(close: Callable[[], object]) -> None:
    request_finished.disconnect(close_old_connections)
    close()
    request_finished.connect(close_old_connections)
