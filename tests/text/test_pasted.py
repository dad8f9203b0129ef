"""What a text of the old site says again of the page around it is not shown twice."""

from functools import partial

from django.test import SimpleTestCase

from blog.text import markdown
from blog.text import scan as scanner
from blog.text.dialects import OLD_SITE

render, scan = (partial(read, dialect=OLD_SITE) for read in (markdown.render, scanner.scan))


def html(body, **options):
    return render(body, **options).html.strip()


class RepeatedTitleTests(SimpleTestCase):
    TITLE = "ＡＩ投資、その真意"
    LENGTHENED = "2026年電力会社の値上げ、その真意はどこに？（NVIDIA・LLM）の全貌と実践的な活用法"

    def test_first_block_that_repeats_the_title_is_dropped_however_marked(self):
        for first in (
            "AI投資、その真意",
            "**AI投資、その真意**",
            "# AI投資、 その真意",
            "## **ＡＩ投資、その真意**",
            "#**AI投資、その真意**:",
            "タイトル：AI投資、その真意を読む",
        ):
            with self.subTest(first=first):
                self.assertEqual(html(f"{first}\n\n本文。", title=self.TITLE), "<p>本文。</p>")

    def test_a_part_of_a_title_that_was_lengthened_later_is_dropped(self):
        for first in (
            "電力会社の値上げ、その真意はどこに？",
            "# 電力会社の値上げ、その真意はどこに？",
            "### 電力会社の値上げ、その真意はどこに？（NVIDIA",
            "電力会社の値上げ、その真意はどこにあるのか？",
        ):
            with self.subTest(first=first):
                self.assertEqual(html(f"{first}\n\n本文。", title=self.LENGTHENED), "<p>本文。</p>")

    def test_the_whole_of_a_title_that_was_cut_later_is_dropped(self):
        title = "2026年電力会社の値上げ交渉の行（OpenAI）がもたらす転換"
        first = "電力会社の値上げ交渉の行方、誰が何を払い、何が残るのだろうか"
        self.assertEqual(html(f"{first}\n\n本文。", title=title), "<p>本文。</p>")

    def test_a_title_may_be_said_twice_with_a_rule_below_and_in_the_line_before_the_text(self):
        body = "# AI投資、その真意\n\n**AI投資、その真意**\n\n---\n\nAI投資、その真意\n本文。\n\n続き。"
        self.assertEqual(html(body, title=self.TITLE), "<p>本文。</p>\n<p>続き。</p>")

    def test_a_line_further_down_that_is_the_title_word_for_word_is_dropped(self):
        body = "始まり。\n\nAI投資、その真意\n\n## AI投資、その真意\n\nAI投資、その真意とは\n\n> AI投資、その真意"
        said = render(body, title=self.TITLE)
        self.assertEqual(said.plain_text, "始まり。\nAI投資、その真意とは\nAI投資、その真意")
        self.assertEqual(said.toc, ())

    def test_dropped_heading_is_not_in_the_contents(self):
        self.assertEqual(
            [entry.text for entry in render("# 題\n\n## 章\n\n## 題", title="題").toc], ["章", "題"]
        )

    def test_what_begins_the_text_itself_stays(self):
        for title, first in (
            (self.TITLE, "AI投資、その真意はまだ誰にも分からない。"),
            (self.TITLE, "- AI投資、その真意"),
            ("生成AIの読み方", "## 生成AI"),
            ("推論を端末に載せる C++とC#のどちらで書くか、十の物差しで比べる", "## 推論を端末に載せる"),
            ("電力会社の値上げ", "電力会社は十日、家庭の料金を一割上げると発表した"),
            ("銀行は沈む", "はじめに"),
            ("", "本文"),
        ):
            with self.subTest(first=first):
                self.assertEqual(render(first, title=title).plain_text, render(first).plain_text)


class RelatedPostsTests(SimpleTestCase):
    LIST = "- [一つ目](/2026/11/01/x/)\n- [二つ目](/2026/11/02/y/?a=1#b)"

    def test_pasted_list_of_related_posts_goes_wherever_its_links_lead(self):
        for body in (
            f"本文。\n\n---\n\n## 関連記事\n\n{self.LIST}",
            f"本文。\n\n### 関連記事\n{self.LIST}\n\n---\n",
            f"## 関連記事\n\n{self.LIST}\n\n本文。",
            f"本文。\n\n### あわせて読みたい\n\n{self.LIST}",
            f"本文。\n\n## **合わせて読みたい：** ##\n\n{self.LIST}",
        ):
            with self.subTest(body):
                rendered = render(body)
                self.assertEqual(rendered.html.strip(), "<p>本文。</p>")
                self.assertEqual(rendered.toc, ())
                self.assertEqual(scan(body).related, ("/2026/11/01/x/", "/2026/11/02/y/?a=1#b"))

    def test_list_is_known_in_every_notation(self):
        for items in (
            "1. [一つ目](/x/)\n2. [二 つ目](/y/)",
            "1) [一つ目](/x/)\n\n2) [二 つ目](/y/)",
            "- [一つ目](/x/ \"題\")\n- [**二つ目**](</y/> '題')",
        ):
            body = f"本文。\n\n## 関連記事\n\n{items}"
            with self.subTest(items):
                self.assertEqual(html(body), "<p>本文。</p>")
                self.assertEqual(scan(body).related, ("/x/", "/y/"))

    def test_what_stands_below_the_list_stays(self):
        body = f"本文。\n\n---\n\n## 関連記事\n\n{self.LIST}\n\n無料相談をご利用ください。\n\n## 終わりに\n\n以上。"
        self.assertEqual(
            html(body),
            '<p>本文。</p>\n<hr>\n<p>無料相談をご利用ください。</p>\n<h2 id="終わりに">終わりに</h2>\n<p>以上。</p>',
        )
        self.assertEqual(len(scan(body).related), 2)

    def test_section_that_says_more_or_leads_elsewhere_stays(self):
        for section in (
            f"次の記事もどうぞ。\n\n{self.LIST}",
            "- [一つ目](/2026/11/01/x/)（前編）",
            "- [一つ目](/a/)、[二つ目](/b/)",
            "- [よそ](https://example.com/)",
            "- [よそ](//example.com/)",
            "- 一つ目",
            "",
        ):
            with self.subTest(section):
                self.assertIn("関連記事</h2>", html(f"本文。\n\n## 関連記事\n\n{section}"))
                self.assertEqual(scan(f"本文。\n\n## 関連記事\n\n{section}").related, ())


class PastedContentsTests(SimpleTestCase):
    TEXT = "\n\n## 一つ目\n\n本文。\n\n### 二つ目\n\n## 三つ目\n"
    LINKS = "- [一つ目](#一つ目)\n  - [二つ目](#二つ目)\n- [三つ目](#三つ目)"

    def test_pasted_contents_go_because_the_page_shows_its_own(self):
        for title in ("## 目次", "**目次**", "目次", "### 【目次】"):
            for contents in (self.LINKS, "1. 一つ目\n2. **二つ目**\n3. 三つ目"):
                rendered = render(f"序文。\n\n{title}\n\n{contents}{self.TEXT}")
                self.assertNotIn("目次", rendered.html)
                self.assertEqual([entry.text for entry in rendered.toc], ["一つ目", "二つ目", "三つ目"])
                self.assertEqual(rendered.html.count("一つ目</"), 1)

    def test_rule_that_set_them_apart_goes_too(self):
        self.assertNotIn("<hr>", html(f"序文。\n\n## 目次\n\n{self.LINKS}\n\n---{self.TEXT}"))

    def test_list_that_says_anything_else_stays(self):
        for contents in (
            "- 一つ目\n- 二つ目\n- 付録の表",
            "- [一つ目](/a/)\n- [二つ目](/b/)\n- [三つ目](/c/)",
            "- 一つ目\n- 三つ目",
            "この本には目次がない。",
        ):
            self.assertIn("目次</h2>", html(f"## 目次\n\n{contents}{self.TEXT}"), contents)
        self.assertIn("目次", html("## 目次"))
