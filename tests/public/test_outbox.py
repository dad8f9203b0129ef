"""What the world is told of a publication: written with it, delivered by `manage.py deliver` to a real receiver."""

from __future__ import annotations

import base64
import json
import os
import signal
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from select import select
from threading import Thread
from urllib.parse import parse_qs, unquote

from django.core.management import call_command
from django.db import connection
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from blog.editorial import publishing
from blog.editorial.actors import IMPORT, Person
from blog.models import Notice, SiteSettings
from blog.public import delivery
from blog.public.delivery import LEASE, MAX_ATTEMPTS, RETRY_DELAYS
from tests.make import NOON, make_author, make_category, make_content, make_draft, make_editor

SECRET = "a-secret-that-is-long-enough"
HOUR = timedelta(hours=1)


class Receiver:
    """A server of its own thread that keeps what it is sent, and answers `status`, or with `drips`: that, and then an
    endless line."""

    def __init__(self):
        self.status, self.reason, self.got = 200, None, []
        self.drips = None
        self.on_receipt = lambda: None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, self.headers, body))
                receiver.on_receipt()
                if receiver.drips is not None:
                    return self.drip()
                self.send_response(receiver.status, receiver.reason)
                if receiver.status == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def drip(self):
                with suppress(OSError):
                    self.wfile.write(receiver.drips)
                    for _ in range(100):
                        self.wfile.write(b"H")
                        if select([self.connection], [], [], 0.05)[0]:
                            return  # who listened has hung up

            def log_message(self, *args):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()
        return self

    def __exit__(self, *exc):
        self.server.shutdown()
        self.server.server_close()

    def bodies(self):
        return [json.loads(body) for _, _, body in self.got]

    def types(self):
        return [body["type"] for body in self.bodies()]


@contextmanager
def webhook(path="/hook", secret=SECRET):
    with (
        Receiver() as receiver,
        override_settings(WEBHOOK_URL=receiver.url + path, WEBHOOK_SECRET=secret),
    ):
        yield receiver


def deliver(*, now, **options):
    """A delivery during which no time passes."""
    return delivery.deliver(clock=lambda: now, **options)


class OutboxTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor()
        make_category("AI最新ニュース", slug="latest")
        make_author()

    def publish(self, *, when=NOON, now=NOON, **values):
        post = make_draft(**values)
        return publishing.publish(revision=post.working, by=Person(self.editor), now=now, at=when)

    def update(self, post, *, now, announce=True, **values):
        revision = publishing.save(
            post=post,
            content=make_content(day=post.day, slug=post.slug, **values),
            by=Person(self.editor),
            now=now,
            base=post.working,
        )
        return publishing.publish(revision=revision, by=Person(self.editor), now=now, announce=announce)

    def test_nothing_is_written_unless_a_place_is_named(self):
        self.publish()
        self.assertFalse(Notice.objects.exists())

    def test_each_event_reaches_the_webhook_once(self):
        with webhook() as receiver:
            post = self.publish(title="計算の値段が下がる")
            deliver(now=NOON)
            self.update(post, now=NOON + HOUR, title="計算の値段がまた下がる")
            deliver(now=NOON + HOUR)
            post.refresh_from_db()
            publishing.withdraw(post=post, by=Person(self.editor), now=NOON + 2 * HOUR, reason="出典の誤り")
            deliver(now=NOON + 2 * HOUR)
            deliver(now=NOON + 3 * HOUR)
        self.assertEqual(receiver.types(), ["post.published", "post.updated", "post.withdrawn"])
        told = receiver.bodies()
        self.assertEqual(told[0]["data"]["title"], "計算の値段が下がる")
        self.assertEqual(told[0]["timestamp"], "2026-11-20T12:00:00+09:00")
        self.assertTrue(told[0]["data"]["url"].startswith("http://"))
        self.assertEqual(told[2]["data"]["withdrawn_reason"], "出典の誤り")

    def test_receiver_can_verify_each_try_and_knows_by_its_id_what_comes_again(self):
        """By the clock on the wall, which the receiver's library compares."""
        key = base64.b64encode(bytes(range(32))).decode()
        for secret, known_to_receiver in ((SECRET, SECRET.encode()), (f"whsec_{key}", key)):
            with self.subTest(secret), webhook(secret=secret) as receiver:
                now = timezone.localtime()  # in Japan, as a door may give it
                self.publish(title="電池の値段", when=now, now=now)
                receiver.status = 500
                with self.assertLogs("blog.public.delivery"):
                    deliver(now=now)
                receiver.status = 204
                deliver(now=now + RETRY_DELAYS[0])
                for _, headers, body in receiver.got:
                    verified = Webhook(known_to_receiver).verify(body, dict(headers))
                    self.assertEqual(verified["data"]["title"], "電池の値段")
                (_, first, _), (_, second, body) = receiver.got
                self.assertEqual(first["webhook-id"], second["webhook-id"])
                forged = body.replace("電池".encode(), "電力".encode())
                with self.assertRaises(WebhookVerificationError):
                    Webhook(known_to_receiver).verify(forged, dict(second))

    def test_scheduled_post_is_announced_at_its_hour_and_not_before(self):
        with webhook() as receiver:
            self.publish(when=NOON + HOUR)
            deliver(now=NOON)
            self.assertEqual(receiver.got, [])
            deliver(now=NOON + HOUR)
        self.assertEqual(receiver.types(), ["post.published"])

    def test_post_scheduled_anew_is_announced_once_at_its_new_hour(self):
        with webhook() as receiver:
            post = self.publish(when=NOON + HOUR)
            publishing.publish(revision=post.working, by=Person(self.editor), now=NOON, at=NOON + 2 * HOUR)
            deliver(now=NOON + HOUR)
            self.assertEqual(receiver.got, [])
            deliver(now=NOON + 2 * HOUR)
        self.assertEqual(receiver.types(), ["post.published"])

    def test_post_taken_out_of_the_schedule_is_not_announced(self):
        with webhook() as receiver:
            post = self.publish(when=NOON + HOUR)
            publishing.unschedule(post=post, by=Person(self.editor), now=NOON)
            deliver(now=NOON + 2 * HOUR)
        self.assertEqual(receiver.got, [])

    def test_scheduled_update_is_made_and_announced_by_the_delivery(self):
        with webhook() as receiver:
            post = self.publish()
            deliver(now=NOON)
            revision = publishing.save(
                post=post,
                content=make_content(day=post.day, slug=post.slug, title="新しい題"),
                by=Person(self.editor),
                now=NOON,
                base=post.working,
            )
            publishing.publish(revision=revision, by=Person(self.editor), now=NOON, at=NOON + HOUR)
            deliver(now=NOON + HOUR)
        self.assertEqual(receiver.types(), ["post.published", "post.updated"])
        self.assertEqual(receiver.bodies()[1]["data"]["title"], "新しい題")

    def test_planned_end_of_publication_is_told_when_it_comes(self):
        with webhook() as receiver:
            post = self.publish()
            publishing.withdraw(
                post=post, by=Person(self.editor), now=NOON, reason="掲載期間の終わり", at=NOON + HOUR
            )
            deliver(now=NOON)
            self.assertEqual(receiver.types(), ["post.published"])
            deliver(now=NOON + HOUR)
        self.assertEqual(receiver.types(), ["post.published", "post.withdrawn"])

    def test_correction_that_readers_are_not_told_of_is_not_sent(self):
        with webhook() as receiver:
            post = self.publish()
            self.update(post, now=NOON + HOUR, announce=False)
            deliver(now=NOON + HOUR)
        self.assertEqual(receiver.types(), ["post.published"])

    def test_import_tells_nobody(self):
        with webhook() as receiver:
            post = make_draft()
            publishing.publish(revision=post.working, by=IMPORT, now=NOON, at=NOON - HOUR)
            deliver(now=NOON)
        self.assertEqual(receiver.got, [])

    def test_what_is_no_longer_true_when_it_could_be_sent_is_dropped(self):
        with webhook() as receiver:
            post = self.publish()
            receiver.status = 503
            with self.assertLogs("blog.public.delivery"):
                deliver(now=NOON)
            publishing.withdraw(post=post, by=Person(self.editor), now=NOON + HOUR, reason="誤報")
            receiver.status = 200
            deliver(now=NOON + HOUR)
        self.assertEqual(receiver.types(), ["post.published", "post.withdrawn"])  # the first was refused

    def test_failure_is_tried_at_growing_distances_then_given_up_where_the_desk_sees_it(self):
        with webhook() as receiver:
            self.publish(title="届かない知らせ")
            receiver.status = 500
            now = NOON
            for wait in (*RETRY_DELAYS, timedelta()):
                with self.assertLogs("blog.public.delivery"):
                    deliver(now=now)
                deliver(now=now)  # nothing more until the wait is over
                now += wait
            self.assertEqual(len(receiver.got), len(RETRY_DELAYS) + 1)
            deliver(now=now + timedelta(days=9))
            self.assertEqual(len(receiver.got), len(RETRY_DELAYS) + 1)

            self.client.force_login(self.editor)
            page = self.client.get(reverse("admin:blog_notice_changelist"), {"state": "given_up"})
            self.assertContains(page, "届かない知らせ")
            self.assertContains(page, "断念（7 回失敗）")
            self.assertContains(page, "500")

            receiver.status = 200
            notice = Notice.objects.get()
            self.client.post(
                reverse("admin:blog_notice_changelist"),
                {"action": "send_again", "_selected_action": [notice.pk]},
            )
            call_command("deliver", stdout=StringIO())  # by the clock on the wall, as the action
        self.assertEqual(len(receiver.got), len(RETRY_DELAYS) + 2)
        notice.refresh_from_db()
        self.assertIsNotNone(notice.done_at)

    def test_unreachable_or_redirecting_receiver_is_a_failure_with_its_reason(self):
        with webhook() as receiver:
            self.publish()
            receiver.status = 302
            with self.assertLogs("blog.public.delivery"):
                deliver(now=NOON)
        self.assertIn("302", Notice.objects.get().last_error)
        with (
            override_settings(WEBHOOK_URL=receiver.url, WEBHOOK_SECRET=SECRET),
            self.assertLogs("blog.public.delivery"),
        ):  # stopped by now
            deliver(now=NOON + HOUR)
        self.assertIn("届きません", Notice.objects.get().last_error)

    def test_receiver_that_answers_byte_by_byte_holds_nobody_up(self):
        for begins in (b"", b"HTTP/1.1 200 OK\r\nX: "):
            with self.subTest(begins), webhook() as receiver:
                self.publish()
                receiver.drips = begins
                began = time.monotonic()
                with self.assertLogs("blog.public.delivery", "WARNING"):
                    tally = deliver(now=NOON, patience=0.2)
                self.assertLess(time.monotonic() - began, 2)  # the line would take five
                self.assertEqual((tally.delivered, tally.failed), (0, 1))
                notice = Notice.objects.get()
                self.assertIn("timed out", notice.last_error, "the receiver has closed nothing")
                notice.delete()

    def test_place_that_the_settings_name_no_more_is_told_nothing_and_the_desk_sees_why(self):
        with (
            Receiver() as engines,
            override_settings(
                INDEXNOW_URL=engines.url,
                INDEXNOW_KEY="0123456789abcdef",
                WEBSUB_HUB=engines.url,
                WEBHOOK_URL=engines.url,
                WEBHOOK_SECRET=SECRET,
            ),
        ):
            self.publish()
            unnamed = override_settings(INDEXNOW_KEY="", WEBSUB_HUB="", WEBHOOK_URL="", WEBHOOK_SECRET="")
            with unnamed, self.assertLogs("blog.public.delivery", "WARNING") as logs:
                tally = deliver(now=NOON)
            self.assertEqual((engines.got, tally.failed), ([], 3))
            self.assertEqual({record.levelname for record in logs.records}, {"WARNING"})
            self.assertEqual(
                set(Notice.objects.values_list("last_error", flat=True)),
                {f"{place} の宛先が、設定にありません。" for place in ("WebSub", "IndexNow", "Webhook")},
            )
            deliver(now=NOON + HOUR)  # they are named again
        self.assertFalse(Notice.objects.filter(done_at=None).exists())

    def test_notice_of_a_delivery_that_died_is_taken_up_after_its_lease(self):
        with webhook() as receiver:
            self.publish()
            Notice.objects.update(next_try_at=NOON + LEASE)  # as the process that died has left it
            deliver(now=NOON)
            self.assertEqual(receiver.got, [])
            deliver(now=NOON + LEASE)
        self.assertEqual(receiver.types(), ["post.published"])

    def test_notice_that_cannot_be_sent_at_all_stops_no_other(self):
        with webhook():
            self.publish()
        with Receiver() as hub, override_settings(WEBSUB_HUB=hub.url):
            self.publish()
            nobody_can_sign = override_settings(WEBHOOK_URL=hub.url, WEBHOOK_SECRET=None)
            with nobody_can_sign, self.assertLogs("blog.public.delivery", "ERROR") as logs:
                tally = deliver(now=NOON)
        self.assertEqual((tally.delivered, tally.failed), (1, 1))
        self.assertIn("Traceback", logs.output[0])
        poison = Notice.objects.get(channel="webhook")
        self.assertEqual((poison.attempts, poison.next_try_at), (1, NOON + RETRY_DELAYS[0]))
        self.assertEqual(poison.last_error, "予期しない失敗です（AttributeError）。")

    def test_notice_that_kills_every_process_that_sends_it_is_given_up(self):
        with webhook() as receiver:
            self.publish()
            Notice.objects.update(attempts=MAX_ATTEMPTS)  # as those that died have left it
            with self.assertLogs("blog.public.delivery", "ERROR"):
                deliver(now=NOON)
        self.assertEqual(receiver.got, [])
        self.assertTrue(Notice.objects.get().is_given_up)

    def test_each_notice_is_stamped_with_the_second_in_which_it_is_sent(self):
        with webhook() as receiver:
            self.publish()
            self.publish()
            delivery.deliver(clock=lambda: NOON + HOUR * len(receiver.got))  # a receiver that takes an hour
        noon = int(NOON.timestamp())
        self.assertEqual(
            [headers["webhook-timestamp"] for _, headers, _ in receiver.got], [str(noon), str(noon + 3600)]
        )

    def test_delivery_that_outlived_its_lease_leaves_the_notice_to_whoever_has_it_now(self):
        with webhook() as receiver:
            self.publish()

            def clock():
                if receiver.got:  # by now another process has taken it up
                    Notice.objects.update(next_try_at=NOON + 2 * LEASE, attempts=2)
                return NOON

            delivery.deliver(clock=clock)
        notice = Notice.objects.get()
        self.assertEqual((notice.done_at, notice.attempts), (None, 2))

    def test_sigterm_lets_the_notice_under_way_arrive_and_leaves_the_others(self):
        for name in (signal.SIGTERM, signal.SIGINT):
            self.addCleanup(signal.signal, name, signal.getsignal(name))
        with webhook() as receiver:
            self.publish()
            self.publish()
            receiver.on_receipt = lambda: os.kill(os.getpid(), signal.SIGTERM)
            call_command("deliver", "--loop", "--every", "60", stdout=StringIO())
        self.assertEqual(len(receiver.got), 1)
        self.assertEqual(Notice.objects.filter(done_at=None, attempts=0).count(), 1)

    def test_password_in_the_address_of_the_webhook_is_in_no_log_and_not_in_the_admin(self):
        with webhook("/services/very-secret?key=s3cr3t") as receiver:
            self.publish()
            receiver.status, receiver.reason = 500, "no\0 way"
            with self.assertLogs("blog.public.delivery") as logs:
                deliver(now=NOON)
        stopped = override_settings(WEBHOOK_URL=f"{receiver.url}/very-secret", WEBHOOK_SECRET=SECRET)
        with stopped, self.assertLogs("blog.public.delivery") as unreachable:
            deliver(now=NOON + HOUR)
        told = "".join((*logs.output, *unreachable.output, Notice.objects.get().last_error))
        self.assertNotRegex(told, "very-secret|s3cr3t")
        host = receiver.url.removeprefix("http://")
        self.assertIn(f"Webhook（{host}） は 500 no way と答えました。", told)
        self.assertIn(f"Webhook（{host}） に届きません", told)

    def pinged(self, hub):
        """The feeds of which `hub` heard since it was asked last, by their paths."""
        pings = [parse_qs(body.decode()) for _, _, body in hub.got]
        hub.got.clear()
        self.assertEqual([ping for ping in pings if ping["hub.mode"] != ["publish"]], [])
        return [unquote("/" + url.split("/", 3)[3]) for ping in pings for url in ping["hub.url"]]

    def test_hub_is_pinged_once_for_each_feed_in_which_the_post_stands(self):
        with Receiver() as hub, override_settings(WEBSUB_HUB=hub.url):
            self.publish(category="AI最新ニュース", tags=("AI",))
            deliver(now=NOON)
            pinged = self.pinged(hub)
            feeds = [
                *(f"/feed.{form}" for form in ("xml", "atom", "json")),
                *(f"/feeds/latest.{form}" for form in ("xml", "atom", "json")),
                *("/tags/ai/feed.xml", "/authors/allforces編集部/feed.xml"),
            ]
            self.assertEqual(pinged, feeds)
            for feed in feeds:  # and they name it
                self.assertIn(hub.url, self.client.get(feed).content.decode())

    def test_feeds_that_a_post_leaves_are_pinged_too(self):
        make_category("経済", slug="keizai")
        with Receiver() as hub, override_settings(WEBSUB_HUB=hub.url):
            post = self.publish(category="AI最新ニュース", tags=("AI",))
            deliver(now=NOON)
            self.pinged(hub)
            post = self.update(post, now=NOON + HOUR, category="経済", tags=("投資",))
            deliver(now=NOON + HOUR)
            pinged = self.pinged(hub)
            for feed in (
                "/feeds/keizai.atom",
                "/feeds/latest.atom",
                "/tags/投資/feed.xml",
                "/tags/ai/feed.xml",
            ):
                self.assertIn(feed, pinged)
            revision = publishing.save(
                post=post,
                content=make_content(day=post.day, slug=post.slug, category="AI最新ニュース"),
                by=Person(self.editor),
                now=NOON + HOUR,
                base=post.working,
            )
            later = NOON + 2 * HOUR
            publishing.publish(revision=revision, by=Person(self.editor), now=NOON + HOUR, at=later)
            deliver(now=later)
            self.assertIn("/feeds/keizai.json", self.pinged(hub))

    def test_search_engines_are_told_the_address_and_whose_key_it_is(self):
        with (
            Receiver() as engine,
            override_settings(INDEXNOW_KEY="0123456789abcdef", INDEXNOW_URL=engine.url),
        ):
            post = self.publish()
            deliver(now=NOON)
        (told,) = engine.bodies()
        self.assertEqual(told["urlList"], [f"http://{told['host']}{post.get_absolute_url()}"])
        self.assertTrue(told["keyLocation"].endswith("/0123456789abcdef.txt"))

    def test_post_kept_out_of_search_is_told_to_the_webhook_alone(self):
        with self.every_place():
            self.publish(noindex=True)
            self.assertEqual([notice.channel for notice in Notice.objects.all()], ["webhook"])

    def test_site_that_the_desk_closes_to_search_is_told_of_to_the_webhook_alone(self):
        SiteSettings.objects.update(allow_indexing=False)
        with self.every_place():
            self.publish()
            self.assertEqual([notice.channel for notice in Notice.objects.all()], ["webhook"])

    def test_search_engines_and_feeds_hear_of_a_post_that_they_lose(self):
        with self.every_place() as receiver:
            post = self.publish()
            deliver(now=NOON)
            receiver.got.clear()
            post = self.update(post, now=NOON + HOUR, noindex=True)
            deliver(now=NOON + HOUR)
            forms = [parse_qs(body.decode()) for path, _, body in receiver.got if path == "/hub"]
            told = [json.loads(body) for path, _, body in receiver.got if path == "/indexnow"]
            self.assertIn("/feed.xml", [form["hub.url"][0][-9:] for form in forms])
            self.assertTrue(told[0]["urlList"][0].endswith(post.get_absolute_url()))
            receiver.got.clear()
            self.update(post, now=NOON + 2 * HOUR, noindex=True, title="二度目")  # nothing is left to lose
            deliver(now=NOON + 2 * HOUR)
            self.assertEqual([path for path, *_ in receiver.got], ["/hook"])

    @contextmanager
    def every_place(self):
        with (
            webhook() as receiver,
            override_settings(
                WEBSUB_HUB=f"{receiver.url}/hub",
                INDEXNOW_KEY="0123456789abcdef",
                INDEXNOW_URL=f"{receiver.url}/indexnow",
            ),
        ):
            yield receiver

    def test_refused_publication_leaves_no_notice(self):
        with webhook():
            post = make_draft(title="")
            with self.assertRaises(publishing.NotReady):
                publishing.publish(revision=post.working, by=Person(self.editor), now=NOON)
        self.assertFalse(Notice.objects.exists())

    def test_list_in_the_admin_asks_the_same_number_of_questions_for_one_and_for_thirty(self):
        self.client.force_login(self.editor)
        post = self.publish()
        self.add_notices(post, 1)
        with CaptureQueriesContext(connection) as one:
            self.client.get(reverse("admin:blog_notice_changelist"))
        self.add_notices(post, 29)
        with self.assertNumQueries(len(one)):
            self.client.get(reverse("admin:blog_notice_changelist"))

    def add_notices(self, post, count):
        Notice.objects.bulk_create(
            Notice(
                post=post,
                event="updated",
                channel="webhook",
                happens_at=NOON + timedelta(days=count, seconds=n),
            )
            for n in range(count)
        )
