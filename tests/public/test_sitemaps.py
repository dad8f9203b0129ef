"""What search engines are told to fetch."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import quote
from xml.etree import ElementTree

from django.test import override_settings

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.editorial.content import Credit
from blog.models import Author, Category, Collection, Page, Tag
from tests.admin.test_pages_admin import make_page
from tests.base import PublicTestCase, update
from tests.make import NOON, make_category, make_collection, make_image, make_post, make_scheduled

HOUR = timedelta(hours=1)
SITE = "https://magazine.example"
SCHEMA = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
IMAGE = "{http://www.google.com/schemas/sitemap-image/1.1}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
MONTH = "/sitemap-2026-11.xml"


@override_settings(SITE_URL=SITE)
class SitemapTests(PublicTestCase):
    def root(self, path: str) -> ElementTree.Element:
        response = self.get(path)
        self.assertEqual(
            (response.status_code, response["Content-Type"]), (200, "application/xml; charset=utf-8")
        )
        return ElementTree.fromstring(response.content)

    def paths(self, sitemap: str) -> list[str]:
        """What a sitemap lists, in its order, without the origin."""
        found = [loc.text or "" for loc in self.root(sitemap).iter(f"{SCHEMA}loc")]
        self.assertEqual([url for url in found if not url.startswith(f"{SITE}/")], [])
        return [url.removeprefix(SITE) for url in found]

    def lastmods(self, sitemap: str) -> dict[str, str | None]:
        entries = list(self.root(sitemap))
        return {entry[0].text.removeprefix(SITE): entry.findtext(f"{SCHEMA}lastmod") for entry in entries}  # type: ignore[union-attr]

    def test_index_names_every_sitemap_that_holds_something(self) -> None:
        self.assertEqual(self.paths("/sitemap.xml"), ["/sitemap-pages.xml"])
        make_post(at=NOON - timedelta(days=40), slug="october", tags=("AI",))
        make_post(slug="november", tags=("AI",))
        elsewhere = f"{SITE}/2026/11/20/november/"
        make_post(at=NOON - timedelta(days=70), slug="september", canonical_url=elsewhere)
        found = self.paths("/sitemap.xml")
        self.assertEqual(
            found,
            [
                *(f"/sitemap-{name}.xml" for name in ("pages", "sections", "authors", "tags")),
                *(MONTH, "/sitemap-2026-10.xml"),
            ],
        )
        for path in found:
            with self.subTest(path):
                self.assertNotEqual(self.paths(path), [])
        self.assertEqual(self.paths("/sitemap-2026-10.xml"), ["/2026/10/11/october/"])

    def test_list_of_nothing_that_may_be_found_is_not_to_be_found_itself(self) -> None:
        hidden = {"category": "隠", "tags": ("隠",), "collection": "隠し", "bylines": (Credit("隠居"),)}
        for day in (4, 5):
            make_post(at=NOON.replace(month=9, day=day), noindex=True, **hidden)
            make_post(at=NOON.replace(day=day), category="見", tags=("見",), collection="見る")
        listed = {path for sitemap in self.paths("/sitemap.xml") for path in self.paths(sitemap)}
        for model in (Category, Tag, Collection, Author):
            for item in model.objects.all():
                with self.subTest(item=item):
                    path = item.get_absolute_url()
                    self.assertEqual('content="noindex"' in self.html(path), path not in listed)
        for month in ("09", "11"):
            path = f"/2026/{month}/"
            self.assertEqual('content="noindex"' in self.html(path), path not in listed)

    def test_all_sitemaps_together_name_what_may_be_found_and_nothing_else(self) -> None:
        make_post(slug="生成ai", tags=("AI", "一度"))
        make_post(slug="second", tags=("AI",))
        make_post(slug="hidden", noindex=True, tags=("AI", "隠", "半ば"))
        make_post(slug="shown", tags=("半ば",))
        make_post(slug="copied", canonical_url="https://elsewhere.example/")
        make_post(slug="other", canonical_url=f"{SITE}/2026/11/20/second/")
        make_post(slug="own", canonical_url=f"{SITE}/2026/11/20/own/")
        make_scheduled(at=NOON + HOUR, slug="later")
        withdrawn = make_post(slug="gone")
        publishing.withdraw(post=withdrawn, by=IMPORT, now=NOON, reason="誤り")
        make_category("空の欄")
        make_page("/about/")
        make_page("/secret/", is_public=False)
        make_collection("連載", slug="rensai")
        make_post(slug="part", collection="連載")
        found = [path for sitemap in self.paths("/sitemap.xml") for path in self.paths(sitemap)]
        self.assertEqual(
            sorted(found),
            sorted(
                (
                    *(
                        "/",
                        "/archive/",
                        "/authors/",
                        "/category/",
                        "/tags/",
                        "/about/",
                        "/subscribe/",
                        "/search/",
                    ),
                    *("/collections/", "/collections/rensai/", "/2026/", "/2026/11/"),
                    *(f"/2026/11/20/{quote(slug)}/" for slug in ("生成ai", "second", "own", "part", "shown")),
                    f"/authors/{quote('allforces編集部')}/",
                    f"/category/{quote('ai最新ニュース')}/",
                    *("/tags/ai/", f"/tags/{quote('半ば')}/"),
                )
            ),
        )

    def test_lastmod_is_when_readers_were_told_and_never_when_somebody_saved(self) -> None:
        old = make_post(at=NOON - 3 * HOUR, slug="old", tags=("AI",))
        make_post(at=NOON - 4 * HOUR, slug="older", tags=("AI",))
        for told, expected in ((False, "2026-11-20T09:00:00+09:00"), (True, "2026-11-20T11:00:00+09:00")):
            with self.subTest(told=told):
                update(old, now=NOON - HOUR, announce=told)
                self.assertEqual(self.lastmods(MONTH)["/2026/11/20/old/"], expected)
                self.assertEqual(self.lastmods("/sitemap.xml")[MONTH], expected)
                self.assertEqual(self.lastmods("/sitemap-pages.xml")["/"], expected)
                for name in ("sections", "authors", "tags"):
                    self.assertEqual(list(self.lastmods(f"/sitemap-{name}.xml").values()), [expected])

    def test_a_month_begins_at_midnight_in_japan(self) -> None:
        midnight = datetime.fromisoformat("2026-11-01T00:00:00+09:00")
        make_post(at=midnight, slug="first")
        make_post(at=midnight - timedelta(seconds=1), slug="last")
        self.assertEqual(self.paths(MONTH), ["/2026/11/01/first/"])
        self.assertEqual(self.paths("/sitemap-2026-10.xml"), ["/2026/10/31/last/"])
        self.assertEqual(self.get("/sitemap-2026-09.xml").status_code, 404)

    def test_picture_above_the_text_is_named(self) -> None:
        image = make_image()
        make_post(slug="with", hero=image.hash)
        make_post(slug="without")
        with_picture, without = sorted(self.root(MONTH), key=lambda entry: len(entry), reverse=True)
        self.assertEqual([loc.text for loc in with_picture.iter(f"{IMAGE}loc")], [f"{SITE}{image.url}"])
        self.assertEqual([child.tag for child in without], [f"{SCHEMA}loc", f"{SCHEMA}lastmod"])

    def test_news_are_what_came_out_in_two_days_in_sections_that_are_news(self) -> None:
        make_category("ガイド", is_news=False)
        make_post(at=NOON - 48 * HOUR, slug="just", title="二日 <前> & 今\x08")
        make_post(at=NOON - 48 * HOUR - timedelta(seconds=1), slug="too-old")
        make_post(slug="guide", category="ガイド")
        make_post(slug="hidden", noindex=True)
        make_scheduled(at=NOON + timedelta(seconds=1), slug="later")
        make_post(slug="now")
        self.assertEqual(self.paths("/sitemap-news.xml"), ["/2026/11/20/now/", "/2026/11/18/just/"])
        story = self.root("/sitemap-news.xml")[1].find(f"{NEWS}news")
        assert story is not None
        self.assertEqual(
            [
                story.findtext(f"{NEWS}{name}")
                for name in (
                    "publication/" + f"{NEWS}name",
                    "publication/" + f"{NEWS}language",
                    "publication_date",
                    "title",
                )
            ],
            ["ALLFORCES", "ja", "2026-11-18T12:00:00+09:00", "二日 <前> & 今"],
        )
        Category.objects.update(is_news=False)
        self.assertEqual(self.paths("/sitemap-news.xml"), [])

    def test_who_has_a_sitemap_already_is_told_so_by_tag_or_date_until_something_changes(self) -> None:
        post = make_post(at=NOON - HOUR, slug="a")
        make_post(at=NOON - 2 * HOUR, slug="b")
        for path in ("/sitemap.xml", MONTH, "/sitemap-news.xml", "/sitemap-pages.xml"):
            with self.subTest(path):
                first = self.get(path)
                self.assertEqual(first["Last-Modified"], "Fri, 20 Nov 2026 02:00:00 GMT")
                for headers in (
                    {"If-None-Match": first["ETag"]},
                    {"If-Modified-Since": first["Last-Modified"]},
                ):
                    again = self.get(path, headers=headers)
                    self.assertEqual((again.status_code, again.content), (304, b""))
        first = self.get(MONTH)
        publishing.withdraw(post=post, by=IMPORT, now=NOON, reason="誤り")
        for headers in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
            self.assertNotContains(self.get(MONTH, headers=headers), "/a/")

    def test_pages_outside_the_stream_say_when_they_were_saved(self) -> None:
        page = make_page("/about/")
        Page.objects.filter(pk=page.pk).update(modified_at=NOON)
        self.assertEqual(self.lastmods("/sitemap-pages.xml")["/about/"], "2026-11-20T12:00:00+09:00")

    def test_index_says_when_a_page_outside_the_stream_was_saved(self) -> None:
        make_post(at=NOON - timedelta(days=3))
        page = make_page("/about/")
        Page.objects.filter(pk=page.pk).update(modified_at=NOON)
        self.assertEqual(self.lastmods("/sitemap.xml")["/sitemap-pages.xml"], "2026-11-20T12:00:00+09:00")
        Page.objects.filter(pk=page.pk).update(is_public=False)
        self.assertEqual(self.lastmods("/sitemap.xml")["/sitemap-pages.xml"], "2026-11-17T12:00:00+09:00")

    def test_each_costs_the_same_for_two_posts_and_for_thirty(self) -> None:
        names = ("pages", "sections", "authors", "tags", "2026-11", "news")
        self.assert_same_queries(
            "/sitemap.xml",
            *(f"/sitemap-{name}.xml" for name in names),
            add_row=lambda: make_post(tags=("AI",), hero=make_image().hash),
            rows=(2, 30),
        )
