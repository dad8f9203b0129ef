"""What is found in a source is what readers get of it. The renderer is asked, not the specification."""

import re
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import unquote

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.text.dialects import JEKYLL
from blog.text.markdown import render
from blog.text.scan import find_images, scan

CODE = (
    "```\nX\n```",
    "~~~~ python\nX\n~~~\nX\n~~~~",
    "```\n>>>>>>> X\n> ```\nX\n```",
    "```\nX and no end",
    "前\n```\nX\n```\n後",
    "> 引用\n> ```\n> X\n> ```\n> 後",
    "- 項目\n\n  ```\n  X\n  ```",
    "1. ~~~\n   X\n   ~~~",
    "前\n\n    X\n\n        X\n\n後",
    "前\n\n\tX\n",
    "# 見出し\n    X",
    "***\n    X",
    ">     X",
    "- 項目\n\n      X",
    "`X`",
    "``X ` X``",
    "`前\nX`",
    "\\\\`X`",
    "- 項目 `X`\n- 項目",
    "## 見出し `X`\n後",
    "> `前\n> X`",
    "|題|\n|-|\n|`X\\|X`|",
    "語\n: `X`",
    "文[^1]\n\n[^1]: `X`\n\n        X",
)
PROSE = (
    "X",
    "X `",
    "\\`X\\`",
    "`` X `",
    "` 前\n\nX `",
    "- ` 項目\n- X `",
    "| ` |\n|-|\n| X ` |",
    "## ` 見出し\nX `",
    "> ` 引用\n\nX `",
    "> ```\n\nX",
    "- ```\n  code\n\nX",
    "前\n    X は段落の続き",
    "- 項目\n\n    X は項目の続き",
    "- 項目\n  - 項目\n\n    X は項目の続き",
    "10. 項目\n\n    X は項目の続き",
    "文[^1]\n\n[^1]: 注\n\n    X は注の続き",
    "``` X ` X",
    "```\ncode\n```\nX",
)
INLINE = (
    "文", "語 ", "「重要」", "{漢字|かん|じ}", "{字|じ}", "`a`", "``b ` c``", "`", "**", "**「い」**", "*a*", "~~", "[a](/b/)",
    "[a [b]](</c d/>)", '[a](/b/ "題")', "[a](/b_(c)/)", "[a](/b\\_c/)", "[a](/b&amp;c/)", "[a]()", "[a](/b c)", "![図](/p.png)",
    "![](/q.png '題')", "![`c`](r.png)", "[![図](/p.png)](/b/)", "[r]", "[語][r]", "[r][]", "![r]", "![図][絵]", "[s]", "[無]", "<https://a.example/>",
    "<a@b.example>", "https://a.example/b", "https://a.example、", "<br>", "<!-- [a](/b/) -->", "\\", "\\[a](/b/)", "\\`", "[", "]", "](", "!",
    "<!-- a | `b` -->", "<!--", "-->", "{::comment}x{:/}", "{% raw %}{% x %}{% endraw %}", "{% raw %}", "{% highlight js %}a{% endhighlight %}", "{{/* a */}}", "\nhttps://a.example/人工知能\n",
    '[a](/b c.html "題")', "![図](d e.png)", "{GET|POST}", '<a href="https://a.example/">', "\n",
    "(", ")", "<", ">", "|", "\\|", "[^1]", "[^2]", "{% x %}", "{: .y}", "---END---", "&amp;", "[a](javascript:b)", "[a](/b(c [r]", "\u3000", "  ",
)  # fmt: skip
BLOCKS = (
    "{0}", "{0}\n{1}", "{0}\n    {1}", "# {0}", "## {0} ##", "##{0}", "<h3>{0}</h3>", "> {0}\n> {1}", "> {0}\n{1}", ">{0}", "- {0}\n- {1}", "- {0}\n\n  {1}",
    "1. {0}\n   {1}", "- - {0}\n  - {1}", "- > {0}\n  > {1}", "> - {0}\n>   {1}", "-\t{0}\n\n\t{1}", "    {0}", ">\t{0}", "```\n{0}\n```", "- ```\n  {0}\n  ```",
    "> ~~~ a\n> {0}\n> ~~~", "```\n{0}", "|{0}|{1}|\n|-|-|\n|{1}|{0}|", "> |{0}|\n> |-|\n> | {1} |\n", "{0} | {1}\n-|-\n{1} |", "{0}\n: {1}\n\n  {0}", "[r]: /d/ '題'", "[r]: </d e/>",
    "[絵]:\n/i.png", "> [s]: /s/\n> '題\n> 名'", "[//]: # ({0})", "[^1]: {0}\n\n    {1}", "[^2]: {0}", "---", "{{: .x}}", "\u3000\n{0}", "{0}  \n{1}\\\n{0}", "- [ ] {0}",
    "<!--\n\n{0}\n-->\n{1}", "<!-- {0} -->", "- {0}\n  <!--\n\n{1} -->", "> {0}\n> <!-- {1}\n>\n> -->", "{0} <!--\n\n{1} --> {0}", "## {0} <!--\n{1} --> {0}",
    "{{% highlight js %}}\n{0}\n  {1}\n{{% endhighlight %}}", "- {{{{< highlight js >}}}}\n  {0}\n  {{{{< /highlight >}}}}",
    "> {{% codeblock {0} lang:js %}}{1}{{% endcodeblock %}}", "{{% highlight js %}}\n{0}", "{{% raw %}}\n{0}\n\n{1}\n{{% endraw %}}",
    ":::message\n{0}\n:::", "> [!NOTE]\n> {0}\n> {1}", ":::details {0}\n{1}", "- :::note warn\n  {0}\n  :::\n  {1}", "-\u3000{0}\n-\u3000{1}",
    "##\u3000{0}", ">\u3000-\u3000{0}", "1.\u3000\u3000{0}", "* {0}\n{{:toc}}", "## 目次\n\n[TOC]", "{0}\n2. {1}\n3. {0}", "```js:a.js\n{0}\n```",
)  # fmt: skip

WORDS = st.lists(st.sampled_from(INLINE), max_size=4).map("".join)
DOCUMENTS = st.lists(
    st.builds(
        lambda block, one, two, end: block.format(one, two) + end,
        st.sampled_from(BLOCKS),
        WORDS,
        WORDS,
        st.sampled_from(["\n\n", "\n", "\n\n\n", ""]),
    ),
    max_size=6,
).map("".join)
SIGNS = st.text(st.sampled_from("[]()!<>`~*_#|\\\\-:.>1^{}%= \n\n\t\u3000a/あ「」&;'\""), max_size=60)
TARGETS = ("/新/", "/a b/(c)>&amp;\\d|e")


class Page(HTMLParser):
    """What a reader gets of a text: links, images, code and headings."""

    def __init__(self, text):
        super().__init__()
        self.links, self.images, self.code, self.headings = [], [], [], []
        self.open = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "a" and "role" not in attributes:
            self.links.append(attributes["href"])
        elif tag == "img":
            self.images.append((attributes["src"], attributes["alt"]))
        elif tag == "code":
            self.code.append("")
        elif tag in {"h2", "h3", "h4", "h5", "h6"}:
            self.headings.append("")
        if tag not in {"br", "hr", "img", "input"}:
            self.open.append(tag)
        elif tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, tag):
        self.open.pop()

    def handle_data(self, text):
        if "code" in self.open:
            self.code[-1] += text
        if {"h2", "h3", "h4", "h5", "h6"} & {*self.open} and not {"rp", "rt", "sup"} & {*self.open}:
            self.headings[-1] += text.replace("\u2060", "")


def with_scheme(url):
    """As the renderer writes a URL without a scheme but with a host."""
    return f"https:{url}" if url.startswith("//") else url


def words(text):
    return " ".join(text.split())


def signs(text):
    """Without white space, and without what keeps a sign in its cell."""
    return "".join(text.split()).replace("\\|", "|")


def without_urls(html):
    return re.sub(r' (?:href|src|rel)="[^"]*"', "", html)


class SameAsRenderedTests(SimpleTestCase):
    """Whatever the text: nothing is found that readers do not get, and nothing that they get is missed."""

    def assert_found_as_rendered(self, source):
        found, page = scan(source), Page(render(source).html)
        self.assertEqual(Counter(with_scheme(link.href) for link in found.links), Counter(page.links))
        images = [(with_scheme(image.src), image.alt) for image in found.images]
        self.assertEqual(Counter(images), Counter(page.images))
        self.assertEqual(Counter(code.text for code in found.code), Counter(page.code))
        self.assertEqual(
            Counter(words(heading.text) for heading in found.headings), Counter(map(words, page.headings))
        )
        return found

    def assert_rewritten_as_rendered(self, source):
        """Other URLs change the URLs and nothing else; the same URLs change nothing."""
        found, html = scan(source), render(source).html
        self.assertEqual(render(found.retargeted(lambda target: target.url)).html, html)
        self.assertEqual(found.retargeted(lambda target: None), source)
        for url in TARGETS:
            changed = found.retargeted(lambda target, url=url: url)
            self.assertEqual(without_urls(render(changed).html), without_urls(html))
            self.assertLessEqual({unquote(target.url) for target in scan(changed).targets}, {url})
            self.assertEqual(len(scan(changed).targets), len(found.targets))

    def assert_code_is_where_it_says(self, source):
        found = scan(source)
        prose = found.without_code()
        self.assertEqual([*map(len, prose.split("\n"))], [*map(len, source.split("\n"))])
        for code in found.code:
            written = signs("".join(source[start:end] for start, end in code.spans))
            self.assertIn(signs(code.text), written)
            self.assertTrue(written.startswith(("`", "~", "{")) or written == signs(code.text), written)

    @given(DOCUMENTS | SIGNS)
    @settings(max_examples=400, deadline=None)
    def test_any_text(self, source):
        self.assert_found_as_rendered(source)
        self.assert_rewritten_as_rendered(source)
        self.assert_code_is_where_it_says(source)


class CodeTests(SimpleTestCase):
    def test_code_of_every_kind_is_blanked_where_it_stands(self):
        for source in CODE:
            with self.subTest(source):
                prose = scan(source).without_code()
                self.assertNotIn("X", prose)
                self.assertEqual([len(line) for line in prose.split("\n")], [*map(len, source.split("\n"))])

    def test_what_only_looks_like_code_stays(self):
        for source in PROSE:
            with self.subTest(source):
                self.assertEqual(scan(source).without_code().count("X"), source.count("X"))

    def test_words_and_marks_around_code_stay(self):
        source = "> 前`X`後\n> `X\n> X`\n\n```\nX\n```\n後"
        self.assertEqual(
            scan(source).without_code(), f"> 前   後\n> {' ' * 2}\n> {' ' * 2}\n\n{' ' * 3}\n \n{' ' * 3}\n後"
        )


class TargetTests(SimpleTestCase):
    def test_every_way_to_write_a_target_is_found_and_nothing_else(self):
        for source, found in (
            ("[a](/b/)", ["/b/"]),
            ("[a](/b/?c=1#d)", ["/b/?c=1#d"]),
            ('[a]( /b/ "題" )', ["/b/"]),
            ("[a](</b c/>)", ["/b c/"]),
            ("[a](/b_(c_(d))/) (e)", ["/b_(c_(d))/"]),
            ("[a](/b\\_c/)", ["/b_c/"]),
            ("[a](/b&amp;c/)", ["/b&c/"]),
            ("[a\nb](/c/)", ["/c/"]),
            ("[`]` a](/b/)", ["/b/"]),
            ("[![a](/b.png)](/c/)", ["/b.png", "/c/"]),
            ("![a ![b](/c.png)](/d.png)", ["/c.png", "/d.png"]),
            ("> - [a\n>   b](/c/)", ["/c/"]),
            ("|a|b|\n|-|-|\n|`\\|`|[c](/d\\|e/)|", ["/d|e/"]),
            ("## [a](/b/) ##\n##[c](/d/)\n<h3>[e](/f/)</h3>", ["/b/", "/d/", "/f/"]),
            ("語\n: [a](/b/)", ["/b/"]),
            ("\u3000\n\u3000[a](/b/)", ["/b/"]),
            ("[a]: /b/ '題'\n [c]: <d>", ["/b/", "d"]),
            ("> [a]:\n> /b/", ["/b/"]),
            ("注[^1]\n\n[^1]: [a](/b/)\n[^2]: [c](/d/)", ["/b/", "/d/"]),
            ("a](/b/)", []),
            ("\\[a](/b/)", []),
            ("[a\n\nb](/c/)", []),
            ("[a](/b c/)", ["/b c/"]),
            ("[a](b c)", []),
            ("[a]()", []),
            ("<https://a.example/> https://b.example/", []),
            ("文 [a]: /b/", []),
            ("`[a](/b/)` ``[a](/b/)``", []),
            ("```\n[a](/b/)\n```\n\n    [a](/b/)\n", []),
        ):
            with self.subTest(source):
                self.assertEqual([target.url for target in scan(source).targets], found)

    def test_a_definition_is_an_image_s_where_an_image_uses_it(self):
        found = scan("![図][a] [語][b]\n\n[a]: /a.png\n[b]: /b/\n[c]: /c/")
        self.assertEqual(
            [(target.url, target.is_image) for target in found.targets],
            [("/a.png", True), ("/b/", False), ("/c/", False)],
        )

    def test_other_urls_leave_all_else_as_it_was(self):
        source = '`[a](/b/)` [c]( </d e/> "題") ![`f`](g.png) [h](/i/)\n\n> [j]: /k/'
        changed = scan(source).retargeted(lambda target: None if target.url == "/i/" else "/新/")
        self.assertEqual(changed, '`[a](/b/)` [c]( </新/> "題") ![`f`](/新/) [h](/i/)\n\n> [j]: /新/')

    def test_a_url_is_written_so_that_it_is_read_again(self):
        for url, written in (
            ("/b_(c)/", "/b_(c)/"),
            ("/b(c/", "/b\\(c/"),
            ("/b c/", "/b%20c/"),
            ("/b|c>/", "/b%7Cc%3E/"),
            ("/b?c&copy;", "/b?c\\&copy;"),
        ):
            with self.subTest(url):
                self.assertEqual(scan("[a](/x/)").retargeted(lambda target, url=url: url), f"[a]({written})")


class PlaceTests(SimpleTestCase):
    def test_links_of_every_kind_with_their_lines(self):
        found = scan("[a](/b/)\n<https://a.example/>\n\n> https://b.example/、\n\n[語][c]\n\n[c]: </d e/>")
        self.assertEqual(
            [(link.url, link.href, link.line) for link in found.links],
            [
                ("/b/", "/b/", 1),
                ("https://a.example/", "https://a.example/", 2),
                ("https://b.example/", "https://b.example/", 4),
                ("/d e/", "/d%20e/", 6),
            ],
        )

    def test_images_with_the_words_that_readers_hear(self):
        found = find_images("![**図** `1`](/a.png)\n- ![](</b c.png>)\n\n![図\n二][d]\n\n[d]: /d.png")
        self.assertEqual(
            [(image.url, image.src, image.alt, image.line) for image in found],
            [
                ("/a.png", "/a.png", "図 1", 1),
                ("/b c.png", "/b%20c.png", "", 2),
                ("/d.png", "/d.png", "図\n二", 4),
            ],
        )
        self.assertEqual(find_images("図 [!](/a.png)"), ())

    def test_headings_at_the_level_at_which_they_are_written(self):
        found = scan("# 一 `二`\n\n##三\n> #### 四\n\n<h3>五</h3>\n\n六\n---\n\n```\n# 七\n```")
        self.assertEqual(
            [(heading.level, heading.text, heading.line) for heading in found.headings],
            [(1, "一 二", 1), (2, "三", 3), (4, "四", 4), (3, "五", 6)],
        )

    def test_paragraphs_are_words_wherever_they_stand(self):
        source = (
            "一 **二**\n三\n\n- 四\n\n  五`六`\n\n> 七\n\n# 見出し\n\n|表|\n|-|\n\n```\n八\n```\n\n[^1]: 九"
        )
        self.assertEqual(scan(source).paragraphs, ("一 二 三", "四", "五六", "七"))

    def test_blocks_are_whole(self):
        source = "# 一\n二\n三\n\n- 四\n\n  五\n\n> 六\n七\n"
        found = [(block.kind, source[block.start : block.end]) for block in scan(source).blocks]
        self.assertEqual(
            found,
            [
                ("heading", "# 一\n"),
                ("paragraph", "二\n三\n"),
                ("bullet_list", "- 四\n\n  五\n\n"),
                ("blockquote", "> 六\n七\n"),
            ],
        )

    def test_what_is_never_shown(self):
        source = "前{% x %}後\n{: .y}\n\n`{% x %}`\n\n[//]: # (注)\n[a]: #\n[b]: #\n\n[a]"
        hidden = [source[start:end] for start, end in scan(source, dialect=JEKYLL).hidden]
        self.assertEqual(hidden, ["{% x %}", "{: .y}", "[//]: # (注)", "[b]: #"])
