"""Names of sections and authors that the magazine does not know: taken over with the archive, never with a draft."""

from blog.editorial import publishing, taxonomy
from blog.editorial.actors import IMPORT, Person
from blog.models import Author, Category, Collection, Manuscript, Post
from blog.text.findings import Code
from blog.transfer.intake import inbox
from tests.make import NOON, make_editor
from tests.transfer.base import ImportCase
from tests.transfer.documents import document

SECTION = "カテゴリ「速報欄」がありません。ほかのカテゴリを選ぶか、編集長に作ってもらってください。"
AUTHOR = "著者「山田」がありません。ほかの著者を選ぶか、編集長に作ってもらってください。"
NAMES = {"categories": "[速報欄]", "author": "山田"}


class UnknownNameTests(ImportCase):
    def assertNothingMade(self):
        self.assertFalse(Category.objects.filter(name="速報欄").exists())
        self.assertFalse(Author.objects.filter(name="山田").exists())

    def test_take_over_makes_them_and_a_dry_run_says_that_it_would(self):
        self.write("2026-11-04-a.md", **NAMES)
        said = self.run_import(dry_run=True)
        self.assertIn("注意 カテゴリ「速報欄」を新しく作ります。", said)
        self.assertIn("注意 著者「山田」を新しく作ります。", said)
        self.assertNothingMade()
        self.assertIn("注意 カテゴリ「速報欄」を新しく作りました。", self.run_import())
        self.assertEqual(Post.objects.get().category.name, "速報欄")

    def test_draft_keeps_the_names_it_came_with_and_tells_the_desk(self):
        self.write("2026-11-04-a.md", **NAMES)
        said = self.run_import(draft=True)
        self.assertIn(f"注意 2026-11-04-a.md: {SECTION}", said)
        self.assertIn(f"注意 2026-11-04-a.md: {AUTHOR}", said)
        self.assertNothingMade()
        content = Post.objects.get().working.content
        self.assertEqual((content["category"], content["bylines"][0]["author"]), ("速報欄", "山田"))

    def test_what_a_machine_sends_makes_nothing_and_cannot_go_out_under_unknown_names(self):
        source = inbox.document("2026-11-04-a.md", document(**NAMES).encode())
        [arrival] = inbox.receive([source], way=Manuscript.Way.API, by=IMPORT, now=NOON)
        self.assertEqual(
            [found.message for found in arrival.problems if found.code == Code.UNKNOWN_NAME],
            [SECTION, AUTHOR],
        )
        self.assertNothingMade()
        editor = make_editor()
        with self.assertRaises(publishing.NotReady) as refused:
            publishing.publish(revision=arrival.post.working, by=Person(editor), now=NOON)
        self.assertEqual({found.field for found in refused.exception.findings}, {"category", "bylines"})
        Category.objects.create(name="速報欄")
        Author.objects.create(name="山田")
        publishing.publish(revision=arrival.post.working, by=Person(editor), now=NOON)
        self.assertEqual(Post.objects.get().category.name, "速報欄")

    def test_proposal_for_a_public_post_makes_nothing_either(self):
        self.write("2026-11-04-a.md")
        self.run_import()
        self.write("2026-11-04-a.md", **NAMES)
        self.assertIn("提案（編集者の版を残しました） 1", self.run_import(draft=True))
        self.assertNothingMade()

    def test_series_of_the_archive_is_taken_over_and_found_by_its_name_of_today(self):
        self.write("2026-11-04-a.md", series="計算の値段")
        self.assertIn("注意 連載「計算の値段」を新しく作りました。", self.run_import())
        series = Collection.objects.get()
        series.name = "計算の原価"
        taxonomy.save_named(series, by=IMPORT, now=NOON)
        self.write("2026-11-05-b.md", series="計算の値段")
        self.run_import()
        self.assertEqual(series.posts.count(), 2)

    def test_series_that_a_draft_names_is_for_the_desk_to_begin(self):
        self.write("2026-11-04-a.md", series="知らない連載")
        said = self.run_import(draft=True)
        self.assertIn("連載「知らない連載」がありません。", said)
        self.assertFalse(Collection.objects.exists())
        self.assertEqual(Post.objects.get().working.content["collection"], "知らない連載")

    def test_what_another_generator_means_by_series_is_kept_as_it_is(self):
        self.write("2026-11-04-a.md", series="{name: 連載, part: 2}")
        self.run_import()
        self.assertFalse(Collection.objects.exists())
        self.assertEqual(Post.objects.get().working.content["extra"]["series"], {"name": "連載", "part": 2})

    def test_case_and_width_make_no_second_section_author_or_series(self):
        Category.objects.create(name="AI技術ガイド")
        Author.objects.create(name="John Smith")
        self.write("2026-11-04-a.md", categories="[ai技術ガイド]", author="john smith", series="Deep Dive")
        self.write(
            "2026-11-05-b.md", categories="[ＡＩ技術ガイド]", author="Ｊohn Smith", series="ＤＥＥＰ dive"
        )
        self.run_import()
        self.assertEqual(Category.objects.get().posts.count(), 2)
        self.assertEqual(Author.objects.get(name__contains="mith").posts.count(), 2)
        self.assertEqual(Collection.objects.get().posts.count(), 2)

    def test_new_author_in_two_spellings_is_one(self):
        self.write("2026-11-04-a.md", author="Ann Lee")
        self.write("2026-11-05-b.md", author="ＡＮＮ　ＬＥＥ")
        self.run_import()
        self.assertEqual({post.credits[0].author.name for post in Post.objects.all()}, {"Ann Lee"})
