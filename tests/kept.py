"""Readers behind a door that keeps pages, in the process of the test."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.public.page_cache.freshness import Epoch, Freshness
from blog.public.page_cache.store import Store
from tests.base import PublicTestCase
from tests.door import DoorClient
from tests.make import NOON, make_post

MB = 1024 * 1024
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POST = "/2026/11/20/a/"


class KeptTestCase(PublicTestCase):
    """Readers behind a door that keeps pages; `self.version` is what the database says."""

    limit = 8 * MB

    def setUp(self) -> None:
        self.version, self.end, self.withdrawal_at = 1, NOON + DAY, None
        self.seconds = 0.0
        self.freshness = Freshness(lambda last: self.read(last), clock=lambda: self.seconds)
        self.addCleanup(self.freshness.close)
        self.store = Store(self.limit)
        self.client = DoorClient(store=self.store, freshness=self.freshness)
        self.post = make_post(slug="a", at=NOON - HOUR, title="電力の話", tags=("電力",), body="本文。" * 100)

    def read(self, last: Epoch | None) -> Epoch:
        if last and (last.version, last.end) == (self.version, self.end):
            return last
        return Epoch(self.version, NOON - DAY, self.end, self.withdrawal_at)

    def raise_version(self) -> None:
        self.version += 1
        self.freshness.forget()

    def assert_hot(self, path: str, **options: Any) -> Any:
        with CaptureQueriesContext(connection) as queries:
            answer = self.get(path, **options)
        self.assertEqual(len(queries), 0, path)
        return answer

    def assert_cold(self, path: str, **options: Any) -> Any:
        with CaptureQueriesContext(connection) as queries:
            answer = self.get(path, **options)
        self.assertGreater(len(queries), 0, path)
        return answer
