"""Files that nobody meant to write, through the doors that take them: each is one answer, and the others come in."""

from blog.models import Address, Manuscript, Post
from tests.archive.base import ImportCase
from tests.archive.documents import document

HEX = "0x" + "f" * 20_000


class OddFileTests(ImportCase):
    def problems(self):
        return [problem["message"] for problem in Manuscript.objects.get().problems]

    def test_file_name_without_a_letter_takes_its_url_from_the_title(self):
        names = ("😀", "%", "-", "..")
        for day, name in enumerate(names, start=1):
            self.write(f"2026-11-0{day}-{name}.md", date=f"2026-11-0{day}", title='"AI の見出し"')
        self.write("2026-11-05-whole.md", date="2026-11-05")
        self.assertIn("新規 5、", self.run_import())
        urls = [f"/2026/11/0{day}/ai-の見出し/" for day in (1, 2, 3, 4)]
        self.assertEqual({post.path for post in Post.objects.all()}, {*urls, "/2026/11/05/whole/"})

    def test_where_the_title_has_none_either_the_url_is_made_of_the_name_and_stays(self):
        self.write("2026-11-04-😀.md", title='"！？"')
        said = self.run_import()
        self.assertIn("ファイル名にも題名にも、URL に使える文字がありません", said)
        path = Post.objects.get().path
        self.assertRegex(path, r"^/2026/11/04/[0-9a-f]{8}/$")
        self.write("2026-11-04-😀.md", title='"！？"', body="新しい版です。")
        self.assertIn("更新 1、", self.run_import())
        self.assertEqual(Post.objects.get().path, path)

    def test_values_that_no_database_keeps_stop_no_file(self):
        for day, value in enumerate((r'"\udc00x"', r'"\0x"', HEX, "9" * 5_000), start=1):
            self.write(f"2026-11-0{day}-a.md", x=value, image=r'"/a\0.png"', excerpt=r'"要\udc00点"')
        self.assertIn("新規 4、", self.run_import())
        extra = [post.live_revision.content["extra"]["x"] for post in Post.objects.order_by("slug", "day")]
        self.assertEqual(sorted(extra), sorted(["x", "x", HEX, "9" * 5_000]))
        self.assertEqual({post.excerpt for post in Post.objects.all()}, {"要点"})

    def test_tags_in_one_text_are_several_as_in_the_form(self):
        self.write("2026-11-04-a.md", tags='["AI, 投資", "チップ、電力", "\\u200b", " "]')
        self.run_import()
        self.assertEqual(
            sorted(tag.name for tag in Post.objects.get().tags.all()), ["AI", "チップ", "投資", "電力"]
        )

    def test_values_that_are_no_text_are_told_and_left_out(self):
        self.write(
            "2026-11-04-a.md",
            tags="[AI, {最前線: 投資}, [x], yes, 2026]",
            authors="[{name: 山田, role: editor}, {誰: か}]",
            author=None,
            image="{x: y}",
            hero="false",
        )
        said = self.run_import()
        post = Post.objects.get()
        self.assertEqual(sorted(tag.name for tag in post.tags.all()), ["2026", "AI"])
        self.assertEqual([credit.author.name for credit in post.credits], ["山田"])
        for words in (
            "tags に文字でない値があります",
            "true か false",
            "{'最前線': '投資'}",
            "authors に",
            "image に",
        ):
            self.assertIn(words, said)
            self.assertIn(words, " ".join(self.problems()))
        self.assertNotIn("hero に", said)

    def test_title_that_is_a_list_is_none(self):
        self.write("2026-11-04-a.md", title="[a, b]")
        self.write("2026-11-05-b.md", document())
        said = self.run_import()
        self.assertIn("失敗 2026-11-04-a.md: title がありません。", said)
        self.assertIn("新規 1、", said)

    def test_redirect_from_a_page_of_the_magazine_is_told_and_makes_no_row(self):
        ours = ("/admin/", "/", "/feed.xml", "/category/latest/", "/tags/ai/")
        paths = ", ".join(f'"{path}"' for path in (*ours, "/old/", "/category/none/"))
        self.write("2026-11-04-a.md", redirect_from=f"[{paths}, {{a: b}}, true]")
        for options in ({"dry_run": True}, {}):
            said = self.run_import(**options)
            for path in ours:
                self.assertIn(f"redirect_from は使いません: {path}", said)
        moved = Address.objects.filter(kind=Address.Kind.MOVED).values_list("path", flat=True)
        self.assertEqual(set(moved), {"/old/", "/category/none/"})
        self.assertEqual(self.client.get("/feed.xml").status_code, 200)
