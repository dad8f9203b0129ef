"""What every answer to a reader has in common."""

from __future__ import annotations

import gzip

import brotli
from django.test import Client

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.models import SiteSettings
from tests.base import PublicTestCase
from tests.clock import at
from tests.door import DoorClient
from tests.make import NOON, make_editor, make_post

PATHS = (
    "/",
    "/category/",
    "/tags/",
    "/authors/",
    "/archive/",
    "/2026/",
    "/feed.xml",
    "/sitemap.xml",
    "/sitemap-2026-11.xml",
    "/site.webmanifest",
    "/llms.txt",
    "/2026/11/20/a.md",
    "/robots.txt",
    "/2026/11/20/a/",
    "/2026/11/20/a",
    "/nowhere/",
)


class AnswerTests(PublicTestCase):
    def setUp(self) -> None:
        self.post = make_post(slug="a", body="本文。" * 100)

    def test_nothing_depends_on_the_visitor(self) -> None:
        editor = DoorClient()
        editor.force_login(make_editor())
        for client in (self.client, editor):
            self.client = client
            for path in PATHS:
                with self.subTest(path):
                    response = self.get(path)
                    self.assertEqual(dict(response.cookies), {})
                    self.assertEqual(response["Vary"], "Accept-Encoding")
                    self.assertEqual(response["Cache-Control"], "public, no-cache")

    def test_head_answers_like_get_without_a_body_and_everything_else_is_405(self) -> None:
        strict = DoorClient(enforce_csrf_checks=True)
        for path in PATHS:
            with self.subTest(path):
                got, head = self.get(path), self.client.head(path)
                self.assertEqual((head.status_code, head.content), (got.status_code, b""))
                for method in (strict.post, strict.put, strict.delete, strict.patch):
                    self.assertEqual(method(path).status_code, 405)

    def test_a_nul_in_the_query_is_refused_before_any_database_sees_it(self) -> None:
        for path in ("/?page=%00", "/admin/blog/post/?q=%00", "/tags/?\0"):
            with self.subTest(path):
                self.assertEqual(self.client.get(path).status_code, 400)

    def test_a_page_that_did_not_change_is_304_and_a_changed_one_is_sent(self) -> None:
        for path in ("/", "/feed.xml", self.post.get_absolute_url()):
            with self.subTest(path):
                etag = self.get(path)["ETag"]
                unchanged = self.get(path, headers={"If-None-Match": etag})
                self.assertEqual((unchanged.status_code, unchanged.content), (304, b""))
        etag = self.get("/")["ETag"]
        make_post()
        self.assertEqual(self.get("/", headers={"If-None-Match": etag}).status_code, 200)

    def test_whoever_asks_for_the_head_alone_hears_of_changes_as_for_the_page(self) -> None:
        for path in ("/", "/feed.xml", "/sitemap.xml", self.post.get_absolute_url()):
            with self.subTest(path), at(NOON):
                etag = self.client.get(path)["ETag"]
                self.assertEqual(self.client.head(path)["ETag"], etag)
                self.assertEqual(self.client.head(path, headers={"If-None-Match": etag}).status_code, 304)
        self.assertNotIn("ETag", self.get("/nowhere/"))

    def test_pages_are_compressed_for_those_who_can_read_it(self) -> None:
        plain = self.get("/")
        small = self.get("/", headers={"Accept-Encoding": "gzip"})
        self.assertEqual(gzip.decompress(small.content), plain.content)
        self.assertLess(len(small.content), len(plain.content))
        smaller = self.get("/", headers={"Accept-Encoding": "gzip, br"})
        self.assertEqual(brotli.decompress(smaller.content), plain.content)
        etags = {answer["ETag"] for answer in (plain, small, smaller)}
        self.assertEqual(len(etags), 3)
        self.assertEqual([etag for etag in etags if etag.startswith("W/")], [], "each names its bytes")

    def test_error_pages_are_ours_everywhere(self) -> None:
        for path in ("/nowhere/", "/media/images/none.png"):
            with self.subTest(path):
                self.assertContains(self.get(path), "ページが見つかりません", status_code=404)

    def test_a_failure_of_ours_needs_neither_database_nor_context(self) -> None:
        client = Client(raise_request_exception=False)
        SiteSettings.objects.all().delete()
        response = client.get("/")
        self.assertContains(response, "ただいま表示できません", status_code=500)

    def test_withdrawn_post_is_gone_from_caches_that_ask(self) -> None:
        url = self.post.get_absolute_url()
        etag = self.get(url)["ETag"]
        publishing.withdraw(post=self.post, by=IMPORT, now=NOON, reason="誤り")
        self.assertEqual(self.get(url, headers={"If-None-Match": etag}).status_code, 410)
