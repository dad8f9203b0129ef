"""What the page cache sends: encodings, ETags, 304, and what of a query counts."""

from __future__ import annotations

import gzip

import brotli
from django.test import SimpleTestCase

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.public.page_cache.answers import encoding_for
from blog.public.page_cache.declaration import Kept, normal_form
from tests.clock import at
from tests.kept import POST, KeptTestCase
from tests.make import NOON


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
