"""How a reader who has never heard of feeds subscribes, and one who has takes all at once."""

from __future__ import annotations

from xml.etree import ElementTree

from blog.models import Post, SiteSettings
from tests.base import PublicTestCase
from tests.make import make_category, make_post


class SubscribeTests(PublicTestCase):
    def test_page_says_in_words_what_to_do_and_gives_addresses_that_answer(self) -> None:
        html = self.html("/subscribe/")
        self.assertInHTML("<h1>購読のしかた</h1>", html)
        self.assertIn("http://127.0.0.1:8000/feed.xml", html)
        self.assertIn('href="/subscribe.opml"', html)
        self.assert_same_queries(
            "/subscribe/", "/subscribe.opml", add_row=lambda: make_post(category=f"欄{Post.objects.count()}")
        )

    def test_sections_with_posts_stand_there_in_every_format(self) -> None:
        make_category("空の欄", slug="empty")
        make_category("技術", slug="tech")
        make_post(category="技術")
        html = self.html("/subscribe/")
        for path in ("/feed.atom", "/feed.json", "/feeds/tech.xml", "/feeds/tech.atom", "/feeds/tech.json"):
            self.assertIn(f'href="http://127.0.0.1:8000{path}"', html)
        self.assertNotIn("/feeds/empty.xml", html)

    def test_file_holds_feeds_that_answer_each_once(self) -> None:
        SiteSettings.objects.update(name='雑誌 <&> "A"')
        make_post()
        response = self.get("/subscribe.opml")
        self.assertEqual(response["Content-Type"], "text/x-opml; charset=utf-8")
        root = ElementTree.fromstring(response.content)
        self.assertEqual((root.tag, root.get("version")), ("opml", "2.0"))
        self.assertEqual(root.findtext("head/title"), '雑誌 <&> "A"')
        outlines = root.findall("body/outline")
        self.assertEqual(outlines[0].get("text"), '雑誌 <&> "A"')
        self.assertEqual([outline.get("text") for outline in outlines[1:]], ["AI最新ニュース"])
        pages = [outline.get("htmlUrl") for outline in outlines]
        self.assertEqual(len(pages), len(set(pages)))
        for outline in outlines:
            url = str(outline.get("xmlUrl")).removeprefix("http://127.0.0.1:8000")
            self.assertEqual((self.get(url).status_code, outline.get("type")), (200, "rss"))
