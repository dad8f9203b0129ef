"""A post that stands somewhere, and an article that comes: what readers find at the old path, whatever happens."""

import json
import uuid

from blog.models import Address, Manuscript, Post
from tests.transfer.base import ImportCase
from tests.transfer.documents import document

STANDS, COMES = "2026-03-01-a.md", "2026-02-28-a.md"
SAME_DAY = {"date": "2026-03-01 12:00:00 +0900"}
"""The day and the name of the post that stands there, and later: on the old site this one had the path."""


class MovingTests(ImportCase):
    def setUp(self):
        super().setUp()
        self.write(STANDS, date="2026-03-01 08:00:00 +0900")
        self.run_import()
        (self.folder / STANDS).unlink()

    def answers(self):
        return {
            address.path: (address.kind, address.post.import_ref)
            for address in Address.objects.filter(post__isnull=False).select_related("post")
        }

    def test_later_article_takes_the_path_and_the_report_tells_who_moved(self):
        self.write(COMES, **SAME_DAY)
        said = self.run_import()
        self.assertIn("注意 2026-03-01-a: URL が /2026/03/01/a/ から /2026/03/01/a-2/ に変わります", said)
        self.assertEqual(
            self.answers(),
            {
                "/2026/03/01/a/": ("current", "2026-02-28-a"),
                "/2026/03/01/a-2/": ("current", "2026-03-01-a"),
                "/2026/02/28/a/": ("moved", "2026-02-28-a"),
            },
        )

    def test_article_that_cannot_go_out_moves_nobody(self):
        self.write(COMES, document(body="", **SAME_DAY))
        before = self.answers()
        for dry_run in (True, False):
            said = self.run_import(dry_run=dry_run)
            self.assertIn(f"失敗 {COMES}: 本文を入れてください。", said)
            self.assertNotIn("に変わります", said)
        self.assertEqual(self.answers(), before)
        self.assertEqual(Manuscript.objects.get(ref="2026-02-28-a").outcome, "failed")

    def test_article_that_is_refused_at_the_last_moment_moves_nobody(self):
        self.write(COMES, **SAME_DAY)
        before = self.answers()
        # The identity that the file's name gives is another post's: only the database can tell.
        identity = uuid.uuid5(uuid.NAMESPACE_URL, "import:2026-02-28-a")
        Post.objects.filter(import_ref="2026-03-01-a").update(uuid=identity)
        with self.assertLogs("blog.transfer.importing", "WARNING"):
            said = self.run_import()
        self.assertIn(f"失敗 {COMES}: データベースに保存できない値があります。", said)
        self.assertNotIn("に変わります", said)
        self.assertNotIn("UNIQUE", said)
        self.assertEqual(self.answers(), before)

    def test_permalink_takes_no_path_where_a_post_stands(self):
        self.write("2026-11-04-b.md", permalink="/2026/03/01/a/")
        said = self.run_import()
        self.assertIn(
            "permalink は使いません: /2026/03/01/a/（この記事の URL は /2026/11/04/b/ です）。", said
        )
        self.assertEqual(self.answers()["/2026/03/01/a/"], ("current", "2026-03-01-a"))

    def test_url_table_names_only_what_comes_in(self):
        self.write("2026-11-04-b.md", document(body=""))
        self.write("2026-11-05-c.md", date="1850-01-01")
        self.write("2026-11-06-d.md")
        said = self.run_import(json=self.folder / "report.json")
        self.assertIn("失敗 2", said)
        self.assertIn("URL 1、", said)
        routes = json.loads((self.folder / "report.json").read_text())["routes"]
        self.assertEqual([route["ref"] for route in routes], ["2026-11-06-d"])


class NewVersionTests(ImportCase):
    def test_new_version_keeps_date_and_path_and_says_so(self):
        self.write(STANDS)
        self.run_import()
        self.write(STANDS, date="2026-11-14", permalink="/2026/11/14/b/", body="二。")
        said = self.run_import()
        self.assertIn("更新 1", said)
        self.assertIn("date が公開日時と違います。公開した記事の日時は変わりません。", said)
        self.assertIn("permalink は使いません: /2026/11/14/b/", said)
        self.assertEqual(Post.objects.get().path, "/2026/11/04/a/")

    def test_old_path_that_a_new_version_names_leads_to_the_post_once(self):
        self.write(STANDS)
        self.run_import()
        self.write(STANDS, redirect_from="[/mukashi/]")
        self.assertIn("更新 1", self.run_import())
        address = Address.objects.get(path="/mukashi/")
        self.assertEqual((address.kind, address.post), ("moved", Post.objects.get()))
        address.delete()  # the desk has other plans for it
        self.assertIn("変更なし 1", self.run_import())
        self.assertFalse(Address.objects.filter(path="/mukashi/").exists())

    def test_drafts_and_proposals_make_no_redirects_and_say_so(self):
        self.write(STANDS)
        self.run_import()
        self.write(STANDS, redirect_from="[/mukashi/]", body="二。")
        self.write("2026-11-05-b.md", redirect_from="[/motto-mukashi/]", permalink="/2026/11/09/c/")
        said = self.run_import(draft=True)
        for name in (STANDS, "2026-11-05-b.md"):
            self.assertIn(
                f"注意 {name}: redirect_from は、公開中の記事の取り込みでだけ転送になります。", said
            )
        self.assertFalse(Address.objects.filter(path__in=("/mukashi/", "/motto-mukashi/")).exists())
        content = Post.objects.get(import_ref="2026-11-05-b").working.content
        self.assertEqual((content["day"], content["slug"]), ("2026-11-09", "c"))
