"""What happens to the magazine while an import is at work."""

from dataclasses import replace

from blog.editorial import publishing
from blog.editorial.actors import IMPORT, Person
from blog.editorial.content import Content
from blog.models import Manuscript, Post, Revision
from blog.transfer.importing.importer import import_files
from blog.transfer.importing.plan import BATCH
from tests.make import NOON, make_editor, make_writer
from tests.transfer.base import ImportCase


class MeanwhileTests(ImportCase):
    """The first batch is written, the last article not yet: in this moment an editor acts."""

    def setUp(self):
        super().setUp()
        self.editor = make_editor()
        self.write_all("元の段落。\n\n次の段落。")
        import_files([self.folder], by=IMPORT, now=NOON)
        self.post = Post.objects.get(import_ref=f"2026-11-04-{BATCH:02}")

    def write_all(self, body):
        for number in range(BATCH + 1):
            self.write(f"2026-11-04-{number:02}.md", body=body)

    def import_while(self, act):
        done = []

        def progress(count, total, name, outcome):
            if not done:
                act()
            done.append((name, outcome))

        report = import_files([self.folder], by=IMPORT, now=NOON, progress=progress)
        self.post = Post.objects.filter(pk=self.post.pk).first()
        return report, dict(done)[f"2026-11-04-{BATCH:02}.md"]

    def save(self, **values):
        content = replace(Content.from_json(self.post.working.content), **values)
        return publishing.save(
            post=self.post, content=content, by=Person(self.editor), now=NOON, base=self.post.working
        )

    def test_words_that_an_editor_saves_do_not_go_out_with_the_file(self):
        self.write_all("元の段落。\n\n届いた段落。")
        report, outcome = self.import_while(lambda: self.save(title="まだ見せない題"))
        self.assertEqual((outcome, report.counts), ("proposed", {"updated": BATCH, "proposed": 1}))
        self.assertEqual((self.post.title, "届いた" in self.post.body), ("見出し", False))
        self.assertEqual(self.post.working.content["title"], "まだ見せない題")
        self.assertIn("届いた", self.post.working.content["body"])

    def test_contradiction_becomes_a_proposal_and_stops_nothing(self):
        self.write_all("届いた段落。\n\n次の段落。")
        report, outcome = self.import_while(lambda: self.save(body="編集者の段落。\n\n次の段落。"))
        self.assertEqual((outcome, report.failures), ("proposed", {}))
        self.assertIn("元の段落", self.post.body)

    def test_post_that_is_withdrawn_does_not_come_back(self):
        self.write_all("届いた段落。")
        _, outcome = self.import_while(
            lambda: publishing.withdraw(post=self.post, by=IMPORT, now=NOON, reason="誤報")
        )
        self.assertEqual(outcome, "proposed")
        self.assertTrue(self.post.is_withdrawn(NOON))

    def test_post_that_is_deleted_comes_anew(self):
        def delete():
            Post.objects.filter(pk=self.post.pk).update(
                latest_revision=None, live_revision=None, published_at=None
            )
            Revision.objects.filter(post=self.post.pk).delete()
            Manuscript.objects.filter(post=self.post.pk).update(post=None)
            Post.objects.get(pk=self.post.pk).delete()

        self.write_all("届いた段落。")
        report, outcome = self.import_while(delete)
        self.assertEqual((outcome, report.failures), ("created", {}))
        self.assertIn("届いた", Post.objects.get(import_ref=f"2026-11-04-{BATCH:02}").body)

    def test_links_that_find_their_article_later_are_told_no_more(self):
        path = self.write("2026-11-05-a.md", body="[b](/2026/11/06/b/)")
        import_files([path], by=IMPORT, now=NOON)
        self.assertIn("リンク先の記事がありません", str(Manuscript.objects.get(ref="2026-11-05-a").problems))
        self.write("2026-11-06-b.md", date="2026-11-06")
        import_files([self.folder], by=IMPORT, now=NOON)
        manuscript = Manuscript.objects.get(ref="2026-11-05-a")
        self.assertNotIn("リンク先の記事がありません", str(manuscript.problems))
        self.assertEqual(manuscript.outcome, "created")

    def test_version_that_was_taken_stays_taken_when_it_fails_later(self):
        path = self.write("2026-11-05-a.md", body="[b](/2026/11/05/b/)")
        import_files([path], by=IMPORT, now=NOON, as_draft=True)
        before = Manuscript.objects.values().get(ref="2026-11-05-a")
        import_files([self.write("2026-11-05-b.md", date="2026-11-06 00:00:00 +0900")], by=IMPORT, now=NOON)
        # Its link has a meaning now, but it is not for this writer to change the text.
        report = import_files([path], now=NOON, as_draft=True, by=Person(make_writer()))
        self.assertIn("権限がありません", report.failures["2026-11-05-a.md"])
        self.assertEqual(Manuscript.objects.values().get(ref="2026-11-05-a"), before)
