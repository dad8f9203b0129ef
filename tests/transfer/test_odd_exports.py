"""What an export can hold, it brings back; what somebody has written into it since is refused in words."""

import re
from datetime import timedelta

from blog.editorial.actors import IMPORT
from blog.editorial.taxonomy import save_page
from blog.models import Page, Post, Tag
from tests.make import NOON, make_category, make_image, make_post
from tests.transfer.documents import document
from tests.transfer.exporting import ExportTestCase, empty_database


class ForeignKeysTests(ExportTestCase):
    """Keys that came with a file are not ours, whatever they are called."""

    def test_key_below_uuid_is_no_identity_and_no_moment(self):
        self.import_documents(
            **{
                "2026_11_04_a": document(
                    guid='"https://old.example/?p=1"',
                    last_modified_at="2026-11-04 09:00:00 +0900",
                    import_ref="x",
                    slug="y",
                )
            }
        )
        before = Post.objects.get()
        self.assertEqual(before.updated_at, None)
        self.assert_round_trip()
        back = Post.objects.get()
        self.assertEqual((back.guid, back.updated_at), (before.guid, None))
        self.assertEqual((back.import_ref, back.path), ("2026-11-04-a", "/2026/11/04/a/"))

    def test_numbers_stay_numbers(self):
        make_post(slug="a", extra={"big": 1e300, "small": [1e-7], "whole": 1e16, "long": 2**62})
        self.assert_round_trip()
        self.assertIn(
            "\nbig: 1.0e+300\nsmall: [1.0e-07]\nwhole: 10000000000000000\n",
            self.text("_posts/2026-11-20-a.md", "second"),
        )
        self.assertIn("変更なし 1、", self.bring_back("second"))

    def test_long_list_comes_back_although_json_makes_it_longer(self):
        self.import_documents(**{"2026_11_04_a": document(big="[" + ",".join("a" * 25_000) + "]")})
        self.assert_round_trip()
        self.assertEqual(len(Post.objects.get().working.content["extra"]["big"]), 25_000)


class HeldBackSinceTests(ExportTestCase):
    """What somebody has marked as a draft in the files of an export does not go out when they come back."""

    def setUp(self):
        super().setUp()
        for name in ("as-it-was", "quoted", "moved", "marked"):
            make_post(slug=name, title=name)
        save_page(Page(path="/about/", title="約束", body="本文", is_public=True), by=IMPORT, now=NOON)
        self.export()
        self.posts = self.folder / "out/_posts"

    def say(self, path, line):
        path.write_text(path.read_text().replace("\ndate: ", f"\n{line}\ndate: ", 1))

    def test_marks_are_heeded_and_told_and_the_others_come_back_public(self):
        self.say(self.posts / "2026-11-20-quoted.md", 'published: "false"')
        self.say(self.posts / "2026-11-20-marked.md", "draft: true")
        drafts = self.folder / "out/_drafts"
        drafts.mkdir()
        (self.posts / "2026-11-20-moved.md").rename(drafts / "2026-11-20-moved.md")
        (drafts / "atarashii.md").write_text(document(date=None, title="新しい下書き"))
        page = self.folder / "out/about.md"
        page.write_text(page.read_text().replace("title:", "draft: true\ntitle:", 1))
        empty_database()
        said = self.bring_back()
        public = Post.objects.exclude(live_revision=None)
        self.assertEqual([post.slug for post in public], ["as-it-was"])
        self.assertEqual(Post.objects.count(), 5)
        self.assertFalse(Page.objects.get().is_public)
        for name, because in (
            ("2026-11-20-quoted.md", "published: false とあるので"),
            ("2026-11-20-marked.md", "draft: true とあるので"),
            ("2026-11-20-moved.md", "フォルダー _drafts の中にあるので"),
            ("atarashii.md", "フォルダー _drafts の中にあるので"),
        ):
            self.assertIn(f"注意 {name}: {because}、公開せず下書きにします。", said)
        self.assertIn("公開を見合わせて下書きにするもの 4 件: ", said)


class RefusedTests(ExportTestCase):
    """A file that cannot be understood is told with the key that is wrong and what to do; the others come in."""

    def setUp(self):
        super().setUp()
        self.other = make_post(slug="other", at=NOON - timedelta(days=1))
        make_post(slug="a")
        Post.objects.filter(slug="a").update(guid="https://old.example/a", import_ref="2026-11-20-a")
        self.export()
        self.file = self.folder / "out/_posts/2026-11-20-a.md"
        self.text_of_it = self.file.read_text()

    def said_of(self, pattern, line, *, name="2026-11-20-a.md"):
        """What an import into an empty magazine says when the line that begins with `pattern` is `line`."""
        empty_database()
        self.file.write_text(re.sub(f"(?m)^{pattern}.*\n", line, self.text_of_it, count=1))
        said = self.bring_back()
        self.assertNotIn("Traceback", said)
        return next((line for line in said.splitlines() if line.startswith(f"失敗 {name}: ")), said)

    def test_each_key_is_refused_in_words(self):
        for pattern, line, sentence in (
            ("date:", "", "date がありません。公開日時を書いてください。"),
            ("date:", "date: 9999-12-31 23:00:00 +0000\n", "date を日時として読めません"),
            ("date:", "date: 昨日\n", "2026-11-20 09:00:00 +0900 のように書いてください: 昨日"),
            ("title:", "title: [a]\n", "title に文字でない値があります"),
            ("author:", 'authors: [{"name": "X", "role": "boss"}]\n', "role「boss」はありません。writer、"),
            ("author:", 'authors: [{"role": "editor"}]\n', "authors の name がありません"),
            ("permalink:", 'permalink: "/a/../b/"\n', "permalink の /a/../b/ を直してください。"),
            ("permalink:", "permalink: /a/\n", "permalink は /年/月/日/スラッグ/ の形に"),
            ("uuid:", "uuid: zz\n", "uuid を読めません。書き出したときの値に戻すか"),
            ("uuid:", "uuid: [1]\n", "uuid に文字でない値"),
            (
                "uuid:",
                'redirect_from: "/a/../b/"\nuuid: 00000000-0000-4000-8000-000000000001\n',
                "redirect_from の /a/../b/ を直して",
            ),
            ("uuid:", 'withdrawn: "2026"\nuuid: 00000000-0000-4000-8000-000000000001\n', "withdrawn は {"),
            (
                "uuid:",
                'withdrawn: {"date": 2026-11-20}\nuuid: 00000000-0000-4000-8000-000000000001\n',
                "withdrawn の reason がありません",
            ),
            (
                "uuid:",
                "last_modified_at: x\nuuid: 00000000-0000-4000-8000-000000000001\n",
                "last_modified_at を日時として",
            ),
        ):
            with self.subTest(line or pattern):
                self.assertIn(sentence, self.said_of(pattern, line))
                self.assertEqual(Post.objects.get().slug, "other")

    def test_what_another_post_has_is_named_with_it(self):
        copy = self.folder / "out/_posts/2026-11-20-b.md"
        copy.write_text(re.sub('uuid: "....', 'uuid: "1111', self.text_of_it).replace("/a/", "/b/"))
        for key, value in (("guid", "https://old.example/a"), ("import_ref", "2026-11-20-a")):
            with self.assertLogs("blog.transfer.importing", "WARNING"):
                said = self.said_of("nothing", "", name=copy.name)
            self.assertIn(f"{key} の {value} は記事「", said)
            copy.write_text(re.sub(f"(?m)^{key}: .*\n", "", copy.read_text()))
        self.assertIn("新規 3、", self.said_of("nothing", "", name=copy.name))

    def test_file_in_another_encoding_and_tables_that_are_none(self):
        make_image()
        make_category("別の分類")
        self.export("second")
        data = self.folder / "second/_data"
        (self.folder / "second/_posts/latin.md").write_bytes(b"---\nlayout: post\ntitle: \xff\n---\n")
        (data / "tags.yml").write_text("5\n")
        (data / "authors.yml").write_text("- AI\n- slug: a\n")
        (data / "categories.yml").write_bytes(b"- name: \xff\n")
        images = (data / "images.yml").read_text()
        (data / "images.yml").write_text(re.sub("added: .*", "added: 5", images))
        (data / "addresses.yml").write_text("- path: /a/../b/\n  kind: gone\n- path: /c/\n  kind: lost\n")
        empty_database()
        said = self.bring_back("second")
        for sentence in (
            "latin.md: 3行目：UTF-8 ではありません。",
            "tags.yml: 「- 項目: 値」の並びで書いてください。",
            "authors.yml の 1 番目: 「項目: 値」の形で",
            "authors None: name がありません。",
            "categories.yml: 1行目：UTF-8 ではありません。",
            ": added を日時として読めません",
            "URL /a/../b/: path の /a/../b/ を直してください。",
            "URL /c/: kind: ",
        ):
            self.assertIn(sentence, said)
        self.assertFalse(Tag.objects.filter(name="5").exists())
