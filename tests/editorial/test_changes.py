"""What follows an editorial act: search, related posts and outbox say what they would say if made anew."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from io import StringIO
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import TestCase, override_settings
from django.urls import reverse

from blog.editorial import publishing, taxonomy
from blog.editorial.actors import IMPORT, Person
from blog.editorial.changes import Kind, changing
from blog.models import Notice, Post, SearchPart, Similarity, Tag
from blog.transfer.importing.importer import import_sources
from blog.transfer.intake import inbox
from tests.base import changed, update
from tests.make import NOON, make_category, make_draft, make_editor
from tests.refusing import refusing
from tests.transfer.documents import document

HOUR = timedelta(hours=1)
LATER = NOON + HOUR


@override_settings(WEBHOOK_URL="https://hooks.example.jp/", WEBHOOK_SECRET="a-secret-that-is-long-enough")
class FollowersTestCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.editor = make_editor()
        make_category("産業", slug="sangyo")
        cls.other = cls.published(title="計算センターの電力", tags=("電力", "計算"), now=NOON - HOUR)
        cls.post = cls.published(title="原子力と電力の値段", tags=("電力", "原子力"), now=NOON - HOUR)
        Notice.objects.all().delete()

    @classmethod
    def published(cls, *, now: Any = NOON, at: Any = None, **values: Any) -> Post:
        post = make_draft(**values)
        return publishing.publish(revision=post.working, by=Person(cls.editor), now=now, at=at)

    def update(self, post: Post, **values: Any) -> Post:
        return update(post, **{"now": NOON, "by": self.editor} | values)

    def news(self) -> list[tuple[str, Any]]:
        """What the world will be told, and of when."""
        return list(Notice.objects.waiting().order_by("happens_at", "pk").values_list("event", "happens_at"))

    def found(self) -> set[tuple[int, str, str]]:
        """What search knows of the posts that the desk has passed."""
        parts = SearchPart.objects.filter(post__in=Post.objects.with_live_revision())
        return set(parts.values_list("post", "kind", "text"))

    def beside(self) -> set[tuple[int, int]]:
        """Which passed posts stand beside which."""
        passed = Post.objects.with_live_revision()
        return set(Similarity.objects.filter(post__in=passed, other__in=passed).values_list("post", "other"))


class FollowersTests(FollowersTestCase):
    """Each act of the table, and then the commands that make search and related posts anew: nothing changes."""

    def first(self) -> None:
        self.published(title="電力の足りない町", tags=("電力",))

    def planned(self) -> Post:
        return self.published(title="電力の足りない町", tags=("電力",), at=LATER)

    def replanned(self) -> None:
        post = self.planned()
        publishing.publish(revision=post.working, by=Person(self.editor), now=NOON, at=LATER + HOUR)

    def unscheduled(self) -> None:
        publishing.unschedule(post=self.planned(), by=Person(self.editor), now=NOON)

    def updated(self) -> None:
        self.update(self.post, title="円相場の読みかた", tags=("円",), category="産業", body="新しい本文。")

    def typo(self) -> None:
        self.update(self.post, title="原子力と計算の値段", announce=False)

    def update_planned(self) -> None:
        self.update(self.post, at=LATER, title="円相場の読みかた", tags=("円",))

    def updated_at_its_hour(self) -> None:
        self.update_planned()
        self.assertEqual(len(publishing.apply_due(now=LATER + HOUR)), 1)

    def withdrawn(self) -> None:
        publishing.withdraw(post=self.post, by=Person(self.editor), now=NOON, reason="誤報でした")

    def withdrawal_planned(self) -> None:
        publishing.withdraw(post=self.post, by=Person(self.editor), now=NOON, at=LATER, reason="期間の終わり")

    def withdrawal_planned_twice(self) -> None:
        self.withdrawal_planned()
        self.withdrawal_planned()

    def withdrawal_called_off(self) -> None:
        self.withdrawal_planned()
        publishing.unschedule(post=self.post, by=Person(self.editor), now=NOON)

    def put_back(self) -> None:
        self.withdrawn()
        Notice.objects.all().delete()
        self.post.refresh_from_db()
        publishing.publish(revision=self.post.working, by=Person(self.editor), now=LATER)

    def imported(self) -> None:
        text = document(title='"電力の足りない町"', tags='["電力"]').encode()
        report = import_sources([inbox.document("2026-11-04-machi.md", text)], by=IMPORT, now=NOON)
        self.assertEqual(report.counts["created"], 1)

    def rerendered(self) -> None:
        Post.objects.update(renderer_version=0, plain_text="前の形")
        self.assertEqual(publishing.rerender_all(now=NOON)["posts"], 2)

    def renamed(self) -> None:
        tag = Tag.objects.get(name="電力")
        tag.name = "電気"
        taxonomy.save_named(tag, by=Person(self.editor), now=NOON)

    def merged(self) -> None:
        source, into = (Tag.objects.get(name=name) for name in ("計算", "原子力"))
        self.assertEqual(taxonomy.merge(sources=[source], into=into, by=Person(self.editor), now=NOON), 1)

    def test_search_and_related_posts_say_after_each_act_what_they_say_when_made_anew(self) -> None:
        told = {
            "first": [("published", NOON)],
            "planned": [("published", LATER)],
            "replanned": [("published", LATER + HOUR)],
            "unscheduled": [],
            "updated": [("updated", NOON)],
            "typo": [],
            "update_planned": [],
            "updated_at_its_hour": [("updated", LATER)],
            "withdrawn": [("withdrawn", NOON)],
            "withdrawal_planned": [("withdrawn", LATER)],
            "withdrawal_planned_twice": [("withdrawn", LATER)],
            "withdrawal_called_off": [],
            "put_back": [("published", LATER)],
            "imported": [],
            "rerendered": [],
            "renamed": [],
            "merged": [],
        }
        for act, news in told.items():
            with self.subTest(act), transaction.atomic():
                self.post.refresh_from_db()
                before = self.found()
                with self.captureOnCommitCallbacks(execute=True):
                    getattr(self, act)()
                self.assertEqual(self.news(), news)
                found, beside = self.found(), self.beside()
                call_command("rebuild_search", stdout=StringIO(), stderr=StringIO())
                call_command("rebuild_related", stdout=StringIO(), stderr=StringIO())
                self.assertEqual(found, self.found())
                self.assertEqual(beside, self.beside())
                if act in ("first", "planned", "updated", "typo", "imported", "renamed", "merged"):
                    self.assertNotEqual(found, before)
                transaction.set_rollback(True)

    def test_act_fails_as_a_whole_where_one_of_its_followers_cannot_write(self) -> None:
        revision = publishing.save(
            post=self.post,
            content=changed(self.post, title="電力と計算の値段", tags=("計算",)),
            by=Person(self.editor),
            now=NOON,
            base=None,
        )
        before = self.found(), self.beside()
        for table in ("blog_searchpart", "blog_similarity", "blog_notice"):
            with (
                self.subTest(table),
                refusing("INSERT", table, "1 = 1"),
                self.assertRaises(DatabaseError),
                transaction.atomic(),
            ):
                publishing.publish(revision=revision, by=Person(self.editor), now=NOON)
            self.post.refresh_from_db()
            self.assertEqual(self.post.title, "原子力と電力の値段")
            self.assertEqual((self.found(), self.beside(), self.news()), (*before, []))

    def test_name_of_a_tag_is_changed_even_where_search_cannot_take_it_yet(self) -> None:
        self.client.force_login(self.editor)
        tag = Tag.objects.get(name="電力")
        with (
            refusing("INSERT", "blog_searchpart", "1 = 1"),
            self.assertLogs("django", "ERROR") as told,
            self.captureOnCommitCallbacks(execute=True),
        ):
            self.client.post(
                reverse("admin:blog_tag_change", args=[tag.pk]),
                {"name": "電気", "slug": tag.slug, "description": ""}
                | {"aliases-TOTAL_FORMS": "0", "aliases-INITIAL_FORMS": "0"},
            )
        self.assertIn("_index_heads", told.output[0])
        tag.refresh_from_db()
        self.assertEqual(tag.name, "電気")
        self.assertFalse([text for _, _, text in self.found() if "電気" in text])
        call_command("rebuild_search", stdout=StringIO(), stderr=StringIO())
        self.assertTrue([text for _, _, text in self.found() if "電気" in text])


class NestedTests(FollowersTestCase):
    """Acts within one another are one change."""

    def test_world_hears_of_the_end_of_several_acts_that_are_one(self) -> None:
        post = make_draft(title="電力の足りない町")
        with changing(kind=Kind.PUBLISHED, actor=Person(self.editor), now=NOON):
            publishing.publish(revision=post.working, by=Person(self.editor), now=NOON)
            self.assertEqual(self.news(), [])  # nobody follows before the end
            self.assertNotIn(post.pk, {pk for pk, *_ in self.found()})
            self.update(Post.objects.get(pk=post.pk), title="電力の足りた町", tags=("電力",))
        self.assertEqual(self.news(), [("published", NOON)])
        self.assertIn((post.pk, "head"), {(pk, kind) for pk, kind, text in self.found() if "足りた" in text})
        self.assertIn((post.pk, self.post.pk), self.beside())

    def test_act_that_fails_within_another_is_followed_by_nobody(self) -> None:
        first, second = make_draft(), make_draft()
        with changing(kind=Kind.PUBLISHED, actor=Person(self.editor), now=NOON) as change:
            with suppress(PermissionDenied), changing(kind=change.kind, actor=change.actor, now=change.now):
                publishing.publish(revision=first.working, by=Person(self.editor), now=NOON)
                raise PermissionDenied
            publishing.publish(revision=second.working, by=Person(self.editor), now=NOON)
        self.assertEqual(list(Notice.objects.values_list("post", flat=True)), [second.pk])
        self.assertEqual({pk for pk, *_ in self.found()}, {self.post.pk, self.other.pk, second.pk})
        self.assertFalse(SearchPart.objects.filter(post=first).exists())

    def test_what_is_restored_is_no_news_whatever_it_is_made_of(self) -> None:
        post = make_draft(title="電力の足りない町")
        with changing(kind=Kind.RESTORED, actor=IMPORT, now=NOON):
            publishing.publish(revision=post.working, by=IMPORT, now=NOON)
            publishing.withdraw(post=post, by=IMPORT, now=NOON, reason="誤報でした")
        self.assertEqual(self.news(), [])
        self.assertIn(post.pk, {pk for pk, *_ in self.found()})
