"""Rules for crawlers, proofs of ownership, llms.txt, posts as Markdown, and keeping a whole site out of search."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.robotparser import RobotFileParser

from django.test import override_settings

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.editorial.content import Credit
from blog.models import Address, SiteSettings
from blog.public import crawlers
from tests.base import PublicTestCase, update
from tests.make import NOON, make_author, make_category, make_draft, make_image, make_post, make_scheduled

HOUR = timedelta(hours=1)
SITE = "https://magazine.example"
GOOGLE = "google0123456789abcdef.html"
KEY = "0a1b2c3d-4e5f"


@override_settings(SITE_URL=SITE)
class RobotsTests(PublicTestCase):
    def rules(self) -> RobotFileParser:
        parser = RobotFileParser()
        parser.parse(self.html("/robots.txt").splitlines())
        return parser

    def test_everybody_reads_everything_but_the_desk_and_finds_the_sitemaps(self) -> None:
        rules = self.rules()
        self.assertEqual(rules.site_maps(), [f"{SITE}/sitemap.xml", f"{SITE}/sitemap-news.xml"])
        for path, allowed in (
            ("/", True),
            ("/search/?q=a", True),
            ("/admin/", False),
            ("/accounts/login/", False),
        ):
            self.assertIs(rules.can_fetch("Googlebot", path), allowed)

    def test_ai_search_is_let_in_and_training_is_not_until_the_desk_decides_otherwise(self) -> None:
        for values, search, training in (
            ({}, True, False),
            ({"allow_ai_search": False}, False, False),
            ({"allow_ai_training": True}, True, True),
        ):
            with self.subTest(values):
                SiteSettings.objects.update(**{"allow_ai_search": True, "allow_ai_training": False} | values)
                rules = self.rules()
                self.assertEqual({rules.can_fetch(name, "/") for name in crawlers.SEARCH}, {search})
                self.assertEqual({rules.can_fetch(name, "/") for name in crawlers.TRAINING}, {training})
                self.assertTrue(rules.can_fetch("Googlebot", "/"))

    def test_a_crawler_named_by_the_desk_is_an_exception(self) -> None:
        SiteSettings.objects.update(crawlers="gptbot | 許可\n\nOAI-SearchBot｜拒否\nNewBot | 拒否\n")
        rules = self.rules()
        answers = {
            name: rules.can_fetch(name, "/")
            for name in ("GPTBot", "OAI-SearchBot", "NewBot", "CCBot", "PerplexityBot")
        }
        self.assertEqual(
            answers,
            {"GPTBot": True, "OAI-SearchBot": False, "NewBot": False, "CCBot": False, "PerplexityBot": True},
        )

    def test_a_line_that_nobody_can_read_costs_only_itself(self) -> None:
        SiteSettings.objects.update(crawlers="GPTBot : 許可\nNewBot | 拒否\n")
        rules = self.rules()
        self.assertFalse(rules.can_fetch("NewBot", "/"))
        self.assertFalse(rules.can_fetch("GPTBot", "/"))

    def test_a_site_that_shall_not_be_found_lets_search_engines_read_that(self) -> None:
        SiteSettings.objects.update(allow_indexing=False, allow_ai_training=True)
        rules = self.rules()
        self.assertIsNone(rules.site_maps())
        self.assertTrue(rules.can_fetch("Googlebot", "/"))
        self.assertFalse(rules.can_fetch("GPTBot", "/"))


class ClosedSiteTests(PublicTestCase):
    PATHS = (
        "/",
        "/2026/11/20/a/",
        "/feed.xml",
        "/sitemap.xml",
        "/robots.txt",
        "/2026/11/20/a.md",
        "/nowhere/",
    )

    def test_the_desk_closes_every_page_and_feed(self) -> None:
        make_post(slug="a")
        for path in self.PATHS:
            with self.subTest(path):
                self.assertNotIn("nofollow", self.get(path).headers.get("X-Robots-Tag", ""))
        SiteSettings.objects.update(allow_indexing=False)
        for path in self.PATHS:
            with self.subTest(path):
                self.assertEqual(self.get(path)["X-Robots-Tag"], "noindex, nofollow")

    @override_settings(NOINDEX=True)
    def test_staging_copy_says_noindex_on_everything_and_in_every_head(self) -> None:
        make_post(slug="a")
        picture = make_image()
        for path in (*self.PATHS, picture.url, "/admin/login/", "/favicon.ico", "/healthz"):
            with self.subTest(path):
                response = self.get(path)
                self.assertEqual(response["X-Robots-Tag"], "noindex, nofollow")
                response.getvalue()  # reads the file to its end, so that it is closed
        for path in ("/", "/2026/11/20/a/"):
            self.assertInHTML('<meta name="robots" content="noindex, nofollow">', self.html(path))


class ProofTests(PublicTestCase):
    def test_security_txt_names_the_contact_and_expires_within_a_year(self) -> None:
        self.assertEqual(self.get("/.well-known/security.txt").status_code, 404)
        SiteSettings.objects.update(contact="desk@magazine.example")
        with override_settings(SITE_URL=SITE):
            text = self.html("/.well-known/security.txt")
        self.assertEqual(
            text.splitlines(),
            [
                "Contact: mailto:desk@magazine.example",
                "Expires: 2027-05-01T00:00:00+09:00",
                "Preferred-Languages: ja, en",
                f"Canonical: {SITE}/.well-known/security.txt",
            ],
        )

    def test_security_txt_never_expires_within_five_months_whatever_the_day(self) -> None:
        SiteSettings.objects.update(contact="desk@magazine.example")
        for month in range(1, 13):
            for now in (datetime(2026, month, 1, tzinfo=UTC), datetime(2026, month, 28, 23, tzinfo=UTC)):
                response = self.get("/.well-known/security.txt", now=now)
                expires = datetime.fromisoformat(
                    response.content.decode().split("Expires: ")[1].split("\n")[0]
                )
                self.assertTrue(timedelta(days=120) < expires - now < timedelta(days=190), (now, expires))

    def test_proofs_are_there_once_the_settings_name_them(self) -> None:
        proofs = {
            f"/{GOOGLE}": f"google-site-verification: {GOOGLE}",
            "/BingSiteAuth.xml": f"<user>{'A' * 32}</user>",
            f"/{KEY}.txt": KEY,
        }
        for path in proofs:
            self.assertEqual(self.get(path).status_code, 404)
        SiteSettings.objects.update(google_verification=GOOGLE, bing_verification="A" * 32)
        with override_settings(INDEXNOW_KEY=KEY):
            for path, words in proofs.items():
                with self.subTest(path):
                    self.assertIn(words, self.html(path))
            self.assertEqual(self.get("/google0000000000000000.html").status_code, 404)
            self.assertEqual(self.get("/another-key.txt").status_code, 404)
        self.assertNotIn("google-site-verification", self.html("/"))

    def test_a_file_of_that_kind_can_still_be_an_old_path(self) -> None:
        post = make_post(slug="a")
        Address.objects.create(path="/old-readme.txt", kind=Address.Kind.MOVED, post=post)
        self.assertRedirects(
            self.get("/old-readme.txt"), "/2026/11/20/a/", 301, fetch_redirect_response=False
        )


@override_settings(SITE_URL=SITE)
class MarkdownTests(PublicTestCase):
    def test_post_is_read_as_markdown_beside_its_page(self) -> None:
        make_author("山田", kind="person")
        post = make_post(
            at=NOON - HOUR,
            slug="生成ai",
            title='題: "一"',
            excerpt="リード。",
            disclosure="提供を受けました。",
            dialect="jekyll",
            tags=("AI", "投資"),
            bylines=(Credit("山田"), Credit("山田", "photographer")),
            body='# 題: "一"\n\n本文の[隣](/2026/11/20/b/)。\n\n```\n[//]: # (見える)\n```\n\n[//]: # (内緒の話)\n\n{% include ad.html %}\n\n終わり。\n',
        )
        update(post, now=NOON)
        response = self.get("/2026/11/20/生成ai.md")
        self.assertEqual(response["Content-Type"], "text/markdown; charset=utf-8")
        url = f"{SITE}/2026/11/20/%E7%94%9F%E6%88%90ai/"
        self.assertEqual(response["Link"], f'<{url}>; rel="canonical"')
        self.assertEqual(response["X-Robots-Tag"], "noindex")
        self.assertEqual(
            response.content.decode(),
            "---\n"
            'title: "題: \\"一\\""\n'
            f'url: "{url}"\n'
            "date: 2026-11-20 11:00:00 +0900\n"
            "updated: 2026-11-20 12:00:00 +0900\n"
            'section: "AI最新ニュース"\n'
            'authors: ["山田"]\n'
            'tags: ["AI", "投資"]\n'
            'description: "リード。"\n'
            'language: "ja"\n'
            "---\n\n"
            '# 題: "一"\n\n> リード。\n\n> 提供を受けました。\n\n'
            f"本文の[隣]({SITE}/2026/11/20/b/)。\n\n```\n[//]: # (見える)\n```\n\n\n\n終わり。\n",
        )

    def test_original_on_another_site_is_named_as_the_standard_wants_it(self) -> None:
        for written, sent in (
            ("https://example.jp/元の記事/", "https://example.jp/%E5%85%83%E3%81%AE%E8%A8%98%E4%BA%8B/"),
            (
                'https://example.jp/>; rel="x", <https://evil.example/',
                "https://example.jp/%3E;%20rel=%22x%22,%20%3Chttps://evil.example/",
            ),
        ):
            post = make_post(canonical_url=written)
            path = post.get_absolute_url()
            self.assertEqual(self.get(path.removesuffix("/") + ".md")["Link"], f'<{sent}>; rel="canonical"')
            self.assertInHTML(f'<link rel="canonical" href="{sent}">', self.html(path))

    def test_other_spellings_and_old_paths_lead_there_in_one_hop(self) -> None:
        post = make_post(at=NOON - HOUR, slug="old")
        update(post, now=NOON, slug="new")
        for path in (
            "/2026/11/20/new/.md",
            "/2026/11/20/new/index.md",
            "/2026/11/20/new/index.html.md",
            "/2026/11/20/old.md",
            "/2026/11/20/old/index.md",
        ):
            with self.subTest(path):
                self.assertRedirects(self.get(path), "/2026/11/20/new.md", 301, fetch_redirect_response=False)

    def test_only_what_readers_see_is_there(self) -> None:
        make_draft(slug="draft")
        make_scheduled(at=NOON + HOUR, slug="later")
        gone = make_post(slug="gone")
        publishing.withdraw(post=gone, by=IMPORT, now=NOON, reason="事実の誤り")
        for slug, status in (("draft", 404), ("later", 404), ("gone", 410), ("never", 404)):
            with self.subTest(slug):
                self.assertEqual(self.get(f"/2026/11/20/{slug}.md").status_code, status)
        self.assertEqual(self.get("/2026/02/30/x.md").status_code, 404)

    def test_it_costs_five_queries(self) -> None:
        make_post(slug="a", tags=("AI", "投資"))
        with self.assertNumQueries(5):
            self.html("/2026/11/20/a.md")


@override_settings(SITE_URL=SITE)
class GuideTests(PublicTestCase):
    def test_llms_txt_leads_to_sections_and_to_the_newest_posts_as_markdown(self) -> None:
        make_category("AI最新ニュース", description="毎日の\n出来事")
        SiteSettings.objects.update(description="AIと投資の雑誌。\n毎日更新。")
        make_post(at=NOON - HOUR, slug="old", title="古い [記事]", description="説明。")
        make_post(slug="new", title="新しい記事", body="始まりの文。")
        make_post(slug="hidden", noindex=True)
        self.assertEqual(
            self.html("/llms.txt").split("## フィード")[0],
            "# ALLFORCES\n\n> AIと投資の雑誌。\n> 毎日更新。\n\n"
            "どの記事も、URLの末尾の「/」を「.md」に替えるとMarkdownで読めます。\n\n"
            f"## セクション\n\n- [AI最新ニュース]({SITE}/category/ai%E6%9C%80%E6%96%B0%E3%83%8B%E3%83%A5%E3%83%BC%E3%82%B9/): 毎日の 出来事\n\n"
            "## 新着記事\n\n"
            f"- [新しい記事]({SITE}/2026/11/20/new.md): 2026-11-20 始まりの文。\n"
            f"- [古い ［記事］]({SITE}/2026/11/20/old.md): 2026-11-20 説明。\n\n",
        )

    def test_the_old_full_list_leads_to_the_guide(self) -> None:
        self.assertRedirects(self.get("/llms-full.txt"), "/llms.txt", 301, fetch_redirect_response=False)
