"""The renderer is CommonMark (https://spec.commonmark.org/0.31.2/) except where the house differs on purpose.

Own examples, by section of the specification. Of its 652 numbered examples, those under CHANGED_ON_PURPOSE
come out differently; all others are the same but for heading ids, `<br>` for line ends inside a paragraph,
`rel` on external links and the attributes of `<pre>` and `<img>`.
"""

import re

from django.test import SimpleTestCase

from blog.text.markdown import render

SAME = {
    "Tabs": [
        ("\tfoo\tbaz", "<pre><code>foo\tbaz\n</code></pre>"),
        ("- a\n\n\tb", "<ul>\n<li>\n<p>a</p>\n<p>b</p>\n</li>\n</ul>"),
    ],
    "Backslash escapes": [
        (r"\*a\* \# \[b\] \_c\_ \`d\`", "<p>*a* # [b] _c_ `d`</p>"),
        (r"\a \あ \「", "<p>\\a \\あ \\「</p>"),
        (r"`\*`", "<p><code>\\*</code></p>"),
    ],
    "Entities": [
        ("&yen; &#12354; &#x3042; &nope;", "<p>¥ あ あ &amp;nope;</p>"),
        ("&#42;a&#42;", "<p>*a*</p>"),
        ("`&yen;`", "<p><code>&amp;yen;</code></p>"),
    ],
    "Thematic breaks": [
        ("***\n___\n- - -", "<hr>\n<hr>\n<hr>"),
        ("--", "<p>--</p>"),
        ("_ _ a", "<p>_ _ a</p>"),
        ("- a\n***\n- b", "<ul>\n<li>a</li>\n</ul>\n<hr>\n<ul>\n<li>b</li>\n</ul>"),
    ],
    "ATX headings": [
        ("## a", "<h2>a</h2>"),
        ("## a ##", "<h2>a</h2>"),
        (
            "## a\n### b\n#### c\n##### d\n###### e",
            "<h2>a</h2>\n<h3>b</h3>\n<h4>c</h4>\n<h5>d</h5>\n<h6>e</h6>",
        ),
        ("####### a", "<p>####### a</p>"),
        ("   ## a", "<h2>a</h2>"),
        (r"\## a", "<p>## a</p>"),
        ("## *a* `b`", "<h2><em>a</em> <code>b</code></h2>"),
        ("a\n## b\nc", "<p>a</p>\n<h2>b</h2>\n<p>c</p>"),
    ],
    "Indented code": [
        ("    a\n      b", "<pre><code>a\n  b\n</code></pre>"),
        ("a\n    b", "<p>a<br>b</p>"),
        ("    a\n\n\n    b", "<pre><code>a\n\n\nb\n</code></pre>"),
    ],
    "Fenced code": [
        ("```\n<\n >\n```", "<pre><code>&lt;\n &gt;\n</code></pre>"),
        ("~~~\na\n```\n~~~", "<pre><code>a\n```\n</code></pre>"),
        ("````\na\n```\n````", "<pre><code>a\n```\n</code></pre>"),
        ("```\na\n", "<pre><code>a\n</code></pre>"),
        ("> ```\n> a\n\nb", "<blockquote>\n<pre><code>a\n</code></pre>\n</blockquote>\n<p>b</p>"),
        ("a\n```\nb\n```\nc", "<p>a</p>\n<pre><code>b\n</code></pre>\n<p>c</p>"),
    ],
    "Link reference definitions": [
        ('[a]: /u "t"\n\n[a]', '<p><a href="/u" title="t">a</a></p>'),
        ("[a]\n\n[a]: /first\n[a]: /second", '<p><a href="/first">a</a></p>'),
        ("[Ａ b]: /u\n\n[ａ  B]", '<p><a href="/u">ａ  B</a></p>'),
        ("a\n[b]: /u", "<p>a<br>[b]: /u</p>"),
    ],
    "Paragraphs and blank lines": [
        ("a\n\n\n\nb", "<p>a</p>\n<p>b</p>"),
        ("  a\n b", "<p>a<br>b</p>"),
        ("  \n\na\n  ", "<p>a</p>"),
    ],
    "Block quotes": [
        ("> a\n> b", "<blockquote>\n<p>a<br>b</p>\n</blockquote>"),
        ("> a\nb", "<blockquote>\n<p>a<br>b</p>\n</blockquote>"),
        (">a\n>> b", "<blockquote>\n<p>a</p>\n<blockquote>\n<p>b</p>\n</blockquote>\n</blockquote>"),
        ("> - a\n- b", "<blockquote>\n<ul>\n<li>a</li>\n</ul>\n</blockquote>\n<ul>\n<li>b</li>\n</ul>"),
        (">", "<blockquote></blockquote>"),
    ],
    "Lists": [
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("- a\n+ b", "<ul>\n<li>a</li>\n</ul>\n<ul>\n<li>b</li>\n</ul>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("1) a", "<ol>\n<li>a</li>\n</ol>"),
        ("a\n2. b", "<p>a<br>2. b</p>"),
        ("a\n1. b", "<p>a</p>\n<ol>\n<li>b</li>\n</ol>"),
        ("- a\n\n- b", "<ul>\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>"),
        ("- a\n  - b\n    - c", "<ul>\n<li>a\n<ul>\n<li>b\n<ul>\n<li>c</li>\n</ul>\n</li>\n</ul>\n</li>\n</ul>"),
        ("- a\n\n  b", "<ul>\n<li>\n<p>a</p>\n<p>b</p>\n</li>\n</ul>"),
        ("-a", "<p>-a</p>"),
        ("-", "<ul>\n<li></li>\n</ul>"),
        ("1234567890. a", "<p>1234567890. a</p>"),
    ],
    "Code spans": [
        ("`` a`b ``", "<p><code>a`b</code></p>"),
        ("`a  b`", "<p><code>a  b</code></p>"),
        ("*a`*`", "<p>*a<code>*</code></p>"),
        ("``a`", "<p>``a`</p>"),
        ("`a\nb`", "<p><code>a b</code></p>"),
    ],
    "Emphasis": [
        ("*a* _b_ **c** __d__", "<p><em>a</em> <em>b</em> <strong>c</strong> <strong>d</strong></p>"),
        ("a * b *", "<p>a * b *</p>"),
        ("a_b_c", "<p>a_b_c</p>"),
        ("a*b*c", "<p>a<em>b</em>c</p>"),
        ('a*"b"*', '<p>a*"b"*</p>'),
        ("***a***", "<p><em><strong>a</strong></em></p>"),
        ("**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>"),
        ("*a **b***", "<p><em>a <strong>b</strong></em></p>"),
        ("**a*", "<p>*<em>a</em></p>"),
        ("**", "<p>**</p>"),
        ("*[a*](/u)", '<p>*<a href="/u">a*</a></p>'),
    ],
    "Links": [
        ('[a](/u "t")', '<p><a href="/u" title="t">a</a></p>'),
        ("[a]()", '<p><a href="">a</a></p>'),
        ("[a](</b c>)", '<p><a href="/b%20c">a</a></p>'),
        ("[a](b c)", "<p>[a](b c)</p>"),
        ("[a](/b(c))", '<p><a href="/b(c)">a</a></p>'),
        ("[a [b] c](/u)", '<p><a href="/u">a [b] c</a></p>'),
        ("[a [b](/v) c](/u)", '<p>[a <a href="/v">b</a> c](/u)</p>'),
        ("[*a*](/u)", '<p><a href="/u"><em>a</em></a></p>'),
        ("[a] (/u)", "<p>[a] (/u)</p>"),
        ("[a][]\n\n[a]: /u", '<p><a href="/u">a</a></p>'),
        ("[a][b]\n\n[b]: /u", '<p><a href="/u">a</a></p>'),
    ],
    "Images": [
        ('a ![*b* c](/u "t")', '<p>a <img src="/u" alt="b c" title="t"></p>'),
        ("a ![b]\n\n[b]: /u", '<p>a <img src="/u" alt="b"></p>'),
        (r"!\[a](/u)", "<p>![a](/u)</p>"),
    ],
    "Autolinks": [
        ("<https://a.example/b?c=1&d>", '<p><a href="https://a.example/b?c=1&amp;d">https://a.example/b?c=1&amp;d</a></p>'),
        ("<a@b.example>", '<p><a href="mailto:a@b.example">a@b.example</a></p>'),
        ("<>", "<p>&lt;&gt;</p>"),
        ("a.example a@b.example", "<p>a.example a@b.example</p>"),
    ],
    "Line breaks": [
        ("a  \nb", "<p>a<br>b</p>"),
        ("a\\\nb", "<p>a<br>b</p>"),
        ("a\\", "<p>a\\</p>"),
        ("`a  \nb`", "<p><code>a   b</code></p>"),
    ],
}  # fmt: skip

# Reason and the specification's examples → one example of ours, and what comes out.
CHANGED_ON_PURPOSE = {
    "Setext headings are off: a rule under a sentence is a rule (59, 80-105, 115, 141, 215, 300)": (
        "a\n---\nb\n===", "<p>a</p>\n<hr>\n<p>b<br>===</p>",
    ),
    "The page's title is the only h1 (wherever an example has one)": ("# a", "<h2>a</h2>"),
    "Levels of headings leave no gaps (wherever an example does)": ("### a\n##### b", "<h2>a</h2>\n<h3>b</h3>"),
    "Raw HTML is text (21, 31, 148-191, 201, 308, 309, 344, 475-477, 491, 494, 524, 536, 613-643)": (
        "<b>a</b>", "<p>&lt;b&gt;a&lt;/b&gt;</p>",
    ),
    "Only http, https, mailto, tel and paths are links (596, 598, 599, 601)": (
        "<irc://a.example>", "<p>&lt;irc://a.example&gt;</p>",
    ),
    "Bare URLs are links (602, 608, 611)": (
        "https://a.example", '<p><a href="https://a.example">https://a.example</a></p>',
    ),
    "A paragraph that is one image is a figure, its title the caption (517, 520, 531, 572-591)": (
        '![a](/u "t")', '<figure><img src="/u" alt="a"><figcaption>t</figcaption>\n</figure>',
    ),
    "Code is coloured (142, 143)": ("```diff\n+a\n```", '<pre><code><span class="gi">+a</span>\n</code></pre>'),
    "Line ends inside a paragraph are breaks (wherever an example has one)": ("a\nb", "<p>a<br>b</p>"),
    "Emphasis works beside Japanese (no example has any)": ("あ**「い」**う", "<p>あ<strong>「い」</strong>う</p>"),
    "Spaces in what looks like a URL are part of it (488)": ("[a](/b c)", '<p><a href="/b%20c">a</a></p>'),
    "HTML comments are hidden, and end no paragraph (177, 179, 182, 308, 626)": ("a\n<!-- b -->\nc", "<p>a<br>c</p>"),
    "A list may go on below a paragraph (no example has the next item)": (
        "a\n2. b\n3. c", '<p>a</p>\n<ol start="2">\n<li>b</li>\n<li>c</li>\n</ol>',
    ),
    "`> [!NOTE]` and `:::` set notes apart (no example has any)": (
        "> [!TIP]\n> a", '<aside class="note note-tip" role="note">\n<div class="note-label">ヒント</div>\n<p>a</p>\n</aside>',
    ),
    "A wide space behind a mark counts as a space (no example has any)": ("-\u3000a", "<ul>\n<li>a</li>\n</ul>"),
    "`##` needs no space (no example has any)": ("##a", "<h2>a</h2>"),
}  # fmt: skip

_ADDED = re.compile(r' (?:id|tabindex|rel|loading|decoding)="[^"]*"|(?<=<code) class="[^"]*"')


class CommonMarkTests(SimpleTestCase):
    maxDiff = None

    def rendered(self, source):
        return _ADDED.sub("", render(source).html).strip()

    def test_what_commonmark_says(self):
        for section, examples in SAME.items():
            for source, expected in examples:
                with self.subTest(section=section, source=source):
                    self.assertEqual(self.rendered(source), expected)

    def test_what_the_house_does_differently(self):
        for reason, (source, expected) in CHANGED_ON_PURPOSE.items():
            with self.subTest(reason=reason):
                self.assertEqual(self.rendered(source), expected)
