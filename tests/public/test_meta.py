"""What the head of each page tells machines, tag by tag."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

from django.test import override_settings

from blog.editorial.content import Credit
from blog.models import Author, Category, SiteSettings
from blog.public import share_images
from tests.admin.test_pages_admin import make_page
from tests.base import PublicTestCase, update
from tests.make import NOON, make_author, make_image, make_post

HOUR = timedelta(hours=1)
SITE = "https://magazine.example"


class Head(HTMLParser):
    """Meta tags, links and JSON-LD of a page; the trail of breadcrumbs that it shows."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.metas: list[tuple[str, str]] = []
        self.links: list[dict[str, str | None]] = []
        self.trail: list[tuple[str, str]] = []
        self.data: list[Any] = []
        self._inside = ""
        self._href = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "meta":
            self.metas.append((found.get("property") or found.get("name") or "", found.get("content") or ""))
        elif tag == "link":
            self.links.append(found)
        elif found.get("class") == "breadcrumbs" or found.get("type") == "application/ld+json":
            self._inside = tag
        elif self._inside == "nav" and tag in ("a", "span"):
            self._href = found.get("href") or ""
            self.trail.append(("", self._href))

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.data.append(json.loads(data))
        elif self._inside == "nav" and data.strip():
            self.trail[-1] = (data.strip(), self._href)

    def meta(self, name: str) -> list[str]:
        return [content for key, content in self.metas if key == name]

    def node(self, kind: str) -> dict[str, Any]:
        [document] = self.data
        assert document["@context"] == "https://schema.org"
        [found] = [node for node in document["@graph"] if node["@type"] == kind]
        return found


@override_settings(SITE_URL=SITE)
class MetaTests(PublicTestCase):
    def head(self, path: str) -> Head:
        return Head(self.html(path))

    def test_post_says_what_it_is_when_it_is_shared(self) -> None:
        image = make_image(alt="")
        post = make_post(
            at=NOON - HOUR, title="題", slug="a", excerpt="リード。", tags=("AI", "投資"), hero=image.hash
        )
        update(post, now=NOON)
        found = self.head("/2026/11/20/a/")
        for name, expected in {
            "description": ["リード。"],
            "robots": ["max-image-preview:large, max-snippet:-1"],
            "og:type": ["article"],
            "og:title": ["題"],
            "og:description": ["リード。"],
            "og:url": [f"{SITE}/2026/11/20/a/"],
            "og:site_name": ["ALLFORCES"],
            "og:locale": ["ja_JP"],
            "og:image": [SITE + share_images.url(post, site=SiteSettings.objects.get())],
            "og:image:width": ["1200"],
            "og:image:height": ["630"],
            "og:image:alt": ["題"],
            "article:published_time": ["2026-11-20T11:00:00+09:00"],
            "article:modified_time": ["2026-11-20T12:00:00+09:00"],
            "article:section": ["AI最新ニュース"],
            "article:tag": ["AI", "投資"],
            "twitter:card": ["summary_large_image"],
            "google-site-verification": [],
        }.items():
            with self.subTest(name):
                self.assertEqual(found.meta(name), expected)

    def test_every_page_has_one_of_each_and_a_picture(self) -> None:
        make_page("/about/")
        make_post(slug="a", tags=("AI",))
        paths = (
            "/",
            "/category/",
            "/tags/",
            "/tags/ai/",
            "/authors/",
            "/archive/",
            "/2026/11/",
            "/about/",
            "/2026/11/20/a/",
        )
        names = (
            "description",
            "robots",
            "og:type",
            "og:title",
            "og:url",
            "og:image",
            "og:image:width",
            "og:image:alt",
        )
        for path in paths:
            found = self.head(path)
            with self.subTest(path):
                self.assertEqual(
                    [name for name in names if len(found.meta(name)) != 1 or not found.meta(name)[0]], []
                )
                self.assertEqual(found.meta("og:url"), [f"{SITE}{path}"])

    def test_article_is_described_to_search_engines(self) -> None:
        make_author("山田", kind="person")
        image = make_image(alt="絵")
        make_author("鈴木", kind="person")
        helped = (Credit("山田", "photographer"), Credit("鈴木", "editor"))
        by = (Credit("山田"), Credit("ALLFORCES編集部"), *helped)
        post = make_post(at=NOON - 2 * HOUR, slug="a", title="題", bylines=by, hero=image.hash, tags=("AI",))
        update(post, now=NOON - HOUR, announce=False)
        found = self.head("/2026/11/20/a/")
        article = found.node("NewsArticle")
        url = f"{SITE}/2026/11/20/a/"
        self.assertEqual((article["headline"], article["url"], article["mainEntityOfPage"]), ("題", url, url))
        self.assertEqual(
            (article["datePublished"], article["dateModified"]), ("2026-11-20T10:00:00+09:00",) * 2
        )
        self.assertEqual(article["image"][0]["url"], f"{SITE}{image.url}")
        people = [(who["@type"], who["name"], who["url"]) for who in article["author"]]
        self.assertEqual(
            people,
            [
                ("Person", "山田", f"{SITE}/authors/{quote('山田')}/"),
                ("Organization", "ALLFORCES編集部", f"{SITE}/authors/{quote('allforces編集部')}/"),
            ],
        )
        self.assertEqual([who["name"] for who in article["contributor"]], ["鈴木"])
        publisher = found.node("Organization")
        self.assertEqual(article["publisher"], {"@id": publisher["@id"]})
        self.assertEqual((publisher["name"], publisher["url"]), ("ALLFORCES編集部", f"{SITE}/"))
        update(post, now=NOON)
        modified = self.head("/2026/11/20/a/").node("NewsArticle")["dateModified"]
        self.assertEqual(modified, "2026-11-20T12:00:00+09:00")

    def test_a_section_that_is_not_news_has_articles(self) -> None:
        make_post(slug="a")
        Category.objects.update(is_news=False)
        self.assertEqual(self.head("/2026/11/20/a/").node("Article")["articleSection"], "AI最新ニュース")

    def test_logo_is_the_desks_or_that_of_the_house_and_costs_no_query(self) -> None:
        make_post(slug="a")
        with self.assertNumQueries(6):
            house = self.head("/2026/11/20/a/").node("Organization")["logo"]
        self.assertEqual((house["width"], house["height"]), (512, 512))
        logo = make_image()
        SiteSettings.objects.update(logo=logo)
        with self.assertNumQueries(6):
            own = self.head("/2026/11/20/a/").node("Organization")["logo"]
        self.assertEqual((own["url"], own["width"]), (f"{SITE}{logo.url}", logo.width))

    def test_text_of_an_editor_cannot_leave_the_block_of_data(self) -> None:
        hostile = "</script><script>alert(1)</script><!-- & \u2028 \u2029 \"'"
        make_post(slug="a", title=hostile, tags=(hostile.replace("\u2028", "").replace("\u2029", ""),))
        html = self.html("/2026/11/20/a/")
        [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
        self.assertEqual([sign for sign in "<>&\u2028\u2029" if sign in block], [])
        [article] = [node for node in json.loads(block)["@graph"] if node["@type"] == "NewsArticle"]
        self.assertIn("</script><script>alert(1)</script><!-- &", article["headline"])
        self.assertNotIn("<script>alert", html)

    def test_breadcrumbs_for_machines_are_those_on_the_page(self) -> None:
        make_page("/about/")
        post = make_post(slug="a", tags=("AI",))
        for path in (
            *("/2026/11/20/a/", "/about/", "/category/", "/tags/ai/", "/2026/", "/2026/11/", "/2026/11/20/"),
            f"/authors/{quote('allforces編集部')}/",
        ):
            found = self.head(path)
            told = [
                (item["name"], item.get("item", "").removeprefix(SITE))
                for item in found.node("BreadcrumbList")["itemListElement"]
            ]
            with self.subTest(path):
                headline = [(post.title, "")] if path == post.get_absolute_url() else []
                self.assertEqual(told, found.trail + headline)  # which stands right below
                self.assertGreaterEqual(len(told), 2)
                self.assertEqual(told[-1][1], "")  # this page

    def test_home_page_names_the_site_and_its_search(self) -> None:
        found = self.head("/")
        site = found.node("WebSite")
        self.assertEqual((site["name"], site["url"]), ("ALLFORCES", f"{SITE}/"))
        self.assertEqual(
            site["potentialAction"]["target"]["urlTemplate"], f"{SITE}/search/?q={{search_term_string}}"
        )
        self.assertEqual(site["publisher"], {"@id": found.node("Organization")["@id"]})

    def test_page_of_an_author_is_a_profile(self) -> None:
        picture = make_image()
        make_author(
            "山田",
            kind="person",
            title="記者",
            bio="投資を書く。",
            picture=picture,
            links="X | https://x.com/y\nメール | mailto:a@b.example",
        )
        make_post(bylines=(Credit("山田"),))
        path = Author.objects.get(name="山田").get_absolute_url()
        found = self.head(path)
        who = found.node("ProfilePage")["mainEntity"]
        self.assertEqual(
            {name: who[name] for name in ("@type", "name", "url", "description", "jobTitle", "sameAs")},
            {
                "@type": "Person",
                "name": "山田",
                "url": f"{SITE}{path}",
                "description": "投資を書く。",
                "jobTitle": "記者",
                "sameAs": ["https://x.com/y"],
            },
        )
        self.assertEqual(
            (found.meta("og:type"), found.meta("og:image")), (["profile"], [f"{SITE}{picture.url}"])
        )

    def test_tag_of_a_single_post_is_read_and_not_found(self) -> None:
        make_post(tags=("AI",))
        self.assertEqual(self.head("/tags/ai/").meta("robots"), ["noindex"])
        make_post(tags=("AI",))
        self.assertEqual(self.head("/tags/ai/").meta("robots"), ["max-image-preview:large, max-snippet:-1"])

    def test_list_is_a_collection_and_its_second_page_says_so(self) -> None:
        for _ in range(21):
            make_post(tags=("AI",))
        found = self.head("/tags/ai/?page=2").node("CollectionPage")
        self.assertEqual((found["url"], found["name"]), (f"{SITE}/tags/ai/?page=2", "#AI（2ページ目）"))

    def test_proofs_of_ownership_stand_on_the_home_page_only(self) -> None:
        make_post(slug="a")
        SiteSettings.objects.update(google_verification="abc_DEF-1", bing_verification="0" * 32)
        home, post = self.head("/"), self.head("/2026/11/20/a/")
        for name, value in (("google-site-verification", "abc_DEF-1"), ("msvalidate.01", "0" * 32)):
            self.assertEqual((home.meta(name), post.meta(name)), ([value], []))

    def test_post_leads_to_its_markdown_and_a_list_to_none(self) -> None:
        make_post(slug="a")
        for path, expected in (("/2026/11/20/a/", [f"{SITE}/2026/11/20/a.md"]), ("/", [])):
            links = [link["href"] for link in self.head(path).links if link.get("type") == "text/markdown"]
            self.assertEqual(links, expected)

    def test_manifest_is_linked_and_names_icons_that_exist(self) -> None:
        [link] = [link for link in self.head("/").links if link.get("rel") == "manifest"]
        response = self.get(link["href"] or "")
        self.assertEqual(response["Content-Type"], "application/manifest+json")
        found = json.loads(response.content)
        self.assertEqual((found["name"], found["lang"], found["start_url"]), ("ALLFORCES", "ja", "/"))
        self.assertEqual(
            [(icon["sizes"], icon["purpose"]) for icon in found["icons"]],
            [("any", "any"), ("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")],
        )

    def test_pages_are_entries_and_feeds_for_readers_of_microformats(self) -> None:
        """https://microformats.org/wiki/h-entry and h-feed"""
        post = make_post(at=NOON - HOUR, slug="a", excerpt="リード。", tags=("AI",))
        update(post, now=NOON)
        html = self.html("/2026/11/20/a/")
        for name, tag in {
            "h-entry": "article",
            "p-name": "h1",
            "p-summary": "p",
            "p-author h-card": "li",
            "dt-published": "time",
            "dt-updated": "time",
            "u-url u-uid": "data",
            "e-content": "div",
            "p-category": "a",
        }.items():
            with self.subTest(name):
                self.assertRegex(html, rf'<{tag} class="([^"]* )?{name}( [^"]*)?"')
        self.assertIn(f'<data class="u-url u-uid" value="{SITE}/2026/11/20/a/">', html)
        for path, feeds in (("/", 1), ("/tags/ai/", 1), ("/2026/11/20/a/", 0), ("/tags/", 0)):
            with self.subTest(path):
                html = self.html(path)
                self.assertEqual(html.count("h-feed"), feeds)
                self.assertEqual("h-entry" in html, path != "/tags/")
