"""What tests of public pages share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from blog.editorial import publishing
from blog.editorial.content import Content
from blog.models import Post
from tests.clock import at
from tests.door import DoorClient
from tests.make import NOON, acting

MAX_QUERIES = 6


class PublicTestCase(TestCase):
    """Readers without an account, at NOON unless told otherwise."""

    client_class = DoorClient

    def get(self, path: str, *, now: datetime = NOON, **options: Any) -> Any:
        with at(now):
            return self.client.get(path, **options)

    def html(self, path: str, *, now: datetime = NOON) -> str:
        """The text of a page that answers 200."""
        response = self.get(path, now=now)
        self.assertEqual(response.status_code, 200, path)
        return response.content.decode()

    def assert_same_queries(
        self, *urls: str, add_row: Callable[[], object], rows: tuple[int, int] = (1, 30)
    ) -> None:
        """Each of `urls` costs the same number of queries with few rows as with many, and at most MAX_QUERIES."""
        counts: dict[str, list[int]] = {url: [] for url in urls}
        made = 0
        for wanted in rows:
            for _ in range(wanted - made):
                add_row()
            made = wanted
            for url in urls:
                self.html(url)  # what is cached once must not blur the count
                with CaptureQueriesContext(connection) as queries:
                    self.html(url)
                counts[url].append(len(queries))
        self.assertEqual([url for url in urls if counts[url][0] != counts[url][1]], [], counts)
        self.assertEqual([url for url in urls if counts[url][0] > MAX_QUERIES], [], counts)


def running(html: str) -> str:
    """`html` without the places where a headline may end a line (`blog.text.phrases`)."""
    return html.replace("<wbr>", "")


def changed(post: Post, **values: Any) -> Content:
    """The live content of `post` with other `values`."""
    assert post.live_revision is not None
    return replace(Content.from_json(post.live_revision.content), **values)


def update(
    post: Post,
    *,
    now: datetime,
    by: User | None = None,
    at: datetime | None = None,
    announce: bool = True,
    **values: Any,
) -> Post:
    """Publish `post` again with other `values`, now or `at`."""
    revision = publishing.save(post=post, content=changed(post, **values), by=acting(by), now=now, base=None)
    return publishing.publish(revision=revision, by=acting(by), now=now, at=at, announce=announce)
