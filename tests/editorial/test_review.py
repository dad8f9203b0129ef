"""A request for review and what becomes of it: followed by saves, withdrawn, passed, or sent back with a reason."""

from dataclasses import replace
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import TestCase

from blog.editorial import publishing
from blog.editorial.actors import IMPORT, Person
from blog.editorial.content import Content
from blog.models import Post, Revision
from tests.make import NOON, make_draft, make_editor, make_post, make_writer, throw_away

WRITING, REVIEW, APPROVED, RETURNED = Post.Stage


def stages(post):
    """Revision number → stage; under 0 what the lists of the desk say."""
    found = dict(post.revisions.values_list("number", "stage"))
    return found | {0: Post.objects.get(pk=post.pk).stage}


class RequestTests(TestCase):
    def setUp(self):
        self.writer, self.editor = make_writer(), make_editor()
        self.post = make_draft(by=self.writer, title="初めの題", body="一つ目。\n\n二つ目。\n")
        publishing.submit(revision=self.post.working, by=Person(self.writer))

    def save(self, *, by=None, base=None, **changes):
        post = Post.objects.get(pk=self.post.pk)
        content = replace(Content.from_json((base or post.working).content), **changes)
        return publishing.save(
            post=post, content=content, by=Person(by or self.writer), now=NOON, base=base or post.working
        )

    def send_back(self, revision=None, reason="出典を付けてください。"):
        revision = revision or Post.objects.get(pk=self.post.pk).working
        publishing.send_back(revision=revision, by=Person(self.editor), now=NOON, reason=reason)

    def test_a_request_goes_on_with_what_is_saved_after_it(self):
        self.save(title="直した題")
        self.assertEqual(stages(self.post), {1: WRITING, 2: REVIEW, 0: REVIEW})

    def test_a_request_goes_on_with_a_merge_and_with_an_old_text_that_comes_back(self):
        base = self.post.working
        self.save(body="一つ目を直した。\n\n二つ目。\n")
        merged = self.save(by=self.editor, base=base, body="一つ目。\n\n二つ目を直した。\n")
        self.assertEqual(merged.kind, Revision.Kind.MERGE)
        self.assertEqual(stages(self.post), {1: WRITING, 2: WRITING, 3: REVIEW, 0: REVIEW})
        publishing.restore_revision(post=self.post, revision=base, by=Person(self.writer), now=NOON)
        self.assertEqual(stages(self.post)[4], REVIEW)
        self.assertEqual(list(stages(self.post).values()).count(REVIEW), 2, "one revision, and the post")

    def test_a_request_goes_on_with_what_arrives_from_a_file_and_so_does_a_return(self):
        def arrive(**changes):
            post = Post.objects.get(pk=self.post.pk)
            content = replace(Content.from_json(post.working.content), **changes)
            return publishing.import_revision(
                post=post, content=content, by=IMPORT, now=NOON, base=post.working
            )

        self.assertEqual((arrive(title="届いた題").kind, stages(self.post)[0]), ("import", REVIEW))
        old = self.post.revisions.get(number=1)
        self.save(excerpt="編集部のリード")
        content = replace(Content.from_json(old.content), description="届いた説明")
        merged = publishing.import_revision(post=self.post, content=content, by=IMPORT, now=NOON, base=old)
        self.assertEqual((merged.kind, merged.stage), ("merge", REVIEW))
        self.send_back()
        self.assertEqual(arrive(title="直って届いた題").stage, RETURNED)
        self.assertFalse(self.post.revisions.filter(stage=REVIEW).exists())

    def test_a_passed_text_is_written_anew_after_a_save(self):
        publishing.approve(revision=self.post.working, by=Person(self.editor), now=NOON)
        self.save(title="直した題")
        self.assertEqual(stages(self.post), {1: APPROVED, 2: WRITING, 0: WRITING})

    def test_the_writer_ends_a_request_once(self):
        revision = self.post.working
        publishing.withdraw_request(revision=revision, by=Person(self.writer))
        self.assertEqual(stages(self.post), {1: WRITING, 0: WRITING})
        with self.assertRaisesMessage(publishing.WrongState, "校閲に出ていません"):
            publishing.withdraw_request(revision=revision, by=Person(self.writer))
        with self.assertRaises(PermissionDenied):
            publishing.withdraw_request(revision=revision, by=Person(make_writer("another")))

    def test_no_old_revision_is_submitted_or_sent_back_beside_a_newer_one(self):
        old = self.post.working
        self.save(title="直した題")
        for step in (
            lambda: publishing.submit(revision=old, by=Person(self.writer)),
            lambda: self.send_back(old),
        ):
            with self.assertRaisesMessage(publishing.WrongState, "そのあとに第2版が保存されました"):
                step()
        self.assertEqual(stages(self.post), {1: WRITING, 2: REVIEW, 0: REVIEW})

    def test_the_database_keeps_one_request_per_post_and_no_return_without_a_reason(self):
        self.save(title="直した題")
        one = Revision.objects.filter(post=self.post, number=1)
        for values in (
            {"stage": REVIEW},
            {"returned_at": NOON},
            {"returned_reason": "理由"},
            {"returned_by": self.editor},
        ):
            with self.subTest(values), self.assertRaises(IntegrityError), transaction.atomic():
                one.update(**values)

    def test_what_is_sent_back_keeps_its_reason_and_stays_so_until_it_is_submitted(self):
        self.send_back(reason=" 出典を。\r\n二段落めも。\x00 ")
        first = self.post.revisions.get(number=1)
        self.assertEqual(
            (first.returned_by, first.returned_at, first.returned_reason),
            (self.editor, NOON, "出典を。\n二段落めも。"),
        )
        second = self.save(title="直した題")
        self.assertEqual((stages(self.post)[2], second.returned_reason), (RETURNED, ""))
        publishing.submit(revision=second, by=Person(self.writer))
        self.assertEqual(stages(self.post), {1: RETURNED, 2: REVIEW, 0: REVIEW})
        first.refresh_from_db()
        self.assertEqual(first.returned_reason, "出典を。\n二段落めも。")

    def test_nothing_is_sent_back_without_a_reason_or_twice(self):
        for reason in ("", " \n　", "\x00"):
            with self.subTest(reason), self.assertRaisesMessage(publishing.WrongState, "理由を書いて"):
                self.send_back(reason=reason)
        self.send_back(reason="一度目。")
        with self.assertRaisesMessage(publishing.WrongState, "もう差し戻されています"):
            self.send_back(reason="二度目。")
        self.assertEqual(self.post.revisions.get().returned_reason, "一度目。")

    def test_what_is_out_or_thrown_away_is_not_sent_back(self):
        public = make_post()
        throw_away(self.post)
        for revision in (public.working, self.post.working):
            with self.subTest(revision), self.assertRaises(publishing.WrongState):
                self.send_back(revision)

    def test_a_pass_that_was_not_used_is_taken_back_also_from_an_older_revision(self):
        passed = self.post.working
        publishing.approve(revision=passed, by=Person(self.editor), now=NOON)
        self.save(title="直した題")
        passed.refresh_from_db()
        self.send_back(passed)
        self.assertEqual(stages(self.post), {1: RETURNED, 2: WRITING, 0: WRITING})
        self.assertIsNone(self.post.revisions.get(number=1).approved_at)

    def test_somebody_who_leaves_takes_no_reason_away(self):
        self.send_back()
        self.editor.delete()
        self.assertEqual(self.post.revisions.get().returned_reason, "出典を付けてください。")


class BookedTests(TestCase):
    AT = NOON + timedelta(days=1)

    def test_another_text_takes_the_booked_hour_of_a_first_publication_and_of_an_update(self):
        for post in (make_draft(), make_post(at=NOON - timedelta(days=1))):
            with self.subTest(post):
                first, second = (
                    publishing.save(
                        post=post,
                        content=replace(Content.from_json(post.working.content), title=title),
                        by=IMPORT,
                        now=NOON,
                        base=None,
                    )
                    for title in ("一度目の題", "二度目の題")
                )
                publishing.publish(revision=first, by=IMPORT, now=NOON, at=self.AT)
                self.assertEqual(publishing.replace_planned(revision=second, by=IMPORT, now=NOON), self.AT)
                publishing.apply_due(now=self.AT)
                post.refresh_from_db()
                self.assertEqual((post.title, post.is_published(self.AT)), ("二度目の題", True))
                self.assertFalse(post.is_published(NOON) and post.updated_at is None)

    def test_what_is_booked_no_more_is_not_replaced(self):
        post = make_draft()
        for now, sentence in ((NOON, "もうその時刻に出ることに"), (self.AT, "予約がありません")):
            publishing.publish(revision=post.working, by=IMPORT, now=NOON, at=self.AT)
            with self.subTest(now), self.assertRaisesMessage(publishing.WrongState, sentence):
                publishing.replace_planned(revision=post.working, by=IMPORT, now=now)
