"""The front page: what leads, what is new, what each section has; each post once."""

from __future__ import annotations

import re
from datetime import timedelta

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.models import Page, Post
from blog.public.home_page import MIN_PER_SECTION, NEWEST, home_page
from blog.views.reader import PAGE_SIZE
from tests.base import PublicTestCase, update
from tests.make import NOON, make_author, make_post, make_scheduled

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CARD = re.compile(r'class="card-title"><a [^>]*href="/\d{4}/\d{2}/\d{2}/([^/]+)/"')


class FrontTests(PublicTestCase):
    def shown(self) -> list[str]:
        return CARD.findall(self.html("/"))

    def test_lead_and_newest_stand_first_and_sections_show_the_rest(self) -> None:
        for number in range(12):
            make_post(at=NOON - number * HOUR, slug=f"n{number}", category="AB"[number % 2])
        self.assertEqual(self.shown()[: NEWEST + 1], [f"n{number}" for number in range(NEWEST + 1)])
        self.assertEqual(self.shown()[NEWEST + 1 :], ["n8", "n10", "n7", "n9", "n11"])

    def test_featured_post_leads_and_none_stands_twice(self) -> None:
        for number in range(PAGE_SIZE):
            make_post(at=NOON - number * HOUR, slug=f"n{number}", featured=number in (9, 15))
        shown = self.shown()
        self.assertEqual(shown[:2], ["n9", "n0"])
        self.assertEqual(sorted(shown), sorted(f"n{number}" for number in range(PAGE_SIZE)))

    def test_old_post_that_is_featured_today_leads_for_a_month(self) -> None:
        old = make_post(at=NOON - 400 * DAY, slug="old", title="古い手引き")
        for number in range(PAGE_SIZE + 5):
            make_post(at=NOON - (1 + number) * HOUR, slug=f"n{number}", featured=number == 3)
        update(old, now=NOON, featured=True)
        self.assertEqual(self.shown()[:3], ["old", "n0", "n1"])
        update(old, now=NOON + 20 * DAY, featured=True, title="直した手引き")
        self.assertEqual(CARD.findall(self.html("/", now=NOON + 29 * DAY))[0], "old")
        self.assertEqual(
            CARD.findall(self.html("/", now=NOON + 31 * DAY))[0], "n0", "a mended word is no new choice"
        )

    def test_featured_post_that_comes_out_earlier_than_planned_gives_way_to_what_is_featured_later(
        self,
    ) -> None:
        for way in ("rescheduled", "unscheduled"):
            with self.subTest(way):
                post = make_scheduled(at=NOON + 20 * DAY, featured=True)
                if way == "unscheduled":
                    publishing.unschedule(post=post, by=IMPORT, now=NOON)
                post = publishing.publish(revision=post.working, by=IMPORT, now=NOON, at=NOON + HOUR)
                self.assertEqual(post.featured_at, NOON + HOUR)
        make_post(at=NOON + DAY, slug="later", featured=True)
        self.assertEqual(CARD.findall(self.html("/", now=NOON + 2 * DAY))[0], "later")

    def test_section_without_news_is_filled_up_with_its_older_posts(self) -> None:
        for number in range(MIN_PER_SECTION + 2):
            make_post(at=NOON - (100 + number) * HOUR, slug=f"old{number}", category="研究論文")
        for number in range(PAGE_SIZE):
            make_post(at=NOON - number * HOUR, slug=f"n{number}")
        old = [slug for slug in self.shown() if slug.startswith("old")]
        self.assertEqual(old, [f"old{number}" for number in range(MIN_PER_SECTION)])

    def test_section_is_filled_up_alike_whichever_post_leads(self) -> None:
        for number in range(PAGE_SIZE + MIN_PER_SECTION):
            section = (
                "研究論文" if number in (NEWEST, NEWEST + 3) or number >= PAGE_SIZE else "AB"[number % 2]
            )
            make_post(at=NOON - number * HOUR, slug=f"n{number}", category=section)
        for lead in (PAGE_SIZE - 1, NEWEST, NEWEST + 3):
            with self.subTest(lead=lead):
                post = Post.objects.get(slug=f"n{lead}")
                update(post, now=NOON + HOUR * lead, featured=True)
                shown = home_page(now=NOON + HOUR * lead, size=PAGE_SIZE)
                self.assertEqual(shown.lead, post)
                sections = {section.name: posts for section, posts in shown.sections}
                self.assertEqual(len(sections["研究論文"]), MIN_PER_SECTION)
                update(post, now=NOON + HOUR * lead, featured=False)

    def test_tags_are_those_of_the_posts_shown_most_used_first(self) -> None:
        make_post(tags=("AI", "投資"))
        make_post(tags=("投資",))
        html = self.html("/")
        self.assertLess(html.index("/tags/%E6%8A%95%E8%B3%87/"), html.index("/tags/ai/"))

    def test_headlines_may_break_between_phrases_only(self) -> None:
        make_post(title="【2026年版】計算の値段を読む")
        self.assertIn("【2026年版】<wbr>計算の<wbr>値段を<wbr>読む", self.html("/"))

    def test_foot_of_every_page_leads_to_public_pages(self) -> None:
        Page.objects.create(path="/privacy/", title="個人情報の扱い", is_public=True)
        Page.objects.create(path="/draft/", title="準備中の頁", is_public=False)
        for path in ("/", "/archive/", "/nowhere/"):
            html = self.get(path).content.decode()
            self.assertInHTML('<a href="/privacy/">個人情報の扱い</a>', html)
            self.assertNotIn("準備中の頁", html)


class BylineTests(PublicTestCase):
    def test_title_that_the_name_says_already_is_not_said_twice(self) -> None:
        make_author(title="編集部")
        post = make_post()
        self.assertEqual(self.html(post.get_absolute_url()).count(">編集部<"), 0)
