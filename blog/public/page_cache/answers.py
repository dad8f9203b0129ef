"""Whole answers: one body in up to three encodings, each with its own strong ETag; and conditional requests."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from hashlib import sha256
from sys import getsizeof
from threading import Lock
from typing import Any, NamedTuple

import brotli  # type: ignore[import-untyped]  # it has no stubs
from django.http import HttpRequest
from django.utils.cache import get_conditional_response
from django.utils.http import parse_http_date_safe

from blog.public.page_cache.declaration import Kept

Headers = list[tuple[str, str]]
Environ = dict[str, Any]

IDENTITY = ""
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    # Both about 2 ms for an article. brotli's highest level would take 50, at every change for every page.
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}
"""Encoders by name, the one with the smallest result first. (BREACH needs a secret in the page; ours have none.)"""
MIN_SIZE = 200
"""Bytes from which a body is compressed."""
OVERHEAD = 1_000
"""Bytes of a form beside its body and the headers that all forms share: ETag, length, tuples, the objects themselves."""
_OF_THE_BODY = ("content-length", "content-encoding", "etag")
CONDITIONS = {f"HTTP_IF_{name}" for name in ("NONE_MATCH", "MODIFIED_SINCE", "MATCH", "UNMODIFIED_SINCE")}
_NOT_IN_304 = ("content-length", "content-encoding", "content-type")


class Form(NamedTuple):
    """An answer in one encoding."""

    headers: Headers
    body: bytes


class Answer:
    """Answer with its whole body. Its encodings are made when first asked for."""

    def __init__(self, status: str, headers: Headers, body: bytes, kept: Kept | None = None) -> None:
        self.status = status
        self.kept = kept
        self._headers = [(name, value) for name, value in headers if name.lower() not in _OF_THE_BODY]
        self._is_negotiated = "accept-encoding" in value_of(headers, "vary").lower()
        self._forms: dict[str, Form] = {IDENTITY: self._form(IDENTITY, body)}
        self._lock = Lock()

    @property
    def size(self) -> int:
        """Bytes of memory, with all forms that exist so far. (Their headers are the same objects but for a few.)"""
        forms = list(self._forms.values())
        shared = sum(getsizeof(part) for header in self._headers for part in (*header, header))
        return shared + sum(getsizeof(form.body) + getsizeof(form.headers) + OVERHEAD for form in forms)

    def has(self, encoding: str) -> bool:
        return encoding in self._forms or not self._is_negotiated

    def form(self, encoding: str) -> Form:
        if not self._is_negotiated:
            return self._forms[IDENTITY]
        found = self._forms.get(encoding)
        if found is None:
            with self._lock:
                found = self._forms.get(encoding) or self._encoded(encoding)
                self._forms[encoding] = found
        return found

    def _encoded(self, encoding: str) -> Form:
        plain = self._forms[IDENTITY]
        if len(plain.body) >= MIN_SIZE:
            small = ENCODERS[encoding](plain.body)
            if len(small) < len(plain.body):
                return self._form(encoding, small)
        return plain

    def _form(self, encoding: str, body: bytes) -> Form:
        headers = [*self._headers, ("Content-Length", str(len(body)))]
        if self._is_negotiated and self.status.startswith("200"):
            headers.append(("ETag", f'"{sha256(body).hexdigest()[:32]}"'))
        if encoding:
            headers.append(("Content-Encoding", encoding))
        return Form(headers, body)


def value_of(headers: Iterable[tuple[str, str]], name: str) -> str:
    return next((value for other, value in headers if other.lower() == name), "")


def without_body(environ: Environ, headers: Headers) -> str:
    """Status line where the conditions of a request need no body (304, or 412); empty when the answer is to be sent."""
    if CONDITIONS.isdisjoint(environ):
        return ""
    etag = value_of(headers, "etag")
    if etag and environ.get("HTTP_IF_NONE_MATCH") == etag and "HTTP_IF_MATCH" not in environ:
        return "304 Not Modified"  # as nearly all; Django's reading below takes as long as all the rest
    request = HttpRequest()
    request.META, request.method = environ, "GET"
    modified = parse_http_date_safe(value_of(headers, "last-modified"))
    response = get_conditional_response(request, etag=etag or None, last_modified=modified)
    return f"{response.status_code} {response.reason_phrase}" if response else ""


def headers_without_body(headers: Headers) -> Headers:
    """Headers of a 304: all but those of the body, which the client has."""
    return [(name, value) for name, value in headers if name.lower() not in _NOT_IN_304]


def encoding_for(accepted: str) -> str:
    """Choose an encoding by `Accept-Encoding` (RFC 9110, 12.5.3): the most wanted; of equals, the smallest result."""
    if not accepted:
        return IDENTITY
    wanted: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        wanted[name] = _quality(parameters)
    found = {name: wanted.get(name, wanted.get("*", 0.0)) for name in ENCODERS}
    best = max(found, key=lambda name: found[name])  # the first of equals
    return best if found[best] > 0 and found[best] >= wanted.get("identity", 0.0) else IDENTITY


def _quality(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return min(1.0, max(0.0, float(parameter[2:])))
            except ValueError:
                return 0.0
    return 1.0
