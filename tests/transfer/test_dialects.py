"""Which dialect a file has, and that it survives an export."""

import json
from importlib import import_module
from io import StringIO

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import SimpleTestCase, TestCase

from blog.editorial.actors import IMPORT
from blog.editorial.content import Content
from blog.models import Draft, Manuscript, Post, Revision
from blog.transfer.importing.dialects import OF_TODAY, dialect_of
from blog.transfer.intake import inbox
from tests.base import update
from tests.make import NOON, make_autosave, make_chief, make_draft, make_post
from tests.transfer.base import ImportCase
from tests.transfer.documents import document
from tests.transfer.exporting import ExportTestCase, empty_database

TITLE = "データセンターの電気代が上がる"
FIRST = f"{TITLE}と、誰が払うのか？"
BODY = f"{FIRST}\n\n本文 {{: .x}}\n\n## 関連記事\n\n- [一つ目](/2026/11/01/x/)\n\n---END---"
OLD = {"layout": "post", "reading_time": 8}


class RecognisedDialectTests(SimpleTestCase):
    def test_the_old_sites_generator_is_known_by_its_keys(self):
        for key, value in (
            ("reading_time", 8),
            ("pseo_type", "comparison"),
            ("pillar", True),
            ("comparison", True),
            ("pillar_article", {"slug": "a", "title": "題"}),
            ("related_articles", [{"slug": "a", "title": "題"}]),
        ):
            with self.subTest(key):
                self.assertEqual(dialect_of({"layout": "post", key: value}), ("old-site", False))
                self.assertEqual(dialect_of({key: value}), ("jekyll", False))
                self.assertEqual(dialect_of({"layout": "article", key: value}), ("jekyll", False))

    def test_what_other_generators_write_under_these_keys_is_not_the_old_sites(self):
        for key, value in (
            ("reading_time", "8 min"),
            ("reading_time", True),
            ("related_articles", ["2026-11-01-x"]),
            ("pillar", False),
            ("tags", ["AI"]),
        ):
            with self.subTest(key, value=value):
                self.assertEqual(dialect_of({"layout": "post", key: value}), ("jekyll", False))

    def test_what_a_file_says_counts_before_what_is_asked_for(self):
        for asked in ("auto", "plain", "old-site", OF_TODAY):
            self.assertEqual(dialect_of(OLD | {"dialect": "plain"}, asked), ("", True))
            self.assertEqual(dialect_of({"dialect": "old-site"}, asked), ("old-site", True))
        self.assertEqual(dialect_of(OLD, "jekyll"), ("jekyll", True))
        self.assertEqual(dialect_of(OLD, OF_TODAY), ("", False))
        self.assertEqual(dialect_of(OLD | {"dialect": "関西弁"}), ("old-site", False))

    def test_an_export_without_the_key_is_of_an_older_program(self):
        self.assertEqual(dialect_of(OLD | {"uuid": "x"}), ("", True))
        self.assertEqual(dialect_of({"layout": "post", "uuid": "x", "import_ref": "a"}), ("old-site", True))


class ImportedDialectTests(ImportCase):
    def shown(self, slug):
        return Post.objects.get(slug=slug).plain_text.split("\n")

    def test_each_file_is_shown_as_its_generator_meant_it(self):
        self.write("2026-11-04-old.md", title=f'"{TITLE}"', body=BODY, reading_time="8")
        self.write("2026-11-05-other.md", title=f'"{TITLE}"', body=BODY)
        self.write("2026-11-06-ours.md", title=f'"{TITLE}"', body=BODY, dialect="plain")
        said = self.run_import()
        self.assertEqual(self.shown("old"), ["本文"])
        self.assertEqual(self.shown("other"), [FIRST, "本文", "関連記事", "一つ目", "---END---"])
        self.assertEqual(self.shown("ours"), [FIRST, "本文 {: .x}", "関連記事", "一つ目", "---END---"])
        self.assertIn(
            "ページに出さない箇所: タイトルの繰り返し 1、関連記事の一覧 1、テンプレートの印 2、終わりの印 1（",
            said,
        )
        self.assertNotIn("ページに出さない箇所", self.run_import())  # nothing is new

    def test_a_report_counts_what_is_not_shown_and_lists_it_for_programs_alone(self):
        self.write("2026-11-04-old.md", title=f'"{TITLE}"', body=BODY, reading_time="8")
        file = self.folder.parent / f"{self.folder.name}.json"
        self.addCleanup(file.unlink, missing_ok=True)
        said = self.run_import(json=file)
        self.assertNotIn(FIRST, said)
        report = json.loads(file.read_text())
        [told] = report["not_shown"].values()
        self.assertEqual(told[0], {"reason": "タイトルの繰り返し", "line": 1, "words": FIRST})
        self.assertIn("ページに出さない箇所: タイトルの繰り返し 1、", " ".join(report["notes"]))
        self.assertNotIn("not-shown", json.dumps(report["findings"]))

    def test_the_operator_may_say_it(self):
        for dialect, name in (("plain", ""), ("jekyll", "jekyll"), ("old-site", "old-site")):
            self.write(f"{dialect}/2026-11-04-{dialect}.md", body="本文。", reading_time="8")
            self.run_import(self.folder / dialect, dialect=dialect)
            self.assertEqual(Post.objects.get(slug=dialect).dialect, name)

    def test_another_programs_key_of_that_name_is_kept(self):
        self.write("2026-11-04-a.md", dialect='"関西弁"')
        self.run_import()
        post = Post.objects.get()
        self.assertEqual((post.dialect, post.live_revision.content["extra"]["dialect"]), ("jekyll", "関西弁"))

    def test_a_later_version_is_read_as_the_first_was(self):
        path = self.write("2026-11-04-a.md", title=f'"{TITLE}"', body=BODY, reading_time="8")
        self.run_import()
        self.write(path.name, title=f'"{TITLE}"', body=f"{BODY}\n\n続き。")
        self.run_import()
        self.assertEqual(self.shown("a"), ["本文", "続き。"])
        self.run_import(dialect="plain")
        self.assertEqual(self.shown("a")[0], FIRST)

    def test_what_programs_send_today_is_shown_as_it_is_written(self):
        text = document(title=f'"{TITLE}"', body=BODY, reading_time="8")
        for dialect, expected in ((None, ""), ("jekyll", "jekyll")):
            said = document(title=f'"{TITLE}"', body=BODY, dialect=dialect) if dialect else text
            name = f"2026-11-04-{dialect}.md"
            [arrival] = inbox.receive(
                [inbox.document(name, said.encode())], way=Manuscript.Way.API, by=IMPORT, now=NOON
            )
            self.assertEqual(Content.from_json(arrival.post.working.content).dialect, expected)

    def test_files_that_the_desk_takes_in_are_recognised(self):
        self.client.force_login(make_chief())
        for name, keys, expected in (("a", {"reading_time": "8"}, "old-site"), ("b", {}, "jekyll")):
            file = SimpleUploadedFile(f"2026-11-04-{name}.md", document(**keys).encode())
            self.client.post("/admin/blog/manuscript/import/", {"files": [file]})
            post = Post.objects.get(import_ref=f"2026-11-04-{name}")
            self.assertEqual(Content.from_json(post.working.content).dialect, expected)


class MigratedDialectTests(TestCase):
    """Migration 0019, on rows as they were before it."""

    def contents(self):
        return [*Revision.objects.order_by("pk").values_list("content", flat=True)]

    def test_what_was_imported_is_shown_as_before_and_what_was_typed_is_not(self):
        migration = import_module("blog.migrations.0019_dialect")
        editor = connection.schema_editor()
        typed = make_post(title=TITLE, body=BODY)
        imported, draft = make_post(title=TITLE, body=BODY), make_draft(title="下書き", extra={"数": 1.5})
        make_autosave(draft, by=make_chief(), content=Content(title="書きかけ"))
        for post in (imported, draft):
            Post.objects.filter(pk=post.pk).update(import_ref=f"file-{post.pk}")
        for model in (Revision, Draft):
            for row in model.objects.all():
                content = {key: said for key, said in row.content.items() if key != "dialect"}
                model.objects.filter(pk=row.pk).update(content=content)

        migration.keep_what_is_shown(apps, editor)
        dialects = {post.pk: post.working.content.get("dialect") for post in Post.objects.all()}
        self.assertEqual(dialects, {typed.pk: None, imported.pk: "old-site", draft.pk: "old-site"})
        self.assertEqual(Draft.objects.get().content["dialect"], "old-site")
        columns = dict(Post.objects.values_list("pk", "dialect"))
        self.assertEqual(columns, {typed.pk: "", imported.pk: "old-site", draft.pk: ""})
        call_command("rerender_posts", "--all", stdout=StringIO())
        self.assertEqual(Post.objects.get(pk=imported.pk).plain_text, "本文")
        self.assertIn(FIRST, Post.objects.get(pk=typed.pk).plain_text)

    def test_what_says_its_dialect_keeps_it_when_the_migration_is_made_a_second_time(self):
        posts = {dialect: make_post(dialect=dialect) for dialect in ("", "jekyll", "old-site")}
        for post in posts.values():
            Post.objects.filter(pk=post.pk).update(import_ref=f"file-{post.pk}", dialect="")
        before = self.contents()
        import_module("blog.migrations.0019_dialect").keep_what_is_shown(apps, connection.schema_editor())
        self.assertEqual(self.contents(), before)
        self.assertEqual(
            {post.dialect: post.pk for post in Post.objects.all()}, {d: p.pk for d, p in posts.items()}
        )


class ExportedDialectTests(ExportTestCase):
    def setUp(self):
        super().setUp()
        self.import_documents(
            **{
                "2026_11_04_old": document(title=f'"{TITLE}"', body=BODY, reading_time="8"),
                "2026_11_05_other": document(title=f'"{TITLE}"', body=BODY),
            }
        )
        make_post(title=TITLE, slug="typed", body=BODY)

    def pages(self):
        columns = ("dialect", "body_html", "excerpt", "description")
        return {slug: values for slug, *values in Post.objects.values_list("slug", *columns)}

    def assert_pages_come_back(self):
        before = self.pages()
        self.assert_round_trip()
        self.assertEqual(self.pages(), before)

    def test_pages_come_back_as_they_were(self):
        self.assertEqual(
            {slug: page[0] for slug, page in self.pages().items()},
            {"old": "old-site", "other": "jekyll", "typed": ""},
        )
        self.assert_pages_come_back()

    def test_what_is_shown_as_written_comes_back_so(self):
        update(Post.objects.get(slug="old"), now=NOON, dialect="")
        self.assertIn(FIRST, self.pages()["old"][1])
        self.assert_pages_come_back()
        self.assertIn("dialect: plain\n", self.text("_posts/2026-11-04-old.md", "first").replace('"', ""))
        self.assertNotIn("dialect:", self.text("_posts/2026-11-20-typed.md", "first"))

    def test_lines_that_somebody_has_edited_come_back_shown(self):
        body = BODY.replace("払うのか？", "払うのだろう").replace(
            "- [一つ目]", "- [二つ目](/2026/11/02/y/)\n- [一つ目]"
        )
        post = update(Post.objects.get(slug="old"), now=NOON, body=body, excerpt=f"{TITLE}のだ")
        page = self.pages()["old"]
        self.assertIn("払うのだろう", page[1])
        self.assertIn("二つ目", page[1])
        self.assertNotIn("END", page[1])
        self.assertEqual(page[2], f"{TITLE}のだ")
        self.assert_pages_come_back()
        post = Post.objects.get(slug="old")
        self.assertEqual([revision.number for revision in post.revisions.all()], [2, 1])
        call_command("rerender_posts", "--all", stdout=StringIO())
        self.assertEqual(self.pages()["old"], page)

    def test_a_text_that_an_export_brought_may_be_edited_too(self):
        self.export()
        empty_database()
        self.bring_back()
        update(Post.objects.get(slug="old"), now=NOON, body=BODY.replace("払うのか？", "払うのだろう"))
        self.assertIn("払うのだろう", self.pages()["old"][1])

    def test_a_misspelt_dialect_is_told(self):
        self.export()
        path = self.folder / "out/_posts/2026-11-04-old.md"
        path.write_text(path.read_text().replace("old-site", "old"), "utf-8")
        empty_database()
        self.assertIn("dialect は plain、jekyll、old-site のどれかにしてください: old", self.bring_back())
