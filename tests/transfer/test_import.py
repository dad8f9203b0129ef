"""`manage.py import_posts`, as an operator uses it."""

import json
from dataclasses import replace

from django.core import mail
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from blog.editorial import publishing
from blog.editorial.actors import Person
from blog.editorial.content import Content
from blog.models import Address, Author, Category, Image, Manuscript, Notice, Post, Revision
from blog.transfer.importing.plan import BATCH
from tests.make import NOON, make_editor, picture_bytes
from tests.transfer.base import EVERYBODY_LISTENS, ImportCase
from tests.transfer.documents import SEED, document


class ImportTests(ImportCase):
    def test_seed_document_comes_in_clean(self):
        said = self.run_import(self.write("seed.txt", SEED))
        post = Post.objects.get()
        self.assertIn("新規 1、", said)
        self.assertEqual(post.title, "計算センター三社の提携、そのねらいは？")
        self.assertEqual(post.path, "/2026/11/05/計算センター三社の提携そのねらいは/")
        self.assertEqual(post.category.name, "投資分析")
        self.assertEqual(post.tags.count(), 7)
        self.assertEqual([credit.author.kind for credit in post.credits], [Author.Kind.ORGANIZATION])
        self.assertEqual((post.characters, post.reading_minutes), (39, 1))
        self.assertNotIn("END", post.body_html)
        self.assertNotIn(post.title, post.body_html)
        self.assertIn("<strong>「分け合う」</strong>が", post.body_html)

    def test_second_run_changes_nothing(self):
        self.write("2026-11-04-a.md", document())
        self.run_import()
        before = (
            list(Post.objects.values()) + list(Revision.objects.values()) + list(Address.objects.values())
        )
        self.assertIn("新規 0、更新 0、変更なし 1", self.run_import())
        after = list(Post.objects.values()) + list(Revision.objects.values()) + list(Address.objects.values())
        self.assertEqual(after, before)

    def test_newer_version_of_a_file_updates_without_telling_readers(self):
        self.write("2026-11-04-a.md", document())
        self.run_import()
        self.write("2026-11-04-a.md", document(body="書き直した本文です。"))
        self.assertIn("更新 1", self.run_import())
        post = Post.objects.get()
        self.assertIn("書き直した", post.body_html)
        self.assertIsNone(post.updated_at)

    def test_editors_work_is_never_overwritten(self):
        self.write("2026-11-04-a.md", document(body="元の段落。\n\n次の段落。"))
        self.run_import()
        post, editor = Post.objects.get(), make_editor()
        edited = Content.from_json(post.latest_revision.content)
        revision = publishing.save(
            post=post,
            content=replace(edited, title="直した題"),
            by=Person(editor),
            now=NOON,
            base=post.latest_revision,
        )
        publishing.publish(revision=revision, by=Person(editor), now=NOON)
        self.write("2026-11-04-a.md", document(body="元の段落。\n\n届いた段落。"))
        self.assertIn("提案（編集者の版を残しました） 1", self.run_import())
        post = Post.objects.get()
        self.assertEqual(post.title, "直した題")
        self.assertNotIn("届いた", post.body_html)
        self.assertIn("届いた", post.latest_revision.content["body"])
        self.assertEqual(post.stage, Post.Stage.REVIEW)

    def test_day_of_the_path_is_the_day_in_tokyo(self):
        self.write("2026-11-04-yoru.md", document(date="2026-11-04 17:25:00 +0000"))
        self.run_import()
        self.assertEqual(Post.objects.get().path, "/2026/11/05/yoru/")

    def test_names_with_spaces_and_colons_stay_whole(self):
        self.write(
            "2026-11-04-a.md",
            document(tags='["EU AI Act", "企業: Example", "Ｃ++"]', categories="[導入事例]"),
        )
        self.run_import()
        self.assertEqual(sorted(Post.objects.get().tags.slugs()), ["cpp", "eu-ai-act", "企業-example"])
        self.assertEqual(Category.objects.get().name, "導入事例")

    def test_draft_stays_a_draft_and_a_future_date_is_a_schedule_on_request(self):
        self.write("2026-11-04-a.md", document(published="false"))
        self.write("2026-11-05-b.md", document(date="2099-01-01 00:00:00 +0900"))
        self.run_import(future=True)
        self.assertEqual(
            [post.state(NOON) for post in Post.objects.order_by("import_ref")],
            ["執筆中", "予約 2099-01-01 00:00"],
        )

    def test_drafts_on_request_are_shown_to_nobody(self):
        self.write("2026-11-04-a.md", document())
        self.run_import(draft=True)
        self.assertFalse(Post.objects.published(NOON).exists())

    def test_dry_run_says_what_would_happen_and_keeps_nothing(self):
        self.write("2026-11-04-a.md", document())
        said = self.run_import(dry_run=True)
        self.assertIn("新規 1", said)
        self.assertFalse(Post.objects.exists() or Category.objects.exists())

    def test_images_of_the_folder_come_along(self):
        (self.folder / "images").mkdir()
        self.write("images/chip.png", picture_bytes())
        self.write("2026-11-04-a.md", document(hero="chip.png", body="![板](chip.png)\n\n![なし](nai.png)"))
        said = self.run_import(images=self.folder / "images")
        post = Post.objects.get()
        self.assertEqual(post.hero, Image.objects.get())
        self.assertIn(post.hero.url, post.body_html)
        self.assertIn("nai.png が見つかりません", said)

    def test_one_bad_file_stops_only_itself_and_says_where(self):
        self.write("2026-11-01-good.md", document())
        self.write("2026-11-02-yaml.md", "---\ntitle: [\n---\n本文")
        self.write("2026-11-03-sjis.md", document().encode("cp932"))
        self.write("2026-11-04-date.md", document(date="来週"))
        self.write("2026-11-05-none.md", "本文だけ")
        self.write("2026-11-06-bomb.md", document(tags="&a [x, x]\nb: [*a, *a]"))
        self.write("2026-11-07-big.md", b"---\ntitle: x\n---\n" + b"x" * 6_000_000)
        said = self.run_import()
        self.assertIn("新規 1、更新 0、変更なし 0、提案（編集者の版を残しました） 0、失敗 6", said)
        for name in ("yaml", "sjis", "date", "none", "bomb", "big"):
            self.assertRegex(said, rf"失敗 \S+-{name}\.md: \S+")

    def test_article_that_may_not_go_out_fails_alone_and_its_manuscript_is_kept(self):
        self.write("2026-11-01-a.md", document())
        self.write("2026-11-02-b.md", document(body=""))
        self.write("2026-11-03-c.md", document(published="false"))
        self.write("2026-11-04-d.md", document(tags="[新しい札]"))
        said = self.run_import()
        self.assertIn("新規 3、", said)
        self.assertIn("失敗 2026-11-02-b.md: 本文を入れてください。", said)
        self.assertEqual(
            list(Manuscript.objects.order_by("ref").values_list("ref", "outcome", "post__import_ref")),
            [
                ("2026-11-01-a", "created", "2026-11-01-a"),
                ("2026-11-02-b", "failed", None),
                ("2026-11-03-c", "created", "2026-11-03-c"),
                ("2026-11-04-d", "created", "2026-11-04-d"),
            ],
        )
        self.assertEqual(Post.objects.get(import_ref="2026-11-04-d").tags.get().name, "新しい札")

    def test_old_path_at_which_another_article_stands_stays_with_that_article(self):
        taken = "/2026/11/02/b/"
        self.write("2026-11-01-a.md", document(date="2026-11-01", redirect_from=f"[{taken}, /mukashi/]"))
        self.write("2026-11-02-b.md", document(date="2026-11-02"))
        self.assertIn("失敗 0", self.run_import())
        led = {address.path: address.post.slug for address in Address.objects.filter(post__isnull=False)}
        self.assertEqual(led, {"/2026/11/01/a/": "a", "/mukashi/": "a", taken: "b"})

    def test_statements_of_an_import_grow_with_its_batches_and_not_with_its_articles(self):
        def statements(day, count):
            paths = [self.write(f"2026-{day}-{n}.md", document(date=f"2026-{day}")) for n in range(count)]
            with CaptureQueriesContext(connection) as queries:
                self.run_import(*paths)
            return sum("blog_similarity" not in query["sql"] for query in queries)  # of the whole magazine

        statements("11-01", 1)  # makes section, author and tag
        self.assertEqual(statements("11-03", BATCH), statements("11-02", 1))

    def test_over_an_editors_contradicting_words_the_file_becomes_a_proposal_too(self):
        self.write("2026-11-04-a.md", document(body="元の段落。"))
        self.run_import()
        post, editor = Post.objects.get(), make_editor()
        edited = replace(Content.from_json(post.latest_revision.content), body="編集者の段落。")
        mine = publishing.save(
            post=post, content=edited, by=Person(editor), now=NOON, base=post.latest_revision
        )
        self.write("2026-11-04-a.md", document(body="届いた段落。"))
        self.assertIn("提案（編集者の版を残しました） 1", self.run_import())
        post.refresh_from_db()
        self.assertIn("元の段落", post.body)
        self.assertIn("届いた", post.latest_revision.content["body"])
        self.assertTrue(post.revisions.filter(pk=mine.pk).exists())
        self.assertIn("変更なし 1", self.run_import())

    def test_report_as_json_has_counts_warnings_failures_and_the_url_table(self):
        self.write("2026-11-04-a.md", document(date="2026-11-04 17:25:00 +0000", tags="[]"))
        self.write("2026-11-05-bad.md", "---\ntitle: [\n---\n")
        self.run_import(json=self.folder / "report.json")
        report = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        self.assertEqual(report["counts"], {"created": 1, "failed": 1})
        self.assertIn("タグがありません。", report["warnings"]["2026-11-04-a.md"])
        self.assertIn("行目", report["failures"]["2026-11-05-bad.md"])
        self.assertEqual(
            report["routes"],
            [
                {
                    "ref": "2026-11-04-a",
                    "path": "/2026/11/05/a/",
                    "redirect": "/2026/11/04/a/",
                    "was_shadowed": False,
                }
            ],
        )

    @override_settings(**EVERYBODY_LISTENS)
    def test_nothing_is_sent_because_of_an_import(self):
        for body in ("一版。", "二版。"):
            self.write("2026-11-04-a.md", body=body)
            self.run_import()
        self.assertEqual(Post.objects.get().body, "二版。\n")
        self.assertEqual((mail.outbox, list(Notice.objects.all())), ([], []))

    def test_path_that_is_not_there_is_one_failure_and_the_others_come_in(self):
        self.write("2026-11-04-a.md")
        said = self.run_import(
            self.folder / "nai.md", self.folder / "nai.zip", self.folder / "2026-11-04-a.md"
        )
        self.assertIn("失敗 nai.md: ファイルがありません", said)
        self.assertIn("失敗 nai.zip: ", said)
        self.assertIn("新規 1、", said)
        self.assertIn("2 件を取り込めませんでした", said)

    def test_folder_without_articles_is_told_as_a_mistake(self):
        self.assertIn("Markdownのファイル（.md、.markdown）が1つもありません", self.run_import())

    def test_size_of_the_database_is_told_on_both_databases(self):
        self.write("2026-11-04-a.md")
        self.assertRegex(self.run_import(), r"URL 1、転送 0、データベース \d[\d,]*\.\d MB")

    def test_quiet_run_tells_what_failed_and_the_counts_alone(self):
        self.write("2026-11-04-a.md", tags="[]")
        self.write("2026-11-05-bad.md", "---\ntitle: [\n---\n")
        said = self.run_import(verbosity=0).splitlines()
        self.assertEqual(
            [line.partition(" ")[0] for line in said], ["新規", "URL", "失敗", "1"], "\n".join(said)
        )
