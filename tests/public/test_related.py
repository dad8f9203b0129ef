"""What stands beside an article when nobody has chosen, and when somebody has."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from blog.editorial import publishing
from blog.editorial.actors import Person
from blog.models import ContentVersion, Post, Similarity, Tag, TaggedPost
from blog.public import related
from tests.base import PublicTestCase, running, update
from tests.make import NOON, make_draft, make_editor, make_post

DAY = timedelta(days=1)


class RelatedTests(PublicTestCase):
    def setUp(self) -> None:
        self.editor = make_editor()
        self.post = self.publish("電力を食う計算センター", at=NOON - 50 * DAY, slug="denryoku")
        # The posts before and after it stand elsewhere on its page.
        self.publish("昨日の相場", at=NOON - 51 * DAY)
        self.publish("明日の天気", at=NOON - 49 * DAY)

    def publish(self, title: str, *, at: Any = NOON - 60 * DAY, **values: Any) -> Post:
        """As an editor does: compared at once."""
        post = make_draft(title=title, now=min(at, NOON), **values)
        return publishing.publish(revision=post.working, by=Person(self.editor), now=min(at, NOON), at=at)

    def update(self, post: Post, **values: Any) -> Post:
        post.refresh_from_db()
        return update(post, now=NOON, by=self.editor, **values)

    def beside(self, *, now: Any = NOON) -> list[str]:
        """The titles below 「関連記事」 on the page of the post."""
        html = running(self.html(self.post.get_absolute_url(), now=now))
        found = re.search(r'<section class="related".*?</section>', html, re.DOTALL)
        return re.findall(r'<li>\s*<a href="[^"]*">(.*?)</a>', found[0]) if found else []

    def test_post_that_is_like_no_other_has_nothing_beside_it(self) -> None:
        self.assertEqual(self.beside(), [])

    def test_most_alike_by_words_and_rare_tags_comes_first_and_is_there_from_both_sides(self) -> None:
        self.publish("工場の電力", at=NOON - 60 * DAY)
        self.publish("電力を食う計算センターの屋根", at=NOON - 70 * DAY)
        self.assertEqual(self.beside(), ["電力を食う計算センターの屋根", "工場の電力"])
        newest = self.publish("計算センターの水", at=NOON)
        self.assertIn("計算センターの水", self.beside())
        self.assertIn("電力を食う計算センター", running(self.html(newest.get_absolute_url())))

    def test_tags_alone_make_posts_alike(self) -> None:
        self.update(self.post, tags=("原子力",))
        self.publish("炉の話", tags=("原子力",))
        self.assertEqual(self.beside(), ["炉の話"])

    def test_five_stand_beside_it_and_never_what_stands_around_it(self) -> None:
        self.update(Post.objects.get(title="昨日の相場"), title="電力を食う計算センターの前日")
        for number in range(9):
            self.publish(f"電力を食う計算センター その{number}", at=NOON - (60 + number) * DAY)
        found = self.beside()
        self.assertEqual(len(found), 5)
        self.assertEqual(len(set(found)), 5)
        self.assertNotIn("電力を食う計算センターの前日", found)
        self.assertNotIn(self.post.title, found)

    def test_chosen_ones_come_first_and_are_filled_up_without_doubles(self) -> None:
        chosen = self.publish("まるで別の話", slug="betsu")
        alike = self.publish("計算センターの電力", slug="alike")
        self.publish("電力の計算")
        self.update(self.post, related=(chosen.path, alike.path, self.post.path))
        self.assertEqual(self.beside(), ["まるで別の話", "計算センターの電力", "電力の計算"])

    def test_more_than_five_may_be_chosen_and_nothing_is_added_then(self) -> None:
        paths = [self.publish(f"話{number}", slug=f"hanashi-{number}").path for number in range(7)]
        self.publish("計算センターの電力")
        self.update(self.post, related=tuple(paths))
        self.assertEqual(self.beside(), [f"話{number}" for number in range(7)])

    def test_text_that_goes_on_about_related_posts_itself_gets_no_second_list(self):
        self.publish("計算センターの電力")
        body = "本文。\n\n## 関連記事\n\n次の記事は、どれも電力の話です。\n\n- [一つ](/2026/01/01/x/)\n"
        self.update(self.post, body=body)
        self.assertEqual(self.beside(), [])
        self.assertEqual(self.html(self.post.get_absolute_url()).count(">関連記事<"), 1)

    def test_only_what_is_public_stands_there_at_every_moment(self) -> None:
        make_draft(title="計算センターの電力（下書き）")
        self.publish("計算センターの電力と予約", at=NOON + DAY)
        gone = self.publish("計算センターの電力と誤報")
        self.assertEqual(self.beside(), ["計算センターの電力と誤報"])
        publishing.withdraw(post=gone, by=Person(self.editor), now=NOON, reason="誤報でした")
        self.assertEqual(self.beside(), [])
        self.assertEqual(self.beside(now=NOON + DAY), ["計算センターの電力と予約"])

    def test_changed_title_changes_what_stands_beside_it(self) -> None:
        self.publish("計算センターの電力")
        self.publish("円相場の読みかた")
        self.update(self.post, title="円相場を読む")
        self.assertEqual(self.beside(), ["円相場の読みかた"])

    def test_tag_that_is_merged_while_posts_are_compared_stops_nothing(self) -> None:
        self.publish("炉の話", tags=("原子力",))
        self.update(self.post, tags=("原子力",))
        [other] = Tag.objects.for_names(["核"])
        merged: list[bool] = []

        def meanwhile(execute: Any, sql: str, *rest: Any) -> Any:
            if "COUNT" not in sql and not merged:  # the tags have been counted
                merged.append(True)
                TaggedPost.objects.update(tag=other)
            return execute(sql, *rest)

        with connection.execute_wrapper(meanwhile):
            related.relate(self.post)
        self.assertEqual(self.beside(), ["炉の話"])

    def test_everything_is_compared_anew_by_a_command_that_may_run_twice(self) -> None:
        make_post(title="計算センターの電力", at=NOON - 60 * DAY)  # nobody's hand, not compared
        self.assertEqual(self.beside(), [])
        versions = []
        for _ in range(2):
            out = StringIO()
            call_command("rebuild_related", stdout=out, stderr=StringIO())
            self.assertEqual(out.getvalue(), "関連記事: 4 件の記事について選び直しました。\n")
            self.assertEqual(self.beside(), ["計算センターの電力"])
            versions.append(ContentVersion.objects.current())
        self.assertEqual(versions[0], versions[1])  # what was equal already is no change of what readers see

    def test_database_lets_nothing_stand_beside_itself_or_twice(self) -> None:
        other = self.publish("計算センターの電力")
        for beside in (self.post, other):
            with self.assertRaises(IntegrityError), transaction.atomic():
                Similarity.objects.create(post=self.post, other=beside, strength=1.0)

    def test_page_costs_the_same_with_one_beside_it_and_with_many(self) -> None:
        numbers = iter(range(99))
        self.assert_same_queries(
            self.post.get_absolute_url(),
            add_row=lambda: self.publish(f"計算センターの電力 その{next(numbers)}"),
        )
