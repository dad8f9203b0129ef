"""What the page cache keeps, for whom, and for how long; with real processes: `test_page_cache_served`."""

from __future__ import annotations

import gzip
import tempfile
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import brotli
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import SimpleTestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from blog.editorial import publishing, taxonomy
from blog.editorial.actors import IMPORT
from blog.models import Address, ContentVersion, Page, SiteSettings, Tag
from blog.public.page_cache.answers import Answer, encoding_for
from blog.public.page_cache.declaration import Kept, normal_form
from blog.public.page_cache.freshness import MAX_AGE, Epoch, Freshness
from blog.public.page_cache.store import Store
from tests.base import PublicTestCase, running, update
from tests.clock import at
from tests.door import DoorClient
from tests.make import NOON, make_category, make_collection, make_editor, make_post
from tests.surfaces import surfaces
from tests.test_access import PUBLIC, RULES

MB = 1024 * 1024
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POST = "/2026/11/20/a/"

KEPT = {
    *(
        "home",
        "home_page",
        "categories",
        "category",
        "collections",
        "collection",
        "tags",
        "tag",
        "authors",
        "author",
    ),
    *(
        "archive",
        "year",
        "month",
        "day",
        "post",
        "path",
        "markdown",
        "llms",
        "llms_full",
        "robots",
        "security",
    ),
    *("feed", "feed_archive", "feed_archive_part", "section_feed", "tag_feed", "author_feed", "opensearch"),
    *("sitemap", "sitemap_pages", "sitemap_month", "sitemap_news", "sitemap_sections", "sitemap_authors"),
    *("sitemap_tags", "subscribe", "opml", "manifest", "proof"),
}
"""Routes of `blog/urls.py` whose answers 200, 301 and 410 are kept."""
NEVER = {
    "search": "every query is another page",
    "old_page": "anybody can make up numbers, all lead somewhere",
    "markdown_elsewhere": "spellings without number",
    "favicon": "a redirect without a query to the database",
    "rendition": "a file",
    "share_card": "a file",
    "intake": "takes, and shows nothing",
}


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


class WhatIsKeptTests(KeptTestCase):
    def make_everything(self) -> None:
        make_collection("計算の値段")
        for number in range(25):
            make_post(
                slug=f"old-{number}",
                at=NOON - 40 * DAY + number * HOUR,
                tags=("計算",),
                collection="計算の値段",
            )
        gone = make_post(slug="gone", at=NOON - HOUR)
        publishing.withdraw(post=gone, by=IMPORT, now=NOON - HOUR / 2, reason="誤り")
        moved = make_post(slug="moved", at=NOON - HOUR)
        update(moved, now=NOON - HOUR / 2, slug="moved-on")
        make_post(slug="news", at=NOON - HOUR, category=make_category("速報", is_news=True).name)
        taxonomy.save_page(Page(path="/about/", title="約束", is_public=True), by=IMPORT, now=NOON - HOUR)
        Address.objects.create(path="/by-hand/", target="/about/")
        Address.objects.create(path="/retired/", kind=Address.Kind.GONE, reason="もうありません。")
        SiteSettings.objects.update(
            contact="desk@example.jp", google_verification="google0123456789abcdef.html"
        )

    def test_each_public_route_is_kept_or_says_why_not(self) -> None:
        public = {
            name.removeprefix("blog:") for name, rule in RULES.items() if rule == PUBLIC and "blog:" in name
        }
        self.assertEqual(public, KEPT | NEVER.keys())
        self.make_everything()
        seen: dict[str, set[int]] = {}
        for path in (
            *surfaces(),
            "/tags/計算/?page=2",
            "/feed/archive/2026-10-1.xml",
            "/page2/",
            "/llms-full.txt",
        ):
            first = self.get(path)
            name, status = resolve(unquote(path.partition("?")[0])).url_name, first.status_code
            with self.subTest(path, name=name, status=status):
                if name in KEPT and status in (200, 301, 410):
                    self.assertEqual(self.assert_hot(path).content, first.content)
                    seen.setdefault(name, set()).add(status)
                elif name != "favicon":
                    self.assert_cold(path)
        self.assertEqual(KEPT - seen.keys(), set(), "no path was asked for")
        self.assertLessEqual({200, 301, 410}, seen["post"] | seen["path"])

    def test_reader_is_nobody(self) -> None:
        """Staff, a stranger with a made-up session and a bare client read the same bytes; none opens the cold path."""
        editor, stranger = DoorClient(store=self.store, freshness=self.freshness), self.client
        editor.force_login(make_editor())
        for path in ("/", POST, "/feed.xml"):
            kept = self.get(path)
            self.client = editor
            self.assertEqual(self.assert_hot(path).content, kept.content)
            self.client = stranger
            stranger.cookies["sessionid"] = "made-up"
            for headers in (
                {
                    "accept-language": "fr",
                    "user-agent": "a",
                    "authorization": "Bearer x",
                    "range": "bytes=0-9",
                },
                {
                    "x-forwarded-host": "evil.example",
                    "x-forwarded-for": "10.0.0.1",
                    "x-original-url": "/admin/",
                },
                {"accept-encoding": "identity;q=1, *;q=0, " + "x, " * 3000},
            ):
                answer = self.assert_hot(path, headers=headers)
                self.assertEqual((answer.status_code, answer.content), (200, kept.content))
                self.assertEqual(answer.cookies, {})

    def test_who_asks_first_leaves_no_trace(self) -> None:
        plain = DoorClient().get
        for path in ("/", POST, "/tags/電力/"):
            with at(NOON):
                expected = plain(path).content
                self.client.cookies["sessionid"] = "made-up"
                headers = {
                    "if-none-match": '"x"',
                    "accept-encoding": "gzip",
                    "range": "bytes=0-1",
                    "accept": "a/b",
                }
                self.client.get(path, headers=headers)
            self.assertEqual(self.assert_hot(path).content, expected)

    def test_queries_neither_fill_it_nor_pass_it(self) -> None:
        kept = self.get(POST)
        before = self.store.bytes
        for number in range(2_000):
            answer = self.assert_hot(f"{POST}?utm_source={number}&page={number}&a%20b=+")
        self.assertEqual((answer.content, self.store.bytes), (kept.content, before))

    def test_page_that_is_first_asked_for_with_a_query_is_hot_from_the_third_time(self) -> None:
        for number in range(2):
            self.assert_cold(f"{POST}?utm_source={number}")
        self.assert_hot(f"{POST}?utm_source=2")
        self.assert_hot(POST)

    def test_number_of_a_page_counts_in_its_one_spelling(self) -> None:
        for number in range(25):
            make_post(slug=f"n-{number}", at=NOON - DAY, tags=("電力",))
        one, two = self.get("/tags/電力/").content, self.get("/tags/電力/?page=2").content
        self.assertNotEqual(one, two)
        self.assertEqual(self.assert_hot("/tags/電力/?page=2&utm=x").content, two)
        self.assertEqual(self.assert_hot("/tags/電力/?x=page=2").content, one)
        before = self.store.bytes
        for query, status in (
            ("page=02", 404),
            ("page=2&page=2", 200),
            ("page=%32", 200),
            ("p%61ge=2", 200),
            ("page=", 404),
            ("page=3", 404),
            ("page=1", 301),
            ("page=99999999", 404),
        ):
            with self.subTest(query):
                self.assertEqual(self.assert_cold(f"/tags/電力/?{query}").status_code, status)
        self.assertEqual(self.store.bytes, before)

    def test_paths_that_anybody_can_make_up_leave_nothing(self) -> None:
        self.get(POST)
        before = self.store.bytes
        for number in range(50):
            self.assertEqual(self.get(f"/nothing/{number}/").status_code, 404)
        for path in (
            "//2026/11/20/a/",
            "/2026/11/20/%61/",
            "/page7/",
            "/search/?q=a",
            "/2026/11/20/a/index.md",
        ):
            self.get(path)
        self.assertEqual(self.store.bytes, before)

    def test_redirect_hands_the_query_on_and_is_kept_without(self) -> None:
        Address.objects.create(path="/old/", target=POST)
        self.assertEqual(self.get("/old/?utm=1").url, f"{POST}?utm=1")
        self.assertEqual(self.get("/old/").url, POST)
        self.assertEqual(self.assert_hot("/old/").url, POST)
        self.assertEqual(self.assert_cold("/old/?utm=2").url, f"{POST}?utm=2")

    def test_feed_of_a_merged_tag_leads_on_without_the_database(self) -> None:
        into = make_post(slug="b", at=NOON - HOUR, tags=("電気",)).tags.get()
        taxonomy.merge(sources=[Tag.objects.get(name="電力")], into=into, by=IMPORT, now=NOON)
        for path in ("/tags/電力/", "/tags/電力/feed.xml"):
            self.assertEqual(self.get(path).status_code, 301)
            self.assert_hot(path)
        before = self.store.bytes
        for path in ("/tags/か\u3099/feed.xml", "/tags/none/feed.xml"):
            self.get(path)
        self.assertEqual(self.store.bytes, before)

    def test_nul_in_the_query_is_refused_on_a_kept_page_too(self) -> None:
        for path in (POST, "/tags/電力/"):
            self.get(path)
            self.assertEqual(self.get(f"{path}?a=%00").status_code, 400)

    def test_file_of_the_old_site_is_not_kept(self) -> None:
        root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (root / "company").mkdir()
        for name in ("index.html", "style.css", "logo.png"):
            (root / "company" / name).write_bytes(b"a" * 300)
        with override_settings(LEGACY_ROOT=root):
            for path in ("/company/", "/company/style.css", "/company/logo.png"):
                first = self.get(path)
                self.assertEqual(first.status_code, 200)
                b"".join(first)  # to the end of the file
                again = self.assert_cold(path, headers={"If-None-Match": first["ETag"]})
                self.assertEqual(again.status_code, 304)
        self.assertEqual(self.store.bytes, 0)


class HostTests(KeptTestCase):
    def test_host_counts_as_django_reads_it(self) -> None:
        with override_settings(ALLOWED_HOSTS=["Example.jp", "testserver"]):
            self.client = DoorClient(store=self.store, freshness=self.freshness)
            self.get("/", headers={"host": "example.jp"})
            before = self.store.bytes
            for host in ("EXAMPLE.JP", "example.jp.", "example.jp:80", "Example.jp:65000"):
                self.assert_hot("/", headers={"host": host})
            for host in (
                "evil.example",
                "example.jp.evil.example",
                "example.jp:x",
                "a@example.jp",
                "",
                "例.jp",
            ):
                with self.subTest(host), self.assertLogs("django.security.DisallowedHost"):
                    self.assertEqual(self.get("/", headers={"host": host}).status_code, 400)
            self.assertEqual(self.store.bytes, before)

    @override_settings(SECURE_SSL_REDIRECT=True, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"))
    def test_redirect_to_https_and_the_page_behind_it_are_two(self) -> None:
        secure = {"x-forwarded-proto": "https"}
        for _ in range(2):
            self.assertEqual(self.get("/", headers=secure).status_code, 200)
            for proto in ("http", "HTTPS", "", "http, https"):
                self.assertEqual(self.get("/", headers={"x-forwarded-proto": proto}).status_code, 301)
        self.assert_hot("/", headers={"x-forwarded-proto": "https, http"})


class AnswerTests(KeptTestCase):
    def test_three_encodings_have_three_strong_etags_and_each_its_304(self) -> None:
        plain = self.get("/")
        etags = {plain["ETag"]}
        for encoding, decode in (("gzip", gzip.decompress), ("br", brotli.decompress)):
            headers = {"accept-encoding": encoding}
            answer = self.assert_hot("/", headers=headers)
            self.assertEqual(decode(answer.content), plain.content)
            self.assertEqual(answer["Content-Length"], str(len(answer.content)))
            self.assertEqual((answer["Content-Encoding"], answer["Vary"]), (encoding, "Accept-Encoding"))
            etags.add(answer["ETag"])
            etag = answer["ETag"]
            for condition in (etag, f"W/{etag}", "*", f'"a", W/"b", {etag}'):
                again = self.assert_hot("/", headers=headers | {"if-none-match": condition})
                self.assertEqual((again.status_code, again.content, again["ETag"]), (304, b"", etag))
                self.assertEqual(
                    [n for n in ("Content-Length", "Content-Encoding") if n in again.headers], []
                )
            for condition in ('"a"', plain["ETag"], etag[1:-1], "", f'"{"x" * 9000}"'):
                again = self.assert_hot("/", headers=headers | {"if-none-match": condition})
                self.assertEqual((again.status_code, again.content), (200, answer.content))
        self.assertEqual(len(etags), 3)
        self.assertTrue(all(etag.startswith('"') for etag in etags))

    def test_head_before_get_makes_the_page(self) -> None:
        with at(NOON):
            head = self.client.head(POST)
        got = self.assert_hot(POST)
        self.assertEqual((head.status_code, head.content), (200, b""))
        self.assertEqual(dict(head.headers), dict(got.headers))
        self.assertEqual(head["Content-Length"], str(len(got.content)))

    def test_range_is_ignored(self) -> None:
        whole = self.get(POST).content
        for _ in range(2):
            answer = self.get(POST, headers={"range": "bytes=0-99", "if-range": '"x"'})
            self.assertEqual((answer.status_code, answer.content), (200, whole))

    def test_date_counts_where_a_feed_reader_knows_no_etag(self) -> None:
        first = self.get("/feed.xml")
        date = first["Last-Modified"]
        self.assertEqual(self.assert_hot("/feed.xml", headers={"if-modified-since": date}).status_code, 304)
        both = {"if-modified-since": date, "if-none-match": '"other"'}
        self.assertEqual(self.assert_hot("/feed.xml", headers=both).status_code, 200)
        for odd in ("yesterday", "", "Thu, 01 Jan 1970 00:00:00 GMT"):
            self.assertEqual(
                self.assert_hot("/feed.xml", headers={"if-modified-since": odd}).status_code, 200
            )

    def test_browser_reads_a_feed_as_xml_whoever_came_first(self) -> None:
        for first, second in (("text/html", "*/*"), ("*/*", "text/html")):
            self.raise_version()
            found = {accept: self.get("/feed.xml", headers={"accept": accept}) for accept in (first, second)}
            self.assertEqual(found["text/html"]["Content-Type"], "application/xml; charset=utf-8")
            self.assertEqual(found["*/*"]["Content-Type"], "application/rss+xml; charset=utf-8")
            self.assertEqual(found["text/html"].content, found["*/*"].content)

    def test_condition_does_not_bring_back_what_is_gone(self) -> None:
        etag = self.get(POST)["ETag"]
        publishing.withdraw(post=self.post, by=IMPORT, now=NOON, reason="誤り")
        self.raise_version()
        for _ in range(2):
            for condition in (etag, "*"):
                self.assertEqual(self.get(POST, headers={"if-none-match": condition}).status_code, 410)


class EncodingTests(SimpleTestCase):
    def test_most_wanted_encoding_is_sent_and_of_equals_the_smallest(self) -> None:
        for accepted, expected in (
            ("", ""),
            ("gzip", "gzip"),
            ("gzip, deflate, br, zstd", "br"),
            ("br;q=0, gzip", "gzip"),
            ("br;q=0.5, gzip;q=0.8", "gzip"),
            ("BR ; Q=0.001", "br"),
            ("*", "br"),
            ("*;q=0", ""),
            ("gzip;q=0, *", "br"),
            ("identity, gzip;q=0.5", ""),
            ("identity;q=0, gzip", "gzip"),
            ("identity;q=0", ""),
            ("br;q=nonsense, gzip;q=7", "gzip"),
            ("br;q=nan", ""),
            ("deflate, zstd", ""),
            (",;,;q=,", ""),
            ("a," * 5000 + "gzip", "gzip"),
        ):
            with self.subTest(accepted[:50]):
                self.assertEqual(encoding_for(accepted), expected)

    def test_only_declared_parameters_count(self) -> None:
        paged = Kept(("page",))
        for query, kept, expected in (
            ("", paged, ""),
            ("page=2", paged, "page=2"),
            ("a=1&page=2&&b", paged, "page=2"),
            ("a=1&page=2", Kept(), ""),
            ("page=2&page=3", paged, None),
            ("page=2&p%61ge=3", paged, None),
            ("page=%32", paged, None),
            ("page=" + "1" * 41, paged, None),
            ("page", paged, None),
            ("a=1", Kept(hands_query_on=True), None),
            ("", Kept(hands_query_on=True), ""),
            ("a=%00", Kept(), None),
        ):
            with self.subTest(query):
                self.assertEqual(normal_form(query, kept), expected)


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

    def test_kept_pages_stand_in_until_a_planned_withdrawal(self) -> None:
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
