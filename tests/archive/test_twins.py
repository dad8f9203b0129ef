"""Files of one name in several folders."""

from blog.models import Manuscript, Post
from tests.archive.base import ImportCase
from tests.archive.documents import document

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
