"""Django's test client, which passes the page cache's door on its way, as all requests do in life."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.signals import request_finished
from django.db import close_old_connections
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler

from blog.public.page_cache.door import Door, Environ


def without_signal(close: Callable[[], object]) -> None:
    request_finished.disconnect(close_old_connections)
    close()
    request_finished.connect(close_old_connections)


class DoorHandler(ClientHandler):
    """Handler of `DoorClient`. Nothing is kept: what is in a test's transaction, no other connection can see."""

    def __call__(self, environ: Environ) -> Any:
        inner: list[Any] = []
        sent: list[Any] = []

        def application(asked: Environ, start_response: Any) -> Any:
            response = super(DoorHandler, self).__call__(asked)
            inner[:] = [response]
            # Closing ends the request; here, too, that must not close the connection with the test's transaction.
            close, response.close = response.close, lambda: without_signal(close)
            start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
            return response

        def start_response(status: str, headers: Any) -> None:
            sent[:] = status, headers

        body: Iterable[bytes] = Door(application)(environ, start_response)
        [response] = inner
        if body is response:
            return response
        status, headers = sent
        answer: Any = HttpResponse(b"".join(body), status=int(status[:3]), headers=dict(headers))
        if not any(name.lower() == "content-type" for name, _ in headers):
            del answer.headers["Content-Type"]
        if "Location" in answer.headers:
            answer.url = answer.headers["Location"]  # as of Django's redirects
        answer.cookies, answer.wsgi_request = response.cookies, response.wsgi_request
        return answer


class DoorClient(Client):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.handler = DoorHandler(self.handler.enforce_csrf_checks)
