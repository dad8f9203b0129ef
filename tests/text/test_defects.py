from django.test import SimpleTestCase

from blog.text.defects import find_blocking, find_defects
from blog.text.dialects import JEKYLL
from blog.text.scan import scan


def codes(body="本文。", **said):
    """Defects as (code, line, blocking) of an otherwise sound article."""
    sound = {"title": "題", "slug": "1-dai", "description": "説明。", "tags": ("AI",)}
    return [(d.code, d.line, d.is_blocking) for d in find_defects(scan(body), **sound | said)]


class DefectTests(SimpleTestCase):
    def test_sound_article_has_none(self):
        self.assertEqual(
            codes("# 一\n\n## 二\n\n**太字**の話。申し訳ない気持ちを詫びた。\n\n---\n\n====="), []
        )

    def test_conflict_prompt_reply_refusal_and_broken_characters_block(self):
        for code, body in (
            ("conflict", "前\n<<<<<<< HEAD\n後"),
            ("conflict", "前\n>>>>>>> Stashed changes"),
            ("prompt", "前\n【文体の指示】\n- 丁寧に"),
            ("chat", "前\nはい、承知いたしました。記事を書きます。"),
            ("chat", "前\nCertainly! Here is the article"),
            ("broken-character", "前\n文字\ufffd"),
        ):
            with self.subTest(body=body):
                self.assertEqual(codes(body), [(code, 2, True)])
        self.assertEqual(codes("申し訳ありませんが、その記事は書けません。"), [("refusal", 1, True)])
        for said in (
            {"title": "I am unable to perform the web search fo？"},
            {"slug": "3-i-am-unable-to-perform"},
        ):
            self.assertEqual(codes(**said), [("refusal-title", None, True)])
        self.assertEqual(codes(title="文字\ufffd"), [("broken-title", None, True)])

    def test_articles_about_such_things_are_no_such_things(self):
        for body in (
            "```\n<<<<<<< HEAD\n=======\n>>>>>>> x\n```",
            "`【文体の指示】`と書く。",
            "客の注文に「承知いたしました」と答えた。",
            "題\n=======\n本文",
        ):
            with self.subTest(body=body):
                self.assertEqual([code for code, _, blocking in codes(body) if blocking], [])

    def test_doubtful_things_are_told_with_their_line(self):
        paragraph = "同じことを言う段落。" * 5
        self.assertEqual(codes(f"{paragraph}\n\n別。\n\n{paragraph}"), [("repeated", None, False)])
        self.assertEqual(codes(f"- 一\n\n  {paragraph}\n\n## 二\n{paragraph}"), [("repeated", None, False)])
        self.assertEqual(codes(f"```\n{paragraph}\n```\n\n```\n{paragraph}\n```"), [])
        self.assertEqual(codes("一。\n\n---END---\n", body_line=10), [("end-mark", 12, False)])
        self.assertEqual(codes("一。\n\n前の文---END---Next.", body_line=10), [("end-mark", 12, False)])
        self.assertEqual(codes("一\n**太字。"), [("bold", 2, False)])
        self.assertEqual(codes("## 二\n\n#### 四"), [("heading-jump", 3, False)])
        self.assertEqual(codes("# " + "長" * 201), [("long-heading", 1, False)])
        self.assertEqual(codes("文[cite: 1, 2]"), [("citation", 1, False)])
        self.assertEqual(
            codes(title="「題", description="", tags=()),
            [("description", None, False), ("tags", None, False), ("title-brackets", None, False)],
        )

    def test_a_wall_of_signs_blocks_and_rulers_tables_and_formulas_do_not(self):
        for wall in ("{}^" * 60, "^{}_{}" * 40, "x^{a_{b}}" * 40, "$_{_{皆}^{_{}" + "^{}_{} " * 40):
            self.assertEqual(codes(f"前。\n\n{wall}"), [("wall-of-signs", 3, True)], wall)
        for fine in (
            "━" * 300,
            "- - -" * 100,
            "| ○ | × |\n|---|---|\n" + "| 甲 | ○ × ○ × |\n" * 50,
            "x^{2} + y_{1} = z です。" * 30,
            f"```\n{'{}^' * 200}\n```",
            f"<!-- {'{}^' * 200} -->",
            "\n".join(["|" + "○|×|△|◎|－|" * 2] * 12),
            "|" + ":-:|" * 60,
            "☆★" * 100,
            "・※" * 100,
            "◆◇ " * 80,
            "-=" * 100,
            "*-*+" * 60,
            "─┬" * 100,
            "😀😃😄😁😆😅🤣😂" * 20,
            "🍎 🍊 🍋 " * 50,
            "^_^ " * 100,
            "(´・ω・`)" * 40,
            "……" * 100,
            "「」『』" * 40,
            "①、②、③、" * 40,
            "<p>長い</p>" * 200 + "。",
        ):
            self.assertNotIn("wall-of-signs", [code for code, _, _ in codes(fine)], fine[:40])

    def test_what_a_comment_hides_blocks_nothing(self):
        for hidden in (
            "【執筆の指示】\n\n承知しました。以下に記事を書きます。",
            "<<<<<<< HEAD",
            "文字\ufffd",
        ):
            for body in (f"本文です。\n\n<!--\n{hidden}\n-->", f"<!-- {hidden} -->\n\n本文です。"):
                with self.subTest(body):
                    self.assertEqual([code for code, _, blocking in codes(body) if blocking], [])
                    self.assertEqual(find_blocking(body, title="題", slug="dai"), ())
        body = "<!-- 一\n二 -->\n\n申し訳ありませんが、その記事は書けません。<!-- 三 -->\n\n【執筆の指示】"
        self.assertEqual(codes(body), [("refusal", 4, True), ("prompt", 6, True)])

    def test_what_finds_blocking_defects_alone_finds_the_same(self):
        for body in (
            "前\n<<<<<<< HEAD",
            "```\n<<<<<<< HEAD\n```",
            "申し訳ありませんが、書けません。",
            "```\nx\n```\n\n申し訳ありませんが、書けません。",
            "`【文体の指示】`と【文体の指示】",
            f"文字\ufffdけ。\n\n{'{}^' * 60}",
            "はい、承知しました。\n\n本文。",
            "本文。",
        ):
            with self.subTest(body):
                said = {"title": "題", "slug": "dai"}
                found = find_defects(scan(body), **said, description="説明。", tags=("AI",))
                self.assertEqual(find_blocking(body, **said), tuple(one for one in found if one.is_blocking))


class RawMarkupTests(SimpleTestCase):
    """Markup that readers see as text."""

    def found(self, body):
        return [(code, line) for code, line, blocking in codes(body) if not blocking]

    def test_html_that_readers_see(self):
        for body, line in (
            ("一。\n\n<b>太い</b>字。", 3),
            ('<a href="https://e.example/?a=1&b=2">外</a>を見る。', 1),
            ('一。\n<div class="x">\n二。\n</div>', 2),
            ("- 一\n- H<sub>2</sub>O", 2),
            ("> 一\n> <kbd>Ctrl</kbd>を押す。", 2),
            ("| a |\n|---|\n| <small>小</small> |", 3),
        ):
            with self.subTest(body):
                self.assertEqual(self.found(body), [("raw-html", line)])

    def test_what_is_no_html_before_readers(self):
        for body in (
            "a < b かつ b > c です。",
            "`<b>` と書く。",
            "```\n<div>\n```",
            "一。<br>二。",
            "<h3>見出し</h3>\n\n本文。",
            "<https://example.jp/> を見る。",
            "List<T> と <your-name> を入れる。",
            "1<a>2 ではない。",
        ):
            with self.subTest(body):
                self.assertEqual(self.found(body), [] if "<a>" not in body else [("raw-html", 1)])

    def test_templates_that_are_left(self):
        for body, line in (
            ("一。\n\n[前の記事]({% post_url 2026-01-01-x %}) を見る。", 3),
            ("[前]({{ site.url }}/x/) を見る。", 1),
            ("一。\n{{ page.title }} です。", 2),
            ('{{< youtube "x" >}}', 1),
            ("{% include ads.html %}", 1),
            ("一。{: .note}", 1),
            ("一。\n{::comment}閉じ忘れ。", 2),
            ("{{% notice %}}\n注意。\n{{% /notice %}}", 1),
        ):
            with self.subTest(body):
                self.assertEqual(self.found(body), [("template", line)])
        for body in ("`{{ x }}` と書く。", "{漢字|かんじ}です。"):
            with self.subTest(body):
                self.assertEqual(self.found(body), [])

    def test_what_a_dialect_hides_is_not_left(self):
        for body in ("{% include ads.html %}", "一。{: .note}"):
            with self.subTest(body):
                text = scan(body, dialect=JEKYLL)
                found = find_defects(text, title="題", slug="dai", description="説明", tags=["AI"])
                self.assertEqual(found, ())

    def test_addresses_with_spaces_are_no_links(self):
        self.assertEqual(self.found("[資料](資料 第1.5版) を見る。"), [("spaced-url", 1)])
        for body in (
            "![図](/売上 グラフ.png)",
            "[資料](https://e.example/a b.pdf) を見る。",
            "[図](</売上 グラフ.png>)",
            '[図](/a.png "題 名")',
            "[注](東京 大阪) です。",
        ):
            with self.subTest(body):
                self.assertEqual(self.found(body), [])

    def test_marks_of_headings_and_bold_in_running_text(self):
        for body, code in (
            ("前の文です。 ### 8. 次の話 ここから本文。", "heading-mark"),
            ("前の文です。##次の話。", "heading-mark"),
            ("本文 ** 太字 **です。", "bold"),
        ):
            with self.subTest(body):
                self.assertEqual(self.found(body), [(code, 1)])
        for body in (
            "C## と F# の話。",
            "2**3 は8。",
            "`##` は見出し。",
            "## 見出し\n\n本文。",
            "issue#12 の話。",
            "伏せ字は****です。",
        ):
            with self.subTest(body):
                self.assertEqual(self.found(body), [])

    def test_ruby_whose_reading_is_not_kana_is_told(self):
        self.assertEqual(self.found("一。\n{東京|Tokyo}と{賛成|反対}です。"), [("ruby", 2)])
        for body in ("{東京|とうきょう}です。", "{GET|POST}です。", "`{賛成|反対}`です。"):
            with self.subTest(body):
                self.assertEqual(self.found(body), [])

    def test_a_text_that_breaks_off(self):
        for end in ("この旅路を共に", "これは、単", "人類がより「", "**a.", "電気の値段、そして為替の"):
            with self.subTest(end):
                self.assertEqual([code for code, _ in self.found(f"一。\n\n二の文。{end}")][-1], "cut-off")
        self.assertEqual(
            self.found("一。\n\nもちろん、\n\n## 関連記事\n\n- [題](/2026/01/01/x/)"), [("cut-off", 3)]
        )
        for end in (
            "二の文。",
            "「終わり」",
            "（文・山田）",
            "二の文。\n写真：山田花子",
            "- 電力\n- 計算",
            "以上のこと",
            "二の文。\n\n[次へ](/2026/01/01/x/)",
            "二の文。\n\n## まとめ",
            "ends here.",
            "```\nx = 1\n```",
        ):
            with self.subTest(end):
                self.assertEqual(self.found(f"一。\n\n{end}"), [])
