"""The whole archive by feed (RFC 5005, section 4): whoever follows the links from the feed has everything, once."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

from django.test import override_settings
from django.utils import timezone

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.models import Post
from tests.base import PublicTestCase, update
from tests.make import NOON, make_draft, make_post

SITE = "https://magazine.example"
ATOM = "{http://www.w3.org/2005/Atom}"
ARCHIVE = "{http://purl.org/syndication/history/1.0}archive"


def moment(month: int, day: int, hour: int = 9) -> datetime:
    return timezone.make_aware(datetime(2026, month, day, hour))


@override_settings(SITE_URL=SITE)
class ArchiveTests(PublicTestCase):
    def make(self, *days: tuple[int, int]) -> list[Post]:
        return [make_post(at=moment(*day)) for day in days]

    def read(self, path: str, *, now: datetime = NOON) -> tuple[list[str], dict[str, str], bool]:
        """Ids, links to other documents, and whether it says that it is an archive document."""
        content = self.get(path, now=now).content
        if path.endswith(".json"):
            feed = json.loads(content)
            return [item["id"] for item in feed["items"]], {"prev-archive": feed.get("next_url", "")}, False
        root = ElementTree.fromstring(content)
        head = root if root.tag == f"{ATOM}feed" else root[0]
        links = {str(link.get("rel")): str(link.get("href")) for link in head.findall(f"{ATOM}link")}
        ids = [str(e.text) for e in (*root.iter("guid"), *root.findall(f"{ATOM}entry/{ATOM}id"))]
        return ids, links, head.find(ARCHIVE) is not None

    def walk(self, path: str, *, now: datetime = NOON) -> dict[str, list[str]]:
        """Every document of the chain that begins at `path`, with its ids."""
        documents: dict[str, list[str]] = {}
        while path:
            self.assertNotIn(path, documents)
            documents[path], links, _ = self.read(path, now=now)
            path = links.get("prev-archive", "").removeprefix(SITE)
        return documents

    def test_everything_ever_published_can_be_fetched_in_every_format(self) -> None:
        self.make(*((1, day) for day in range(1, 26)), (3, 1), *((11, 1 + n % 18) for n in range(14)))
        guids = set(Post.objects.values_list("guid", flat=True))
        for form in ("xml", "atom", "json"):
            with self.subTest(form):
                documents = self.walk(f"/feed.{form}")
                self.assertEqual(
                    list(documents),
                    [
                        f"/feed.{form}",
                        f"/feed/archive/2026-11-1.{form}",
                        f"/feed/archive/2026-03.{form}",
                        f"/feed/archive/2026-01.{form}",
                        f"/feed/archive/2026-01-2.{form}",
                        f"/feed/archive/2026-01-1.{form}",
                    ],
                )
                archived = [guid for ids in list(documents.values())[1:] for guid in ids]
                self.assertEqual(len(archived), len(set(archived)))
                self.assertEqual({guid for ids in documents.values() for guid in ids}, guids)

    def test_documents_say_that_they_are_parts_of_the_archive_and_of_what(self) -> None:
        self.make((9, 1))
        for form in ("xml", "atom"):
            _, links, is_archive = self.read(f"/feed/archive/2026-09.{form}")
            self.assertTrue(is_archive)
            self.assertEqual(links["current"], f"{SITE}/feed.{form}")
            self.assertEqual(links["self"], f"{SITE}/feed/archive/2026-09.{form}")
            self.assertFalse(self.read(f"/feed.{form}")[2])

    def test_documents_are_parts_of_the_feed_and_lead_to_the_next_newer_one_too(self) -> None:
        self.make(*((1, day) for day in range(1, 26)), (3, 1), *((11, 1 + n % 18) for n in range(14)))
        for form in ("xml", "atom"):
            chain = list(self.walk(f"/feed.{form}"))[1:]
            for path, newer in zip(chain, [None, *chain], strict=False):
                with self.subTest(path):
                    links = self.read(path)[1]
                    self.assertEqual(links.get("next-archive"), newer and SITE + newer)
        for path in ("/feed.atom", *chain):
            self.assertIn(f"<id>{SITE}/feed.atom</id>", self.html(path))

    def test_everything_is_found_though_dozens_of_old_posts_were_updated(self) -> None:
        old = self.make(*((9, 1 + n % 28) for n in range(40)))
        self.make((11, 1), (11, 2), (11, 3))
        for post in old:
            update(post, now=NOON - timedelta(hours=1), body="直しました。")
        found = {guid for ids in self.walk("/feed.xml").values() for guid in ids}
        self.assertEqual(found, set(Post.objects.values_list("guid", flat=True)))

    def test_post_that_is_dated_back_is_in_its_document_for_those_who_ask_again(self) -> None:
        self.make(*((9, day) for day in range(1, 24)))
        before = {path: self.get(path) for path in self.walk("/feed.xml") if "archive" in path}
        late = make_draft(title="後から", now=NOON - timedelta(hours=1))
        publishing.publish(revision=late.working, by=IMPORT, now=NOON - timedelta(hours=1), at=moment(9, 5))
        for path, known in before.items():
            for headers in ({"If-None-Match": known["ETag"]}, {"If-Modified-Since": known["Last-Modified"]}):
                self.assertEqual(self.get(path, headers=headers).status_code, 200)
        self.assertIn(late.guid, self.read("/feed/archive/2026-09-1.xml")[0])

    def test_nobody_who_comes_by_now_and_then_misses_anything(self) -> None:
        """A reader that keeps the documents it has seen, and asks for the feed after every 7 posts of very long texts
        (so that the feed holds but ten)."""
        seen: dict[str, list[str]] = {}
        have: set[str] = set()
        for number in range(56):
            at = moment(8, 25) + timedelta(days=number)
            make_post(at=at)
            Post.objects.update(portable_html="<p>長</p>" * 15_000)
            if number % 7 == 6:
                path = "/feed.xml"
                while path and path not in seen:
                    ids, links, is_archive = self.read(path, now=at)
                    have.update(ids)
                    if is_archive:
                        seen[path] = ids
                    path = links.get("prev-archive", "").removeprefix(SITE)
        self.assertEqual(have, set(Post.objects.values_list("guid", flat=True)))
        for path, ids in seen.items():
            self.assertEqual(self.read(path)[0], ids, path)

    def test_document_exists_only_when_nothing_can_be_added_to_it(self) -> None:
        self.make(*((11, day) for day in range(1, 11)))
        self.assert_status(404, "/feed/archive/2026-11-1.xml", "/feed/archive/2026-11.xml")
        make_post(at=moment(11, 12))
        self.assert_status(200, "/feed/archive/2026-11-1.xml")
        self.assert_status(404, "/feed/archive/2026-11-2.xml", "/feed/archive/2026-11.xml")
        self.assert_status(200, "/feed/archive/2026-11.xml", now=moment(12, 1, 0))
        self.assertEqual(len(self.read("/feed/archive/2026-11.xml", now=moment(12, 1))[0]), 1)

    def test_what_is_no_document_is_not_found(self) -> None:
        self.make((9, 1), *((8, day) for day in range(1, 12)))
        self.assert_status(200, "/feed/archive/2026-08-1.xml")
        self.assert_status(
            404,
            "/feed/archive/2026-10.xml",
            "/feed/archive/2026-12.xml",
            "/feed/archive/2026-09-0.xml",
            "/feed/archive/2026-09-1.xml",
            "/feed/archive/2026-08-01.xml",  # it is 2026-08-1
            "/feed/archive/2026-13.xml",
            "/feed/archive/0000-01.xml",
            "/feed/archive/9999-12.xml",
            "/feed/archive/2026-09.html",
        )

    def test_withdrawn_and_hidden_posts_leave_their_places_empty(self) -> None:
        posts = self.make(*((9, day) for day in range(1, 24)))
        before = self.walk("/feed.xml")
        publishing.withdraw(post=posts[3], by=IMPORT, now=NOON, reason="誤報でした。")
        Post.objects.filter(pk=posts[12].pk).update(noindex=True)
        gone = {posts[3].guid, posts[12].guid}
        after = self.walk("/feed.xml")
        self.assertEqual(
            {path: ids for path, ids in after.items() if path != "/feed.xml"},
            {path: [i for i in ids if i not in gone] for path, ids in before.items() if path != "/feed.xml"},
        )

    def test_document_is_asked_for_again_for_nothing_until_it_changes(self) -> None:
        post = self.make(*((9, day) for day in range(1, 12)))[0]
        path = "/feed/archive/2026-09-1.xml"
        first = self.get(path)
        headers = {"If-None-Match": first["ETag"]}
        make_post(at=moment(11, 19))
        self.assertEqual(self.get(path, headers=headers).status_code, 304)
        publishing.withdraw(post=post, by=IMPORT, now=NOON, reason="誤報でした。")
        self.assertEqual(self.get(path, headers=headers).status_code, 200)
        by_date = self.get(path, headers={"If-Modified-Since": first["Last-Modified"]})
        self.assertEqual(by_date.status_code, 200)

    def test_documents_cost_as_few_queries_as_the_feed(self) -> None:
        self.make(*((9, day) for day in range(1, 12)))
        for path in ("/feed/archive/2026-09-1.xml", "/feed/archive/2026-09.json", "/feed.xml"):
            with self.subTest(path), self.assertNumQueries(6):
                self.html(path)

    def assert_status(self, status: int, *paths: str, **options: Any) -> None:
        for path in paths:
            with self.subTest(path):
                self.assertEqual(self.get(path, **options).status_code, status)
