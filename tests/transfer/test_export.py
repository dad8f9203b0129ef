"""`manage.py export_posts`: what it writes, and where."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from pathlib import Path

from django.core.management import CommandError, call_command
from django.db import connection
from django.test import TransactionTestCase

from blog.editorial import publishing, taxonomy
from blog.editorial.actors import IMPORT
from blog.models import Category, Post, Tag
from tests.base import update
from tests.make import NOON, make_content, make_draft, make_image, make_post, make_scheduled, throw_away
from tests.transfer.documents import document
from tests.transfer.exporting import LATER, ExportTestCase


class FilesTests(ExportTestCase):
    def test_post_is_written_in_one_order_and_one_style(self):
        post = make_post(
            title="電力の「値段」",
            slug="denryoku",
            tags=("電力", "企業: Example"),
            excerpt="要点。",
            body="本文。",
            extra={
                "reading_time": 8,
                "pillar_article": {"slug": "2026-01-01-a", "title": "あ"},
                "z": 1,
                "a": 2,
            },
        )
        self.export()
        self.assertEqual(
            self.text("_posts/2026-11-20-denryoku.md"),
            "---\n"
            'layout: "post"\n'
            'title: "電力の「値段」"\n'
            "date: 2026-11-20 12:00:00 +0900\n"
            'categories: ["AI最新ニュース"]\n'
            'tags: ["電力", "企業: Example"]\n'
            'author: "ALLFORCES編集部"\n'
            'excerpt: "要点。"\n'
            'permalink: "/2026/11/20/denryoku/"\n'
            f'uuid: "{post.uuid}"\n'
            "reading_time: 8\n"
            'pillar_article: {"slug": "2026-01-01-a", "title": "あ"}\nz: 1\na: 2\n'
            "---\n\n本文。\n",
        )

    def test_second_run_writes_the_same_bytes(self):
        make_post(tags=("b", "a", "c"))
        make_draft()
        make_image()
        self.assertEqual(self.export("first"), self.export("second"))

    def test_what_is_being_changed_and_what_is_in_the_bin_stay_at_home(self):
        post = make_post(body="いまの本文。")
        update(post, now=LATER, at=LATER + timedelta(days=1), body="ひみつの予約。", slug="himitsu-no-slug")
        publishing.save(
            post=post, content=make_content(body="ひみつの書きかけ。"), by=IMPORT, now=LATER, base=None
        )
        throw_away(make_draft(body="ひみつのごみ。"))
        files = self.export()
        self.assertIn("いまの本文。".encode(), b"".join(files.values()))
        self.assertNotIn("ひみつ".encode(), b"".join(files.values()))
        self.assertNotIn(b"himitsu", b"".join(files.values()))

    def test_draft_scheduled_and_withdrawn_posts_are_where_jekyll_does_not_show_them(self):
        make_draft(slug="shitagaki")
        make_scheduled(slug="yoyaku", at=LATER + timedelta(days=3), now=NOON)
        publishing.withdraw(post=make_post(slug="torisage"), by=IMPORT, now=LATER, reason="誤りのため")
        self.export()
        self.assertIn("published: false", self.text("_drafts/shitagaki.md"))
        self.assertIn("date: 2026-11-25 12:00:00 +0900", self.text("_posts/2026-11-25-yoyaku.md"))
        self.assertIn("future: false", self.text("_config.yml"))
        self.assertIn("published: false", self.text("_posts/2026-11-20-torisage.md"))
        self.assertIn('"reason": "誤りのため"', self.text("_posts/2026-11-20-torisage.md"))

    def test_merged_tag_and_renamed_section_are_written_under_their_present_names(self):
        make_post(slug="a", tags=("LLM", "大規模言語モデル", "電力"))
        make_draft(slug="b", tags=("大規模言語モデル",))
        taxonomy.merge(
            sources=[Tag.objects.get(name="大規模言語モデル")],
            into=Tag.objects.get(name="LLM"),
            by=IMPORT,
            now=NOON,
        )
        category = Category.objects.get()
        category.name = "ニュース"
        taxonomy.save_named(category, by=IMPORT, now=NOON)
        self.export()
        self.assertIn('categories: ["ニュース"]\ntags: ["LLM", "電力"]', self.text("_posts/2026-11-20-a.md"))
        self.assertIn('tags: ["LLM"]', self.text("_drafts/b.md"))
        self.assertIn('aliases: ["大規模言語モデル"]', self.text("_data/tags.yml"))

    def test_names_that_no_file_system_takes_are_shortened_and_each_is_used_once(self):
        for slug in ("長" * 70 + "い", "長" * 70 + "さ"):
            make_post(slug=slug)
        make_draft(title="同じ題", slug="")
        make_draft(title="同じ題", slug="")
        make_draft(title="", slug="")
        names = [Path(path).name for path in self.export() if path.endswith(".md")]
        self.assertEqual(len(set(names)), 5)
        self.assertLess(max(len(name.encode()) for name in names), 230)

    def test_image_whose_file_is_lost_is_told_and_stops_nothing(self):
        image = make_image()
        image.file.storage.delete(image.name)
        out, err = StringIO(), StringIO()
        call_command("export_posts", self.folder / "out", stdout=out, stderr=err)
        self.assertIn(f"画像 {image.name} のファイルが見つかりません", err.getvalue())
        self.assertIn("画像 1", out.getvalue())


class FolderTests(ExportTestCase):
    def run_export(self, **options):
        try:
            call_command("export_posts", self.folder / "out", stdout=StringIO(), **options)
        except CommandError as error:
            return str(error)
        return ""

    def test_folder_of_somebody_else_is_never_touched(self):
        (self.folder / "out").write_text("x")
        self.assertIn("フォルダーではありません", self.run_export(force=True))
        (self.folder / "out").unlink()
        (self.folder / "out").mkdir()
        (self.folder / "out" / "kept.txt").write_text("x")
        self.assertIn("空のフォルダーでも", self.run_export(force=True))
        self.assertEqual(self.files(), {"kept.txt": b"x"})

    def test_earlier_export_is_replaced_only_on_request_and_its_repository_stays(self):
        post = make_post(slug="a")
        self.run_export()
        (self.folder / "out" / ".git").mkdir()
        (self.folder / "out" / ".git" / "HEAD").write_text("ref")
        update(post, now=LATER, slug="b")
        self.assertIn("--force", self.run_export())
        self.assertIn("_posts/2026-11-20-a.md", self.files())
        self.assertEqual(self.run_export(force=True), "")
        self.assertEqual(self.text(".git/HEAD"), "ref")
        self.assertIn("_posts/2026-11-20-b.md", self.files())
        self.assertNotIn("_posts/2026-11-20-a.md", self.files())
        self.assertEqual([path.name for path in self.folder.iterdir()], ["out"])

    def test_folder_itself_stays_for_it_may_be_a_mount_point_or_a_link_to_one(self):
        real, link = self.folder / "real", self.folder / "out"
        real.mkdir()
        link.symlink_to(real)
        before = real.stat().st_ino
        for slug in ("a", "b"):
            make_post(slug=slug)
            self.assertEqual(self.run_export(force=True), "")
        self.assertEqual((link.is_symlink(), real.stat().st_ino), (True, before))
        self.assertEqual(len(list(real.glob("_posts/*"))), 2)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["out", "real"])

    def stopped(self, *, old, new):
        """An export of one post, and a run that was stopped after it had moved things to `old` and `new`."""
        make_post(slug="old")
        earlier = self.export()
        make_post(slug="new")
        later = self.export("later")
        out = self.folder / "out"
        (out / ".git").mkdir()
        for name, paths in (
            (old, sorted(out.glob("[!.]*"))),
            (new, sorted((self.folder / "later").iterdir())),
        ):
            (out / name).mkdir()
            for path in paths[1:]:
                path.rename(out / name / path.name)
        return out, earlier, later

    def test_run_that_was_stopped_while_it_cleared_the_place_has_changed_nothing(self):
        out, earlier, _ = self.stopped(old=".export.leaving", new=".export.new")
        self.assertIn("--force", self.run_export())
        self.assertEqual(self.files(), earlier)
        self.assertEqual([path.name for path in out.glob(".*")], [".git"])

    def test_run_that_was_stopped_while_putting_things_in_place_is_finished_by_the_next(self):
        out, _, later = self.stopped(old=".export.old", new=".export.new")
        next(out.glob("[!.]*")).rename(out / ".export.old" / "first")
        [first] = (self.folder / "later").iterdir()
        first.rename(out / first.name)
        self.assertIn("--force", self.run_export())
        self.assertEqual(self.files(), later)
        self.assertEqual([path.name for path in out.glob(".*")], [".git"])

    def test_export_that_fails_leaves_the_earlier_one_whole(self):
        post = make_post(slug="a")
        self.run_export()
        before = self.files()
        update(post, now=LATER, body="新しい本文。")
        in_the_way = self.folder / "out/.export.leaving"
        in_the_way.write_text("in the way")
        self.assertTrue(self.run_export(force=True))
        in_the_way.unlink()
        self.assertEqual(self.files(), before)

    def test_another_sites_folder_is_no_export_for_having_data(self):
        (self.folder / "out/_data").mkdir(parents=True)
        (self.folder / "out/_data/site.yml").write_text("name: Jekyll\n")
        self.assertIn("空のフォルダーでも", self.run_export(force=True))
        (self.folder / "out/_posts/2026").mkdir(parents=True)
        (self.folder / "out/_posts/2026/2026-11-04-a.md").write_text(document())
        out = StringIO()
        call_command("import_posts", self.folder / "out", dry_run=True, stdout=out)
        self.assertIn("新規 1、", out.getvalue())


class MeanwhileTests(TransactionTestCase):
    def test_people_work_meanwhile_and_the_export_shows_one_moment(self):
        make_post(slug="before")
        written = []

        def write():
            try:
                make_post(slug="meanwhile", tags=("その間の札",))
            finally:
                connection.close()

        def after_each_statement(execute, sql, *args):
            result = execute(sql, *args)
            if 'FROM "blog_post"' in sql and not written:
                written.append(pool.submit(write).result(timeout=15))
            return result

        folder = Path(self.enterContext(tempfile.TemporaryDirectory()), "out")
        with ThreadPoolExecutor(1) as pool, connection.execute_wrapper(after_each_statement):
            call_command("export_posts", folder, stdout=StringIO())
        self.assertTrue(Post.objects.filter(slug="meanwhile").exists())
        self.assertEqual([path.name for path in folder.glob("_posts/*")], ["2026-11-20-before.md"])
        self.assertNotIn("その間の札", (folder / "_data/tags.yml").read_text(encoding="utf-8"))
