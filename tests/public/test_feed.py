from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from django.db import transaction
from django.test import override_settings

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.editorial.content import Credit
from blog.models import Byline, Post, SiteSettings
from tests.base import PublicTestCase, update
from tests.make import NOON, make_author, make_image, make_post

HOUR = timedelta(hours=1)
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
CONTRIBUTOR = "{http://purl.org/dc/elements/1.1/}contributor"
MEDIA = "{http://search.yahoo.com/mrss/}content"
ATOM = "{http://www.w3.org/2005/Atom}link"


@override_settings(SITE_URL="https://magazine.example")
class FeedTests(PublicTestCase):
    def feed(self, **options: Any) -> ElementTree.Element:
        response = self.get("/feed.xml", **options)
        self.assertEqual(response["Content-Type"], "application/rss+xml; charset=utf-8")
        channel = ElementTree.fromstring(response.content).find("channel")
        assert channel is not None
        return channel

    def test_item_holds_the_whole_text_and_who_made_it(self) -> None:
        make_author("山田")
        post = make_post(
            at=NOON - HOUR,
            title="題 <一> & 二",
            slug="生成ai",
            excerpt="リード。",
            disclosure="広告です。",
            body='本文[^1]と[記事](/2026/01/01/a/)。\n\n`href="/code"`\n\n[^1]: 注\n',
            tags=("AI", "投資"),
            hero=make_image(alt="板").hash,
            bylines=(
                Credit("山田"),
                Credit("ALLFORCES編集部", Byline.Role.EDITOR),
                Credit("山田", Byline.Role.EDITOR),
            ),
        )
        (item,) = self.feed().findall("item")
        url = f"https://magazine.example/2026/11/20/{quote('生成ai')}/"
        self.assertEqual(item.findtext("title"), "題 <一> & 二")
        self.assertEqual(item.findtext("link"), url)
        self.assertEqual(item.findtext("description"), "リード。")
        self.assertEqual(item.findtext("pubDate"), "Fri, 20 Nov 2026 02:00:00 +0000")
        self.assertEqual([name.text for name in item.findall(CREATOR)], ["山田"])
        self.assertEqual([name.text for name in item.findall(CONTRIBUTOR)], ["ALLFORCES編集部"])
        self.assertEqual([name.text for name in item.findall("category")], ["AI最新ニュース", "AI", "投資"])
        guid = item.find("guid")
        assert guid is not None
        self.assertEqual((guid.text, guid.get("isPermaLink")), (post.guid, "false"))
        media = item.find(MEDIA)
        assert media is not None
        self.assertTrue(str(media.get("url")).startswith("https://magazine.example/media/images/"))
        html = item.findtext(CONTENT) or ""
        self.assertRegex(
            html, r'^<figure><img src="https://magazine.example/media/images/[^"]+" alt="板" width='
        )
        self.assertIn("</figure>\n<p><strong>広告です。</strong></p>", html)
        self.assertIn('href="https://magazine.example/2026/01/01/a/"', html)
        self.assertIn(f'href="{url}#fn:1"', html)
        self.assertIn('href="/code"', html)  # printed code is text, not a link

    def test_channel_says_when_readers_were_last_told_of_something(self) -> None:
        make_post(at=NOON - 2 * HOUR)
        told = "Fri, 20 Nov 2026 01:00:00 +0000"
        for now in (NOON, NOON + HOUR):
            self.assertEqual(self.feed(now=now).findtext("lastBuildDate"), told)
        channel = self.feed()
        self.assertEqual(channel.findtext("language"), "ja")
        link = channel.find(ATOM)
        assert link is not None
        self.assertEqual((link.get("rel"), link.get("href")), ("self", "https://magazine.example/feed.xml"))

    def test_guid_is_a_permalink_only_while_it_is_the_url(self) -> None:
        post = make_post(slug="imported")
        Post.objects.update(guid="https://magazine.example/2026/11/20/imported/")
        post.refresh_from_db()
        for slug, expected in (("imported", "true"), ("moved", "false")):
            with self.subTest(slug):
                post = update(post, now=NOON, slug=slug)
                guid = self.feed().find("item/guid")
                assert guid is not None
                self.assertEqual(guid.get("isPermaLink"), expected)
                self.assertEqual(guid.text, "https://magazine.example/2026/11/20/imported/")

    def test_newest_thirty_without_what_machines_shall_not_list(self) -> None:
        make_post(at=NOON - HOUR, slug="oldest")
        make_post(slug="hidden", noindex=True)
        for _ in range(30):
            make_post()
        links = [item.findtext("link") or "" for item in self.feed().findall("item")]
        self.assertEqual(len(links), 30)
        self.assertEqual([link for link in links if "hidden" in link or "oldest" in link], [])

    def test_item_is_the_same_before_the_html_for_feeds_was_derived(self) -> None:
        post = make_post(
            at=NOON - HOUR, body="本文[^1]と[記事](/2026/01/01/a/)、[ここ](#b)。\n\n## b\n\n[^1]: 注\n"
        )
        derived = [item.findtext(CONTENT) for item in self.feed().findall("item")]
        self.assertIn(f'href="https://magazine.example{post.path}#', derived[0] or "")
        Post.objects.update(portable_html="")
        self.assertEqual([item.findtext(CONTENT) for item in self.feed().findall("item")], derived)

    def test_items_follow_the_site_to_another_address(self) -> None:
        make_post(at=NOON - HOUR, body="[記事](/2026/01/01/a/) と https://here.invalid/ の話。")
        with override_settings(SITE_URL="https://new.example"):
            text = self.feed().find("item").findtext(CONTENT)  # type: ignore[union-attr]
        self.assertIn('href="https://new.example/2026/01/01/a/"', text or "")
        self.assertNotIn("magazine.example", text or "")

    def test_as_many_whole_texts_as_fit_in_a_megabyte_but_never_fewer_than_ten(self) -> None:
        for paragraphs, expected in ((4, 30), (400, 19), (4000, 10)):
            with self.subTest(paragraphs), transaction.atomic():
                body = f"<p>{'全文です。' * 7}</p>" * paragraphs
                for _ in range(31):
                    make_post()
                Post.objects.update(portable_html=body)
                response = self.get("/feed.xml")
                items = ElementTree.fromstring(response.content).findall("channel/item")
                self.assertEqual(len(items), expected)
                self.assertEqual({item.findtext(CONTENT) for item in items}, {body})
                if expected > 10:
                    self.assertLessEqual(len(response.content), 1_000_000)
                transaction.set_rollback(True)

    def test_control_characters_from_anywhere_do_not_break_the_document(self) -> None:
        post = make_post(tags=("タグ",))
        broken = "題\x0b名\ufffe"
        Post.objects.update(title=broken, excerpt=broken, body_html=f"<p>{broken}]]&gt;</p>")
        post.tags.update(name=broken)
        SiteSettings.objects.update(name=broken, description=broken)
        (item,) = self.feed().findall("item")
        self.assertEqual(item.findtext("title"), "題名")

    def test_an_empty_feed_is_valid(self) -> None:
        self.assertEqual(self.feed().findall("item"), [])

    def test_who_has_everything_is_told_so(self) -> None:
        make_post(at=NOON - HOUR)
        first = self.get("/feed.xml")
        self.assertEqual(first["Last-Modified"], "Fri, 20 Nov 2026 02:00:00 GMT")
        for headers in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
            with self.subTest(headers=headers):
                again = self.get("/feed.xml", headers=headers)
                self.assertEqual(again.status_code, 304)
                for name in ("ETag", "Last-Modified"):
                    self.assertEqual(again[name], first[name])

    def test_a_corrected_typo_is_sent_but_is_no_news(self) -> None:
        post = make_post(at=NOON - HOUR, body="誤字")
        before = self.get("/feed.xml")
        update(post, now=NOON - HOUR / 2, announce=False, body="正字")
        for headers in (
            {"If-None-Match": before["ETag"]},
            {"If-Modified-Since": before["Last-Modified"]},
        ):
            self.assertContains(self.get("/feed.xml", headers=headers), "正字")
        self.assertEqual(self.feed().findtext("lastBuildDate"), "Fri, 20 Nov 2026 02:00:00 +0000")

    def test_a_withdrawal_is_heard_by_those_who_ask_by_date_alone(self) -> None:
        make_post(at=NOON - 2 * HOUR)
        wrong = make_post(at=NOON - 2 * HOUR, body="誤報")
        before = self.get("/feed.xml")
        publishing.withdraw(post=wrong, by=IMPORT, now=NOON - HOUR, reason="誤報でした。")
        after = self.get("/feed.xml", headers={"If-Modified-Since": before["Last-Modified"]})
        self.assertEqual(after.status_code, 200)
        self.assertNotContains(after, "誤報")
