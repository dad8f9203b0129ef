"""A newer version of a file comes: what the desk wrote stays, what the file corrects arrives, nothing comes too early."""

from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from blog.editorial import publishing, taxonomy
from blog.editorial.actors import IMPORT, Machine, Person
from blog.editorial.content import Content
from blog.editorial.publishing.writing import empty_bin
from blog.models import Author, Category, Manuscript, Post, Revision
from blog.transfer.exporting.exporter import export
from blog.transfer.exporting.restorer import restore
from blog.transfer.importing.report import Report
from blog.transfer.intake import inbox
from tests.make import NOON, make_editor, make_machine
from tests.transfer.base import ImportCase
from tests.transfer.documents import document

NAME = "2026-11-04-a.md"
PROPOSED = "提案（編集者の版を残しました） 1"


class VersionCase(ImportCase):
    """`bring` is the file in its next version; the paragraphs of the text are its arguments."""

    def setUp(self):
        super().setUp()
        self.editor = make_editor()

    def bring(self, *paragraphs, draft=False, future=False, **keys):
        self.write(NAME, body="\n\n".join(paragraphs), **keys)
        return self.run_import(draft=draft, future=future)

    @property
    def post(self):
        return Post.objects.get()

    @property
    def paragraphs(self):
        return self.post.working.content["body"].strip().split("\n\n")

    def edit(self, *paragraphs, publish=False, **values):
        """An editor saves, and publishes if that is said."""
        post = self.post
        content = replace(
            Content.from_json(post.working.content), body="\n\n".join(paragraphs) + "\n", **values
        )
        revision = publishing.save(
            post=post, content=content, by=Person(self.editor), now=NOON, base=post.working
        )
        if publish:
            publishing.publish(revision=revision, by=Person(self.editor), now=NOON)


class AfterTheDeskTests(VersionCase):
    def test_editors_words_outlive_every_later_version_of_a_draft(self):
        self.bring("一。", "二。", "三。", draft=True)
        self.edit("編集者の一。", "編集者の二。", "三。")
        self.assertIn(PROPOSED, self.bring("一。", "届いた二。", "三。", draft=True))
        self.assertEqual(self.paragraphs, ["編集者の一。", "届いた二。", "三。"])
        self.assertEqual(self.post.working.note, "届いた原稿が第2版と食い違っています。")
        self.assertIn(PROPOSED, self.bring("一。", "届いた二。", "直った三。", draft=True))
        self.assertEqual(self.paragraphs, ["編集者の一。", "届いた二。", "直った三。"])
        self.assertEqual((self.post.working.note, self.post.stage), ("", Post.Stage.REVIEW))

    def test_correction_that_readers_see_outlives_them_too_even_when_the_desk_publishes_the_merge(self):
        self.bring("一。", "二。", "三。")
        self.edit("訂正した一。", "編集者の二。", "三。", publish=True)
        self.bring("一。", "届いた二。", "三。")
        self.bring("一。", "届いた二。", "直った三。")
        self.assertEqual(self.paragraphs, ["訂正した一。", "届いた二。", "直った三。"])
        self.assertIn("編集者の二", self.post.body)
        publishing.publish(revision=self.post.working, by=Person(self.editor), now=NOON)
        self.assertIn(PROPOSED, self.bring("一。", "届いた二。", "三。", "四。"))
        self.assertIn("訂正した一。", self.post.body)
        self.assertNotIn("四。", self.post.body)

    def test_what_a_third_version_corrects_in_the_second_arrives_without_a_contradiction(self):
        self.bring("一。", "二。")
        self.edit("編集者の一。", "二。")
        self.bring("一。", "間違った二。")
        self.bring("一。", "また違う二。")
        self.assertEqual((self.paragraphs[1], self.post.working.note), ("また違う二。", ""))
        self.bring("一。", "二。", excerpt='"別の要点。"')
        self.assertEqual(self.paragraphs, ["編集者の一。", "二。"])
        self.bring("一。", "間違った二。", excerpt='"また別の要点。"')
        self.bring("一。", "二。", excerpt='"また別の要点。"', description='"説明。"')
        self.assertEqual((self.paragraphs[1], self.post.working.note), ("二。", ""))

    def test_what_a_file_said_is_kept_word_for_word_beside_what_became_of_it(self):
        self.bring("一。", "二。")
        self.edit("編集者の一。", "二。")
        self.bring("一。", "届いた二。")
        kinds = {revision.number: revision.kind for revision in self.post.revisions.all()}
        self.assertEqual(kinds, {1: "import", 2: "save", 3: "import", 4: "merge"})
        self.assertEqual(self.post.revisions.get(number=3).content["body"], "一。\n\n届いた二。\n")

    def test_file_that_says_what_the_desk_has_written_already_disturbs_nobody(self):
        self.bring("誤植。", "二。")
        self.edit("正しい字。", "編集者の二。", publish=True)
        self.bring("正しい字。", "二。")
        self.assertFalse(self.post.has_unpublished_changes)
        self.assertEqual(self.post.stage, Post.Stage.APPROVED)
        self.bring("もっと正しい字。", "二。")
        self.assertEqual(self.paragraphs, ["もっと正しい字。", "編集者の二。"])
        self.assertEqual((self.post.working.note, self.post.stage), ("", Post.Stage.REVIEW))

    def test_words_that_came_back_with_an_export_are_the_desks(self):
        self.bring("一。", "二。", draft=True)
        self.edit("編集者の一。", "二。")
        export(self.folder / "out", now=NOON)
        [file] = (self.folder / "out/_drafts").iterdir()
        file.write_text(file.read_text().replace("二。", "書き出して直した二。"))
        restore(self.folder / "out", now=NOON, report=Report())
        self.assertEqual(self.paragraphs, ["編集者の一。", "書き出して直した二。"])
        path = self.write(NAME, body="一。\n\n二。\n\n三。")
        self.assertIn(PROPOSED, self.run_import(path, draft=True))
        self.assertEqual(self.paragraphs[0], "編集者の一。")

    def test_names_that_the_desk_has_merged_since_are_no_new_version(self):
        self.bring("一。", categories="[甲]", author="山田")
        for model, old, new in ((Category, "甲", "乙"), (Author, "山田", "山田花子")):
            into = model.objects.create(name=new)
            taxonomy.merge(sources=[model.objects.get(name=old)], into=into, by=IMPORT, now=NOON)
        before = list(Revision.objects.values())
        self.assertIn("変更なし 1", self.run_import())
        self.assertEqual(list(Revision.objects.values()), before)
        self.assertIn("更新 1", self.bring("二。", categories="[甲]", author="山田"))
        self.assertEqual((self.post.category.name, self.post.credits[0].author.name), ("乙", "山田花子"))


class ScheduledTests(VersionCase):
    DATE = "2099-01-01 20:00:00 +0900"

    def test_newer_version_of_a_scheduled_article_keeps_its_hour(self):
        self.bring("一。", date=self.DATE, future=True)
        at = self.post.published_at
        self.assertIn("更新 1", self.bring("二。", date=self.DATE))
        self.assertEqual((self.post.published_at, self.post.body), (at, "二。\n"))
        self.assertEqual(self.client.get(self.post.path).status_code, 404)

    def test_newer_version_needs_no_word_for_a_schedule_that_stands(self):
        self.bring("一。", date=self.DATE, future=True)
        self.assertIn("更新 1", self.bring("二。", date=self.DATE))
        later = "2099-02-01 20:00:00 +0900"
        said = self.bring("三。", date=later)
        self.assertIn(PROPOSED, said)
        self.assertIn(
            "date はまだ来ていない日時（2099-02-01 20:00）ですが、記事は公開か予約のままです。", said
        )
        self.assertEqual(self.post.body, "二。\n")

    def test_scheduled_article_whose_path_a_later_one_takes_keeps_its_hour(self):
        self.write("2099-01-01-x.md", date="2099-01-01 20:00:00 +0000")
        self.run_import(future=True)
        first = self.post
        self.write("2099-01-02-x.md", date="2099-01-02 05:00:00 +0000")
        self.assertIn("に変わります", self.run_import(future=True))
        moved = Post.objects.get(pk=first.pk)
        self.assertNotEqual(moved.path, first.path)
        self.assertEqual(moved.published_at, first.published_at)
        self.assertFalse(Post.objects.published(timezone.now()).exists())


class NotForReadersTests(VersionCase):
    """`published: false`, and its end."""

    STAYS = "published: false とありますが、記事は公開か予約のままです。"
    DRAFT = "記事は下書きのままです。"

    def test_version_that_is_not_for_readers_is_a_proposal_and_the_article_stays(self):
        self.bring("一。")
        said = self.bring("消した。", published="false")
        self.assertIn(PROPOSED, said)
        self.assertIn(f"注意 {NAME}: 9行目: {self.STAYS}", said)
        self.assertEqual((self.post.body, self.paragraphs), ("一。\n", ["消した。"]))

    def test_where_the_text_is_the_same_it_is_said_all_the_same(self):
        self.bring("一。")
        said = self.bring("一。", published="false", redirect_from="[/mukashi/]")
        self.assertIn("変更なし 1", said)
        self.assertIn(self.STAYS, said)
        self.assertEqual(self.client.get("/mukashi/").status_code, 404)

    def test_other_words_for_a_draft_leave_the_article_to_the_desk_too(self):
        for number, (key, value) in enumerate(
            {"private": "true", "status": "draft", "date": "2099-01-01", "expiryDate": "2020-01-01"}.items()
        ):
            with self.subTest(key):
                self.bring("一。")
                said = self.bring("一。", f"消した{number}。", **{key: value})
                self.assertIn(PROPOSED, said)
                self.assertIn("記事は公開か予約のままです。取り下げや予約の取り消しは、記事の画面で", said)
                self.assertNotIn("公開を見合わせて", said)
                self.assertEqual(self.post.body, "一。\n")
                self.assertEqual(self.client.get(self.post.path).status_code, 200)
                Post.objects.all().delete()
                Manuscript.objects.all().delete()

    def test_draft_that_is_for_readers_now_waits_for_the_desk_and_that_is_said(self):
        self.assertNotIn(self.DRAFT, self.bring("一。", published="false"))
        said = self.bring("最終稿。")
        self.assertIn("更新 1", said)
        self.assertIn(f"注意 {NAME}: {self.DRAFT}", said)
        self.assertEqual((self.post.live_revision, self.paragraphs), (None, ["最終稿。"]))
        self.assertNotIn(self.DRAFT, self.bring("書き足した最終稿。", draft=True))


class AgainTests(VersionCase):
    """Versions that came before, and posts that somebody has thrown away."""

    OLD = "前に届いた古い版です。"
    GONE = "この版からできた記事は捨てられています。"

    def receive(self, *paragraphs, by=IMPORT, **values):
        text = document(body="\n\n".join(paragraphs))
        [arrival] = inbox.receive([inbox.document(NAME, text.encode())], by=by, now=NOON, **values)
        return arrival

    def test_older_version_that_comes_again_changes_nothing_and_says_why(self):
        self.bring("一。")
        self.assertNotIn(self.OLD, self.bring("二。") + self.run_import())
        said = self.bring("一。")
        self.assertIn("変更なし 1", said)
        self.assertIn(f"注意 {NAME}: {self.OLD}", said)
        self.assertEqual(self.post.body, "二。\n")

    def throw_away(self):
        publishing.discard(post=self.post, by=Person(self.editor), now=NOON)
        empty_bin(now=NOON + timedelta(days=publishing.BIN_DAYS))
        self.assertFalse(Post.objects.exists())

    def test_what_was_thrown_away_does_not_come_back_by_itself(self):
        self.bring("一。", draft=True)
        self.throw_away()
        machine, _ = make_machine()
        for draft in (True, False):
            said = self.run_import(draft=draft)
            self.assertIn("変更なし 1", said)
            self.assertIn(f"注意 {NAME}: {self.GONE}", said)
            self.assertIn("URL 0、", said)
        for values in ({"way": Manuscript.Way.FOLDER}, {"way": Manuscript.Way.API, "by": Machine(machine)}):
            self.assertEqual(self.receive("一。", **values).outcome, "unchanged")
        self.assertFalse(Post.objects.exists())
        self.assertIn("新規 1", self.bring("書き直した一。", draft=True))

    def test_a_person_who_brings_it_again_has_it_as_a_draft(self):
        self.receive("一。", way=Manuscript.Way.FOLDER)
        self.throw_away()
        arrival = self.receive("一。", way=Manuscript.Way.ADMIN, by=Person(self.editor))
        self.assertEqual((arrival.outcome, arrival.post), ("created", self.post))
        manuscript = Manuscript.objects.get()
        self.assertEqual((manuscript.post, manuscript.sender), (self.post, self.editor))
        self.assertEqual(self.receive("一。", way=Manuscript.Way.FOLDER).outcome, "unchanged")

    def test_post_in_the_bin_takes_new_versions_and_stays_there(self):
        self.bring("一。", "二。", draft=True)
        publishing.discard(post=self.post, by=Person(self.editor), now=NOON)
        said = self.bring("一。", "直した二。", draft=True)
        self.assertIn("更新 1、", said)
        self.assertIn(f"注意 {NAME}: この記事はゴミ箱にあります。", said)
        publishing.restore_from_trash(post=self.post, by=Person(self.editor))
        self.edit("編集者の一。", "直した二。")
        publishing.discard(post=self.post, by=Person(self.editor), now=NOON)
        self.assertIn("失敗 0", self.bring("一。", "もっと直した二。", draft=True))
        self.assertEqual(self.post.trashed_at, NOON)
        self.assertEqual(self.paragraphs, ["編集者の一。", "もっと直した二。"])
