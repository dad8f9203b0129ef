"""What a dialect hides, and that it hides nothing that somebody has typed."""

from django.test import SimpleTestCase

from blog.text.dialects import DIALECTS, JEKYLL, OLD_SITE, PLAIN, Dialect, Reason
from blog.text.markdown import render
from blog.text.scan import scan
from blog.text.source import public_source

TITLE = "データセンターの電気代が上がる"
LIST = "## 関連記事\n\n- [一つ目](/2026/11/01/x/)\n- [二つ目](/2026/11/02/y/)"
CONTENTS = "目次\n\n- 一つ目\n- 二つ目\n- 三つ目\n\n## 一つ目\n\n## 二つ目\n\n## 三つ目"


def shown(body: str, dialect: Dialect = PLAIN, imported: str | None = None, title: str = TITLE) -> str:
    return render(body, title=title, dialect=dialect, imported=imported).plain_text


def hidden(body: str, dialect: Dialect = PLAIN, imported: str | None = None) -> list[tuple[Reason, int, str]]:
    found = scan(body, title=TITLE, dialect=dialect, imported=imported).not_shown
    return [(place.reason, place.line, place.words) for place in found]


class PlainTests(SimpleTestCase):
    def test_a_first_sentence_that_begins_like_the_headline_stays(self) -> None:
        for dialect in (PLAIN, JEKYLL):
            for first in (
                f"{TITLE}と、誰が払うのか？",
                "データセンターの電気代",
                f"タイトル：{TITLE}",
                f"## {TITLE}理由",
                "電気代が上がるデータセンターの話！",
            ):
                with self.subTest(first, dialect=dialect.name):
                    self.assertEqual(shown(f"{first}\n\n本文。", dialect), f"{first.lstrip('# ')}\n本文。")
                    self.assertEqual(hidden(f"{first}\n\n本文。", dialect), [])

    def test_the_headline_itself_as_the_first_line_is_not_said_twice(self) -> None:
        for first in (TITLE, f"# {TITLE}", f"**{TITLE}**", f"{TITLE} ", "データセンターの 電気代が上がる"):
            for rest in ("\n\n本文。", "\n本文。"):
                with self.subTest(first + rest):
                    self.assertEqual(shown(first + rest), "本文。")
                    [(reason, line, _words)] = hidden(first + rest)
                    self.assertEqual((reason, line), (Reason.TITLE, 1))

    def test_a_first_line_that_leads_somewhere_stays(self) -> None:
        for dialect in DIALECTS.values():
            for first, kept in (
                (f"[{TITLE}](https://a.example/x)", 'href="https://a.example/x"'),
                (f"**[{TITLE}](https://a.example/x)**", 'href="https://a.example/x"'),
                (f"# [{TITLE}](/a/)", 'href="/a/"'),
                (f"{TITLE}[^1]", "doc-noteref"),
                (f"{TITLE}![図](/a.png)", "/a.png"),
                (f"導入。\n\n## [{TITLE}](/a/)", 'href="/a/"'),
            ):
                with self.subTest(first, dialect=dialect.name):
                    body = f"{first}\n\n本文。\n\n[^1]: 注。"
                    self.assertIn(kept, render(body, title=TITLE, dialect=dialect).html)
                    self.assertEqual(hidden(body, dialect), [])

    def test_signs_within_words_are_compared(self) -> None:
        for title, first in (
            ("C#", "C"),
            ("C", "C#"),
            ("snake_case", "snakecase"),
            ("2*3", "23"),
            ("F#入門", "F入門"),
        ):
            with self.subTest(title, first=first):
                self.assertEqual(shown(f"{first}\n\n本文。", title=title), f"{first}\n本文。")
        for title, first in (
            ("C#", "# C#"),
            ("C#", "**C#**"),
            ("`git` の話", "`git` の話"),
            ("**大事**な話", "大事な話"),
            ("題", "#題"),
        ):
            with self.subTest(title, first=first):
                self.assertEqual(shown(f"{first}\n\n本文。", title=title), "本文。")

    def test_headline_further_down_stays(self) -> None:
        for body in (f"導入。\n\n{TITLE}\n\n1. 売上", f"# {TITLE}\n\n{TITLE}\n\n---\n\n本文。"):
            self.assertIn(f"\n{TITLE}\n" if body[0] == "導" else f"{TITLE}\n", shown(body))

    def test_what_generators_leave_elsewhere_is_shown_as_typed(self) -> None:
        for body in ("{: .wide}", "{% include ad.html %}", "前 {% x %} 後", "終わり。\n---END---"):
            with self.subTest(body):
                self.assertEqual(shown(body), body)
        for body in (LIST, CONTENTS):
            with self.subTest(body):
                self.assertIn(body.partition("\n")[0].lstrip("# "), shown(body))
                self.assertEqual((hidden(body), scan(body).related), ([], ()))

    def test_a_static_site_hides_its_template_marks_alone(self) -> None:
        self.assertEqual(
            shown("前 {: .x}\n{% include ad.html %}\n\n後。\n---END---", JEKYLL), "前\n後。\n---END---"
        )
        for body in (LIST, CONTENTS):
            self.assertEqual(shown(body, JEKYLL), shown(body))


class EditedTextTests(SimpleTestCase):
    """`imported` is what came; what has been written since is shown."""

    def test_a_line_is_hidden_only_if_it_came_so(self) -> None:
        for line in (f"{TITLE}と、誰が払うのか", "{: .wide}", "---END---", "文 {% x %} 文"):
            with self.subTest(line):
                body = f"{line}\n\n本文。"
                self.assertNotEqual(shown(body, OLD_SITE, body), shown(body, PLAIN))
                self.assertNotEqual(
                    shown(f"{body}\n\n続き。", OLD_SITE, body), shown(f"{body}\n\n続き。", PLAIN)
                )
                self.assertEqual(shown(body, OLD_SITE, "前の書き出し。\n\n本文。"), shown(body, PLAIN))
                self.assertEqual(hidden(body, OLD_SITE, "前の書き出し。\n\n本文。"), [])

    def test_a_list_to_which_somebody_has_added_is_shown_whole(self) -> None:
        for body, added in (
            (LIST, "- [三つ目](/2026/11/03/z/)"),
            (CONTENTS.partition("\n\n##")[0], "- 四つ目"),
        ):
            rest = "\n\n## 一つ目\n\n## 二つ目\n\n## 三つ目\n\n## 四つ目" if added == "- 四つ目" else ""
            first = body.partition("\n")[0].lstrip("# ")
            with self.subTest(first):
                self.assertNotIn(first, shown(body + rest, OLD_SITE, body + rest))
                self.assertNotIn(first, shown(f"{body}{rest}\n\n新しい段落。", OLD_SITE, body + rest))
                self.assertIn(first, shown(f"{body}\n{added}{rest}", OLD_SITE, body + rest))

    def test_blank_lines_and_spaces_at_the_end_count_for_nothing(self) -> None:
        self.assertEqual(shown(f"本文。\n\n\n{LIST}  \n", OLD_SITE, f"本文。\n\n{LIST}"), "本文。")

    def test_marks_in_one_line_are_told_from_those_in_the_next_of_the_paragraph(self) -> None:
        came = "> 一 {: .x}\n> 二\n\n|a|b|\n|-|-|\n|{: .c}|{: .d}|"
        body = came.replace("> 二", "> 二 {: .y}").replace("|a|", "|甲 {: .e}|")
        self.assertEqual(shown(body, JEKYLL, came), "一\n二 {: .y}\n甲 {: .e}\nb")

    def test_marks_in_the_words_of_a_picture_and_of_a_link(self) -> None:
        came = "一 ![図 {: .x}](/a.png)\n二 [語 {: .y}](/b/)"
        html = render(came.replace("二", "参"), dialect=JEKYLL, imported=came).html
        self.assertIn('alt="図 "', html)
        self.assertIn("語 {: .y}", html)
        html = render(came.replace("一", "壱"), dialect=JEKYLL, imported=came).html
        self.assertIn('alt="図 {: .x}"', html)
        self.assertNotIn("{: .y}", html)


class NotShownTests(SimpleTestCase):
    BODY = (
        f"# {TITLE}理由\n\n本文 {{: .x}}。\n\n---END---\n\n{TITLE}\n\n{LIST}\n\n"
        "## 目次\n\n1. 一つ目\n2. 二つ目\n3. 三つ目\n\n## 一つ目\n\n## 二つ目\n\n## 三つ目\n"
    )

    def test_each_place_is_told_with_its_line_and_its_words(self) -> None:
        self.assertEqual(
            hidden(self.BODY, OLD_SITE),
            [
                (Reason.TITLE, 1, f"{TITLE}理由"),
                (Reason.TEMPLATE, 3, "{: .x}"),
                (Reason.END, 5, "---END---"),
                (Reason.TITLE, 7, TITLE),
                (Reason.RELATED, 9, "関連記事"),
                (Reason.CONTENTS, 14, "目次"),
            ],
        )

    def test_comments_are_not_told_and_a_mark_of_contents_is_told_once(self) -> None:
        for body in (
            "<!--\n- 社内メモ\n- 出典確認\n-->\n\n文",
            "文 <!-- - a\n- b -->",
            "{% comment %}\n- a\n{% endcomment %}",
            "{::comment}a{:/}",
            "[//]: # (a)",
        ):
            for dialect in DIALECTS.values():
                with self.subTest(body, dialect=dialect.name):
                    self.assertEqual(hidden(body, dialect), [])
        for mark, line, words in (
            ("- りんご\n- みかん\n{:toc}", 3, "- りんご"),
            ("* りんご\n* みかん\n{:toc}", 3, "* りんご"),
            ("[TOC]", 3, "[TOC]"),
            ("## 目次\n\n[TOC]", 3, "## 目次"),
        ):
            with self.subTest(mark):
                self.assertEqual(hidden(f"文\n\n{mark}\n"), [(Reason.TOC, line, words)])

    def test_nothing_is_told_of_what_is_shown_and_all_is_told_of_what_is_not(self) -> None:
        for dialect in DIALECTS.values():
            with self.subTest(dialect.name):
                told = {line for _reason, line, _words in hidden(self.BODY, dialect)}
                lines = self.BODY.split("\n")
                for number in (1, 5, 7):
                    words = lines[number - 1].lstrip("# ")
                    times = shown(self.BODY, dialect).split("\n").count(words)
                    self.assertEqual(times == 0, number in told, words)

    def test_markdown_for_machines_has_what_the_page_shows(self) -> None:
        for dialect in DIALECTS.values():
            with self.subTest(dialect.name):
                source = public_source(self.BODY, title=TITLE, site="https://a.example", dialect=dialect)
                self.assertEqual(shown(source, title=""), shown(self.BODY, dialect))
