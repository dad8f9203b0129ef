"""What the page cache keeps, and for whom; with real processes: `test_page_cache_served`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import unquote

from django.test import override_settings
from django.urls import resolve

from blog.editorial import publishing, taxonomy
from blog.editorial.actors import IMPORT
from blog.models import Address, Page, SiteSettings, Tag
from tests.base import update
from tests.clock import at
from tests.door import DoorClient
from tests.kept import DAY, HOUR, POST, KeptTestCase
from tests.make import NOON, make_category, make_collection, make_editor, make_post
from tests.surfaces import surfaces
from tests.test_access import PUBLIC, RULES

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
