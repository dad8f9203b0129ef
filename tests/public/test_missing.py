"""The page for a path that does not exist: it is a 404, and it helps."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.models import Post
from blog.public import suggestions
from tests.base import PublicTestCase, running, update
from tests.make import NOON, make_category, make_draft, make_post, make_scheduled

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class MissingPageTests(PublicTestCase):
    def missing(self, path: str) -> str:
        response = self.get(path)
        self.assertEqual(response.status_code, 404, path)
        html = response.content.decode()
        self.assertInHTML('<meta name="robots" content="noindex">', html)
        return running(html)

    def close(self, path: str) -> list[str]:
        """The titles that are offered as what was meant."""
        self.missing(path)
        return [post.title for post in suggestions.for_path(path, now=NOON).close]

    def test_words_of_the_path_find_the_post_wherever_it_stands_now(self) -> None:
        make_post(at=NOON - 40 * DAY, slug="gpu-no-nedan", title="GPUの値段")
        make_post(at=NOON - 30 * DAY, slug="denryoku", title="電力の話")
        self.assertEqual(self.close("/blog/gpu-no-nedan/"), ["GPUの値段"])
        self.assertEqual(self.close("/2020/01/01/gpu-no-nedan/"), ["GPUの値段"])
        html = self.missing("/old/nedan-gpu/")
        self.assertLess(html.index("GPUの値段"), html.index("電力の話"), "the rest is below, as news")

    def test_japanese_words_are_found_in_titles_and_in_encoded_paths(self) -> None:
        make_post(slug="a", title="生成AIで変わる保険の窓口")
        make_post(slug="b", title="半導体の在庫")
        self.assertEqual(self.close("/保険/"), ["生成AIで変わる保険の窓口"])
        self.assertIn("保険の窓口", self.missing(f"/{quote('保険')}/"))

    def test_old_slug_finds_the_post_too_and_the_same_day_comes_after_it(self) -> None:
        make_post(at=NOON - HOUR, slug="onaji-hi", title="同じ日の話")
        post = make_post(at=NOON - DAY, slug="mae-no-namae", title="名前を変えた話")
        update(post, now=NOON - HOUR, slug="ato")
        make_post(at=NOON - 9 * DAY, slug="kankei-nai", title="関係のない話")
        self.assertEqual(self.close("/2026/11/20/mae-no-namae-2/"), ["名前を変えた話", "同じ日の話"])

    def test_nothing_that_is_not_public_is_offered(self) -> None:
        make_draft(slug="himitsu", title="秘密の下書き")
        make_scheduled(at=NOON + HOUR, slug="himitsu-yoyaku", title="秘密の予約")
        gone = make_post(at=NOON - HOUR, slug="himitsu-kako", title="秘密の過去")
        publishing.withdraw(post=gone, by=IMPORT, now=NOON, reason="誤報")
        live = make_post(at=NOON - HOUR, slug="live", title="公開中の記事")
        update(live, now=NOON - HOUR / 2, at=NOON + HOUR, slug="himitsu-no-namae")
        for path in ("/himitsu/", "/2026/11/20/himitsu/", "/秘密の/"):
            self.assertEqual([title for title in self.close(path) if "秘密" in title], [], path)
        # That a path is being held for the live post is nobody's business either.
        self.assertEqual(self.close("/himitsu/"), [])

    def test_an_empty_magazine_offers_ways_on(self) -> None:
        section = make_category("経済")
        html = self.missing("/nowhere/")
        self.assertInHTML(f'<a href="{section.get_absolute_url()}">経済</a>', html)
        self.assertNotIn("新着記事", html)

    def test_whatever_stands_in_the_path_breaks_nothing(self) -> None:
        make_post()
        for path in (
            "/%",
            "/%00/",
            "/%5C/",
            "/%25_%25/",
            "/'; DROP TABLE blog_post;--/",
            "/2026/99/99/x/",
            f"/{'a' * 3000}/",
            f"/{'-'.join(f'word{number}' for number in range(300))}/",
            "/<script>alert(1)</script>/",
            "/%E3%81/",
        ):
            with self.subTest(path[:40]):
                html = self.missing(path)
                self.assertNotIn("<script>alert", html)

    def test_help_costs_four_queries_at_most_and_none_for_files(self) -> None:
        for _ in range(30):
            make_post(slug=f"kiji-{Post.objects.count()}-no-hanashi")
        for path, most in (
            ("/kiji/no/hanashi/", 4),
            ("/2026/11/20/x/", 4),
            ("/wp-login.php", 0),
            ("/a.png", 0),
        ):
            with self.subTest(path), CaptureQueriesContext(connection) as queries:
                suggestions.for_path(path, now=NOON)
            self.assertLessEqual(len(queries), most)

    def test_posts_below_the_newest_are_found_by_their_slug_and_by_their_day(self) -> None:
        old = make_post(at=NOON - 900 * DAY, slug="mukashi-no-hanashi", title="昔の話")
        make_post(at=NOON - 800 * DAY, slug="onaji-hi", title="同じ日の話")
        self.copy(old, times=suggestions.RECENT)
        self.assertEqual(self.close("/2020/01/01/mukashi-no-hanashi/"), ["昔の話"])
        self.assertEqual(self.close(f"/{NOON - 800 * DAY:%Y/%m/%d}/nai/"), ["同じ日の話"])
        self.assertEqual(self.close("/2024/02/30/nai/"), [], "no such day")
        with CaptureQueriesContext(connection) as queries:
            suggestions.for_path("/2020/01/01/mukashi-no-hanashi/", now=NOON)
        self.assertLessEqual(len(queries), 5)
        plans = [query["sql"] for query in queries if "slug" in query["sql"] and "LIKE" in query["sql"]]
        self.assertEqual(plans, [], "nothing that no index can answer")

    def copy(self, post: Post, *, times: int) -> None:
        """Newer posts, as many as a magazine of some months has."""
        rows = []
        for number in range(times):
            row = Post.objects.get(pk=post.pk)
            row.pk, row.uuid, row.slug, row.title = None, uuid4(), f"copy-{number}", "写し"
            row.guid, row.published_at = row.uuid.urn, NOON - number * HOUR
            row._state.adding = True
            rows.append(row)
        Post.objects.bulk_create(rows)

    def test_what_scanners_ask_for_gets_a_whole_page_without_any_search_for_posts(self) -> None:
        make_post(slug="setup", title="setup の話")
        for path in (
            "/wp-login.php",
            "/.env",
            "/.git/config",
            "/wp-admin/setup/",
            "/cgi-bin/luci/",
            "/a/b/c/d/e/f/g/setup/",
            "/setup=1;x/",
            f"/{'setup-' * 60}/",
        ):
            with self.subTest(path[:30]), CaptureQueriesContext(connection) as queries:
                html = self.missing(path)
                self.assertNotIn("setup の話", html)
                self.assertIn('class="site-header"', html)
                self.assertIn('role="search"', html)
                self.assertIn('class="site-footer"', html)
            # The settings and the address; a single segment may be the name of a section, now or once.
            self.assertLessEqual(len(queries), 5 if path == "/setup=1;x/" else 2)

    def test_a_withdrawn_post_says_why(self) -> None:
        post = make_post(at=NOON - HOUR)
        publishing.withdraw(post=post, by=IMPORT, now=NOON, reason="数字に誤りがありました。")
        response = self.get(post.get_absolute_url())
        self.assertContains(response, "数字に誤りがありました。", status_code=410)
        self.assertContains(response, '<meta name="robots" content="noindex">', status_code=410)
