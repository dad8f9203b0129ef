"""Articles that their files keep from readers: an import never makes them public, and says which and why."""

import json
import os
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from blog.models import Author, Category, Manuscript, Post
from blog.text.findings import Code
from tests.transfer.base import ImportCase
from tests.transfer.documents import document

DRAFT = "公開せず下書きにします。公開するときは、記事の画面で公開してください。"


class HeldBackTests(ImportCase):
    def assertUnseen(self, word):
        """No reader finds `word`: not in feeds, sitemaps, lists, search; nor the page of any post."""
        call_command("rebuild_search", stdout=StringIO())
        for path in ("/", "/feed.xml", "/feed.atom", "/feed.json", "/archive/", "/llms.txt"):
            with self.subTest(path):
                self.assertNotIn(word, self.client.get(path).content.decode())
        self.assertNotContains(self.client.get("/search/", {"q": word}), 'class="card"')
        self.assertEqual(self.client.get("/sitemap-2026-11.xml").status_code, 404)
        self.assertFalse(Post.objects.exclude(live_revision=None).exists())

    def test_a_public_article_is_found_where_drafts_are_looked_for(self):
        self.write("2026-11-04-mieru.md", title="見える記事")
        self.assertNotIn("見合わせ", self.run_import())
        call_command("rebuild_search", stdout=StringIO())
        self.assertIn("見える記事", self.client.get("/feed.xml").content.decode())
        self.assertContains(self.client.get("/search/", {"q": "見える記事"}), 'class="card"')
        self.assertContains(self.client.get("/sitemap-2026-11.xml"), "/2026/11/04/mieru/")
        self.assertEqual(self.client.get("/2026/11/04/mieru/").status_code, 200)

    def test_the_date_counts_in_any_case_and_width(self):
        for number, key in enumerate(("Date", "DATE", "ｄａｔｅ", '" date"')):
            head = {"title": f"先の記事{number}", "date": None, key: "2099-01-01 09:00:00 +0900"}
            self.write(f"2026-11-04-saki-{number}.md", **head)
        self.run_import()
        self.assertEqual(Post.objects.count(), 4)
        self.assertUnseen("先の記事")

    def test_no_word_of_any_generator_lets_a_draft_out(self):
        words = {
            **{"draft": "true", "published": '"false"', "status": "private", "visibility": "members"},
            **{
                "private": "true",
                "publish": "false",
                "publishDate": "2099-01-01",
                "expiryDate": "2020-01-01",
            },
            **{"date": "2099-01-01 09:00:00 +0900", "Status": "完成", "unlisted": "yes"},
        }
        for number, (key, value) in enumerate(words.items(), start=10):
            self.write(f"2026-11-{number}-kakushi{number}.md", title="隠した記事", **{key: value})
        foretold = self.run_import(dry_run=True)
        said = self.run_import()
        self.assertEqual(Post.objects.count(), len(words))
        self.assertUnseen("隠した記事")
        for number in range(10, 10 + len(words)):
            self.assertEqual(self.client.get(f"/2026/11/{number}/kakushi{number}/").status_code, 404)
            name = f"2026-11-{number}-kakushi{number}.md"
            for lines in (said, foretold):
                [line] = [line for line in lines.split("\n") if name in line and DRAFT in line]
                self.assertRegex(line, rf"^注意 {name}: \d+行目: ")
        total = f"公開を見合わせて下書きにするもの {len(words)} 件: "
        self.assertIn(total, said)
        self.assertIn(total, foretold)

    def test_line_key_and_reason_are_told_and_the_total_counts_them(self):
        self.write("2026-11-04-a.md", draft="true")
        self.write("2026-11-05-b.md", draft="true", status="draft")
        self.write("2026-11-06-c.md", status="完成")
        self.write("2026-11-07-d.md")
        self.write("_drafts/2026-11-08-e.md")
        said = self.run_import(json=self.folder / "report.json")
        self.assertIn(f"注意 2026-11-04-a.md: 9行目: draft: true とあるので、{DRAFT}", said)
        self.assertIn(f"注意 2026-11-05-b.md: 9行目: draft: true とあるので、{DRAFT}", said)
        self.assertIn(f"注意 2026-11-05-b.md: 10行目: status: draft とあるので、{DRAFT}", said)
        unknown = "status: 完成 が公開してよい印か分からないので"
        self.assertIn(f"注意 2026-11-06-c.md: 9行目: {unknown}、{DRAFT}", said)
        self.assertIn(f"注意 _drafts/2026-11-08-e.md: フォルダー _drafts の中にあるので、{DRAFT}", said)
        self.assertIn(
            "公開を見合わせて下書きにするもの 4 件: draft: true（2）、status: 完成（1）、フォルダー _drafts（1）",
            said,
        )
        held = json.loads((self.folder / "report.json").read_text())["held"]
        self.assertEqual(held["2026-11-05-b.md"], ["draft: true", "status: draft"])
        self.assertEqual(len(held), 4)
        self.assertEqual(Post.objects.exclude(live_revision=None).get().import_ref, "2026-11-07-d")

    def test_the_desk_sees_the_reason_beside_what_arrived(self):
        self.write("2026-11-04-a.md", draft="true")
        self.run_import()
        manuscript = Manuscript.objects.get()
        [problem] = [problem for problem in manuscript.findings if problem.code == Code.HELD_BACK]
        self.assertEqual((problem.line, problem.is_blocking), (9, False))
        self.assertIn("draft: true とあるので", problem.message)

    def test_folder_of_drafts_is_known_however_the_import_is_pointed_at_it(self):
        self.write("_drafts/kaki-kake.md", date=None, title="書きかけ")
        self.write("_drafts/2024/mada.md", title="書きかけ")
        archive = self.zip("site.zip", [("site/_drafts/zip.md", document(date=None, title="書きかけ"))])
        packed = self.zip("_drafts.zip", [("only.md", document(date=None, title="書きかけ"))])
        inside = self.folder / "_drafts"
        here = os.path.relpath(inside)
        for paths in (
            [self.folder],
            [inside],
            [Path(here)],
            [inside / "kaki-kake.md"],
            [inside / "2024"],
            [inside / "2024" / "mada.md"],
            [archive],
            [packed],
        ):
            with self.subTest(paths):
                said = self.run_import(*paths)
                self.assertIn("フォルダー _drafts の中にあるので", said)
                self.assertIn("失敗 0", said)
                self.assertUnseen("書きかけ")
        self.assertEqual(Post.objects.count(), 4)

    def test_draft_without_a_date_comes_in_twice_without_change_and_a_public_one_does_not(self):
        self.write("memo.md", date=None, draft="true")
        self.write("oboe.md", date=None)
        said = self.run_import()
        self.assertIn("新規 1、更新 0、変更なし 0、提案（編集者の版を残しました） 0、失敗 1", said)
        self.assertIn("失敗 oboe.md: date がありません。", said)
        self.assertIn("変更なし 1", self.run_import())
        self.write("memo.md", date=None, draft="true", title="題を変えた")
        self.assertIn("更新 1", self.run_import())
        self.assertEqual(Post.objects.get().working_title, "題を変えた")

    def test_draft_whose_date_is_not_fixed_yet_comes_in_and_is_told(self):
        self.write("_drafts/memo.md", date="未定")
        said = self.run_import()
        self.assertIn("新規 1", said)
        self.assertIn("注意 _drafts/memo.md: 4行目: dateは日時として読めません：未定", said)

    def test_draft_without_a_section_comes_in_and_makes_no_names_for_readers(self):
        self.write("2026-11-04-a.md", draft="true", categories="[極秘企画]", author="覆面")
        self.write("2026-11-05-b.md", draft="true", categories=None)
        self.write("2026-11-06-c.md", categories="[公の欄]", author="山田")
        self.write("2026-11-07-d.md", draft="true", categories="[公の欄]", author="山田")
        said = self.run_import()
        self.assertIn("新規 4", said)
        self.assertIn("注意 2026-11-04-a.md: カテゴリ「極秘企画」がありません。", said)
        self.assertNotIn("2026-11-07-d.md: カテゴリ", said)
        self.assertEqual([category.name for category in Category.objects.all()], ["公の欄"])
        self.assertFalse(Author.objects.filter(name="覆面").exists())
        self.assertNotIn("極秘企画", self.client.get("/").content.decode())

    def test_word_that_held_it_back_is_not_kept_to_be_exported_after_the_desk_has_published(self):
        self.write("2026-11-04-a.md", draft="true", password="goma", mood="fine", status="完成")
        self.run_import()
        self.assertEqual(Post.objects.get().working.content["extra"], {"layout": "post", "mood": "fine"})

    def test_article_of_a_date_to_come_is_a_draft_and_a_schedule_only_when_the_operator_says_so(self):
        self.write("2099-01-01-a.md", date=None)
        said = self.run_import()
        self.assertIn("ファイル名の日付 がまだ来ていない日時（2099-01-01 00:00）なので", said)
        post = Post.objects.get()
        self.assertEqual((post.live_revision, post.published_at), (None, None))
        self.write("2099-01-02-b.md", date="2099-01-02")
        self.write("2099-01-03-c.md", date="2099-01-03", draft="true")
        self.run_import(future=True)
        live = Post.objects.exclude(live_revision=None)
        self.assertEqual([post.import_ref for post in live], ["2099-01-02-b"])

    def test_draft_whose_mark_is_gone_waits_for_the_desk(self):
        self.write("2026-11-04-a.md", draft="true")
        self.run_import()
        self.write("2026-11-04-a.md")
        said = self.run_import()
        self.assertIn("一度下書きになった記事は、取り込みでは公開されません。", said)
        self.assertNotIn("見合わせ", said)
        self.assertIsNone(Post.objects.get().live_revision)
