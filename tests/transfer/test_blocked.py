"""Posts with a blocking defect on their way out and in, and those of before there was a column for them."""

import re
from datetime import timedelta
from importlib import import_module
from io import StringIO

from django.apps import apps
from django.core.management import call_command
from django.utils import timezone

from blog.editorial import publishing
from blog.editorial.actors import Person
from blog.models import Change, ContentVersion, Manuscript, Post, Revision
from tests.make import NOON, make_editor, make_post
from tests.transfer.base import ImportCase
from tests.transfer.exporting import ExportTestCase

CONFLICT = "前。\n\n<<<<<<< HEAD\n\n後。\n"


class RoundTripTests(ExportTestCase):
    def test_what_is_blocked_and_what_is_settled_come_back_as_they_were(self):
        before = NOON - timedelta(hours=1)
        make_post(slug="blocked", body=CONFLICT, at=before)
        post = make_post(slug="settled", body=CONFLICT, at=before)
        publishing.settle(post=post, by=Person(self.editor), now=NOON)
        self.assert_round_trip()
        self.assertEqual([one.slug for one in Post.objects.blocked(NOON)], ["blocked"])
        self.assertEqual(
            Post.objects.get(slug="settled").settled,
            [{"code": "conflict", "by": "editor", "at": NOON.isoformat()}],
        )

    def test_what_an_editor_published_before_its_defect_was_known_is_still_listed(self):
        """A newer version of the program knows more defects."""
        post = make_post(slug="good-faith", body=CONFLICT, at=NOON - timedelta(hours=1))
        Post.objects.filter(pk=post.pk).update(is_blocked=False)
        clean = make_post(slug="clean", body="本文。", at=NOON - timedelta(hours=1))
        Post.objects.filter(pk=clean.pk).update(is_blocked=True)
        files = self.assert_round_trip()
        self.assertEqual([one.slug for one in Post.objects.listed(NOON)], ["good-faith"])
        self.assertEqual(sum(b"blocked: false" in text for text in files.values()), 1)

    def test_a_settlement_that_cannot_be_read_is_told(self):
        post = make_post(slug="settled", body=CONFLICT, at=NOON)
        publishing.settle(post=post, by=Person(self.editor), now=NOON)
        self.export()
        path = next((self.folder / "out/_posts").iterdir())
        text = path.read_text()
        post.delete()
        path.write_text(re.sub('("?by"?: )"?editor"?', r'\1""', text))
        self.assertIn("settled の by がありません", self.bring_back())
        path.write_text(re.sub("settled:.*", "blocked: maybe", text))
        self.assertIn("blocked は true か false にしてください", self.bring_back())


class UpgradeTests(ImportCase):
    """An older version of the program let in what this one knows for a defect, or blocked what this one knows for none."""

    def setUp(self):
        super().setUp()
        self.write("2026-11-04-known.md", body=CONFLICT)
        self.write("2026-11-04-fine.md")
        self.run_import()
        for slug, is_blocked in (("known", False), ("fine", True)):
            Post.objects.filter(slug=slug).update(is_blocked=is_blocked, renderer_version=0)

    def blocked(self):
        return {post.slug for post in Post.objects.blocked(timezone.now())}

    def test_rendering_anew_comes_to_what_a_first_import_would(self):
        version = ContentVersion.objects.current()
        call_command("rerender_posts", stdout=StringIO())
        self.assertEqual(self.blocked(), {"known"})
        self.assertGreater(ContentVersion.objects.current(), version)
        changes = Change.objects.count()
        call_command("rerender_posts", all=True, stdout=StringIO())
        self.assertEqual(self.blocked(), {"known"})
        self.assertEqual(Change.objects.count(), changes + 1)

    def test_so_does_the_import_of_the_same_files(self):
        said = self.run_import()
        self.assertIn("変更なし 2", said)
        self.assertIn("要確認の記事 1 件は、", said)
        self.assertEqual(self.blocked(), {"known"})
        version = ContentVersion.objects.current()
        self.run_import()
        self.assertEqual(ContentVersion.objects.current(), version, "nothing is left to do")

    def test_what_an_editor_published_again_stays_in_the_lists(self):
        now, editor = timezone.now(), Person(make_editor())
        post = Post.objects.get(slug="known")
        publishing.withdraw(post=post, by=editor, now=now, reason="誤り")
        publishing.publish(revision=post.working, by=editor, now=now, settle=True)
        Post.objects.filter(pk=post.pk).update(settled=[])  # its defect is found since today
        call_command("rerender_posts", all=True, stdout=StringIO())
        self.assertNotIn("known", self.blocked())

    def test_what_somebody_settled_or_published_stays_in_the_lists(self):
        known, editor = Post.objects.get(slug="known"), Person(make_editor())
        Post.objects.filter(pk=known.pk).update(is_blocked=True)
        publishing.settle(post=known, by=editor, now=timezone.now())
        self.write("2026-11-04-read.md", body=CONFLICT)
        self.run_import(draft=True)
        read = Post.objects.get(live_revision=None)
        now = timezone.now()
        publishing.publish(revision=read.working, by=editor, now=now, settle=True)
        Post.objects.filter(pk=read.pk).update(settled=[])  # its defect is found since today
        for renewed in (lambda: call_command("rerender_posts", all=True, stdout=StringIO()), self.run_import):
            renewed()
            self.assertEqual(self.blocked(), set())


class MigrationTests(ImportCase):
    """The import of before wrote noindex, into the text and its revision."""

    def as_before(self):
        Post.objects.filter(is_blocked=True).update(is_blocked=False, noindex=True)
        for revision in Revision.objects.all():
            if "<<<<" in revision.content["body"]:
                content = revision.content | {"noindex": True}
                Revision.objects.filter(pk=revision.pk).update(content=content)

    def test_what_an_import_hid_for_its_defect_is_blocked_instead_unless_the_file_asked_for_it(self):
        self.write("2026-11-04-hidden.md", body=CONFLICT)
        self.write("2026-11-04-asked.md", body=CONFLICT, robots="noindex")
        self.write("2026-11-04-quiet.md", robots="noindex")
        self.write("2026-11-04-fine.md")
        self.run_import()
        self.as_before()
        import_module("blog.migrations.0020_blocked").block(apps, None)
        found = {post.slug: (post.is_blocked, post.noindex) for post in Post.objects.all()}
        self.assertEqual(
            found,
            {"hidden": (True, False), "asked": (True, True), "quiet": (False, True), "fine": (False, False)},
        )
        self.assertEqual(Manuscript.objects.open().count(), 2)
        self.assertIn("変更なし 4", self.run_import(), "what the file says is what the revision says")

    def test_what_is_derived_anew_is_made_by_rendering_anew(self):
        self.write("2026-11-04-lead.md", excerpt="初めの文。", body="初めの文。\n\n次の文。")
        self.run_import()
        Post.objects.update(begins_with_excerpt=False)
        import_module("blog.migrations.0020_blocked").render_anew(apps, None)
        call_command("rerender_posts", stdout=StringIO())
        self.assertTrue(Post.objects.get().begins_with_excerpt)

    def test_what_an_editor_has_published_since_stays_as_it_is(self):
        self.write("2026-11-04-hidden.md", body=CONFLICT)
        self.run_import()
        self.as_before()
        post = Post.objects.get()
        Revision.objects.filter(post=post).update(kind=Revision.Kind.SAVE)
        import_module("blog.migrations.0020_blocked").block(apps, None)
        post.refresh_from_db()
        self.assertEqual((post.is_blocked, post.noindex), (False, True))
