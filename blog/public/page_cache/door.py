"""WSGI wrapper that answers public pages from the store, and asks Django for all others.

Three steps: the key of a request (`_base`), its answer, kept or not (`_answer`), and what of it is sent (`_send`).
Without a store nothing is kept, and all else is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import time
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port

from blog.models.image import RENDITIONS_URL
from blog.public.page_cache.answers import (
    Answer,
    Environ,
    Headers,
    encoding_for,
    headers_without_body,
    value_of,
    without_body,
)
from blog.public.page_cache.declaration import Kept, normal_form
from blog.public.page_cache.freshness import Epoch, Freshness
from blog.public.page_cache.store import Key, Store

Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

HEALTH = "/healthz"
NO_PAGES = ("/admin/", "/accounts/", "/intake/", "/share/", RENDITIONS_URL)
"""Where Django answers alone, beside static files and media."""
HEADERS_FOR_DJANGO = {"HTTP_HOST", "HTTP_ACCEPT"}
"""Request headers that a page may know, besides the one with the scheme. (`Accept`: for the page of an outage.)"""


class Stream:
    """Answer that is sent as Django gives it: a file of the old site."""

    def __init__(self, status: str, headers: Headers, chunks: Iterable[bytes]) -> None:
        self.status, self.headers, self.chunks = status, headers, chunks

    def close(self) -> None:
        if hasattr(self.chunks, "close"):
            self.chunks.close()


class Door:
    """WSGI application around Django's. `hits` and `misses` are for `/healthz`; threads may lose one."""

    def __init__(
        self, application: Application, *, store: Store | None = None, freshness: Freshness | None = None
    ) -> None:
        self._application, self._store, self._freshness = application, store, freshness
        self._not_here = (*NO_PAGES, settings.STATIC_URL, settings.MEDIA_URL)
        self._hosts = {host.lower() for host in settings.ALLOWED_HOSTS}
        self.hits = self.misses = 0

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        is_page = path != HEALTH and not path.startswith(self._not_here)
        if not is_page or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._application(environ, start_response)
        encoding = encoding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        return _send(self._answer(environ, encoding), encoding, environ, start_response)

    def status(self) -> dict[str, int]:
        epoch = self._store.epoch if self._store else None
        if self._store is None or epoch is None:
            return {}
        found = {"hits": self.hits, "misses": self.misses}
        return found | {"bytes": self._store.bytes, "version": epoch.version}

    def _answer(self, environ: Environ, encoding: str) -> Answer | Stream:
        query: str = environ.get("QUERY_STRING", "")
        base = self._base(environ)
        # Read before the page's first query, so that nothing in the page is older.
        epoch = self._freshness.current() if base and self._freshness else None
        if base is None or epoch is None or self._store is None:
            return self._ask(environ, query)
        has_waited = False
        while True:
            declared = self._store.get(epoch, base)
            wanted = normal_form(query, declared) if isinstance(declared, Kept) else query
            if wanted is None:
                return self._ask(environ, query)
            key = (*base, wanted)
            found = self._store.get(epoch, key)
            if isinstance(found, Answer):
                self.hits += 1
                if not found.has(encoding):
                    found.form(encoding)
                    self._store.put(epoch, key, found)  # it has grown
                return found
            # Whoever has waited in vain: the page is not to be kept, or takes too long.
            if has_waited and declared is None:
                return self._ask(environ, query)
            with self._store.rendering(epoch, key) as is_first:
                if is_first or has_waited:
                    return self._rendered(self._store, epoch, key, environ, encoding)
            has_waited = True

    def _rendered(
        self, store: Store, epoch: Epoch, key: Key, environ: Environ, encoding: str
    ) -> Answer | Stream:
        """Ask Django for the page, and keep it where the view has declared that it may be."""
        *base, query = key
        self.misses += 1
        answer = self._ask(environ, query)
        if isinstance(answer, Answer) and answer.kept:
            store.put(epoch, tuple(base), answer.kept)
            # With parameters that it does not depend on, it is only sent: from now on Django will not hear of them.
            if normal_form(query, answer.kept) == query:
                answer.form(encoding)
                store.put(epoch, key, answer)
        return answer

    def _base(self, environ: Environ) -> Key | None:
        """Scheme, host and path, as Django reads them; None for a host that is not ours."""
        host, _ = split_domain_port(environ.get("HTTP_HOST", ""))
        if host not in self._hosts or environ.get("SCRIPT_NAME"):
            return None
        scheme: str = environ["wsgi.url_scheme"]
        if settings.SECURE_PROXY_SSL_HEADER:
            header, secure = settings.SECURE_PROXY_SSL_HEADER
            if header in environ:
                scheme = "https" if environ[header].split(",")[0].strip() == secure else "http"
        return scheme, host, environ["PATH_INFO"]

    def _ask(self, environ: Environ, query: str) -> Answer | Stream:
        """Ask Django, which learns nothing of who asks: no cookie, no condition, no encoding."""
        scheme = settings.SECURE_PROXY_SSL_HEADER
        known = HEADERS_FOR_DJANGO | ({scheme[0]} if scheme else set())
        cleaned = {k: v for k, v in environ.items() if not k.startswith("HTTP_") or k in known}
        cleaned |= {"REQUEST_METHOD": "GET", "QUERY_STRING": query}
        started: list[Any] = []

        def start_response(status: str, headers: Headers, *_: Any) -> None:
            started[:] = status, headers

        response: Any = self._application(cleaned, start_response)
        status, headers = started
        body = getattr(response, "content", None)
        if body is None:
            return Stream(status, headers, response)
        response.close()  # gives the connection to the database back before a slow reader takes the page
        is_for_all = not value_of(headers, "set-cookie")
        return Answer(status, headers, body, getattr(response, "kept", None) if is_for_all else None)


def _send(
    answer: Answer | Stream, encoding: str, environ: Environ, start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Send the answer in one encoding, or what a HEAD or conditional request needs of it."""
    body: Iterable[bytes]
    if isinstance(answer, Stream):
        headers, body = answer.headers, answer.chunks
    else:
        form = answer.form(encoding)
        headers, body = form.headers, [form.body]
        if answer.kept and answer.kept.type_in_browsers and "text/html" in environ.get("HTTP_ACCEPT", ""):
            others = [header for header in headers if header[0].lower() != "content-type"]
            headers = [*others, ("Content-Type", answer.kept.type_in_browsers)]
        if answer.kept and settings.TRUSTED_PROXIES:
            # For nginx alone, which does not pass it on: a copy counts until this second ends. (`1` would make it two: nginx
            # counts whole seconds, from the current one.)
            headers = [*headers, ("X-Accel-Expires", f"@{int(time())}")]
    status = answer.status
    if status.startswith("200") and (shorter := without_body(environ, headers)):
        status, headers = shorter, headers_without_body(headers)
    elif environ["REQUEST_METHOD"] == "GET":
        start_response(status, headers)
        return body
    if isinstance(answer, Stream):
        answer.close()
    start_response(status, headers)
    return []
