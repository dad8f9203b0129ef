"""Blocking defects of what goes out: refused at the desk, in no list, or settled by name (「このまま載せる」)."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.test import TestCase

from blog.editorial import publishing
from blog.editorial.actors import IMPORT, Actor, Person
from blog.models import Change, ContentVersion, Post, Revision, SiteSettings
from tests.make import (
    NOON,
    make_chief,
    make_content,
    make_draft,
    make_editor,
    make_post,
    make_scheduled,
    make_writer,
)

HOUR = timedelta(hours=1)
CONFLICT = "前。\n\n<<<<<<< HEAD\n\n後。\n"
CHAT = "承知しました。書きます。\n"


class SettlingTests(TestCase):
    def setUp(self) -> None:
        self.editor = Person(make_editor())

    def publish(self, post: Post, *, by: Actor | None = None, **options: object) -> Post:
        return publishing.publish(revision=post.working, by=by or self.editor, now=NOON, **options)  # type: ignore[arg-type]

    def is_listed(self, post: Post) -> bool:
        return Post.objects.listed(NOON + HOUR).filter(pk=post.pk).exists()

    def test_a_typed_text_with_a_defect_is_refused_with_its_line(self) -> None:
        post = make_draft(body=CONFLICT)
        with self.assertRaises(publishing.NotReady) as refused:
            self.publish(post)
        self.assertEqual([(one.code, one.line) for one in refused.exception.findings], [("conflict", 3)])

    def test_a_typed_text_goes_out_as_it_is_and_into_the_lists_when_somebody_says_so(self) -> None:
        post = self.publish(make_draft(body=CONFLICT), settle=True)
        self.assertTrue(self.is_listed(post))
        [entry] = post.settled
        self.assertEqual(entry, {"code": "conflict", "by": "editor", "at": NOON.isoformat()})
        self.assertIn("3行目", Change.objects.latest("number").note)
        self.publish_again(post, body=f"{CONFLICT}足した。")  # what was settled stops no later version
        with self.assertRaises(publishing.NotReady):
            self.publish_again(post, body=CHAT + CONFLICT)

    def test_a_decision_ends_with_its_defect(self) -> None:
        post = self.publish(make_draft(body=CONFLICT), settle=True)
        clean = self.publish_again(post, body="直した文。")
        self.assertEqual(clean.settled, [])
        with self.assertRaises(publishing.NotReady):
            self.publish_again(post, body=f"別の文。\n\n{CONFLICT}")

    def publish_again(self, post: Post, *, body: str, by: Actor | None = None) -> Post:
        content = make_content(body=body, slug=post.slug)
        revision = publishing.save(post=post, content=content, by=IMPORT, now=NOON, base=None)
        return publishing.publish(revision=revision, by=by or self.editor, now=NOON)

    def test_settling_what_an_import_published_is_a_change_with_its_name_and_lists_the_post(self) -> None:
        post = make_post(at=NOON - HOUR, body=CONFLICT)
        self.assertFalse(self.is_listed(post))
        version = ContentVersion.objects.current()
        post = publishing.settle(post=post, by=self.editor, now=NOON)
        self.assertTrue(self.is_listed(post))
        change = Change.objects.latest("number")
        self.assertGreater(change.number, version)
        self.assertEqual((change.kind, change.actor_name), (Change.Kind.SETTLED, "editor"))
        self.assertIn("統合の衝突の印", change.note)
        self.assertEqual(post.live_at, NOON)
        with self.assertRaises(publishing.WrongState):
            publishing.settle(post=post, by=self.editor, now=NOON)

    def test_another_defect_blocks_again_and_a_clean_version_frees(self) -> None:
        post = make_post(at=NOON - HOUR, body=CONFLICT)
        publishing.settle(post=post, by=self.editor, now=NOON)
        self.assertTrue(self.is_listed(self.publish_again(post, body=CONFLICT * 2, by=IMPORT)))
        self.assertFalse(self.is_listed(self.publish_again(post, body=CHAT, by=IMPORT)))
        self.assertTrue(self.is_listed(self.publish_again(post, body="直した。", by=IMPORT)))

    def test_only_who_may_publish_settles(self) -> None:
        post = make_post(at=NOON - HOUR, body=CONFLICT, by=(writer := make_writer()))
        with self.assertRaises(PermissionDenied):
            publishing.settle(post=post, by=Person(writer), now=NOON)
        SiteSettings.objects.update(publishers=SiteSettings.Publishers.CHIEF)
        with self.assertRaises(PermissionDenied):
            publishing.settle(post=post, by=self.editor, now=NOON)
        publishing.settle(post=post, by=Person(make_chief()), now=NOON)

    def test_a_scheduled_update_that_was_settled_is_listed_when_it_comes(self) -> None:
        post = make_post(at=NOON - HOUR)
        content = make_content(body=CONFLICT, slug=post.slug)
        revision = publishing.save(post=post, content=content, by=IMPORT, now=NOON, base=None)
        publishing.publish(revision=revision, by=self.editor, now=NOON, at=NOON + HOUR, settle=True)
        post.refresh_from_db()
        self.assertEqual(post.settled, [], "the live text has no defect")
        [updated] = publishing.apply_due(now=NOON + HOUR)
        self.assertEqual((updated.body, self.is_listed(post)), (CONFLICT, True))
        entry = {"code": "conflict", "by": "editor", "at": NOON.isoformat()}
        self.assertEqual((updated.settled, updated.next_settled), ([entry], []))

    def test_what_was_settled_for_a_plan_is_gone_with_it(self) -> None:
        later = NOON + HOUR
        post, draft = make_post(at=NOON - HOUR), make_draft(slug="draft", body=CONFLICT)
        content = make_content(body=CONFLICT, slug=post.slug)
        revision = publishing.save(post=post, content=content, by=IMPORT, now=NOON, base=None)
        for plan in (revision, draft.working):
            with self.subTest(plan.post.slug):
                publishing.publish(revision=plan, by=self.editor, now=NOON, at=later, settle=True)
                publishing.unschedule(post=plan.post, by=self.editor, now=NOON)
                with self.assertRaises(publishing.NotReady):
                    publishing.publish(revision=Revision.objects.get(pk=plan.pk), by=self.editor, now=NOON)
        publishing.publish(revision=revision, by=self.editor, now=NOON, at=later, settle=True)
        self.publish_again(post, body="別の文。", by=IMPORT)  # takes the plan's place
        with self.assertRaises(publishing.NotReady):
            self.publish_again(post, body=CONFLICT)

    def test_what_was_not_shown_is_not_settled(self) -> None:
        post = make_post(at=NOON - HOUR, body=f"{CHAT}\n{CONFLICT}")
        for shown in ((), ("conflict",), ("conflict", "refusal")):
            with self.subTest(shown=shown), self.assertRaises(publishing.ChangedMeanwhile):
                publishing.settle(post=post, by=self.editor, now=NOON, shown=shown)
        draft = make_draft(slug="draft", body=CONFLICT)
        with self.assertRaises(publishing.ChangedMeanwhile):
            self.publish(draft, settle=True, shown=("chat",))
        post.refresh_from_db()
        self.assertEqual((post.settled, post.is_blocked), ([], True))
        publishing.settle(post=post, by=self.editor, now=NOON, shown=("conflict", "chat", "refusal"))
        self.assertEqual(Post.objects.get(pk=post.pk).settled_codes, {"conflict", "chat"})

    def test_what_is_no_longer_scheduled_is_no_longer_blocked(self) -> None:
        post = make_scheduled(at=NOON + HOUR, body=CONFLICT)
        self.assertEqual([*Post.objects.blocked(NOON)], [post])
        publishing.unschedule(post=post, by=self.editor, now=NOON)
        self.assertEqual([*Post.objects.blocked(NOON)], [])

    def test_rerendering_and_saving_block_nothing_that_an_editor_published(self) -> None:
        post = make_post(at=NOON - HOUR)
        Post.objects.filter(pk=post.pk).update(renderer_version=0)
        publishing.save(post=post, content=make_content(body=CONFLICT), by=IMPORT, now=NOON, base=None)
        publishing.rerender_all(now=NOON)
        self.assertTrue(self.is_listed(post))
        old = make_post(at=NOON - HOUR, body=CONFLICT, slug="old")
        Post.objects.filter(pk=old.pk).update(renderer_version=0, is_blocked=False)
        publishing.rerender_all(now=NOON)
        self.assertTrue(self.is_listed(old))

    def test_code_about_merges_is_no_defect(self) -> None:
        post = self.publish(make_draft(body="```\n<<<<<<< HEAD\n```\n"))
        self.assertTrue(self.is_listed(post))
        self.assertEqual(Revision.objects.get(post=post).stage, Post.Stage.APPROVED)
