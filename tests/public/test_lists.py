from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

from blog.editorial.actors import IMPORT
from blog.editorial.content import Credit
from blog.editorial.taxonomy import save_named
from blog.models import Author, Byline, Post, SiteSettings
from blog.views.reader import PAGE_SIZE
from tests.base import PublicTestCase
from tests.make import NOON, make_author, make_category, make_image, make_post

DAY = timedelta(days=1)
SECTION = f"/category/{quote('ai最新ニュース')}/"


class HomeTests(PublicTestCase):
    def test_newest_featured_post_leads_else_the_newest(self) -> None:
        make_post(at=NOON - 3 * DAY, slug="featured", featured=True)
        make_post(at=NOON - 2 * DAY, slug="newest")
        first = self.html("/")
        self.assertLess(first.index("/featured/"), first.index("/newest/"))
        Post.objects.update(featured_at=None)
        second = self.html("/")
        self.assertLess(second.index("/newest/"), second.index("/featured/"))
        self.assertEqual(second.count("card-large"), 1)

    def test_an_empty_magazine_says_so(self) -> None:
        self.assertIn("まだ記事がありません。", self.html("/"))

    def test_pages_have_one_address_each_and_end(self) -> None:
        for _ in range(PAGE_SIZE + 1):
            make_post()
        self.assertIn('href="/page/2/"', self.html("/"))
        second = self.html("/page/2/")
        self.assertRegex(second, r'rel="prev"\s+href="/"')
        self.assertIn('canonical" href="http://127.0.0.1:8000/page/2/"', second)
        for part in ("<title>", '<meta name="description"'):
            lines = [line for page in (self.html("/"), second) for line in page.splitlines() if part in line]
            self.assertEqual(len(set(lines)), 2, lines)
        self.assertEqual(second.count("<article "), 1)
        self.assertRedirects(self.get("/page/1/"), "/", status_code=301, fetch_redirect_response=False)
        self.assertEqual(self.get("/page/3/").status_code, 404)

    def test_menu_and_footer_are_the_desks(self) -> None:
        site = SiteSettings.objects.get()
        site.menu, site.footer = (
            "AI | /category/ai/\n悪い | javascript:alert(1)",
            "**「連絡」**は[こちら](/contact/)",
        )
        site.save()
        html = self.html("/")
        self.assertInHTML('<a href="/category/ai/">AI</a>', html)
        self.assertNotIn("javascript:", html)
        self.assertInHTML('<a href="/contact/">こちら</a>', html)


class ListTests(PublicTestCase):
    def test_section_lists_its_posts_newest_first_and_no_others(self) -> None:
        make_post(at=NOON - DAY, slug="old")
        make_post(slug="new")
        make_post(slug="other", category="投資")
        html = self.html(SECTION)
        self.assertLess(html.index("/new/"), html.index("/old/"))
        self.assertNotIn("/other/", html)

    def test_page_one_of_a_list_has_one_address_and_page_two_its_own_canonical(self) -> None:
        for _ in range(PAGE_SIZE + 1):
            make_post()
        self.assertRedirects(
            self.get(f"{SECTION}?page=1&utm=x"),
            f"{SECTION}?utm=x",
            status_code=301,
            fetch_redirect_response=False,
        )
        second = self.html(f"{SECTION}?page=2")
        self.assertIn(f'canonical" href="http://127.0.0.1:8000{SECTION}?page=2"', second)
        self.assertRegex(second, rf'rel="prev"\s+href="{SECTION}"')
        campaign = self.html(f"{SECTION}?utm=x")
        self.assertRegex(campaign, r'rel="next"\s+href="\?page=2"')
        self.assertNotIn("utm", campaign)
        for wrong in ("3", "0", "-1", "02", "x", "", "２", "9" * 50):
            with self.subTest(wrong):
                self.assertEqual(self.get(SECTION, query_params={"page": wrong}).status_code, 404)

    def test_empty_section_answers_and_an_unknown_one_does_not(self) -> None:
        make_category("新設", slug="new")
        self.assertIn("まだ記事がありません。", self.html("/category/new/"))
        self.assertEqual(self.get("/category/unknown/").status_code, 404)

    def test_author_with_two_roles_in_a_post_lists_it_once(self) -> None:
        make_author("Thomas", slug="thomas")
        make_post(slug="both", bylines=(Credit("Thomas"), Credit("Thomas", Byline.Role.PHOTOGRAPHER)))
        html = self.html("/authors/thomas/")
        self.assertEqual(html.count("<article "), 1)
        self.assertIn("1件の記事", html)

    def test_author_has_a_face_a_title_and_links_that_say_whose_they_are(self) -> None:
        make_author(
            "山田 花子",
            slug="yamada",
            kind=Author.Kind.PERSON,
            title="記者",
            bio="数字を読む。",
            picture=make_image(),
            links="自分のサイト | https://yamada.example/\n悪い | javascript:alert(1)",
        )
        make_author("調査チーム", slug="team", kind=Author.Kind.ORGANIZATION, title="編集")
        make_post(bylines=(Credit("山田 花子"), Credit("調査チーム")))
        person, team = self.html("/authors/yamada/"), self.html("/authors/team/")
        self.assertInHTML('<a rel="me noopener" href="https://yamada.example/">自分のサイト</a>', person)
        self.assertNotIn("javascript:", person)
        self.assertInHTML('<p class="author-title">記者</p>', person)
        self.assertIn('<picture class="face">', person)
        self.assertInHTML('<p class="author-title">編集・組織</p>', team)
        index = self.html("/authors/")
        for text in ("山田 花子", "数字を読む。", "記者・記事1件", "編集・組織・記事1件"):
            self.assertIn(text, index)

    def test_tags_with_signs_have_pages_of_their_own(self) -> None:
        for name, slug in (("C", "c"), ("C++", "cpp"), ("C#", "csharp")):
            make_post(slug=f"about-{slug}", tags=(name,))
        for slug in ("c", "cpp", "csharp"):
            with self.subTest(slug):
                self.assertEqual(self.html(f"/tags/{slug}/").count("<article "), 1)

    def test_indexes_count_published_posts(self) -> None:
        make_post(tags=("投資",))
        make_post(tags=("投資", "AI"))
        self.assertInHTML(
            '<span class="count"><span class="visually-hidden">記事</span>2<span class="visually-hidden">件</span></span>',
            self.html("/tags/"),
        )

    def test_a_renamed_sections_old_path_leads_to_the_new_one(self) -> None:
        section = make_category("投資", slug="old")
        section.slug = "new"
        save_named(section, by=IMPORT, now=NOON)
        self.assertRedirects(
            self.get("/category/old/"), "/category/new/", status_code=301, fetch_redirect_response=False
        )


class ArchiveTests(PublicTestCase):
    def test_days_and_months_are_those_of_japan(self) -> None:
        last_minute = NOON.replace(hour=14, minute=59)  # 23:59 on the 20th in Japan
        make_post(at=last_minute, slug="before-midnight")
        make_post(at=last_minute + timedelta(minutes=1), slug="midnight")
        later = NOON + DAY
        self.assertIn("/before-midnight/", self.html("/2026/11/20/", now=later))
        self.assertNotIn("/midnight/", self.html("/2026/11/20/", now=later))
        self.assertIn("/midnight/", self.html("/2026/11/21/", now=later))

    def test_archive_counts_months_under_their_years(self) -> None:
        make_post(at=NOON)
        make_post(at=NOON - 40 * DAY)
        make_post(at=NOON - 400 * DAY)
        html = self.html("/archive/")
        for path in ("/2026/", "/2026/11/", "/2026/10/", "/2025/10/"):
            self.assertIn(f'href="{path}"', html)
        self.assertIn('href="/2026/10/"', self.html("/2026/"))
        self.assertEqual(self.html("/2025/").count("<article "), 1)

    def test_december_ends_with_the_year(self) -> None:
        make_post(at=NOON - 325 * DAY)  # 2025-12-30
        self.assertEqual(self.html("/2025/12/").count("<article "), 1)


class OrderTests(PublicTestCase):
    def test_sections_stand_in_the_order_of_the_desk_wherever_all_are_listed(self) -> None:
        for order, name in ((3, "あ"), (1, "い"), (2, "う")):
            make_category(name, order=order, slug=f"section-{order}")
            make_post(category=name)
        for path in ("/category/", "/llms.txt", "/subscribe.opml"):
            html = self.html(path)
            places = [html.index(f"section-{number}") for number in (1, 2, 3)]
            self.assertEqual(places, sorted(places), path)

    def test_most_used_tags_stand_first_and_equal_ones_by_name(self) -> None:
        for names in (("b", "c"), ("c", "a"), ("a", "b", "多い"), ("多い",), ("多い",)):
            make_post(tags=names)
        html = self.html("/tags/")
        names = re.findall(r'<a href="/tags/[^"]+/">([^<]+)</a>', html)
        self.assertEqual(names, ["多い", "a", "b", "c"])


class QueryTests(PublicTestCase):
    """Every list costs the same with one row and with thirty."""

    def test_lists_feed_and_sitemap(self) -> None:
        paths = (
            "/",
            "/category/",
            SECTION,
            "/tags/",
            "/tags/x/",
            "/authors/",
            "/authors/thomas/",
            "/archive/",
            "/2026/",
            "/2026/11/",
            "/2026/11/20/",
            "/feed.xml",
            "/sitemap.xml",
            "/llms.txt",
        )
        make_author("Thomas", slug="thomas")
        numbers = iter(range(10_000))

        def add_row() -> None:
            number = next(numbers)
            make_author(f"著者{number}")
            make_post(
                tags=("X", f"tag {number}"),
                bylines=(Credit("Thomas"), Credit(f"著者{number}")),
                hero=make_image().hash,
            )

        self.assert_same_queries(*paths, add_row=add_row)
