"""All feeds in all formats: the same posts, told of in the same words, and the same manners towards pollers."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote
from xml.etree import ElementTree

import nh3
from django.contrib.staticfiles import finders
from django.db import transaction
from django.test import override_settings

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.editorial.content import Credit
from blog.editorial.taxonomy import delete_named, merge, save_named
from blog.models import Byline, Category, Post, Revision, SiteSettings, Tag
from tests.base import PublicTestCase, update
from tests.make import NOON, make_author, make_category, make_content, make_draft, make_image, make_post

HOUR = timedelta(hours=1)
ATOM = "{http://www.w3.org/2005/Atom}"
SITE = "https://magazine.example"
TYPES = {
    "/feed.xml": "application/rss+xml; charset=utf-8",
    "/feed.atom": "application/atom+xml; charset=utf-8",
    "/feed.json": "application/feed+json",
    "/feeds/tech.xml": "application/rss+xml; charset=utf-8",
    "/feeds/tech.atom": "application/atom+xml; charset=utf-8",
    "/feeds/tech.json": "application/feed+json",
    "/tags/ai/feed.xml": "application/rss+xml; charset=utf-8",
    "/authors/yamada/feed.xml": "application/rss+xml; charset=utf-8",
}


def told(response: Any) -> dict[str, str | None]:
    """(id → updated) of the items in a feed of any format: what makes a reader show an item as new or changed."""
    if response["Content-Type"] == "application/feed+json":
        return {item["id"]: item.get("date_modified") for item in json.loads(response.content)["items"]}
    root = ElementTree.fromstring(response.content)
    if root.tag == "rss":
        return {i.findtext("guid") or "": i.findtext(f"{ATOM}updated") for i in root.iter("item")}
    return {e.findtext(f"{ATOM}id") or "": e.findtext(f"{ATOM}updated") for e in root.iter(f"{ATOM}entry")}


@override_settings(SITE_URL=SITE)
class FeedsTestCase(PublicTestCase):
    def setUp(self) -> None:
        make_category("技術", slug="tech")
        make_author("山田", kind="person", slug="yamada")
        Tag.objects.create(name="AI", slug="ai")

    def make(self, **values: Any) -> Post:
        """A post that stands in every feed."""
        defaults = {"category": "技術", "tags": ("AI",), "bylines": (Credit("山田"),), "at": NOON - HOUR}
        return make_post(**defaults | values)


class FormatTests(FeedsTestCase):
    def test_every_feed_says_what_it_is_and_where_it_belongs(self) -> None:
        self.make()
        titles = []
        for path, kind in TYPES.items():
            with self.subTest(path):
                response = self.get(path)
                self.assertEqual(response["Content-Type"], kind)
                self.assertEqual(response["Cache-Control"], "public, no-cache")
                self.assertEqual(response["Vary"], "Accept-Encoding")
                text = response.content.decode()
                self.assertEqual(len(told(response)), 1)
                self.assertIn(f"{SITE}{path}", text)  # itself
                titles.append(re.search(r'<title>(.*?)</title>|"title":"(.*?)"', text)[0])  # type: ignore[index]
        self.assertEqual(
            len(set(titles)), 6
        )  # three formats of the magazine's and the section's: two names each

    def test_browser_shows_a_feed_with_its_stylesheet(self) -> None:
        self.make()
        accept = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
        for path, kind in TYPES.items():
            with self.subTest(path):
                response = self.get(path, headers=accept)
                self.assertEqual(response.content, self.get(path).content)
                if path.endswith(".json"):
                    self.assertEqual(response["Content-Type"], kind)
                else:
                    self.assertEqual(response["Content-Type"], "application/xml; charset=utf-8")
                    link = re.search(
                        r'<\?xml-stylesheet type="text/css" href="/static/(.+?)"\?>',
                        response.content.decode(),
                    )
                    assert link is not None
                    self.assertIsNotNone(finders.find(re.sub(r"\.[0-9a-f]{12}\.", ".", link[1])))

    def test_tags_stand_in_the_order_in_which_the_editor_wrote_them(self) -> None:
        for number, tags in enumerate((("投資", "LLM", "AI"), ("AI", "投資", "LLM"))):
            self.make(title=f"題{number}", tags=tags, at=NOON - HOUR * (2 - number))
        items = json.loads(self.get("/feed.json").content)["items"]
        self.assertEqual(
            [item["tags"] for item in items], [["技術", "AI", "投資", "LLM"], ["技術", "投資", "LLM", "AI"]]
        )

    def test_entry_of_atom_holds_the_whole_text_and_all_that_the_format_demands(self) -> None:
        post = self.make(
            title="題 <一>", excerpt="リード & 要点。", body="本文。", hero=make_image(alt="板").hash
        )
        root = ElementTree.fromstring(self.get("/feed.atom").content)
        self.assertEqual(root.tag, f"{ATOM}feed")
        self.assertEqual(root.findtext(f"{ATOM}id"), f"{SITE}/feed.atom")
        self.assertEqual(root.findtext(f"{ATOM}updated"), "2026-11-20T11:00:00+09:00")
        self.assertEqual(root.findtext(f"{ATOM}author/{ATOM}name"), "ALLFORCES編集部")
        (entry,) = root.iter(f"{ATOM}entry")
        said = {
            name: entry.findtext(ATOM + name) for name in ("id", "title", "summary", "published", "updated")
        }
        self.assertEqual(
            said,
            {
                "id": post.guid,
                "title": "題 <一>",
                "summary": "リード & 要点。",
                "published": "2026-11-20T11:00:00+09:00",
                "updated": "2026-11-20T11:00:00+09:00",
            },
        )
        author = entry.find(f"{ATOM}author")
        assert author is not None
        self.assertEqual([part.text for part in author], ["山田", f"{SITE}/authors/yamada/"])
        self.assertEqual([c.get("term") for c in entry.iter(f"{ATOM}category")], ["技術", "AI"])
        content = entry.find(f"{ATOM}content")
        assert content is not None
        self.assertEqual(content.get("type"), "html")
        self.assertIn("<p>本文。</p>", content.text or "")
        self.assertTrue((content.text or "").startswith(f'<figure><img src="{SITE}/media/images/'))

    def test_item_of_json_feed_holds_the_whole_text(self) -> None:
        bylines = (Credit("ALLFORCES編集部", Byline.Role.EDITOR), Credit("山田"))
        post = self.make(title="題", excerpt="リード。", body="本文。", bylines=bylines)
        feed = json.loads(self.get("/feed.json").content)
        self.assertEqual(feed["version"], "https://jsonfeed.org/version/1.1")
        self.assertEqual((feed["home_page_url"], feed["language"]), (f"{SITE}/", "ja"))
        url = f"{SITE}{post.get_absolute_url()}"
        self.assertEqual(
            feed["items"],
            [
                {
                    "id": post.guid,
                    "url": url,
                    "title": "題",
                    "content_html": "<p>本文。</p>\n",
                    "summary": "リード。",
                    "date_published": "2026-11-20T11:00:00+09:00",
                    "authors": [{"name": "山田", "url": f"{SITE}/authors/yamada/"}],
                    "tags": ["技術", "AI"],
                }
            ],
        )

    def test_description_is_html_in_rss_and_plain_text_elsewhere(self) -> None:
        self.make(excerpt="利益<b>の3割 & 税")
        item = ElementTree.fromstring(self.get("/feed.xml").content).find("channel/item")
        assert item is not None
        self.assertEqual(item.findtext("description"), "利益&lt;b&gt;の3割 &amp; 税")
        self.assertEqual(
            json.loads(self.get("/feed.json").content)["items"][0]["summary"], "利益<b>の3割 & 税"
        )

    def test_no_feed_says_anything_that_xml_or_json_cannot_hold(self) -> None:
        post = self.make()
        broken = "題\x0b名\ufffe]]>"
        Post.objects.update(title=broken, excerpt=broken, body_html=f"<p>{broken}</p>", portable_html="")
        post.tags.update(name=broken)
        post.category and Category.objects.update(name=broken, description=broken)
        SiteSettings.objects.update(name=broken, description=broken, publisher=broken)
        for path in TYPES:
            with self.subTest(path):
                self.assertEqual(len(told(self.get(path))), 1)  # it can be read
                self.assertNotIn(b"\x0b", self.get(path).content)

    def test_magazine_without_a_publisher_signs_itself(self) -> None:
        self.make()
        SiteSettings.objects.update(name="計算の雑誌", publisher="")
        root = ElementTree.fromstring(self.get("/feed.atom").content)
        self.assertEqual(root.findtext(f"{ATOM}author/{ATOM}name"), "計算の雑誌")

    def test_texts_are_plain_html_with_absolute_urls(self) -> None:
        self.make(body="本文[^1]と{漢字|かん|じ}\n\n- [x] 済\n\n```python\nx = 1\n```\n\n[^1]: 注\n")
        html = json.loads(self.get("/feed.json").content)["items"][0]["content_html"]
        self.assertNotRegex(html, r'<(script|button|input|span|div|picture|source|style)|(href|src)="[^h]')
        self.assertEqual(nh3.clean(html, link_rel=None), html)
        self.assertIn("<rp>（</rp>", html)


class PollingTests(FeedsTestCase):
    def test_who_has_everything_is_told_so_without_a_body(self) -> None:
        self.make()
        for path in TYPES:
            first = self.get(path)
            self.assertEqual(first["Last-Modified"], "Fri, 20 Nov 2026 02:00:00 GMT")
            for headers in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
                with self.subTest(path, headers=headers):
                    again = self.get(path, headers=headers)
                    self.assertEqual((again.status_code, again.content), (304, b""))
                    self.assertEqual(
                        (again["ETag"], again["Last-Modified"]), (first["ETag"], first["Last-Modified"])
                    )

    def test_head_and_compression(self) -> None:
        self.make(body="長い本文です。" * 200)
        for path in TYPES:
            with self.subTest(path):
                zipped = self.get(path, headers={"Accept-Encoding": "gzip"})
                self.assertEqual(zipped["Content-Encoding"], "gzip")
                self.assertLess(len(zipped.content), len(self.get(path).content) / 2)
                head = self.client.head(path)
                self.assertEqual((head.status_code, head.content), (200, b""))
                self.assertTrue(head["ETag"])

    def test_every_feed_costs_the_same_with_one_post_and_with_thirty(self) -> None:
        self.assert_same_queries(
            *TYPES,
            add_row=lambda: self.make(
                tags=("AI", f"札{Post.objects.count()}"), hero=make_image().hash, bylines=(Credit("山田"),)
            ),
        )

    def test_corrected_typo_is_fetched_but_shown_to_nobody_as_new(self) -> None:
        self.make()
        post = self.make(body="誤字")
        before = {path: self.get(path) for path in TYPES}
        update(post, now=NOON - HOUR / 2, announce=False, body="正字")
        for path in TYPES:
            with self.subTest(path):
                after = self.get(path, headers={"If-None-Match": before[path]["ETag"]})
                self.assertContains(after, "正字")
                self.assertEqual(told(after), told(before[path]))

    def test_update_that_readers_are_told_of_shows_exactly_one_item_as_changed(self) -> None:
        self.make()
        post = self.make()
        before = {path: self.get(path) for path in TYPES}
        update(post, now=NOON, body="追記")
        for path in TYPES:
            with self.subTest(path):
                after = self.get(path, headers={"If-Modified-Since": before[path]["Last-Modified"]})
                self.assertEqual(after.status_code, 200)
                self.assertEqual(
                    set(told(after).items()) - set(told(before[path]).items()),
                    {(post.guid, "2026-11-20T12:00:00+09:00")},
                )
                self.assertEqual(len(told(after)), 2)

    def test_update_of_an_old_post_reaches_subscribers_of_every_feed(self) -> None:
        old = self.make(at=NOON - 50 * HOUR)
        for number in range(35):
            self.make(at=NOON - HOUR * (40 - number))
        before = {path: self.get(path) for path in TYPES}
        update(old, now=NOON - HOUR, title="訂正：重大な誤り")
        for path in TYPES:
            with self.subTest(path):
                self.assertNotIn(old.guid, told(before[path]))
                for headers in (
                    {"If-None-Match": before[path]["ETag"]},
                    {"If-Modified-Since": before[path]["Last-Modified"]},
                ):
                    after = told(self.get(path, headers=headers))
                    self.assertEqual(after[old.guid], "2026-11-20T11:00:00+09:00")
                self.assertEqual(list(after)[-1], old.guid)  # in the order of publication
                self.assertEqual(len(after), 30)

    def test_feed_holds_the_ten_newest_posts_however_many_old_ones_were_updated(self) -> None:
        old = [self.make(at=NOON - HOUR * (90 - number)) for number in range(35)]
        new = [self.make(at=NOON - HOUR * (30 - number)) for number in range(10)]
        for post in old:
            update(post, now=NOON - HOUR, body="<p>長</p>" * 12_000)
        for path in TYPES:
            with self.subTest(path), self.assertNumQueries(7):
                ids = set(told(self.get(path)))
                self.assertLessEqual({post.guid for post in (*new, *old[-10:])}, ids)
                self.assertLessEqual(len(ids), 30)

    def test_who_asks_by_date_alone_hears_of_what_moves_no_date(self) -> None:
        """What is dated back, comes back quietly, or leaves the feed without a trace in it."""
        make_category("経済")
        moved, hidden, gone = (self.make(at=NOON - 4 * HOUR) for _ in range(3))
        self.make(at=NOON - 3 * HOUR)
        publishing.withdraw(post=gone, by=IMPORT, now=NOON - 3 * HOUR, reason="確認中です。")
        gone.refresh_from_db()
        late = make_draft(category="技術", tags=("AI",), bylines=(Credit("山田"),), now=NOON - 5 * HOUR)

        def publish(post: Post, **values: Any) -> None:
            publishing.publish(
                revision=post.working, by=IMPORT, now=NOON - 2 * HOUR, announce=False, **values
            )

        for name, change in (
            ("dated back", lambda: publish(late, at=NOON - 9 * HOUR)),
            ("back quietly", lambda: publish(gone)),
            (
                "another section",
                lambda: update(moved, now=NOON - 2 * HOUR, announce=False, category="経済"),
            ),
            ("kept out", lambda: update(hidden, now=NOON - 2 * HOUR, announce=False, noindex=True)),
        ):
            before = self.get("/feeds/tech.xml", now=NOON - 3 * HOUR + HOUR / 2)
            with self.subTest(name), transaction.atomic():
                change()
                after = self.get("/feeds/tech.xml", headers={"If-Modified-Since": before["Last-Modified"]})
                self.assertEqual(after.status_code, 200)
                self.assertNotEqual(told(after), told(before))
                transaction.set_rollback(True)

    def test_date_is_said_only_once_nothing_more_can_happen_at_it(self) -> None:
        self.make(at=NOON)
        self.assertFalse(self.get("/feed.xml").has_header("Last-Modified"))
        later = self.get("/feed.xml", now=NOON + timedelta(minutes=1))
        self.assertEqual(later["Last-Modified"], "Fri, 20 Nov 2026 03:00:00 GMT")

    def test_what_only_the_desk_does_makes_no_item_new(self) -> None:
        post = self.make(tags=("AI", "人工知能"))
        before = {path: told(self.get(path)) for path in TYPES}
        merge(
            sources=[Tag.objects.get(name="人工知能")], into=Tag.objects.get(name="AI"), by=IMPORT, now=NOON
        )
        Post.objects.update(renderer_version=0)
        publishing.save(
            post=post, content=make_content(title="下書き"), by=IMPORT, now=NOON, base=post.live_revision
        )
        for path in TYPES:
            with self.subTest(path):
                self.assertEqual(told(self.get(path)), before[path])

    def test_renamed_section_is_heard_of(self) -> None:
        self.make()
        before = self.get("/feeds/tech.xml")
        Category.objects.update(name="技術と社会")
        self.assertEqual(
            self.get("/feeds/tech.xml", headers={"If-None-Match": before["ETag"]}).status_code, 200
        )

    def test_scheduled_post_is_absent_from_every_feed_until_its_hour(self) -> None:
        self.make()
        soon = make_draft(category="技術", tags=("AI",), bylines=(Credit("山田"),), now=NOON)
        assert isinstance(soon.latest_revision, Revision)
        publishing.publish(revision=soon.latest_revision, by=IMPORT, now=NOON, at=NOON + HOUR)
        for path in TYPES:
            with self.subTest(path):
                before = self.get(path)
                self.assertNotIn(soon.guid, told(before))
                for headers in (
                    {"If-None-Match": before["ETag"]},
                    {"If-Modified-Since": before["Last-Modified"]},
                ):
                    self.assertIn(soon.guid, told(self.get(path, now=NOON + HOUR, headers=headers)))

    def test_withdrawn_post_vanishes_from_every_feed_even_for_those_who_ask_by_date_alone(self) -> None:
        self.make(at=NOON - 2 * HOUR)
        wrong = self.make(at=NOON - 2 * HOUR)
        before = {path: self.get(path) for path in TYPES}
        publishing.withdraw(post=wrong, by=IMPORT, now=NOON - HOUR, reason="誤報でした。")
        for path in TYPES:
            with self.subTest(path):
                after = self.get(path, headers={"If-Modified-Since": before[path]["Last-Modified"]})
                self.assertNotIn(wrong.guid, told(after))
                self.assertEqual(len(told(after)), 1)

    def test_post_with_noindex_is_in_no_feed(self) -> None:
        hidden = self.make(noindex=True)
        self.assertEqual(self.get(hidden.get_absolute_url()).status_code, 200)
        for path in TYPES:
            with self.subTest(path):
                self.assertEqual(told(self.get(path)), {})


class HubTests(FeedsTestCase):
    HUB = "https://hub.example/"

    def links(self, response: Any) -> list[tuple[str | None, str | None]]:
        """(relation, URL) of what the document says of itself."""
        if response["Content-Type"] == "application/feed+json":
            feed = json.loads(response.content)
            hubs = [("hub", hub["url"]) for hub in feed.get("hubs", []) if hub["type"] == "WebSub"]
            return [("self", feed["feed_url"]), *hubs]
        root = ElementTree.fromstring(response.content)
        head = root if root.tag != "rss" else root[0]
        return [(link.get("rel"), link.get("href")) for link in head.findall(f"{ATOM}link")]

    def test_every_feed_names_the_hub_and_itself_in_the_document_and_before_it(self) -> None:
        self.make()
        without = {path: self.get(path) for path in TYPES}
        with override_settings(WEBSUB_HUB=self.HUB):
            for path in TYPES:
                with self.subTest(path):
                    self.assertNotIn("hub", dict(self.links(without[path])))
                    self.assertFalse(without[path].has_header("Link"))
                    # Whoever polls already hears of it.
                    found = self.get(path, headers={"If-None-Match": without[path]["ETag"]})
                    links = self.links(found)
                    self.assertIn(("hub", self.HUB), links)
                    self.assertIn(("self", f"{SITE}{path}"), links)
                    header = f'<{self.HUB}>; rel="hub", <{SITE}{path}>; rel="self"'
                    self.assertEqual(found["Link"], header)
                    again = self.get(path, headers={"If-None-Match": found["ETag"]})
                    self.assertEqual((again.status_code, again["Link"]), (304, header))

    def test_archive_documents_name_none_for_nobody_is_told_when_they_change(self) -> None:
        self.make(at=NOON - 24 * 30 * HOUR)
        with override_settings(WEBSUB_HUB=self.HUB):
            for form in ("xml", "atom", "json"):
                found = self.get(f"/feed/archive/2026-10.{form}")
                self.assertNotIn(self.HUB.encode(), found.content)
                self.assertFalse(found.has_header("Link"))


class PlaceTests(FeedsTestCase):
    def test_feeds_bring_only_what_they_are_about(self) -> None:
        ours = self.make()
        make_post(category="別の欄", tags=("他",))
        for path in TYPES:
            if not path.startswith("/feed."):
                with self.subTest(path):
                    self.assertEqual(list(told(self.get(path))), [ours.guid])

    def test_author_of_text_and_pictures_has_the_post_once(self) -> None:
        self.make(bylines=(Credit("山田"), Credit("山田", Byline.Role.PHOTOGRAPHER)))
        self.assertEqual(len(told(self.get("/authors/yamada/feed.xml"))), 1)

    def test_section_answers_while_it_is_empty_but_tags_and_authors_are_unknown_until_their_first_post(
        self,
    ) -> None:
        for path, status in (
            ("/feeds/tech.xml", 200),
            ("/tags/ai/feed.xml", 404),
            ("/authors/yamada/feed.xml", 404),
            ("/feeds/nothing.xml", 404),
            ("/feeds/tech.html", 404),
            ("/tags/ai/feed.atom", 404),
            ("/feed.rss", 404),
        ):
            with self.subTest(path):
                self.assertEqual(self.get(path).status_code, status)

    def test_feed_goes_where_the_page_goes(self) -> None:
        self.make()
        section, author = Category.objects.get(slug="tech"), Post.objects.get().authors.get()
        section.slug, author.slug = "技術", "yamada-taro"
        save_named(section, by=IMPORT, now=NOON)
        save_named(author, by=IMPORT, now=NOON)
        merge(
            sources=[Tag.objects.get(slug="ai")],
            into=Tag.objects.create(name="人工知能"),
            by=IMPORT,
            now=NOON,
        )
        for old, new in (
            ("/feeds/tech.json", "/feeds/技術.json"),
            ("/authors/yamada/feed.xml", "/authors/yamada-taro/feed.xml"),
            ("/tags/ai/feed.xml", "/tags/人工知能/feed.xml"),
        ):
            with self.subTest(old):
                response = self.get(old)
                self.assertRedirects(response, quote(new), status_code=301, fetch_redirect_response=False)
                self.assertEqual(len(told(self.get(unquote(response["Location"])))), 1)

    def test_feed_of_a_section_that_is_gone_says_so_for_good(self) -> None:
        delete_named(Category.objects.get(slug="tech"), by=IMPORT, now=NOON)
        self.assertEqual(self.get("/feeds/tech.xml").status_code, 410)

    def test_pages_name_the_magazines_feed_and_the_one_of_what_they_show(self) -> None:
        post = self.make()
        link = '<link rel="alternate" type="application/rss+xml" title="{}" href="{}">'
        for path, title, feed in (
            ("/", None, None),
            (post.get_absolute_url(), "技術 | ALLFORCES", "/feeds/tech.xml"),
            ("/category/tech/", "技術 | ALLFORCES", "/feeds/tech.xml"),
            ("/tags/ai/", "#AI | ALLFORCES", "/tags/ai/feed.xml"),
            ("/authors/yamada/", "山田 | ALLFORCES", "/authors/yamada/feed.xml"),
        ):
            with self.subTest(path):
                html = self.html(path)
                found = re.findall(
                    r'<link rel="alternate" type="application/rss[^>]+>', " ".join(html.split())
                )
                own = [link.format(title, feed)] if title else []
                self.assertEqual(found, [*own, link.format("ALLFORCES", "/feed.xml")])
