import re
from itertools import count

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.text.excerpt import excerpt
from blog.text.markdown import render
from blog.text.portable import portable
from blog.text.scan import scan
from blog.text.source import public_source

SECRET = "社内メモ"
KINDS = (
    ("<!--", "-->"), ("{::comment}", "{:/comment}"), ("{% comment %}", "{% endcomment %}"), ("{%- comment -%}", "{%- endcomment -%}"),
    ("{{< comment >}}", "{{< /comment >}}"), ("{{/*", "*/}}"),
)  # fmt: skip
WITHIN = (
    " x ",
    "\nx\n",
    "\n\nx\n\n",
    "\n- x\n- x",
    "x | x",
    "\n> x\n",
    "\n## x\n\n: x\n",
    "\n\n|x|x|\n|-|-|\n",
    "\n:::\nx\n",
    "`x",
    "\nx `x` \n\n1. x\n",
)
FORMS = (
    "{0}", "{0}\n{1}", "## {0}", "##{0}", "- {0}\n- {1}", "1. {0}\n2. {1}", "> {0}\n> {1}", "> {0}\n{1}", "> - {0}\n\n{1}", "> > {0}",
    "|{0}|{1}|\n|-|-|\n|{2}|{3}|", "|a|b|\n|-|-|\n|{0}|{1}|", ":::message\n{0}\n:::", ":::details {0}\n{1}\n:::", ":::message alert {0}\n:::",
    "> [!NOTE]\n> {0}", "{0}\n: {1}", "<h3>{0}</h3>", "**{0}** `a` {1}", "- {0}\n\n  {1}", "[{0}](/a/) {1}", "文[^1] {0}\n\n[^1]: {1}",
)  # fmt: skip


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A text with words outside of comments, which are returned too, and SECRET in comments."""
    numbers, words = count(1), []

    def word() -> str:
        words.append(f"語{next(numbers)}終")
        return words[-1]

    def comment() -> str:
        opening, closing = draw(st.sampled_from(KINDS))
        return opening + draw(st.sampled_from(WITHIN)).replace("x", SECRET) + closing

    def phrase() -> str:
        parts = [word()]
        for _ in range(draw(st.integers(0, 2))):
            gap = st.sampled_from(("", " "))
            parts += [draw(gap), comment(), draw(gap), draw(st.sampled_from(("", word())))]
        if draw(st.booleans()):
            parts.insert(0, comment())
        return "".join(parts)

    blocks = draw(st.lists(st.sampled_from(FORMS), min_size=1, max_size=3, unique=True))
    body = "\n\n".join(re.sub(r"\{\d\}", lambda _: phrase(), form) for form in blocks)
    return body, [each for each in words if each in body]


def html(body: str) -> str:
    return render(body).html.strip()


class CommentTests(SimpleTestCase):
    def test_no_reader_gets_a_comment_wherever_it_stands(self) -> None:
        for body in (
            f"前\n\n<!-- {SECRET} -->\n\n後",
            f"前\n\n<!--\n{SECRET}\n\n## {SECRET}\n\n```\n{SECRET}\n```\n-->\n\n後",
            f"前 <!-- {SECRET} --> 後",
            f"前 <!-- {SECRET}\n{SECRET} --> 後",
            f"前 <!-- {SECRET}\n\n- {SECRET} --> 後",
            f"前\n<!-- {SECRET} --> <!-- {SECRET} -->\n後",
            f"## 前 <!-- {SECRET} -->\n\n後",
            f"## 前 <!-- {SECRET}\n\n{SECRET} --> 後",
            f"|前|b| <!-- {SECRET} -->\n|-|-|\n|後|d| <!-- {SECRET} | {SECRET} -->",
            f"|前|b|{{::comment}}{SECRET}{{:/}}\n|-|-|\n|後|d|",
            f"|前|\n|-|\n|後 <!-- {SECRET}\n\n{SECRET} -->|",
            f"{{前|ま<!-- {SECRET} -->え}}後",
            f"- 前 <!-- {SECRET} -->\n- <!-- {SECRET} -->\n- 後",
            f"- 前\n\n  <!-- {SECRET}\n\n{SECRET} -->\n- 後",
            f"> 前\n> <!-- {SECRET}\n>\n> {SECRET} -->\n> 後",
            f"> 前\n<!-- {SECRET}\n\n{SECRET} -->\n> 後",
            f"|前|後|\n|-|-|\n|a <!-- {SECRET} | {SECRET} -->|b|\n<!-- {SECRET} | {SECRET} -->\n|c|d|",
            f"前[^1]後\n\n[^1]: 注 <!-- {SECRET} -->\n\n    <!-- {SECRET} -->",
            f"前[後 <!-- {SECRET}](/x) -->](/a/)",
            f"前\n: 後 <!-- {SECRET} -->",
            f"> [!NOTE]\n> 前 <!-- {SECRET} -->\n\n後",
            f"前\n\n{{::comment}}\n{SECRET}\n\n{SECRET}\n{{:/comment}}\n\n後",
            f"前{{::comment}}{SECRET}{{:/}}後",
            f"前\n\n{{% comment %}}\n{SECRET}\n{{% include {SECRET} %}}\n\n{SECRET}\n{{% endcomment %}}\n\n後",
            f"前\n\n{{{{< comment >}}}}\n{SECRET}\n\n{SECRET}\n{{{{< /comment >}}}}\n\n後",
            f"前{{{{/* {SECRET} */}}}}後",
            f"前{{%- comment -%}}{SECRET}{{%- endcomment -%}}後",
            f"<!-- 注 -->前<!--\n{SECRET}\n\n{SECRET}\n-->後",
            f"前<!-- 一\n二 -->中<!-- {SECRET}\n\n{SECRET} -->後",
            f"前{{% comment %}}\n{SECRET}\n\n{SECRET}\n{{% endcomment %}}後",
            f"## 前 {{::comment}}\n{SECRET}\n\n{SECRET}\n{{:/}}後",
            f":::details 前 <!-- {SECRET}\n:::\n{SECRET} -->\n後\n:::",
            f":::message <!-- {SECRET} -->\n前\n:::\n後",
            f"|前|{{% comment %}}{SECRET}|{SECRET}{{% endcomment %}}|後|\n|-|-|-|\n|1 {{{{/* x | y */}}}}|2|3|",
            f"|前|後 <!-- {SECRET}\n|-|-|\n|{SECRET} -->|",
            f"> 前 <!-- {SECRET}\n\n## {SECRET}\n--> 後",
            f"前 <!-- {SECRET}\n: {SECRET} -->\n\n後",
            f"甲\n: 乙\n\n前 <!-- {SECRET}\n: {SECRET} -->\n\n後",
            f"<h3>前 <!-- {SECRET}</h3>\n{SECRET} --> 後",
            f"前5` <!-- {SECRET}\n\n{SECRET} ` --> 後",
            f"前 `a\n<!-- {SECRET} -->` 後",
            f"前 [a](/b{{::comment}}{SECRET}{{:/}}) [b](/c '<!-- {SECRET} -->') ![c](<<!-- {SECRET} -->/d>) 後",
        ):
            with self.subTest(body):
                rendered = render(body)
                source = public_source(body, title="題", site="https://a.example")
                for shown in (
                    rendered.html,
                    rendered.plain_text,
                    excerpt(rendered.plain_text),
                    portable(rendered.html, page="https://a.example/"),
                    source,
                    *scan(body).paragraphs,
                ):
                    self.assertNotIn(SECRET, shown)
                    self.assertNotIn("--", shown.replace("|-|-|", ""))
                for word in "前後":
                    self.assertIn(word, rendered.html)
                    self.assertIn(word, source)

    @given(texts())
    @settings(max_examples=250, deadline=None, derandomize=True, database=None)
    def test_no_mix_of_blocks_shows_a_comment_or_hides_a_word(self, made: tuple[str, list[str]]) -> None:
        body, words = made
        rendered = render(body)
        source = public_source(body, title="題", site="https://a.example")
        for shown in (rendered.html, rendered.plain_text, source, render(source).html):
            self.assertNotIn(SECRET, shown)
            for word in words:
                self.assertIn(word, shown)

    def test_the_text_around_reads_as_if_it_were_not_there(self) -> None:
        for body, shown in (
            ("前\n<!-- a -->\n後", "<p>前<br>後</p>"),
            ("前\n<!-- a\n\nb -->\n後", "<p>前<br>後</p>"),
            ("前\n<!-- a -->", "<p>前</p>"),
            ("<!-- a -->\n後", "<p>後</p>"),
            ("前 <!-- a --> 後", "<p>前 後</p>"),
            ("前<!-- a -->後", "<p>前後</p>"),
            ("前 <!-- a -->\n後", "<p>前<br>後</p>"),
            ("**前<!-- ** -->後**", "<p><strong>前後</strong></p>"),
            ("- 前\n<!-- a -->\n- 後", "<ul>\n<li>前</li>\n<li>後</li>\n</ul>"),
            ("- <!-- a -->\n- 後", "<ul>\n<li>後</li>\n</ul>"),
            ("> <!-- a -->\n\n後", "<p>後</p>"),
            ("<!--more-->", ""),
            ("<!-- a --> <!-- b -->", ""),
            ("## 題 <!-- a -->", '<h2 id="題">題</h2>'),
        ):
            with self.subTest(body):
                self.assertEqual(html(body), shown)

    def test_row_of_a_table_that_is_a_comment_goes_and_the_table_goes_on(self) -> None:
        table = html("|a|b|\n|-|-|\n|1|2|\n<!-- 行 -->\n|3|4|")
        self.assertEqual((table.count("<tr>"), table.count("<table>")), (3, 1))
        self.assertEqual(html("|a|b| <!-- c -->\n|-|-|\n|1|2|").count("<t"), 9)
        self.assertEqual(html("|a|b|\n|-|-|\n| `<!--` | `-->` |").count("<td><code>"), 2)

    def test_code_keeps_its_comments(self) -> None:
        code = "<!-- a -->\n{::comment}b{:/}\n{% comment %}c{% endcomment %}"
        for body in (f"```html\n{code}\n```", "    " + code.replace("\n", "\n    ")):
            self.assertEqual(render(body).plain_text, code)
            self.assertEqual(public_source(body, title="題", site="https://a.example"), f"{body}\n")
        self.assertEqual(html("`<!-- a -->`"), "<p><code>&lt;!-- a --&gt;</code></p>")
        self.assertEqual(html("`<!-- a` 文\n\n## 題\n\n-->").count("<h2"), 1)

    def test_what_does_not_end_is_text_and_hides_nothing(self) -> None:
        self.assertEqual(html("<!-- a\n\n## 題"), '<p>&lt;!-- a</p>\n<h2 id="題">題</h2>')
        self.assertEqual(html("{::comment}\n\n文").count("<p>"), 2)
        self.assertIn("&lt;!-- a", html("\\<!-- a\n\nb -->"))

    def test_the_shortest_comments_of_commonmark(self) -> None:
        for body in ("a<!-->b", "a<!--->b", "a<!---->b"):
            self.assertEqual(html(body), "<p>ab</p>")
        self.assertEqual(
            html("<!--><script>alert(1)</script>-->"), "<p>&lt;script&gt;alert(1)&lt;/script&gt;--&gt;</p>"
        )
