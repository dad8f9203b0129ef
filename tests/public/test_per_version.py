"""What a process keeps is what it would compute anew, after every change and at every moment of the clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.test import Client, TransactionTestCase
from django.test.utils import CaptureQueriesContext

from blog.editorial import publishing, taxonomy
from blog.editorial.actors import IMPORT, Person
from blog.models import Author, Tag
from blog.public import per_version
from tests.base import update
from tests.clock import at
from tests.make import NOON, make_chief, make_post, make_scheduled
from tests.surfaces import crawl, differing, surfaces

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEPT = ("/tags/", "/archive/", "/sitemap.xml", "/sitemap-tags.xml", "/feed.xml", "/nothing/here/")


class KeptTests(TransactionTestCase):
    """Not in a transaction, where nothing is kept."""

    def assert_exact(self, what: str, *, now: datetime) -> None:
        paths = surfaces()
        crawl(self.client, paths, now=now)  # what it keeps from now on
        kept_answers = crawl(self.client, paths, now=now)
        per_version.forget()
        self.assertEqual(differing(kept_answers, crawl(self.client, paths, now=now)), [], what)

    def test_per_version_answers_are_those_computed_anew_after_each_act(self) -> None:
        chief = Person(make_chief())
        post = make_post(at=NOON - 9 * DAY, tags=("AI", "電力"))
        make_post(at=NOON - 40 * DAY, tags=("AI",))
        self.assert_exact("to begin with", now=NOON)
        acts = {
            "another post": lambda: make_post(at=NOON, tags=("AI", "新しい札")),
            "an update": lambda: update(post, now=NOON, tags=("電力",), title="別の題"),
            "a withdrawal": lambda: publishing.withdraw(post=post, by=IMPORT, now=NOON, reason="誤報"),
            "another name": lambda: self.rename(Tag.objects.get(name="AI"), "人工知能", by=chief),
            "a merge": lambda: taxonomy.merge(
                sources=[Tag.objects.get(name="新しい札")],
                into=Tag.objects.get(name="人工知能"),
                by=chief,
                now=NOON,
            ),
        }
        for what, act in acts.items():
            before = crawl(self.client, KEPT, now=NOON)
            act()
            after = crawl(self.client, KEPT, now=NOON)
            self.assertNotEqual(differing(before, after), [], what)
            self.assert_exact(what, now=NOON)

    def rename(self, tag: Tag, name: str, *, by: Person) -> None:
        tag.name = name
        taxonomy.save_named(tag, by=by, now=NOON)

    def test_per_version_answers_are_exact_as_the_clock_publishes_and_withdraws(self) -> None:
        make_post(at=NOON - DAY, tags=("AI",))
        ending = make_post(at=NOON - DAY, tags=("終わる札",))
        publishing.withdraw(post=ending, by=IMPORT, now=NOON, at=NOON + 2 * HOUR, reason="期間終了")
        make_scheduled(at=NOON + HOUR, tags=("AI", "来る札"))
        for hours, there, away in ((0, "終わる札", "来る札"), (1, "来る札", ""), (2, "来る札", "終わる札")):
            now = NOON + hours * HOUR
            for moment in (now - timedelta.resolution, now, now + timedelta(minutes=1)):
                self.assert_exact(str(moment), now=moment)
            with at(now):
                page = self.client.get("/tags/").content.decode()
            self.assertIn(there, page)
            self.assertFalse(away and away in page, (away, now))

    def test_a_clock_that_is_set_back_finds_nothing_from_later(self) -> None:
        make_post(at=NOON - DAY)
        make_scheduled(at=NOON + HOUR, tags=("来る札",))
        crawl(self.client, KEPT, now=NOON + HOUR)
        with at(NOON):
            self.assertNotIn("来る札", self.client.get("/tags/").content.decode())

    def test_nothing_is_kept_of_a_transaction_that_may_be_rolled_back(self) -> None:
        make_post(at=NOON - DAY, tags=("AI",))
        with transaction.atomic():
            make_post(at=NOON, tags=("戻される札",))
            crawl(self.client, KEPT, now=NOON)
            transaction.set_rollback(True)
        make_post(at=NOON, tags=("残る札",))  # the same content version again
        with at(NOON):
            page = self.client.get("/tags/").content.decode()
        self.assertIn("残る札", page)
        self.assertNotIn("戻される札", page)

    def test_pages_that_count_do_so_once(self) -> None:
        for number in range(3):
            make_post(at=NOON - number * DAY, tags=("AI",))
        tag, author = Tag.objects.get(name="AI"), Author.objects.get()
        feeds = [f"{tag.get_absolute_url()}feed.xml", f"{author.get_absolute_url()}feed.xml", "/feed.xml"]
        crawl(self.client, (*KEPT, *feeds), now=NOON)
        for path, most in (("/tags/", 1), ("/archive/", 1), ("/sitemap-tags.xml", 1), ("/sitemap.xml", 3)):
            self.assertLessEqual(self.queries(path), most, path)
        for feed in feeds:
            self.assertLessEqual(self.queries(feed), 5, feed)  # settings, the term, texts, by-lines, tags

    def queries(self, path: str) -> int:
        with at(NOON), CaptureQueriesContext(connection) as queries:
            response = Client().get(path)
        self.assertEqual(response.status_code, 200, path)
        self.assertGreater(len(queries), 0)
        return len(queries)
