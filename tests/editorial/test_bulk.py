"""Posts that are public from their first moment on: the same rows as by hand, in a few statements for all."""

from datetime import timedelta
from uuid import uuid4

from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from blog.editorial import publishing
from blog.editorial.actors import IMPORT, Person
from blog.editorial.content import Credit
from blog.editorial.taxonomy import keep_alias
from blog.models import Address, Byline, Post, Revision, Tag, TaggedPost
from tests.make import (
    NOON,
    make_author,
    make_category,
    make_content,
    make_editor,
    make_image,
    make_post,
    make_user,
)

DAY = timedelta(days=1)
OWN = {
    "id",
    "uuid",
    "guid",
    "slug",
    "post_id",
    "latest_revision_id",
    "live_revision_id",
    "path",
    "content_object_id",
}


def debut(content, *, at=NOON - DAY, **values):
    identity = uuid4()
    values = {"uuid": identity, "guid": identity.urn} | values
    return publishing.NewPost(content=content, rendered=content.render(), at=at, **values)


def publish_new(*debuts, by=IMPORT):
    return publishing.publish_new(debuts, by=by, now=NOON)


def rows_of(post):
    """All that the database says of `post`, but for what must differ between two posts."""
    tables = (
        Post.objects.filter(pk=post.pk),
        Revision.objects.filter(post=post),
        Address.objects.filter(post=post),
        Byline.objects.filter(post=post),
        TaggedPost.objects.filter(content_object=post),
    )
    return [
        [{name: value for name, value in row.items() if name not in OWN} for row in table.values()]
        for table in tables
    ]


class DebutTests(TestCase):
    def test_rows_are_those_of_a_post_that_was_made_and_then_published(self):
        keep_alias(make_category("AI導入戦略"), "投資分析", by=IMPORT, now=NOON)
        keep_alias(make_author("山田花子"), "ハナコ", by=IMPORT, now=NOON)
        Tag.objects.create(name="NVIDIA")
        content = make_content(
            title="題",
            slug="",
            category="投資分析",
            tags=("ｎｖｉｄｉａ", "新しい札", "NVIDIA"),
            bylines=(Credit("ハナコ"), Credit("山田花子"), Credit("ALLFORCES編集部", "editor")),
            hero=make_image().hash,
            share_image=make_image().hash,
            related=("/2026/01/01/x/",),
            extra={"b": 1, "a": 2},
            body="## 節\r\n\n本文です。\n",
            noindex=True,
        )
        editor = make_editor()
        by_hand = publishing.create(content=content, by=Person(editor), now=NOON)
        by_hand = publishing.publish(revision=by_hand.working, by=IMPORT, now=NOON, at=NOON - DAY)
        Address.objects.filter(post=by_hand).update(path="/elsewhere/")
        [post] = publish_new(debut(content), by=Person(editor))
        self.assertEqual(rows_of(post), rows_of(by_hand))
        self.assertEqual(post.slug, by_hand.slug)
        self.assertEqual(post.live_revision.content, by_hand.live_revision.content)
        self.assertEqual(Address.objects.get(post=post).path, post.path)
        self.assertIn(post, Post.objects.published(NOON))
        self.assertEqual(
            [entry.change_message for entry in LogEntry.objects.order_by("pk")], ["作成しました。"] * 2
        )

    def test_as_many_statements_for_ten_as_for_one(self):
        Tag.objects.for_names(["AI", "投資"])

        def statements(count):
            debuts = [debut(make_content(tags=("AI", "投資"))) for _ in range(count)]
            with CaptureQueriesContext(connection) as queries:
                publish_new(*debuts)
            return len(queries)

        self.assertEqual(statements(10), statements(1))

    def test_posts_keep_their_order_and_their_own_texts(self):
        contents = [make_content(tags=(f"札{n}",)) for n in range(5)]
        posts = publish_new(*map(debut, contents))
        self.assertEqual(sorted(post.pk for post in posts), [post.pk for post in posts])
        for post, content in zip(Post.objects.order_by("pk"), contents, strict=True):
            self.assertEqual(post.title, content.title)
            self.assertEqual(post.live_revision.content["body"], content.body)
            self.assertEqual([tag.name for tag in post.tags.all()], list(content.tags))

    def test_future_moment_is_a_schedule(self):
        [post] = publish_new(debut(make_content(), at=NOON + DAY))
        self.assertEqual(list(Post.objects.scheduled(NOON)), [post])

    def test_path_of_another_post_is_refused_and_nothing_stays(self):
        rival = make_post(at=NOON - DAY, slug="onaji")
        with self.assertRaises(publishing.NotReady) as refused:
            publish_new(debut(make_content(tags=("札",))), debut(make_content(slug="onaji")))
        self.assertIn(rival.title, refused.exception.findings[0].sentence)
        self.assertEqual(list(Post.objects.all()), [rival])
        self.assertFalse(Tag.objects.exists())

    def test_two_debuts_at_one_path_are_refused(self):
        with self.assertRaises(IntegrityError):
            publish_new(debut(make_content(slug="onaji")), debut(make_content(slug="onaji")))

    def test_path_that_was_gone_answers_again(self):
        path = "/2026/11/19/modoru/"
        Address.objects.create(path=path, kind=Address.Kind.GONE, reason="終了")
        [post] = publish_new(debut(make_content(slug="modoru")))
        address = Address.objects.get(path=path)
        self.assertEqual((address.kind, address.post, address.reason), ("current", post, ""))

    def test_content_that_is_not_ready_is_refused(self):
        with self.assertRaises(publishing.NotReady):
            publish_new(debut(make_content(body=" ")))

    def test_who_may_not_write_may_not_bring_posts_either(self):
        with self.assertRaises(PermissionDenied):
            publish_new(debut(make_content()), by=Person(make_user("reader")))
