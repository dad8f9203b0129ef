"""Every path that ever was public answers 200, one 301, or 410."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.models import Address, Page
from tests.base import PublicTestCase, update
from tests.make import NOON, make_post

HOUR = timedelta(hours=1)


class PathTests(PublicTestCase):
    def test_japanese_slug_answers_raw_and_encoded_in_any_case_with_one_canonical_form(self) -> None:
        make_post(slug="生成aiの読み方", title="読み方")
        encoded = f"/2026/11/20/{quote('生成aiの読み方')}/"
        for path in ("/2026/11/20/生成aiの読み方/", encoded, encoded.lower()):
            with self.subTest(path):
                self.assertContains(self.get(path), "読み方")

    def test_other_spellings_of_a_path_lead_to_it_in_one_hop_and_keep_the_query(self) -> None:
        make_post(slug="が")
        proper = f"/2026/11/20/{quote('が')}/"
        nfd = quote("か\u3099")
        for path in (
            proper[:-1],
            f"/2026/11/20/{nfd}/",
            f"/2026/11/20/{nfd}",
            proper.replace("/20/", "//20/"),
        ):
            with self.subTest(path):
                response = self.get(f"{path}?utm_source=mail")
                self.assertRedirects(
                    response, f"{proper}?utm_source=mail", status_code=301, fetch_redirect_response=False
                )

    def test_lists_without_their_slash_lead_to_them(self) -> None:
        for path, proper in (("/tags", "/tags/"), ("/2026/11", "/2026/11/"), ("/feed.xml/", "/feed.xml")):
            with self.subTest(path):
                self.assertRedirects(self.get(path), proper, status_code=301, fetch_redirect_response=False)

    def test_moved_post_answers_one_hop_from_every_old_path(self) -> None:
        post = make_post(at=NOON - HOUR, slug="first")
        for slug in ("second", "third"):
            post = update(post, now=NOON, slug=slug)
        for old in ("/2026/11/20/first/", "/2026/11/20/second/", "/2026/11/20/first"):
            with self.subTest(old):
                response = self.get(old)
                self.assertRedirects(
                    response, "/2026/11/20/third/", status_code=301, fetch_redirect_response=False
                )
        self.assertEqual(self.get("/2026/11/20/third/").status_code, 200)

    def test_redirects_by_hand_are_followed_to_their_end(self) -> None:
        post = make_post(slug="end")
        Address.objects.create(path="/c/", kind=Address.Kind.MOVED, post=post)
        Address.objects.create(path="/b/", kind=Address.Kind.MOVED, target="/c/")
        Address.objects.create(path="/a/", kind=Address.Kind.MOVED, target="/b/")
        Address.objects.create(path="/x/", kind=Address.Kind.MOVED, target="/y/")
        Address.objects.create(path="/y/", kind=Address.Kind.MOVED, target="/x/")
        Address.objects.create(path="/out/", kind=Address.Kind.MOVED, target="https://example.com/a?b=1")
        self.assertRedirects(
            self.get("/a/"), "/2026/11/20/end/", status_code=301, fetch_redirect_response=False
        )
        self.assertRedirects(
            self.get("/out/?c=2"), "https://example.com/a?b=1", status_code=301, fetch_redirect_response=False
        )
        self.assertEqual(self.get("/x/").status_code, 404)  # two that lead to each other lead nowhere

    def test_gone_path_says_why(self) -> None:
        Address.objects.create(path="/old/", kind=Address.Kind.GONE, reason="連載は終わりました。")
        self.assertContains(self.get("/old/"), "連載は終わりました。", status_code=410)
        self.assertEqual(self.get("/old").status_code, 410)

    def test_withdrawn_post_is_410_with_its_reason_at_old_paths_too(self) -> None:
        post = make_post(at=NOON - HOUR, slug="wrong", body="誤った本文")
        Address.objects.create(path="/older/", kind=Address.Kind.MOVED, post=post)
        publishing.withdraw(post=post, by=IMPORT, now=NOON, reason="数字に誤りがありました。")
        for path in (post.get_absolute_url(), "/older/"):
            response = self.get(path)
            self.assertContains(response, "数字に誤りがありました。", status_code=410)
            self.assertNotContains(response, "誤った本文", status_code=410)

    def test_impossible_days_and_hostile_paths_are_not_found(self) -> None:
        paths = (
            "/2026/02/30/",
            "/2026/02/30/a/",
            "/2026/13/",
            "/2026/00/01/",
            "/0000/",
            "/0001/",
            "/9999/12/31/",
            "/9999/12/",
            "/tags/%00/",
            "/category/%FF/",
            "/authors/a%0Ab/",
            "/%2e%2e/etc/passwd",
            "/page/0/",
            "/page/02/",
            f"/page/{'9' * 5000}/",
            f"/{'a' * 6000}/",
            "/sitemap-2026-00.xml",
            "/sitemap-0000-01.xml",
            "/sitemap-9999-12.xml",
        )
        for path in paths:
            with self.subTest(path[:40]):
                response = self.get(path)
                self.assertContains(response, "ページが見つかりません", status_code=404)

    def test_public_page_answers_at_its_own_path_and_a_private_one_nowhere(self) -> None:
        page = Page.objects.create(
            path="/about/", title="本誌について", body="**「約束」**です。", is_public=True
        )
        address = Address.objects.create(path="/about/", kind=Address.Kind.CURRENT, page=page)
        html = self.html("/about/")
        self.assertInHTML("<h1>本誌について</h1>", html)
        self.assertInHTML("<strong>「約束」</strong>", html)
        self.assertRedirects(self.get("/about"), "/about/", status_code=301, fetch_redirect_response=False)
        page.is_public = False
        page.save()
        self.assertEqual(self.get(address.path).status_code, 404)
