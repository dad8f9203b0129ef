"""`check_urls`: an old sitemap or list, and what the site says to each path in it."""

from __future__ import annotations

import io
import json
import socket
import tempfile
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.core.management import CommandError, call_command
from django.test import SimpleTestCase, TestCase, override_settings

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.models import Address
from blog.transfer.importing.importer import import_files
from tests.clock import at
from tests.make import NOON, make_post, make_scheduled
from tests.transfer.documents import document

SITEMAP = '<{0} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{1}</{0}>'


def sitemap(*locations: str, kind: str = "urlset") -> str:
    tag = "url" if kind == "urlset" else "sitemap"
    inside = "".join(f"<{tag}><loc>{location}</loc></{tag}>" for location in locations)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + SITEMAP.format(kind, inside)


class Lists:
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory(prefix="allforces-urls-")
        self.addCleanup(holder.cleanup)  # type: ignore[attr-defined]
        self.folder = Path(holder.name)

    def file(self, text: str, name: str = "urls.txt") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def check(self, file: Path, **options: Any) -> tuple[list[str], str]:
        """The lines that the command prints, and why it fails ("" when it does not)."""
        out, why = io.StringIO(), ""
        try:
            with at(NOON):
                call_command("check_urls", str(file), stdout=out, **options)
        except CommandError as error:
            why = str(error)
        return out.getvalue().splitlines(), why


class WithinTests(Lists, TestCase):
    def test_each_path_of_a_list_gets_its_line_and_the_counts_come_last(self):
        post = make_post(slug="生成ai")
        gone = make_post(slug="gone")
        publishing.withdraw(post=gone, by=IMPORT, now=NOON, reason="誤りでした。")
        Address.objects.create(path="/2026/11/19/生成ai/", kind=Address.Kind.MOVED, post=post)
        Address.objects.create(path="/shop/", kind=Address.Kind.MOVED, target="https://example.com/shop")
        encoded = quote("生成ai")
        list_ = (
            "# 旧サイトのパス",
            "",
            "/2026/11/20/生成ai/",
            f"https://old.example/2026/11/20/{encoded.lower()}",
            "/2026/11/19/生成ai/",
            "/2026/11/20/gone/",
            "/shop/",
            "/tags/?page=1",
            "/2026/11/19/生成ai/",
        )
        lines, why = self.check(self.file("\n".join(list_)))
        self.assertEqual(
            lines,
            [
                "/2026/11/20/生成ai/ → 200",
                "/2026/11/20/生成ai → 301 /2026/11/20/生成ai/",
                "/2026/11/19/生成ai/ → 301 /2026/11/20/生成ai/",
                "/2026/11/20/gone/ → 410",
                "/shop/ → 301 https://example.com/shop [サイトの外]",
                "/tags/?page=1 → 200",
                "6 件（200: 2、301: 3、410: 1）、サイトの外への転送 1 件（転送先は確かめていません）、問題 0 件",
            ],
        )
        self.assertEqual(why, "")

    def test_a_path_that_answers_nothing_or_leads_nowhere_fails_the_check(self):
        Address.objects.create(path="/old/", kind=Address.Kind.MOVED, target="/nowhere/")
        Address.objects.create(path="/two/", kind=Address.Kind.MOVED, target="/tags")
        report = self.folder / "report.json"
        lines, why = self.check(self.file("/\n/missing/\n/old/\n/two/\n"), json=report, verbosity=0)
        self.assertEqual(
            lines,
            [
                "/missing/ → 404 [見つかりません]",
                "/old/ → 301 /nowhere/ [転送先が見つかりません]",
                "/two/ → 301 /tags [転送が2回以上になります]",
                "4 件（200: 1、301: 2、404: 1）、問題 3 件",
            ],
        )
        self.assertEqual(why, "3 件のパスが正しく答えていません。")
        data = json.loads(report.read_text(encoding="utf-8"))
        self.assertEqual(data["outside"], 0)
        self.assertEqual((data["counts"], data["problems"]), ({"200": 1, "301": 2, "404": 1}, 3))
        self.assertEqual(
            data["urls"][2],
            {
                "path": "/old/",
                "status": 301,
                "target": "/nowhere/",
                "ends": 404,
                "problem": "転送先が見つかりません",
            },
        )

    def test_a_sitemap_and_an_index_of_sitemaps_beside_it_are_lists_too(self):
        make_post(slug="a")
        self.file(sitemap("https://old.example/", "https://old.example/2026/11/20/a/"), "sitemap-1.xml")
        self.file(sitemap("https://old.example/tags/"), "sitemap-2.xml")
        names = ("https://old.example/sitemap-1.xml", "https://old.example/maps/sitemap-2.xml")
        index = self.file(sitemap(*names, kind="sitemapindex"), "sitemap.xml")
        lines, why = self.check(index)
        self.assertEqual(lines[:3], ["/ → 200", "/2026/11/20/a/ → 200", "/tags/ → 200"])
        self.assertEqual(why, "")

    @override_settings(SITE_URL="https://localhost", SECURE_SSL_REDIRECT=True)
    def test_a_site_behind_tls_is_asked_as_its_readers_do(self):
        lines, why = self.check(self.file("/\n"))
        self.assertEqual((lines[0], why), ("/ → 200", ""))

    def test_old_static_pages_count_as_answered(self):
        (self.folder / "company").mkdir()
        (self.folder / "company/index.html").write_text("会社案内")
        with override_settings(LEGACY_ROOT=self.folder):
            lines, why = self.check(self.file("/company/\n"))
        self.assertEqual((lines[0], why), ("/company/ → 200", ""))

    def test_what_stays_behind_is_listed_for_410_and_what_is_being_prepared_is_not(self):
        make_scheduled(at=NOON + timedelta(days=1), slug="a")
        list_ = self.file("/en/about/\n/pricing?a=b\n/2026/11/21/a/\n/tags/\n/../x/\n")
        lines, why = self.check(list_, retire="旧サイトのページは終了しました。", verbosity=0)
        self.assertEqual((lines[-1], why), ("2 件を410にしました。", ""))
        self.assertContains(self.client.get("/pricing/"), "旧サイトのページは終了しました。", status_code=410)
        lines, why = self.check(list_)
        self.assertEqual(lines[:2], ["/en/about/ → 410", "/pricing?a=b → 410"])
        self.assertIn("2 件", why)
        self.assertIn("--retire", self.check(list_, retire="x", base="https://example.jp")[1])

    def test_encoded_question_mark_belongs_to_the_path_and_its_neighbour_is_not_retired(self):
        list_ = self.file("/old%3Fx/\n/%E5%8F%A4%E3%81%84?a=b\n")
        lines, _ = self.check(list_, retire="終わりました。")
        self.assertEqual(lines[:2], ["/old?x/ → 404 [見つかりません]", "/古い?a=b → 404 [見つかりません]"])
        self.assertEqual(lines[-1], "1 件を410にしました。")
        self.assertEqual([address.path for address in Address.objects.all()], ["/古い/"])

    def test_an_import_of_the_old_site_leaves_none_of_its_paths_unanswered(self):
        section = '["業界別AI活用"]'
        for stem in ("2026-11-04-1-生成ai", "2026-11-05-2-ai-"):
            text = document(date="2026-11-04 16:40:22 +0000", categories=section, body=f"{stem}の本文。")
            self.file(text, f"{stem}.md")
        import_files([self.folder], by=IMPORT, now=NOON, site_url="https://old.example")
        old = (
            "/2026/11/05/1-生成ai/",
            f"/2026/11/05/1-{quote('生成ai').lower()}",
            "/2026/11/04/1-生成ai/",
            "/2026/11/05/2-ai/",
            "/page2/",
            "/category/analysis/",
            "/category/業界別AI活用/",
            "/category/業界分析/",
            "/category/industry/",
            "/業界別AI活用/",
            "/categories",
            "/feeds/analysis.xml",
            "/sitemap_index.xml",
        )
        lines, why = self.check(self.file("\n".join(old)))
        self.assertEqual(why, "", lines)


class RefusedTests(Lists, SimpleTestCase):
    def test_what_is_no_list_is_refused_with_a_reason(self):
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><urlset>&b;</urlset>'
        for text, reason in (
            ("", "パスが1つもありません"),
            ("# nothing\n", "パスが1つもありません"),
            ("<urlset>", "XMLとして読めません"),
            (bomb, "DOCTYPE"),
            ("http://[broken/\n", "読めない行"),
            (sitemap("https://x/a.xml", kind="sitemapindex"), "a.xml を、同じフォルダー"),
        ):
            with self.subTest(reason):
                lines, why = self.check(self.file(text))
                self.assertEqual(lines, [])
                self.assertIn(reason, why)
        self.assertIn("読めません", self.check(self.folder / "none.txt")[1])
        self.assertIn("索引の中の索引", self.check(self.index_of_itself())[1])

    def index_of_itself(self) -> Path:
        return self.file(sitemap("https://x/self.xml", kind="sitemapindex"), "self.xml")

    def test_a_base_is_a_site_and_nothing_else(self):
        for base in ("example.jp", "ftp://example.jp", "https://example.jp/magazine/", "file:///etc/passwd"):
            with self.subTest(base):
                self.assertIn("--base", self.check(self.file("/\n"), base=base)[1])


class Elsewhere(BaseHTTPRequestHandler):
    """A site of another make: relative and absolute redirects, and one path that fails."""

    moved = {"/a": "/b", "/c": "http://127.0.0.1:8000/b", "/d": "https://example.com/", "/e": "/a"}

    def do_HEAD(self) -> None:
        target = self.moved.get(self.path)
        self.send_response(301 if target else {"/b": 200, "/f": 500}.get(self.path, 404))
        if target:
            self.send_header("Location", target)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


class OverHttpTests(Lists, SimpleTestCase):
    def setUp(self) -> None:
        super().setUp()
        server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.base = f"http://127.0.0.1:{server.server_port}"

    def test_a_site_that_does_not_answer_is_one_sentence_and_not_a_list(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            base = f"http://127.0.0.1:{closed.getsockname()[1]}"
            lines, why = self.check(self.file("/a/\n/b/\n"), base=base)
        self.assertEqual(
            (lines, why), ([], f"{base} から答えがありません。サイトが動いているか、URLを確かめてください。")
        )

    def test_another_site_is_asked_over_http_at_its_base_alone(self):
        listed = [f"https://somewhere.invalid/{name}" for name in "abcdef"]
        lines, why = self.check(self.file("\n".join(listed)), base=self.base)
        self.assertEqual(
            lines[:-1],
            [
                "/a → 301 /b",
                "/b → 200",
                "/c → 301 /b",
                "/d → 301 https://example.com/ [サイトの外]",
                "/e → 301 /a [転送が2回以上になります]",
                "/f → 500 [エラー（500）]",
            ],
        )
        self.assertIn("2 件", why)
