"""What readers see follows the clock, to the second, without a job that could fail."""

from __future__ import annotations

from datetime import timedelta

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from tests.base import PublicTestCase, update
from tests.make import NOON, make_post, make_scheduled

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


class ClockTests(PublicTestCase):
    def test_scheduled_post_is_on_its_page_in_lists_feed_and_sitemap_at_twelve_and_nowhere_before(
        self,
    ) -> None:
        post = make_scheduled(at=NOON, now=NOON - HOUR, slug="noon", title="正午の記事", tags=("正午",))
        paths = (
            "/",
            "/feed.xml",
            "/sitemap-2026-11.xml",
            "/llms.txt",
            "/2026/11/20/",
            "/category/ai最新ニュース/",
        )
        for path in paths:
            with self.subTest(path):
                self.assertNotIn("/noon", self.get(path, now=NOON - SECOND).content.decode())
                self.assertIn("/noon", self.html(path, now=NOON))
        for path in (post.get_absolute_url(), "/tags/正午/", "/2026/11/20/"):
            with self.subTest(path):
                self.assertEqual(self.get(path, now=NOON - SECOND).status_code, 404)
                self.assertEqual(self.get(path, now=NOON).status_code, 200)

    def test_scheduled_update_is_made_by_the_first_reader_after_its_moment(self) -> None:
        post = make_post(at=NOON - HOUR, slug="a", body="古い本文。")
        update(post, now=NOON - HOUR, at=NOON, body="新しい本文。")
        self.assertIn("古い本文。", self.html(post.get_absolute_url(), now=NOON - SECOND))
        self.html("/", now=NOON)
        self.assertIn("新しい本文。", self.html(post.get_absolute_url(), now=NOON))

    def test_withdrawal_at_an_hour_takes_the_post_away_at_that_hour(self) -> None:
        post = make_post(at=NOON - HOUR, slug="recalled")
        publishing.withdraw(post=post, by=IMPORT, now=NOON - HOUR, at=NOON, reason="契約が終わりました。")
        self.assertIn("/recalled/", self.html("/", now=NOON - SECOND))
        self.assertNotIn("/recalled/", self.html("/", now=NOON))
        self.assertEqual(self.get(post.get_absolute_url(), now=NOON - SECOND).status_code, 200)
        response = self.get(post.get_absolute_url(), now=NOON)
        self.assertContains(response, "契約が終わりました。", status_code=410)
