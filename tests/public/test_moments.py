"""Between two moments nothing changes by the clock; at each kind of moment something does."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.test import TestCase
from django.utils import timezone

from blog.editorial import publishing, site_settings
from blog.editorial.actors import Person
from blog.models import Category, ContentVersion, Page, SiteSettings
from blog.public.moments import next_moment
from tests.base import update
from tests.make import make_category, make_editor, make_post, make_scheduled
from tests.surfaces import Answer, crawl, differing, surfaces

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TICK = timedelta.resolution
START = timezone.make_aware(datetime(2026, 11, 29, 12))
"""Noon in Japan, a day and a half before the month ends."""


class MomentTests(TestCase):
    def answers(self, paths: list[str], now: datetime) -> dict[str, Answer]:
        return crawl(self.client, paths, now=now)

    def walk(self, end: datetime) -> dict[datetime, list[str]]:
        """What changes at each moment until `end`; in between, at its edges and somewhere, everything stays as it is."""
        chosen = random.Random(11)  # the same hours in each run
        paths = surfaces()
        now, changes = START, {}
        before = self.answers(paths, now)
        while (moment := next_moment(now=now)) < end:
            self.assertGreater(moment, now)
            version = ContentVersion.objects.current()
            somewhere = now + (moment - now) * chosen.random()
            for other, some in ((moment - TICK, paths), (somewhere, chosen.sample(paths, len(paths) // 3))):
                after = self.answers(some, other)
                self.assertEqual(differing(after, before), [], (now, other, moment))
            self.assertEqual(ContentVersion.objects.current(), version)
            now, after = moment, self.answers(paths, moment)
            changes[now], before = differing(before, after), after
        return changes

    def test_nothing_changes_between_two_moments_and_something_does_at_each_kind(self) -> None:
        editor = make_editor()
        site_settings.save(
            SiteSettings.objects.current(START), by=Person(editor), now=START - DAY, contact="desk@example.jp"
        )
        make_post(at=START - 100 * DAY, title="電力の話", slug="old")
        make_post(at=START - 30 * DAY + 5 * HOUR, title="注目の話", slug="lead", featured=True)
        make_post(at=timezone.make_aware(datetime(2025, 11, 30, 9)), title="去年の話", slug="year")
        make_post(at=START - 47 * HOUR, title="一昨日の話", slug="news")
        leaving = make_post(at=START - 90 * DAY, title="去る話", slug="leaving")
        changing = make_post(at=START - 80 * DAY, title="変わる話", slug="changing")
        failing = make_post(at=START - 70 * DAY, title="変われない話", slug="failing")
        for number in range(2):
            make_post(at=START - 20 * DAY + number * HOUR, slug=f"november-{number}")
        make_scheduled(at=START + 2 * HOUR, now=START - DAY, title="来る話", slug="coming")
        publishing.withdraw(
            post=leaving, by=Person(editor), now=START - DAY, at=START + 3 * HOUR, reason="終わり"
        )
        update(changing, now=START - DAY, by=editor, at=START + 4 * HOUR, body="新しい本文。")
        make_category("消える欄")
        update(failing, now=START - DAY, by=editor, at=START + 37 * HOUR, category="消える欄")
        Category.objects.get(name="消える欄").delete()
        Page.objects.create(path="/about/", title="約束", is_public=True)
        Page.objects.update(modified_at=START - MINUTE / 2)

        with self.assertLogs("blog.editorial.publishing", "ERROR"):
            changes = self.walk(START + 37 * HOUR + 4 * MINUTE)
        midnight = START + 12 * HOUR
        expected = {
            START + MINUTE / 2: "/sitemap-pages.xml",  # the page has been quiet
            START + HOUR + TICK: "/sitemap-news.xml",
            START + 2 * HOUR: "/2026/11/29/coming/",
            START + 2 * HOUR + MINUTE: "/feed.xml",  # it has a date now
            START + 3 * HOUR: "/2026/08/31/leaving/",
            START + 3 * HOUR + MINUTE: "/sitemap.xml",
            START + 4 * HOUR: "/2026/09/10/changing/",
            START + 5 * HOUR + TICK: "/",  # another leads
            midnight: "/2025/11/30/year/",
            midnight + DAY: "/.well-known/security.txt",
        }
        for moment, path in expected.items():
            self.assertIn(path, changes.get(moment, ()), moment)
        self.assertIn("/feed.xml", changes[midnight + DAY])  # its chain begins with the month that is over
        tries = [START + 37 * HOUR, START + 37 * HOUR + MINUTE]
        self.assertEqual([moment for moment in changes if moment >= tries[0]], tries)

    def test_an_update_that_is_due_and_not_made_is_a_moment_that_has_come(self) -> None:
        post = make_post(at=START - DAY)
        update(post, now=START - HOUR, at=START, body="新しい本文。")
        self.assertEqual(next_moment(now=START + HOUR), START)

    def test_it_asks_five_times_however_many_posts_there_are(self) -> None:
        for many in (1, 20):
            for number in range(many):
                make_post(at=START - number * DAY)
            with self.assertNumQueries(5):
                next_moment(now=START)

    def test_an_empty_magazine_changes_at_the_end_of_the_month(self) -> None:
        self.assertEqual(next_moment(now=START), timezone.make_aware(datetime(2026, 12, 1)))
