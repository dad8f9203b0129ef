"""What the site before this one had at paths of its own: each still answers, in one hop."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from blog.editorial import publishing, taxonomy
from blog.editorial.actors import IMPORT
from blog.models import Address, Category, Image
from blog.transfer.old_site import legacy
from blog.transfer.old_site.sections import SLUGS
from tests.base import PublicTestCase, update
from tests.make import NOON, make_category, make_content, make_draft, make_image, make_post, make_scheduled

PICTURE = "/assets/images/posts/2026-11-20-1-ai-ogp.png"


class OldSite(PublicTestCase):
    def assert_leads(self, old: str, new: str) -> None:
        """One 301, and then a page."""
        response = self.get(old)
        self.assertRedirects(response, new, status_code=301, fetch_redirect_response=False)
        self.assertEqual(self.get(new).status_code, 200, new)


class PageNumberTests(OldSite):
    def test_pages_of_the_stream_lead_to_ours_and_those_we_lack_to_our_last(self):
        for _ in range(41):
            make_post()
        for old, new in (
            ("/page2/", "/page/2/"),
            ("/page2", "/page/2/"),
            ("/page3/?utm_source=x", "/page/3/?utm_source=x"),
            ("/page252/", "/page/3/"),
            ("/page1/", "/"),
        ):
            with self.subTest(old):
                self.assert_leads(old, new)

    def test_other_words_that_begin_with_page_are_not_meant(self):
        for path in ("/page0/", "/page02/", "/page-2/", "/pages/", "/page2x/", "/page999999999/"):
            with self.subTest(path):
                self.assertEqual(self.get(path).status_code, 404)

    def test_an_empty_magazine_has_a_front_page(self):
        self.assert_leads("/page7/", "/")


class SectionTests(OldSite):
    def test_a_section_is_found_by_its_name_and_by_every_name_it_had(self):
        section = make_category("AI技術ガイド", slug="tech")
        taxonomy.keep_alias(section, "技術解説", by=IMPORT, now=NOON)
        for name in ("AI技術ガイド", "技術解説", "ＡＩ技術ガイド"):
            if name.startswith("Ａ"):
                taxonomy.keep_alias(section, name, by=IMPORT, now=NOON)
            for old in (f"/category/{name}/", f"/category/{name}", f"/{name}/", f"/{quote(name)}"):
                with self.subTest(old):
                    self.assert_leads(old, "/category/tech/")

    def test_a_name_that_no_section_has_is_not_found(self):
        make_category("AI技術ガイド", slug="tech")
        for path in ("/category/導入事例/", "/導入事例/", "/category/技術解説/", "/a/AI技術ガイド/"):
            with self.subTest(path):
                self.assertEqual(self.get(path).status_code, 404)

    def test_known_paths_become_rows_once_and_lead_on_in_one_hop(self):
        for name, slug in (("AI導入戦略", "strategy"), ("業界別AI活用", "analysis"), ("導入事例", "jirei")):
            make_category(name, slug=slug)
        written = legacy.write_redirects(by=IMPORT, now=NOON)
        self.assertEqual((written, legacy.write_redirects(by=IMPORT, now=NOON)), (Address.objects.count(), 0))
        for old, new in (
            ("/categories", "/category/"),
            ("/categories/", "/category/"),
            ("/sitemap_index.xml", "/sitemap.xml"),
            ("/category/投資分析/", "/category/strategy/"),
            ("/category/industry/", "/category/analysis/"),
            ("/category/業界分析/", "/category/analysis/"),
            ("/category/case-studies", "/category/jirei/"),
            ("/category/implementation/", "/category/jirei/"),
        ):
            with self.subTest(old):
                self.assert_leads(old, new)
        self.assertEqual(self.get("/category/tech/").status_code, 404)  # a section that did not come along
        self.assertFalse(Address.objects.filter(path="/category/analysis/").exists())

    def test_rows_follow_a_section_that_is_renamed_and_merged(self):
        section = make_category("業界別AI活用", slug="analysis")
        legacy.write_redirects(by=IMPORT, now=NOON)
        section.name, section.slug = "業界", "gyokai"
        taxonomy.save_named(section, by=IMPORT, now=NOON)
        self.assert_leads("/category/industry/", "/category/gyokai/")
        taxonomy.merge(sources=[section], into=make_category("産業", slug="sangyo"), by=IMPORT, now=NOON)
        for old in ("/category/industry/", "/category/analysis/", "/category/gyokai/", "/業界別AI活用/"):
            with self.subTest(old):
                self.assert_leads(old, "/category/sangyo/")
        self.assertEqual(legacy.write_redirects(by=IMPORT, now=NOON), 0)

    def test_what_the_desk_decided_about_a_path_stays(self):
        make_category("業界別AI活用", slug="analysis")
        Address.objects.create(path="/category/industry/", kind=Address.Kind.GONE, reason="終わりました。")
        legacy.write_redirects(by=IMPORT, now=NOON)
        self.assertContains(self.get("/category/industry/"), "終わりました。", status_code=410)

    def test_a_row_never_hides_a_section(self):
        make_category("業界別AI活用", slug="analysis")
        legacy.write_redirects(by=IMPORT, now=NOON)
        Category.objects.create(name="産業", slug="industry")
        self.assertContains(self.get("/category/industry/"), "産業")


class FeedTests(OldSite):
    def test_feeds_of_sections_answer_with_the_posts_of_the_section(self):
        for name, slug in SLUGS.items():
            make_category(name, slug=slug)
            make_post(category=name, title=f"{name}の記事")
            with self.subTest(slug):
                self.assertContains(self.get(f"/feeds/{slug}.xml"), f"<title>{name}の記事</title>")
        self.assertEqual(self.get("/feeds/nothing.xml").status_code, 404)

    def test_feed_of_a_section_that_has_another_slug_here_is_found(self):
        make_post(category="業界別AI活用")
        section = Category.objects.get(name="業界別AI活用")
        legacy.write_redirects(by=IMPORT, now=NOON)
        for form in ("xml", "atom", "json"):
            self.assert_leads(f"/feeds/analysis.{form}", f"/feeds/{quote(section.slug)}.{form}")


class PictureTests(OldSite):
    def named(self, name: str, **values) -> Image:
        image = make_image(**values)
        Image.objects.filter(pk=image.pk).update(original_name=name)
        return image

    def assert_shows(self, path: str, image: Image) -> None:
        self.assertRedirects(self.get(path), image.url, status_code=301, fetch_redirect_response=False)

    def test_the_picture_of_a_post_is_found_by_the_name_it_came_with(self):
        image = self.named("2026-11-20-1-ai-ogp.png")
        make_post(share_image=image.hash, hero=make_image().hash)
        self.assert_shows(PICTURE, image)
        self.assertTrue(self.client.get(self.get(PICTURE)["Location"]).getvalue())

    def test_one_picture_under_two_names_is_found_by_both(self):
        image = self.named("2026-11-19-1-first-ogp.png")
        now = NOON - timedelta(hours=1)
        post = publishing.create(
            content=make_content(share_image=image.hash), by=IMPORT, now=now, import_ref="2026-11-20-1-ai"
        )
        publishing.publish(revision=post.working, by=IMPORT, now=now)
        self.assert_shows(PICTURE, image)

    def test_the_picture_of_what_is_not_public_is_not_found_by_guessing(self):
        image = self.named("2026-11-20-1-ai-ogp.png")
        make_draft(share_image=image.hash)
        make_scheduled(at=NOON + timedelta(days=1), share_image=image.hash)
        self.assertEqual(self.get(PICTURE).status_code, 404)
        self.assertEqual(self.get("/assets/images/posts/").status_code, 404)

    def test_the_picture_of_a_withdrawn_post_is_gone_with_it(self):
        image = self.named("2026-11-20-1-ai-ogp.png")
        now = NOON - timedelta(hours=1)
        post = publishing.create(
            content=make_content(share_image=image.hash), by=IMPORT, now=now, import_ref="2026-11-20-1-ai"
        )
        publishing.publish(revision=post.working, by=IMPORT, now=now)
        publishing.withdraw(post=post, by=IMPORT, now=NOON, reason="事実の誤り")
        self.assertContains(self.get(PICTURE), "事実の誤り", status_code=410)


class FolderTests(OldSite):
    def test_the_file_that_a_folder_showed_leads_to_the_folder_in_one_hop(self):
        post = make_post(slug="生成ai")
        moved = make_post(slug="mae")
        update(moved, now=NOON, slug="ato")
        for old, new in (
            ("/index.html", "/"),
            (f"{post.path}index.html", post.get_absolute_url()),
            ("/2026/11/20/mae/index.html", "/2026/11/20/ato/"),
        ):
            with self.subTest(old):
                self.assert_leads(old, new)
        make_draft(slug="naibu")
        for path in ("/2026/11/20/naibu/index.html", "/nai/index.html"):
            self.assertEqual(self.get(path).status_code, 404)
