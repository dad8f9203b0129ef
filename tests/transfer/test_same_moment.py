"""A file whose name has no day: whether it is a version of an article is a guess, and the desk decides."""

from blog.models import Manuscript, Post
from tests.transfer.base import ImportCase

EXACT = "2026-11-04 16:40:22 +0000"
WORDS = "日時が同じなので、記事「2026-11-04-a」の別の版とみなして提案にします。"


class SameMomentTests(ImportCase):
    def dated(self):
        return self.write("2026-11-04-a.md", date=EXACT, body="長い記事。")

    def seed(self):
        return self.write("seed.txt", date=EXACT, body="短い記事。", title='"別の題"')

    def assertOneLiveTextAndAProposal(self):
        post = Post.objects.get()
        self.assertEqual((post.import_ref, post.body.strip()), ("2026-11-04-a", "長い記事。"))
        self.assertEqual(post.working.content["title"], "別の題")
        self.assertEqual(post.stage, Post.Stage.REVIEW)

    def test_second_of_a_date_makes_a_proposal_and_names_the_article(self):
        self.run_import(self.dated())
        said = self.run_import(self.seed())
        self.assertIn("提案（編集者の版を残しました） 1", said)
        self.assertIn(f"注意 seed.txt: {WORDS}", said)
        self.assertOneLiveTextAndAProposal()

    def test_both_at_once_give_the_same_in_any_order_and_twice(self):
        files = [self.dated(), self.seed()]
        self.assertIn(
            "新規 1、更新 0、変更なし 0、提案（編集者の版を残しました） 1",
            self.run_import(*files, dry_run=True),
        )
        said = self.run_import(*reversed(files))
        self.assertIn("新規 1、更新 0、変更なし 0、提案（編集者の版を残しました） 1", said)
        self.assertIn(f"注意 seed.txt: {WORDS}", said)
        self.assertOneLiveTextAndAProposal()
        manuscripts = list(Manuscript.objects.order_by("ref").values())
        self.assertIn("変更なし 2", self.run_import(*files))
        self.assertEqual(list(Manuscript.objects.order_by("ref").values()), manuscripts)
        self.assertOneLiveTextAndAProposal()

    def test_seed_that_came_first_stays_a_post_and_the_dated_file_says_that_it_is_there(self):
        self.run_import(self.seed())
        said = self.run_import(self.dated())
        self.assertIn("新規 1", said)
        self.assertIn("注意 2026-11-04-a.md: 同じ日時の記事「seed」があります。", said)
        self.assertEqual(Post.objects.count(), 2)

    def test_day_hour_or_minute_says_nothing(self):
        for number, date in enumerate(("2026-11-04", "2026-11-04 09:00", "2026-11-04 09:41:00 +0900")):
            self.write(f"2026-11-04-{number}.md", date=date)
            self.write(f"memo-{number}.md", date=date)
        self.assertIn("新規 6、", self.run_import())

    def test_two_files_without_a_day_are_two_articles(self):
        self.run_import(self.write("memo.md", date=EXACT))
        self.assertIn("新規 1、", self.run_import(self.write("other.md", date=EXACT, title='"ほか"')))
