"""Static pages of the old site from LEGACY_ROOT: shown where nothing else answers, and able to do nothing."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path
from typing import Any

from django.test import override_settings

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.models import Address
from tests.base import PublicTestCase
from tests.make import NOON, make_category, make_draft, make_post, picture_bytes

SECRET = "外に出てはいけない文章"


class OldFiles(PublicTestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory(prefix="allforces-old-site-")
        self.addCleanup(holder.cleanup)
        outside = Path(holder.name)
        self.root = outside / "site"
        self.root.mkdir()
        (outside / "secret.html").write_text(SECRET)
        swapped = override_settings(LEGACY_ROOT=self.root)
        swapped.enable()
        self.addCleanup(swapped.disable)

    def put(self, name: str, text: str | bytes = "<h1>昔のページ</h1>") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def content(self, path: str, **options: Any) -> bytes:
        response = self.get(path, **options)
        self.assertEqual(response.status_code, 200, path)
        return response.getvalue()


class ShownTests(OldFiles):
    def test_a_folder_answers_with_its_index_and_a_file_with_itself(self):
        self.put("company/index.html", "<h1>会社案内</h1>")
        self.put("ai-solutions/製造業/東京都/index.html", "<h1>東京都の製造業</h1>")
        self.put("d4a47a.txt", "d4a47a")
        for path, text in (
            ("/company/", "会社案内"),
            ("/ai-solutions/製造業/東京都/", "東京都の製造業"),
            ("/ai-solutions/%E8%A3%BD%E9%80%A0%E6%A5%AD/%e6%9d%b1%e4%ba%ac%e9%83%bd/", "東京都の製造業"),
            ("/d4a47a.txt", "d4a47a"),
        ):
            with self.subTest(path):
                self.assertIn(text, self.content(path).decode())

    def test_other_spellings_lead_to_the_one_in_one_hop(self):
        self.put("company/index.html")
        self.put("会社/index.html")
        self.put("ads.txt")
        self.put("site.webmanifest", "{}")
        for path, proper in (
            ("/company", "/company/"),
            ("/company/index.html", "/company/"),
            ("/company//?a=b", "/company/?a=b"),
            ("/会社", "/%E4%BC%9A%E7%A4%BE/"),
            ("/ads.txt/", "/ads.txt"),
            ("/site.webmanifest/", "/site.webmanifest"),
        ):
            with self.subTest(path):
                response = self.get(path)
                self.assertRedirects(response, proper, status_code=301, fetch_redirect_response=False)
                self.content(proper)

    def test_each_kind_of_file_says_what_it_is(self):
        for name, kind in (
            ("a.html", "text/html; charset=utf-8"),
            ("a.css", "text/css; charset=utf-8"),
            ("a.xml", "application/xml; charset=utf-8"),
            ("a.txt", "text/plain; charset=utf-8"),
            ("a.svg", "image/svg+xml; charset=utf-8"),
            ("old.webmanifest", "application/manifest+json; charset=utf-8"),
            ("a.png", "image/png"),
            ("a.woff2", "font/woff2"),
            ("資料/A.JPG", "image/jpeg"),
            ("P.HTML", "text/html; charset=utf-8"),
        ):
            with self.subTest(name):
                self.put(name)
                response = self.get(f"/{name}")
                response.getvalue()
                self.assertEqual(response["Content-Type"], kind)
                self.assertEqual(response["X-Content-Type-Options"], "nosniff")

    def test_a_pdf_is_saved_and_not_opened_under_our_name(self):
        self.put("資料.PDF", b"%PDF-1.4")
        response = self.get("/資料.PDF")
        self.assertEqual((response.status_code, response.getvalue()), (200, b"%PDF-1.4"))
        self.assertEqual(response["Content-Type"], "application/pdf")
        self.assertRegex(response["Content-Disposition"], r"^attachment; ")
        self.assertEqual(response["X-Content-Type-Options"], "nosniff")
        self.assertIn("sandbox", response["Content-Security-Policy"])

    def test_nothing_runs_in_it_and_nothing_is_remembered_of_the_visitor(self):
        self.put("old.html", "<script>alert(1)</script>")
        response = self.get("/old.html")
        policy = response["Content-Security-Policy"]
        for directive in ("script-src 'none'", "form-action 'none'", "base-uri 'none'", "sandbox "):
            self.assertIn(directive, policy)
        self.assertNotIn("allow-scripts", policy)
        self.assertEqual(dict(response.cookies), {})
        self.assertEqual(
            (response["Vary"], response["Cache-Control"]), ("Accept-Encoding", "public, no-cache")
        )
        self.assertNotIn("unsafe", self.get("/")["Content-Security-Policy"])

    def test_who_has_it_already_gets_304_and_head_gets_no_body(self):
        self.put("old.html")
        self.put("old.png", picture_bytes())
        for path in ("/old.html", "/old.png"):
            with self.subTest(path):
                first = self.get(path)
                first.getvalue()
                for headers in (
                    {"If-None-Match": first["ETag"]},
                    {"If-Modified-Since": first["Last-Modified"]},
                ):
                    again = self.get(path, headers=headers)
                    self.assertEqual((again.status_code, again.content), (304, b""))
                    self.assertEqual(again["ETag"], first["ETag"])
                head = self.client.head(path)
                self.assertEqual((head.status_code, head.getvalue()), (200, b""))
                self.assertEqual(self.client.post(path).status_code, 405)

    def test_texts_are_compressed_and_pictures_are_left_alone(self):
        self.put("old.html", "<p>長い文章</p>" * 100)
        self.put("old.png", picture_bytes())
        packed = self.get("/old.html", headers={"Accept-Encoding": "gzip"})
        self.assertEqual(gzip.decompress(packed.content).decode(), "<p>長い文章</p>" * 100)
        picture = self.get("/old.png", headers={"Accept-Encoding": "gzip"})
        self.assertEqual(picture.getvalue(), picture_bytes())
        self.assertNotIn("Content-Encoding", picture)


class NotShownTests(OldFiles):
    def test_everything_else_goes_before_it(self):
        make_category("技術", slug="tech")
        post = make_post(slug="a", title="新しい題")
        withdrawn = make_post(slug="b")
        publishing.withdraw(post=withdrawn, by=IMPORT, now=NOON, reason="誤りでした。")
        make_draft(slug="c")
        Address.objects.create(path="/gone/", kind=Address.Kind.GONE, reason="終わりました。")
        for path in ("", "category/tech/", "tags/", "2026/11/20/a/", "2026/11/20/b/", "gone/"):
            self.put(f"{path}index.html", SECRET)
        for name in ("feed.xml", "robots.txt", "admin/index.html", "healthz/index.html"):
            self.put(name, SECRET)
        for path, status in (
            ("/", 200),
            ("/category/tech/", 200),
            ("/tags/", 200),
            (post.get_absolute_url(), 200),
            (withdrawn.get_absolute_url(), 410),
            ("/gone/", 410),
            ("/feed.xml", 200),
            ("/robots.txt", 200),
            ("/admin/", 302),
        ):
            with self.subTest(path):
                self.assertNotContains(self.get(path), SECRET, status_code=status)
        # Nor does the file's own name bring back what was withdrawn.
        self.assertRedirects(
            self.get("/2026/11/20/b/index.html"),
            "/2026/11/20/b/",
            status_code=301,
            fetch_redirect_response=False,
        )

    def test_nothing_comes_from_outside_the_folder(self):
        self.put("in/index.html")
        (self.root / "way-out.html").symlink_to(self.root.parent / "secret.html")
        (self.root / "up").symlink_to(self.root.parent)
        (self.root / "circle").symlink_to(self.root / "circle")
        for path in (
            "/../secret.html",
            "/in/../../secret.html",
            "/..%2fsecret.html",
            "/in/%2e%2e/%2e%2e/secret.html",
            "/%252e%252e/secret.html",
            "/..%5csecret.html",
            "/way-out.html",
            "/up/secret.html",
            "/circle",
            "/circle/secret.html",
            f"/{self.root.parent}/secret.html",
            "/in/index.html%00.html",
            f"/{'x' * 400}.html",
        ):
            with self.subTest(path):
                response = self.get(path)
                self.assertNotContains(response, SECRET, status_code=404)

    def test_hidden_files_scripts_and_unknown_kinds_stay_hidden(self):
        for name in (
            ".env",
            ".git/config.txt",
            "a/.hidden.html",
            "app.js",
            "old.php",
            "site.sqlite3",
            "CNAME",
        ):
            self.put(name, SECRET)
        (self.root / "seen.txt").symlink_to(self.root / ".git/config.txt")
        self.put("empty/notes.md", SECRET)
        for path in (
            "/.env",
            "/.git/config.txt",
            "/a/.hidden.html",
            "/app.js",
            "/old.php",
            "/site.sqlite3",
            "/CNAME",
            "/seen.txt",
            "/empty/",
            "/a/",
        ):
            with self.subTest(path):
                self.assertNotContains(self.get(path), SECRET, status_code=404)

    def test_without_the_variable_there_is_nothing(self):
        self.put("company/index.html")
        self.content("/company/")
        with override_settings(LEGACY_ROOT=None):
            self.assertEqual(self.get("/company/").status_code, 404)
