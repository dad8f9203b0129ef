"""Posts with a blocking defect on their way out and in, and those of before there was a column for them."""

import re
from datetime import timedelta
from importlib import import_module

from django.apps import apps

from blog.editorial import publishing
from blog.editorial.actors import Person
from blog.models import Manuscript, Post, Revision
from tests.make import NOON, make_post
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

    def test_a_settlement_that_cannot_be_read_is_told(self):
        post = make_post(slug="settled", body=CONFLICT, at=NOON)
        publishing.settle(post=post, by=Person(self.editor), now=NOON)
        self.export()
        path = next((self.folder / "out/_posts").iterdir())
        text = path.read_text()
        post.delete()
        path.write_text(re.sub('("?by"?: )"?editor"?', r'\1""', text))
        self.assertIn("settled の by がありません", self.bring_back())


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

    def test_what_an_editor_has_published_since_stays_as_it_is(self):
        self.write("2026-11-04-hidden.md", body=CONFLICT)
        self.run_import()
        self.as_before()
        post = Post.objects.get()
        Revision.objects.filter(post=post).update(kind=Revision.Kind.SAVE)
        import_module("blog.migrations.0020_blocked").block(apps, None)
        post.refresh_from_db()
        self.assertEqual((post.is_blocked, post.noindex), (False, True))
