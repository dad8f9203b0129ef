"""Notification channels: HTTP requests to the WebSub hub, IndexNow and the webhook."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event, Timer
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from django.conf import settings
from standardwebhooks import Webhook

from blog.editorial.changes import shown
from blog.models import Notice
from blog.public import outbox
from blog.public.feeds.subjects import feeds_of
from blog.public.seo import absolute, iso

TIMEOUT = 10
"""Timeout in seconds for a receiver's answer, unless the caller allows less."""
AGENT = f"ALLFORCES ({settings.SITE_URL})"
WEBHOOK_KEY_PREFIX = "whsec_"
"""Prefix of a base64 key in Standard Webhooks. A secret without it is used as the key, character by character."""


class NotSent(Exception):
    """Delivery failure. str() gives the reason for the desk."""


def send(notice: Notice, *, now: datetime, patience: float = TIMEOUT) -> None:
    """Deliver a notice to its channel, which must answer within `patience` seconds.

    Raises NotSent, also when the channel has since been removed from the settings.
    """
    if not outbox.is_named(notice.channel):
        raise NotSent(f"{notice.get_channel_display()} の宛先が、設定にありません。")
    if notice.channel == Notice.Channel.WEBSUB:
        _ping_hub(notice, patience, now=now)
    elif notice.channel == Notice.Channel.INDEXNOW:
        _tell_search_engines(notice, patience)
    else:
        _call_webhook(notice, patience, now=now)


def _ping_hub(notice: Notice, patience: float, *, now: datetime) -> None:
    """Ping the WebSub hub. The specification (https://www.w3.org/TR/websub/) leaves the request open;
    `hub.mode=publish` is the convention.

    One request per feed: hubs disagree on how to list several (repeated field, brackets, commas).
    """
    [stands] = shown([notice.post], now=now).values()
    for feed in dict.fromkeys([*feeds_of(stands), *notice.left_feeds]):
        body = urlencode({"hub.mode": "publish", "hub.url": absolute(feed)}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        _post(notice, settings.WEBSUB_HUB, body, kind, patience)


def _tell_search_engines(notice: Notice, patience: float) -> None:
    """Submit the post's URL to IndexNow (https://www.indexnow.org/documentation), also when the page is gone."""
    key = settings.INDEXNOW_KEY
    event = {
        "host": settings.SITE_URL.partition("://")[2],
        "key": key,
        "keyLocation": absolute(f"/{key}.txt"),
        "urlList": [absolute(notice.post.get_absolute_url())],
    }
    body, kind = json.dumps(event).encode(), {"Content-Type": "application/json; charset=utf-8"}
    _post(notice, settings.INDEXNOW_URL, body, kind, patience)


def _call_webhook(notice: Notice, patience: float, *, now: datetime) -> None:
    """Call the webhook, signed by https://www.standardwebhooks.com. Every attempt sends the same `webhook-id`."""
    body, identity = json.dumps(_payload(notice), ensure_ascii=False), f"msg_{notice.uuid.hex}"
    secret = settings.WEBHOOK_SECRET
    signer = Webhook(secret if secret.startswith(WEBHOOK_KEY_PREFIX) else secret.encode())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "webhook-id": identity,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signer.sign(
            identity, now.astimezone(UTC), body
        ),  # it reads any time zone as UTC
    }
    _post(notice, settings.WEBHOOK_URL, body.encode(), headers, patience)


def _payload(notice: Notice) -> dict[str, Any]:
    post = notice.post
    return {
        "type": f"post.{notice.event}",
        "timestamp": _stamp(notice.happens_at),
        "data": {
            "id": str(post.uuid),
            "guid": post.guid,
            "url": absolute(post.get_absolute_url()),
            "title": post.title,
            "excerpt": post.excerpt,
            "section": post.category.name if post.category else "",
            "published_at": _stamp(post.published_at),
            "updated_at": _stamp(post.updated_at),
            "withdrawn_reason": post.withdrawn_reason,
        },
    }


def _stamp(at: datetime | None) -> str | None:
    return iso(at) if at else None


class _NoRedirects(HTTPRedirectHandler):
    """Refuse redirects: a redirected POST would arrive as a GET without its body. The setting must name the final
    URL."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _with_deadline(
    seconds: float | None, sock: socket.socket, answer: Callable[[], http.client.HTTPResponse]
) -> http.client.HTTPResponse:
    """Run `answer` with a deadline of `seconds` in all: a socket's own timeout starts again with every byte
    received."""

    hung_up = Event()

    def hang_up() -> None:
        hung_up.set()
        with suppress(OSError):
            socket.socket.shutdown(
                sock, socket.SHUT_RDWR
            )  # the plain socket's method, also for one under TLS

    timer = Timer(seconds or TIMEOUT, hang_up)
    timer.daemon = True
    timer.start()
    try:
        return answer()
    finally:
        timer.cancel()
        if hung_up.is_set():  # also when `hang_up` was read as the end of the headers
            raise TimeoutError("timed out")


class _Connection(http.client.HTTPConnection):
    def getresponse(self) -> http.client.HTTPResponse:
        return _with_deadline(self.timeout, self.sock, super().getresponse)


class _SecureConnection(http.client.HTTPSConnection):
    def getresponse(self) -> http.client.HTTPResponse:
        return _with_deadline(self.timeout, self.sock, super().getresponse)


class _Http(HTTPHandler):
    def http_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(_Connection, req)


class _Https(HTTPSHandler):
    def https_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(_SecureConnection, req)


_opener = build_opener(_NoRedirects, _Http, _Https)


def _post(notice: Notice, url: str, body: bytes, headers: Mapping[str, str], patience: float) -> None:
    request = Request(url, data=body, headers={"User-Agent": AGENT, **headers}, method="POST")  # noqa: S310  # settings admit http(s) only
    # The path and query of a webhook are often its password: neither the log nor the admin shows them.
    place = f"{notice.get_channel_display()}（{request.host}）"
    try:
        with _opener.open(request, timeout=patience):
            return
    except HTTPError as error:
        with error:
            raise NotSent(f"{place} は {error.code} {error.reason} と答えました。") from error
    except OSError as error:
        raise NotSent(f"{place} に届きません: {getattr(error, 'reason', error)}") from error
    except (http.client.HTTPException, ValueError) as error:
        raise NotSent(f"{place} の答えが読めません（{type(error).__name__}）。") from error
