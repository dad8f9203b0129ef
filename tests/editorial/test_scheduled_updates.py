"""Scheduled updates that fail: tried by one at a time, shown to the desk, in nobody's way."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier, Event
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import connection, transaction
from django.test import Client, TransactionTestCase
from django.urls import reverse
from django.utils import timezone

from blog.editorial import publishing
from blog.editorial.actors import IMPORT, Person
from blog.editorial.publishing.scheduled import AFTER, LEASE
from blog.models import Category, Post
from tests.admin.base import DeskTestCase
from tests.base import PublicTestCase, changed, update
from tests.clock import at
from tests.make import NOON, make_category, make_editor, make_post
from tests.outage import locked_by_another
from tests.public.test_outbox import deliver, webhook
from tests.refusing import refusing

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
DUE = NOON + HOUR


def make_due(*, at: datetime = DUE, now: datetime = NOON, **values: Any) -> Post:
    """A public post with an update at `at`."""
    post = make_post(at=now - HOUR, body="古い本文。")
    return update(post, now=now, at=at, **({"body": "新しい本文。"} | values))


def cannot_go_live(post: Post) -> Any:
    return refusing("UPDATE OF live_revision_id", "blog_post", f"NEW.id = {post.pk}")


def plan(post: Post) -> tuple[Any, ...]:
    row = Post.objects.get(pk=post.pk)
    return row.next_at, row.next_try_at, row.next_attempts, row.next_error


class ReaderTests(PublicTestCase):
    def test_five_requests_for_other_pages_are_one_try_and_one_line_in_the_log(self) -> None:
        broken = make_due()
        with cannot_go_live(broken), self.assertLogs("blog.editorial.publishing", logging.WARNING) as logs:
            for path in ("/", "/feed.xml", "/archive/", "/", broken.get_absolute_url()):
                self.html(path, now=DUE)
        self.assertEqual(plan(broken)[1:3], (DUE + AFTER[0], 1))
        [record] = logs.records
        self.assertEqual(record.levelname, "ERROR")
        self.assertIn(f"post {broken.pk}", record.getMessage())
        self.assertIn("refused by a trigger", record.getMessage())
        self.assertTrue(record.exc_info)

    def test_pauses_grow_and_the_same_failure_is_traced_once(self) -> None:
        broken, now = make_due(), DUE
        with cannot_go_live(broken), self.assertLogs("blog.editorial.publishing", logging.WARNING) as logs:
            for number, pause in enumerate((*AFTER, AFTER[-1], AFTER[-1]), 1):
                self.html("/", now=now)
                self.assertEqual(plan(broken)[1:3], (now + pause, number))
                self.html("/", now=now + pause - SECOND)
                now += pause
        self.assertEqual(len(logs.records), len(AFTER) + 2)
        self.assertEqual([bool(record.exc_info) for record in logs.records], [True] + [False] * 5)
        self.html("/", now=now)
        self.assertIn("新しい本文。", self.html(broken.get_absolute_url(), now=now))
        self.assertEqual(plan(broken), (None, None, 0, ""))
        self.assertEqual(Post.objects.get().updated_at, now, "readers are told when it comes")

    def test_page_with_nothing_to_try_costs_no_query_more_while_an_update_fails(self) -> None:
        broken = make_due()
        with self.assertNumQueries(2):
            self.html("/archive/", now=NOON)
        with cannot_go_live(broken), self.assertLogs("blog.editorial.publishing", logging.ERROR):
            self.html("/", now=DUE)
            with self.assertNumQueries(2):
                self.html("/archive/", now=DUE + SECOND)

    def test_broken_update_keeps_no_other_waiting(self) -> None:
        broken, fine = make_due(at=DUE - SECOND), make_due()
        with cannot_go_live(broken), self.assertLogs("blog.editorial.publishing", logging.ERROR):
            self.assertIn("新しい本文。", self.html(fine.get_absolute_url(), now=DUE))
        self.assertIn("古い本文。", self.html(broken.get_absolute_url(), now=DUE))

    def test_row_that_cannot_even_be_counted_keeps_no_other_waiting(self) -> None:
        broken, fine = make_due(at=DUE - SECOND), make_due()
        refusal = refusing("UPDATE", "blog_post", f"NEW.id = {broken.pk}")
        with refusal, self.assertLogs("blog.editorial.publishing", logging.ERROR):
            self.assertIn("新しい本文。", self.html(fine.get_absolute_url(), now=DUE))

    def test_update_whose_process_died_is_taken_up_by_another_after_its_lease(self) -> None:
        post = make_due()
        # What a process leaves behind that is killed while it renders.
        Post.objects.filter(pk=post.pk).update(next_attempts=1, next_try_at=DUE + LEASE)
        self.html("/", now=DUE + LEASE - SECOND)
        self.assertEqual(plan(post)[2], 1)
        with self.assertLogs("blog.editorial.publishing", logging.ERROR) as logs:
            self.html("/", now=DUE + LEASE)
        self.assertIn("try 1 did not end", logs.records[0].getMessage())
        self.assertIn("新しい本文。", self.html(post.get_absolute_url(), now=DUE + LEASE))


class DeliveryTests(PublicTestCase):
    def test_delivery_tells_the_rest_and_comes_back_to_what_failed(self) -> None:
        editor = make_editor()
        broken, fine = make_due(at=DUE - SECOND), make_due()
        with webhook() as receiver:
            update(fine, by=editor, now=NOON, at=DUE, title="出る題")
            with cannot_go_live(broken), self.assertLogs("blog.editorial.publishing", logging.ERROR):
                deliver(now=DUE)
            self.assertEqual([body["data"]["title"] for body in receiver.bodies()], ["出る題"])
            deliver(now=DUE + SECOND)
            self.assertEqual(len(receiver.got), 1)
            deliver(now=DUE + AFTER[0])
        self.assertEqual(receiver.types(), ["post.updated"] * 2)
        self.assertEqual(receiver.bodies()[1]["data"]["id"], str(broken.uuid))


class DeskTests(DeskTestCase):
    """An update of half an hour ago, whose section was deleted meanwhile."""

    def setUp(self) -> None:
        now = timezone.now()
        self.due = now - timedelta(minutes=30)
        make_category("新しい部")
        self.post = make_due(now=now - HOUR, at=self.due, category="新しい部")
        Category.objects.get(name="新しい部").delete()
        with self.assertLogs("blog.editorial.publishing", logging.WARNING) as logs:
            self.client.get("/")
        [self.line] = logs.output
        self.client.force_login(self.editor)

    def test_desk_sees_reason_tries_and_what_to_do(self) -> None:
        self.assertIn("カテゴリ「新しい部」がありません。", self.line)
        row = Post.objects.get()
        page = self.open(row)
        self.assertContains(
            page,
            f"{timezone.localtime(self.due):%-m月%-d日 %H:%M} に予約した第2版への更新が、できていません。",
        )
        self.assertContains(page, "理由: カテゴリ「新しい部」がありません。")
        self.assertContains(
            page, f"1回試しました。次は {timezone.localtime(row.next_try_at):%-m月%-d日 %H:%M} に試します。"
        )
        self.assertContains(page, "更新へ進む")
        self.assertContains(page, "予約を取り消す")
        self.assertContains(self.client.get(reverse("admin:blog_post_changelist")), "更新できていません")
        front = self.client.get(reverse("admin:index"))
        self.assertContains(front, "予約した更新ができていません")
        self.assertContains(front, "カテゴリ「新しい部」がありません。")

    def test_whoever_may_not_publish_is_told_whom_to_ask(self) -> None:
        publishing.assign(post=self.post, to=self.writer, by=IMPORT)
        self.client.force_login(self.writer)
        self.assertContains(self.open(self.post), "公開できる人に知らせてください")
        self.assertContains(self.client.get(reverse("admin:index")), "予約した更新ができていません")

    def test_mended_cause_lets_it_out_at_the_next_try_and_the_desk_hears_no_more_of_it(self) -> None:
        make_category("新しい部")
        with at(Post.objects.get().next_try_at):
            self.assertContains(self.client.get(self.post.get_absolute_url()), "新しい本文。")
        self.assert_clean()
        self.assertNotContains(self.open(self.post), "できていません")

    def test_scheduling_anew_begins_with_a_clean_sheet(self) -> None:
        later = f"{timezone.localtime() + timedelta(days=1):%Y-%m-%d %H:%M}"
        self.publish(self.post, category="AI最新ニュース", asked={"when": "later", "at": later})
        row = Post.objects.get()
        self.assertEqual((row.next_at, row.next_attempts, row.next_error), (row.next_try_at, 0, ""))
        self.assert_clean()

    def test_publishing_a_mended_text_ends_it(self) -> None:
        self.publish(self.post, category="AI最新ニュース", body="直した本文。", asked={"when": "now"})
        self.assertContains(self.client.get(self.post.get_absolute_url()), "直した本文。")
        self.assertEqual(plan(self.post), (None, None, 0, ""))
        self.assert_clean()

    def test_taking_the_schedule_back_ends_it(self) -> None:
        self.act(self.post, "unschedule")
        self.assertEqual(plan(self.post), (None, None, 0, ""))
        self.assert_clean()

    def test_withdrawing_the_post_ends_it(self) -> None:
        publishing.withdraw(post=self.post, by=Person(self.editor), now=timezone.now(), reason="誤り")
        self.assertEqual(plan(self.post), (None, None, 0, ""))
        self.assert_clean()

    def test_history_has_one_line_for_one_reason(self) -> None:
        self.act(self.post, "unschedule")
        LogEntry.objects.all().delete()
        make_category("新しい部")
        now = timezone.now()
        content = changed(Post.objects.get(), category="新しい部")
        revision = publishing.save(
            post=self.post, content=content, by=Person(self.editor), now=now, base=None
        )
        publishing.publish(revision=revision, by=Person(self.editor), now=now, at=now + HOUR)
        Category.objects.get(name="新しい部").delete()
        with self.assertLogs("blog.editorial.publishing", logging.WARNING) as logs:
            for later in (HOUR, 2 * HOUR, 3 * HOUR):
                with at(now + later):
                    self.client.get("/")
        self.assertEqual([record.levelname for record in logs.records], ["ERROR", "WARNING", "WARNING"])
        lines = [entry.get_change_message() for entry in LogEntry.objects.all()]
        self.assertEqual(len([line for line in lines if "行えませんでした" in line]), 1)

    def test_lists_ask_as_often_with_many_failing_updates_as_with_one(self) -> None:
        def add(_: int) -> None:
            post = make_due(now=timezone.now(), at=timezone.now() + HOUR)
            Post.objects.filter(pk=post.pk).update(next_attempts=1, next_error="理由")

        self.assertSameQueries(reverse("admin:blog_post_changelist"), rows=12, add=add)
        self.assertSameQueries(reverse("admin:index"), rows=6, add=add)

    def assert_clean(self) -> None:
        for page in (reverse("admin:blog_post_changelist"), reverse("admin:index")):
            self.assertNotContains(self.client.get(page), "できていません")


class LockedTests(TransactionTestCase):
    def test_reader_waits_for_one_update_that_finds_a_table_locked_and_not_for_the_others(self) -> None:
        posts = [make_due(at=DUE - number * SECOND) for number in range(3)]
        with locked_by_another("blog_address"), self.assertLogs("blog", logging.ERROR), at(DUE):
            self.assertEqual(self.client.get("/archive/").status_code, 200)
        tried = Post.objects.filter(next_attempts__gt=0).count()
        self.assertEqual(tried, 1 if connection.vendor == "postgresql" else 0)
        with at(DUE + AFTER[0]):
            self.client.get("/archive/")
        self.assertEqual([plan(post) for post in posts], [(None, None, 0, "")] * 3)


class AtOnceTests(TransactionTestCase):
    def at_once(self, number: int, action: Callable[[Client], int]) -> Counter[int]:
        start = Barrier(number)

        def run(_: int) -> int:
            try:
                start.wait()
                return action(Client())
            finally:
                connection.close()

        with ThreadPoolExecutor(number) as pool:
            return Counter(pool.map(run, range(number)))

    def test_readers_at_the_same_second_render_once(self) -> None:
        post = make_due()
        with (
            at(DUE),
            cannot_go_live(post),
            self.assertLogs("blog.editorial.publishing", logging.ERROR) as logs,
        ):
            self.assertEqual(self.at_once(8, lambda client: client.get("/").status_code), {200: 8})
        self.assertEqual(len(logs.records), 1)
        self.assertEqual(plan(post)[2], 1)
        again = DUE + AFTER[0]
        with at(again):
            self.assertEqual(self.at_once(8, lambda client: client.get("/").status_code), {200: 8})
            self.assertContains(self.client.get(post.get_absolute_url()), "新しい本文。")

    def test_reader_gets_the_page_while_somebody_writes_and_the_next_makes_the_update(self) -> None:
        post = make_due()
        held, done = Event(), Event()

        def write() -> None:
            try:
                with transaction.atomic():
                    Post.objects.select_for_update().get(pk=post.pk)
                    held.set()
                    done.wait(15)
            finally:
                connection.close()

        with at(DUE), ThreadPoolExecutor(1) as pool:
            writer = pool.submit(write)
            held.wait()
            logger = "blog.views.reader"
            with self.assertLogs(logger) if connection.vendor == "sqlite" else self.assertNoLogs(logger):
                self.assertContains(self.client.get(post.get_absolute_url()), "古い本文。")
            self.assertFalse(writer.done())
            done.set()
            writer.result()
            self.assertContains(self.client.get(post.get_absolute_url()), "新しい本文。")

    def test_reader_gets_the_page_from_a_database_that_takes_nothing(self) -> None:
        post = make_due()
        is_file = connection.vendor == "sqlite"
        switch = "PRAGMA query_only = {}" if is_file else "SET default_transaction_read_only = {}"
        with connection.cursor() as cursor:
            cursor.execute(switch.format("on"))
        try:
            with at(DUE), self.assertLogs("blog", logging.ERROR):
                self.assertContains(self.client.get(post.get_absolute_url()), "古い本文。")
        finally:
            with connection.cursor() as cursor:
                cursor.execute(switch.format("off"))
        self.assertEqual(plan(post), (DUE, DUE, 0, ""))
