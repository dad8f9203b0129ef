"""Files of one name: in several folders, and of several people."""

from blog.editorial.actors import IMPORT, Machine, Person
from blog.models import Manuscript, Post
from blog.transfer.intake import inbox
from tests.make import NOON, make_editor, make_machine, make_writer
from tests.transfer.base import ImportCase
from tests.transfer.documents import document

NAME = "2026-11-04-a.md"


class TwinTests(ImportCase):
    def test_first_by_path_comes_in_whatever_the_order_and_the_other_is_named_by_its_path(self):
        first = self.write(f"a/{NAME}", body="一。")
        second = self.write(f"b/{NAME}", body="二。")
        for paths in ((second.parent, first.parent), (first, second), (self.folder,)):
            Post.objects.update(latest_revision=None, live_revision=None, published_at=None)
            for model in (Manuscript, Post):
                for row in model.objects.all():
                    if model is Post:
                        row.revisions.all().delete()
                    row.delete()
            said = self.run_import(*paths)
            self.assertRegex(said, rf"失敗 \S*b/{NAME}: 同じ名前のファイルがほかにもあります: \S*a/{NAME}")
            self.assertEqual(Post.objects.get().body.strip(), "一。")

    def test_both_fail_under_their_own_names(self):
        for folder in "ab":
            self.write(f"{folder}/{NAME}", document(title="["))
        said = self.run_import()
        for folder in "ab":
            self.assertIn(f"失敗 {folder}/{NAME}: ", said)

    def test_equal_files_are_one_and_nothing_is_wrong(self):
        for folder in "ab":
            self.write(f"{folder}/{NAME}")
        self.assertIn(
            "新規 1、更新 0、変更なし 1、提案（編集者の版を残しました） 0、失敗 0", self.run_import()
        )
        before = Manuscript.objects.values().get()
        self.assertEqual(before["outcome"], "created")
        self.assertIn("変更なし 2", self.run_import())
        self.assertEqual(Manuscript.objects.values().get(), before)

    def test_twin_that_failed_does_not_hide_which_version_is_the_newest(self):
        self.write(f"a/{NAME}", body="[b](/2026/11/05/b/)")
        self.write(f"b/{NAME}", body="二。")
        self.run_import()
        self.run_import()
        self.write("2026-11-05-b.md", date="2026-11-05 17:00:00 +0000")
        self.assertIn("新規 1、更新 1、", self.run_import())
        self.assertIn("/2026/11/06/b/", Post.objects.get(slug="a").body)


class NamesakeTests(ImportCase):
    """A name without a day is soon given to two articles."""

    FIRST = {"title": '"甲の記事"', "date": "2026-11-04 09:00:00 +0900", "body": "甲の本文。"}
    OTHER = {"title": '"乙の記事"', "date": "2026-11-05 10:00:00 +0900", "body": "乙の本文。"}
    SAID = "「memo」というファイル名の記事「甲の記事」がもうあります。別の記事なら、ほかのファイル名で送ってください。"

    def receive(self, *, by, **values):
        document_ = inbox.document("memo.md", document(**self.OTHER).encode())
        [arrival] = inbox.receive([document_], by=by, now=NOON, **values)
        return arrival

    def assertFirstStands(self):
        post = Post.objects.get()
        self.assertEqual((post.working_title, post.revisions.count()), ("甲の記事", 1))

    def test_another_title_and_another_date_are_another_article_and_refused(self):
        self.run_import(self.write("jan/memo.md", **self.FIRST), draft=True)
        other = self.write("feb/memo.md", **self.OTHER)
        for draft in (True, False):
            self.assertIn(f"失敗 memo.md: {self.SAID}", self.run_import(other, draft=draft))
        self.assertFirstStands()
        kept = Manuscript.objects.get(outcome="failed")
        self.assertIn("乙の本文", kept.source)
        self.assertTrue(kept.is_blocking)
        self.assertIn("変更なし 1", self.run_import(self.folder / "jan", draft=True))

    def test_with_the_title_or_the_date_that_it_had_it_is_a_new_version(self):
        self.run_import(self.write("memo.md", **self.FIRST), draft=True)
        for kept in ("title", "date"):
            self.write("memo.md", **self.OTHER | {kept: self.FIRST[kept]})
            self.assertIn("更新 1", self.run_import(draft=True), kept)
            self.run_import(self.write("memo.md", **self.FIRST, excerpt=f'"{kept}の前"'), draft=True)
        self.assertEqual(Post.objects.count(), 1)

    def test_a_day_in_the_name_says_which_article_it_is(self):
        self.run_import(self.write("2026-11-04-memo.md", **self.FIRST), draft=True)
        self.assertIn("更新 1", self.run_import(self.write("2026-11-04-memo.md", **self.OTHER), draft=True))

    def test_whoever_may_not_see_the_other_article_is_not_told_its_title(self):
        self.run_import(self.write("memo.md", **self.FIRST), draft=True)
        machine, _ = make_machine()
        strangers = ({"way": "admin", "by": Person(make_writer())}, {"way": "api", "by": Machine(machine)})
        for stranger in strangers:
            arrival = self.receive(**stranger)
            self.assertEqual((arrival.outcome, arrival.post), ("failed", None))
            self.assertNotIn("甲の記事", str(arrival.problems))
            self.assertIn("というファイル名のほかの記事がもうあります。", arrival.problems[0].message)
        for friend in ({"way": "admin", "by": Person(make_editor())}, {"way": "folder", "by": IMPORT}):
            self.assertIn(self.SAID, self.receive(**friend).problems[0].message)
        self.assertFirstStands()
