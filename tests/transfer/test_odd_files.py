"""Files that nobody meant to write, through the doors that take them: each is one answer, and the others come in."""

from blog.models import Address, Manuscript, Post
from tests.transfer.base import ImportCase
from tests.transfer.documents import document

HEX = "0x" + "f" * 20_000


class OddFileTests(ImportCase):
    def problems(self):
        return [finding.message for finding in Manuscript.objects.get().findings]

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

    def test_only_a_single_tag_can_be_too_long(self):
        tags = [f"長い名前のタグその{number}" for number in range(10)]
        self.write("2026-11-04-a.md", tags=str(tags))
        self.write("2026-11-05-b.md", tags=f'["{"長" * 61}"]')
        said = self.run_import()
        self.assertEqual(Post.objects.get().tags.count(), 10)
        self.assertIn("失敗 2026-11-05-b.md: 6行目: tags が長すぎます（60字まで）: 長", said)

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

    def test_title_that_is_a_list_or_a_flag_is_none_and_the_reason_is_said(self):
        self.write("2026-11-04-a.md", title="[a, b]")
        self.write("2026-11-05-b.md", document())
        self.write("2026-11-06-c.md", title="yes")
        self.write("2026-11-07-d.md", title=None)
        said = self.run_import()
        self.assertIn("失敗 2026-11-04-a.md: 3行目: title がありません。title に文字でない値があります", said)
        self.assertRegex(said, r"失敗 2026-11-06-c\.md: 3行目: title がありません。.*引用符.*: true か false")
        self.assertIn("失敗 2026-11-07-d.md: title がありません。\n", said)
        self.assertIn("新規 1、", said)

    def test_date_that_is_none_is_said_with_its_line_and_stops_no_other(self):
        dates = ("2026-02-30", "9999-12-31 23:00:00 +0000", "yes")
        for day, date in enumerate(dates, start=1):
            self.write(f"2026-11-0{day}-a.md", date=date)
        self.write("2026-13-01-a.md", date=None)
        self.write("2026-11-05-good.md")
        said = self.run_import()
        self.assertIn("新規 1、", said)
        for day, shown in enumerate((*dates[:2], "True"), start=1):
            self.assertIn(
                f"失敗 2026-11-0{day}-a.md: 4行目: dateは日時として読めません：{shown}\n", f"{said}\n"
            )
        self.assertIn("失敗 2026-13-01-a.md: ファイル名の日付は日時として読めません：2026-13-01", said)

    def test_nothing_that_a_front_matter_says_is_lost_in_silence(self):
        own = {"layout": "gallery", "uuid": "abc", "withdrawn": "x", "event": "2026-11-30"}
        self.write(
            "2026-11-04-a.md",
            **own,
            source="x\nbody: b",
            disclosure='"広告です。\\n提供: A社"',
            robots="nofollow, noarchive",
            categories="[AI最新ニュース, 導入事例]",
            category="研究論文",
            authors="[山田]",
            author="佐藤",
            canonical_url="/2026/01/01/none/",
        )
        said = self.run_import()
        post = Post.objects.get()
        self.assertEqual(post.disclosure, "広告です。\n提供: A社")
        self.assertEqual(
            post.live_revision.content["extra"],
            own | {"source": "x", "body": "b", "robots": "nofollow, noarchive"},
        )
        self.assertEqual([credit.author.name for credit in post.credits], ["山田", "佐藤"])
        for sentence in (
            "2行目: layout は使いません: gallery",
            "15行目: robots は noindex だけを使います（使いません: noarchive、nofollow）",
            "5行目: categories は1つにします（使いません: 導入事例、研究論文）",
            "canonical_url の記事がありません（使いません）: /2026/01/01/none/",
        ):
            self.assertIn(f"注意 2026-11-04-a.md: {sentence}", said)

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
