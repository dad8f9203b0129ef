"""How long the page cache keeps what: versions, moments, bytes, and a database that is away."""

from __future__ import annotations

import threading
from datetime import timedelta

from django.core.management import call_command
from django.db import OperationalError

from blog.models import ContentVersion
from blog.public.page_cache.answers import Answer
from blog.public.page_cache.declaration import Kept
from blog.public.page_cache.freshness import MAX_AGE, Epoch, Freshness
from tests.base import running, update
from tests.clock import at
from tests.kept import DAY, HOUR, POST, KeptTestCase
from tests.make import NOON, make_post


class FreshnessTests(KeptTestCase):
    def test_change_is_seen_by_the_next_request_of_its_process(self) -> None:
        self.get("/")
        update(self.post, now=NOON, title="新しい題")
        self.raise_version()
        self.assertIn("新しい題", running(self.get("/").content.decode()))

    def test_change_elsewhere_is_seen_when_what_is_known_is_too_old(self) -> None:
        self.get("/")
        self.version += 1
        self.seconds += MAX_AGE
        self.assert_hot("/")
        self.seconds += 0.001
        self.assert_cold("/")

    def test_page_that_was_begun_before_a_change_is_sent_and_left_behind(self) -> None:
        with at(NOON):
            epoch = self.freshness.current()
            self.raise_version()
            self.get("/robots.txt")
            late = Answer("200 OK", [], b"old", Kept())
            self.store.put(epoch, ("http", "testserver", "/", ""), late)
        self.assertNotEqual(self.get("/").content, b"old")

    def test_moment_ends_what_was_kept_before_it(self) -> None:
        self.end = NOON
        self.get("/", now=NOON - HOUR)
        self.assert_hot("/", now=NOON - timedelta.resolution)
        self.assert_cold("/", now=NOON)  # the database was asked just before, and answered just after
        with at(NOON):
            self.assertIsNone(self.freshness.current())
        self.end = NOON + HOUR
        self.freshness.forget()
        self.assert_cold("/", now=NOON)
        self.assert_hot("/", now=NOON)

    def test_clock_that_is_put_back_finds_nothing_of_later(self) -> None:
        self.get("/")
        self.assert_hot("/")
        self.assert_cold("/", now=NOON - 2 * DAY)

    def test_version_that_goes_back_counts_as_another(self) -> None:
        self.version = 7
        self.get("/")
        self.version = 3
        self.freshness.forget()
        self.assert_cold("/")
        self.assert_hot("/")

    def test_command_raises_the_version_after_changes_by_hand(self) -> None:
        before = ContentVersion.objects.current()
        call_command("refresh_pages", verbosity=0)
        self.assertGreater(ContentVersion.objects.current(), before)


class OutageTests(KeptTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.withdrawal_at = NOON + 2 * HOUR

    def away(self) -> None:
        def refuse(last: Epoch | None) -> Epoch:
            raise OperationalError("refused")

        self.read = refuse  # type: ignore[method-assign]
        self.seconds += 1

    def test_per_version_pages_stand_in_until_a_planned_withdrawal(self) -> None:
        self.end = NOON + HOUR
        self.get("/")
        with self.assertLogs("blog.public.page_cache", "ERROR") as logs:
            self.away()
            self.assert_hot("/")
            self.assert_hot("/", now=NOON + HOUR)  # a publication, which nobody can read from the database
            with at(NOON + 2 * HOUR):
                self.assertIsNone(self.freshness.current())
        self.assertEqual(len(logs.output), 1)
        del self.read
        self.seconds += 1
        with self.assertLogs("blog.public.page_cache", "WARNING"):
            self.assert_hot("/")

    def test_process_that_has_changed_something_itself_shows_no_old_page(self) -> None:
        self.get("/")
        self.away()
        self.freshness.forget()
        with self.assertLogs("blog.public.page_cache", "ERROR"):
            self.assert_cold("/")

    def test_all_requests_wait_for_one_question(self) -> None:
        asked, answered = [], threading.Event()

        def read(last: Epoch | None) -> Epoch:
            asked.append(last)
            answered.wait(5)
            return Epoch(1, NOON, NOON + DAY)

        freshness = Freshness(read)
        self.addCleanup(freshness.close)
        found: list[Epoch | None] = []
        with at(NOON):
            threads = [threading.Thread(target=lambda: found.append(freshness.current())) for _ in range(20)]
            for thread in threads:
                thread.start()
            answered.set()
            for thread in threads:
                thread.join()
        self.assertEqual((len(asked), len({*found})), (1, 1))


class BoundTests(KeptTestCase):
    limit = 60_000

    def test_least_recently_used_pages_leave_before_the_bound_is_passed(self) -> None:
        paths = [POST]
        for number in range(12):
            paths.append(
                make_post(slug=f"n-{number}", at=NOON - HOUR, body="長い本文。" * 50).get_absolute_url()
            )
        for path in paths:
            for encoding in ("", "gzip", "br"):
                self.get(path, headers={"accept-encoding": encoding})
                self.get(POST)
                self.assertLessEqual(self.store.bytes, self.limit)
        self.assertGreater(self.store.bytes, self.limit / 2)
        self.assert_hot(POST)  # was asked for all the time
        self.assert_hot(paths[-1])
        self.assert_cold(paths[1])

    def test_page_that_is_larger_than_the_bound_is_sent(self) -> None:
        large = make_post(slug="large", at=NOON - HOUR, body="大きな本文。" * 9_000).get_absolute_url()
        self.assertEqual(self.get(large).status_code, 200)
        self.assertEqual(self.assert_cold(large).status_code, 200)
        self.assertLess(self.store.bytes, self.limit)
