"""The history of changes, and what a follower that fails stops."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.test import TestCase, override_settings

from blog.editorial import images, publishing, taxonomy
from blog.editorial.actors import IMPORT, Person
from blog.editorial.changes import Kind, changing, record, series, together
from blog.models import Change, ContentVersion, Image, Post, Similarity, Tag
from blog.transfer.importing.importer import import_sources
from blog.transfer.intake import inbox
from tests.base import update
from tests.make import NOON, make_category, make_chief, make_draft, make_editor, make_image, make_post
from tests.refusing import refusing
from tests.transfer.documents import document

HOUR = timedelta(hours=1)


def files(number: int, **keys: Any) -> list[Any]:
    return [
        inbox.document(f"2026-11-04-kiji-{n}.md", document(title=f'"電力の話その{n}"', **keys).encode())
        for n in range(number)
    ]


class HistoryTests(TestCase):
    def setUp(self) -> None:
        self.editor = make_editor()

    def changes(self) -> list[tuple[str, str]]:
        """What has changed, in order."""
        return list(Change.objects.order_by("number").values_list("kind", "note"))

    def test_a_change_says_who_did_what_when_and_to_which_posts(self) -> None:
        post = make_draft(slug="a")
        publishing.publish(revision=post.working, by=Person(self.editor), now=NOON)
        change = Change.objects.get()
        self.assertEqual(change.number, ContentVersion.objects.current())
        self.assertEqual((change.kind, change.happened_at, change.actor), (Kind.PUBLISHED, NOON, self.editor))
        [of_post] = change.posts.values_list("post", "revision", "path")
        self.assertEqual(of_post, (post.pk, post.latest_revision_id, "/2026/11/20/a/"))

    def test_the_name_of_who_did_it_outlives_the_login(self) -> None:
        post = make_draft()
        publishing.publish(revision=post.working, by=Person(self.editor), now=NOON)
        self.editor.delete()
        change = Change.objects.get()
        self.assertEqual((change.actor, change.actor_name), (None, "editor"))

    def test_an_act_that_fails_leaves_neither_a_version_nor_a_line(self) -> None:
        post = make_draft()
        version = ContentVersion.objects.current()
        with (
            refusing("INSERT", "blog_searchpart", "1 = 1"),
            self.assertRaises(DatabaseError),
            transaction.atomic(),
        ):
            publishing.publish(revision=post.working, by=Person(self.editor), now=NOON)
        self.assertEqual((ContentVersion.objects.current(), Change.objects.count()), (version, 0))

    def test_several_acts_together_are_one_change_and_none_is_none(self) -> None:
        first, second = make_draft(), make_draft()
        with together(kind=Kind.IMPORTED, actor=Person(self.editor), now=NOON, note="まとめて"):
            publishing.publish(revision=first.working, by=Person(self.editor), now=NOON)
            publishing.publish(revision=second.working, by=Person(self.editor), now=NOON)
        with together(kind=Kind.IMPORTED, actor=Person(self.editor), now=NOON):
            make_draft()
        self.assertEqual(self.changes(), [("imported", "まとめて")])
        self.assertEqual(
            set(Change.objects.get().posts.values_list("post", flat=True)), {first.pk, second.pk}
        )

    def test_what_is_refused_within_another_change_is_no_part_of_it(self) -> None:
        first, second = make_draft(), make_draft()
        with together(kind=Kind.IMPORTED, actor=IMPORT, now=NOON):
            publishing.publish(revision=first.working, by=IMPORT, now=NOON)
            try:
                with changing(kind=Kind.IMPORTED, actor=IMPORT, now=NOON):
                    publishing.publish(revision=second.working, by=IMPORT, now=NOON)
                    raise publishing.WrongState
            except publishing.WrongState:
                pass
        self.assertEqual(list(Change.objects.get().posts.values_list("post", flat=True)), [first.pk])

    def test_an_import_is_a_change_for_each_batch_and_each_names_the_run(self) -> None:
        make_category()
        with self.captureOnCommitCallbacks(execute=True):
            import_sources(files(25, tags='["電力"]'), by=IMPORT, now=NOON)
        imported = Change.objects.filter(kind=Kind.IMPORTED)
        note = "2026-11-20 12:00:00 からの取り込み（25 件）"
        self.assertEqual(list(imported.values_list("note", flat=True)), [note, note])
        self.assertEqual(sorted(change.posts.count() for change in imported), [5, 20])
        # What stands beside them is worked out once, after all of them.
        rebuilt = Change.objects.filter(kind=Kind.REBUILT)
        self.assertEqual(list(rebuilt.values_list("note", flat=True)), ["関連記事"])
        self.assertGreater(rebuilt.get().number, max(change.number for change in imported))

    def test_a_merge_names_the_posts_that_it_has_moved(self) -> None:
        posts = {make_post(tags=("計算",)).pk for _ in range(3)}
        into = Tag.objects.create(name="電力")
        taxonomy.merge(sources=[Tag.objects.get(name="計算")], into=into, by=Person(self.editor), now=NOON)
        merged = Change.objects.get(kind=Kind.MERGED)
        self.assertEqual(merged.note, "タグ「計算」→「電力」")
        self.assertEqual(set(merged.posts.values_list("post", flat=True)), posts)

    def test_a_new_name_says_what_it_was_before(self) -> None:
        tag = Tag.objects.create(name="電力")
        tag.name = "電気"
        taxonomy.save_named(tag, by=Person(self.editor), now=NOON)
        self.assertEqual(self.changes(), [("term", "タグ「電力」→「電気」")])

    def test_a_version_that_nobody_has_seen_is_set_where_it_is_greater(self) -> None:
        record(kind=Kind.RESTORED, actor=IMPORT, now=NOON, version=9_000)
        self.assertEqual(ContentVersion.objects.current(), 9_000)
        record(kind=Kind.RESTORED, actor=IMPORT, now=NOON, version=8_000)
        self.assertEqual(ContentVersion.objects.current(), 9_001)

    def test_a_lost_row_of_the_version_stops_nobody(self) -> None:
        ContentVersion.objects.all().delete()
        self.assertEqual(ContentVersion.objects.current(), 0)
        make_post()
        self.assertEqual(ContentVersion.objects.current(), 1)

    def test_a_publication_costs_four_statements_more(self) -> None:
        with (  # savepoint and release; the version, its number, the change, its posts
            self.assertNumQueries(2 + 4),
            changing(kind=Kind.PUBLISHED, actor=Person(self.editor), now=NOON) as change,
        ):
            change.concerns([Post(pk=1)])


class FailingFollowerTests(TestCase):
    """What must not stop the act is done after it: its failure is logged."""

    def setUp(self) -> None:
        self.editor = make_chief()
        self.enterContext(self.settings(MEDIA_ROOT=self.enterContext(tempfile.TemporaryDirectory())))

    def in_place_of_folder(self, name: str) -> None:
        """A file where a folder should be: a storage that fails."""
        default_storage.save(name, ContentFile(b"x"))

    def test_an_import_stands_where_related_posts_cannot_be_worked_out(self) -> None:
        make_category()
        with (
            refusing("INSERT", "blog_similarity", "1 = 1"),
            self.assertLogs("blog.editorial", "ERROR") as told,
        ):
            report = import_sources(files(2, tags='["電力"]'), by=IMPORT, now=NOON)
        self.assertIn("related.rebuild", told.output[0])
        self.assertEqual(report.counts["created"], 2)
        self.assertEqual((Post.objects.published(NOON).count(), Similarity.objects.count()), (2, 0))

    def test_an_image_is_gone_where_its_smaller_files_cannot_be_deleted(self) -> None:
        image = make_image()
        self.in_place_of_folder(f"renditions/{image.stem}")
        with self.assertLogs("django", "ERROR"), self.captureOnCommitCallbacks(execute=True):
            images.remove(image, by=Person(self.editor), now=NOON)
        self.assertEqual(Image.objects.count(), 0)
        self.assertFalse(default_storage.exists(image.name))

    @override_settings(WEBHOOK_URL="https://hooks.example.jp/", WEBHOOK_SECRET="a-secret-that-is-long-enough")
    def test_an_update_that_its_followers_refuse_stays_scheduled(self) -> None:
        post = make_post(body="前の文。")
        update(post, now=NOON, by=self.editor, at=NOON + HOUR, body="新しい文。")
        with (
            refusing("INSERT", "blog_notice", "1 = 1"),
            self.assertLogs("blog.editorial.publishing", "ERROR"),
        ):
            self.assertEqual(publishing.apply_due(now=NOON + HOUR), [])
        post.refresh_from_db()
        self.assertEqual((post.body, post.next_at), ("前の文。", NOON + HOUR))

    def test_work_of_a_series_is_done_once_also_where_the_series_fails(self) -> None:
        make_category()
        with self.assertRaises(ZeroDivisionError), series(note="二度の取り込み"):
            import_sources(files(2, tags='["電力"]'), by=IMPORT, now=NOON)
            self.assertFalse(Similarity.objects.exists())
            raise ZeroDivisionError
        self.assertEqual(Similarity.objects.count(), 2)
        self.assertEqual(Change.objects.filter(kind=Kind.REBUILT).count(), 1)
