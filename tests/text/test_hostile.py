"""What an attacker, a broken pipeline or a careless paste can send. Nothing here may run, hang or raise."""

from html.parser import HTMLParser
from time import process_time
from urllib.parse import urlsplit

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.text.defects import find_defects
from blog.text.dialects import OLD_SITE
from blog.text.markdown import Picture, Source, render
from blog.text.sanitise import sanitise
from blog.text.scan import scan
from blog.text.source import public_source

SIZE = 50_000
BAD_URLS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A;avascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "java&Tab;script:alert(1)",
    "java&NewLine;script:alert(1)",
    "java&#10;script:alert(1)",
    "&#1;javascript:alert(1)",
    "&#x20;javascript:alert(1)",
    "\\javascript:alert(1)",
    "\x01javascript:alert(1)",
    "<javascript:alert(1)>",
    "<java\tscript:alert(1)>",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:image/svg+xml;base64,PHN2Zz4=",
    "data:image/png;base64,AAAA",
    "feed:javascript:alert(1)",
    "feed:https://a.example/",
    "view-source:https://a.example/",
    "view-source:javascript:alert(1)",
    "jar:https://a.example/!/x",
    "file:///etc/passwd",
    "blob:https://a.example/1",
    "intent://a#Intent;end",
    "livescript:x",
    "mocha:x",
)
MARKUP = (
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "<iframe src=javascript:alert(1)></iframe>",
    "<object data=x></object><embed src=x>",
    "<form action=//evil.example><button>x</button></form>",
    "<style>*{background:url(//evil.example)}</style>",
    '<p style="position:fixed" class="admin-bar" id="main">x</p>',
    '<base href="//evil.example/"><meta http-equiv=refresh content=0><link rel=stylesheet href=//evil.example>',
    "<!--><script>alert(1)</script>-->",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<input type="password" name="p" onfocus=alert(1) autofocus>',
)
UNITS = (
    "[", "*", "`", ">", "{", "|", "![", "[^", "<", "(", "_", "~~", "[a](", "](", "\\", "&", "&#", "<a ", "<!--",
    "http://a.b ", "://", "-", "#", "{a|", "{%", "{:", "{あ|い}", "---END", "[a]:", "[^a]:", "**a*", "[![", "`a``",
    "**「", "a\u0323\u3099", "> ", "- ", "* - ", "1. ", "# a\n", "- [ ] a\n", "|a|\n|-|\n", "a\n---\n", "[a]: b\n",
    "a\n: b\n", "```\n",
    "<!--\n", "<!-- -->", "a <!--\n", "<!-- -->\n", "# a <!--\n", "|a|\n|-|\n|<!-- -->b|\n", "- <!--\n", "> <!--\n", "a <!--\n\n--> ", "> a <!--\n\n-->\n", "a <!--\n: b\n\n-->", "`<!-- a", ":::message <!--\n", "|a|\n|-|\n|<!--|\n", "{::comment}", "{% comment %}\n", "{% raw %}",
    "{% raw %}\n", "{% raw %}\na\n{% endraw %}\n", "{% highlight a %}\n", "{% highlight a %}a{% endhighlight %}\n", "{{< code a >}}\n", ":::message\n",
    ":::\n", "::::details a\n:::\n", "> [!NOTE]\n", "-\u3000", ">\u3000", "1.\u3000a\n", "a\n2. ", "2. a\n\na\n", "* a\n{:toc}\n", "[TOC]\n",
    "](/a b", "[a](/b c)", "](a (", "https://a.b/あ\n", '<a href="https://a.b', "{あ|", "{a|あ}", "```a:b title=\"c\n```\n", "``` title='",
)  # fmt: skip
PLACES = (
    "[](x", "![](/a", '](a "', "](a '", "](<", "](a(", "[a](b) ", "[![a](b)](c)", "<http://a.b>", "`` ", "`a` ", "~~~\n", "> `a\n>> `\n",
    "- - ", "\n", " ", "\t", "\n    a\n\n", "- `\n", "|`a`", "\\`", "[cite:", "{% x %}", "{: .x}\n", "a {% x %} ", "[//]: # (a)\n", "はい\n",
    "\u3000\n", "## 関連記事\n\n- [a](/b/)\n\n", "## 関連記事\n\n- ",
    "<!-- a -->\n", "a <!--\n\n-->", "- <!-- a -->\n", "{% highlight a %}\nb\n{% endhighlight %}\n", "{% raw %}a{% endraw %}",
    ":::message\na\n:::\n", "-\u3000a\n", "a\n2. b\n3. c\n\n", "* a\n{:toc}\n", "[a](/b c) ", "https://a.b/あ\n",
)  # fmt: skip

HIDDEN = (
    "{% x %}", "{: .x}\n", "文 {: .x}\n", "---END--- ", "- {: .x}\n", "![{% x %}](a)", "[{: .x}](a) ", "{:",
    "## 関連記事\n\n- [a](/x/)\n\n---\n\n", "目次\n\n- a\n- b\n- c\n\n", "# データセンター\n\n---\n\n", "データセンター\n",
)  # fmt: skip


class Page(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


class HostileTests(SimpleTestCase):
    ALLOWED_SCHEMES = {"", "http", "https", "mailto", "tel"}
    FORBIDDEN_TAGS = {
        "script", "style", "svg", "math", "iframe", "object", "embed", "form", "button", "base", "meta", "link",
        "noscript", "template",
    }  # fmt: skip

    def assert_harmless(self, text):
        page = Page(text)
        self.assertEqual(page.tags & self.FORBIDDEN_TAGS, set())
        for tag, name, value in page.attributes:
            self.assertFalse(
                name.startswith("on") or name in {"style", "srcdoc", "action", "formaction"}, name
            )
            if name in {"href", "src"}:
                url = "".join(char for char in value if char > " ").replace("\\", "/")
                self.assertFalse(url.startswith("//"), value)
                self.assertIn(urlsplit(url).scheme.lower(), self.ALLOWED_SCHEMES, value)
            if tag == "input" and name == "type":
                self.assertEqual(value, "checkbox")

    def test_no_url_of_another_scheme_becomes_a_link_or_an_image(self):
        for url in BAD_URLS:
            forms = (
                f"[x]({url})", f"[x](<{url.strip('<>')}>)", f"![x]({url})", f"<{url.strip('<>')}>", f"[x][r]\n\n[r]: {url}",
                f"[![x]({url})]({url})", url, f"{{{url}|よみ}}", f"|a|\n|-|\n|[x]({url})|", f"注[^1]\n\n[^1]: [x]({url})",
                f"## [x]({url})", f'[x](/a "{url}")', f"```{url}\n{url}\n```",
            )  # fmt: skip
            for form in forms:
                with self.subTest(form=form):
                    self.assert_harmless(render(form).html)

    def test_mapped_pictures_and_links_pass_the_same_door(self):
        pictures = {
            "/a.png": Picture(
                "javascript:alert(1)",
                1,
                1,
                sources=(
                    Source("text/html", "//evil.example/a.png 1x"),
                    Source("image/avif", "javascript:alert(1) 1x"),
                ),
                caption="<b>x",
            )
        }
        rendered = render("![a](/a.png)\n\n[x](/a/)", images=pictures, links={"/a/": "//evil.example/"})
        self.assert_harmless(rendered.html)
        self.assertNotIn("srcset", rendered.html)
        self.assertNotIn("<b>", rendered.html)

    def test_raw_html_is_shown_as_text(self):
        for markup in MARKUP:
            for form in (
                markup,
                f"文{markup}文",
                f"- {markup}",
                f"|{markup}|\n|-|",
                f"## {markup}",
                f"{{{markup}|よ}}",
            ):
                with self.subTest(form=form):
                    self.assert_harmless(render(form).html)
        self.assertEqual(render(MARKUP[0]).html, "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n")

    def test_prefix_cannot_leave_its_attribute(self):
        self.assert_harmless(render("a[^1]\n\n[^1]: b", prefix='"><script>alert(1)</script>').html)

    def test_sanitiser_alone_lets_nothing_through(self):
        for markup in MARKUP:
            with self.subTest(markup=markup):
                self.assert_harmless(sanitise(markup))
        relative = (
            "//evil.example/",
            "/\\evil.example/",
            "\\\\evil.example",
            "/\t/evil.example",
            " //e.example",
        )
        for url in BAD_URLS + relative:
            with self.subTest(url=url):
                self.assert_harmless(sanitise(f'<a href="{url}">x</a><img src="{url}" srcset="{url} 1x">'))
                offered = sanitise(f'<picture><source type="image/avif" srcset="{url} 1x"><img></picture>')
                self.assertNotIn("srcset", offered)
        self.assertEqual(
            sanitise('<p class="admin-bar" id="x">文<span class="k admin">語</span></p>'),
            '<p>文<span class="k">語</span></p>',
        )

    def test_a_source_offers_pictures_and_nothing_else(self):
        good = '<picture><source type="image/avif" srcset="/p/1.avif 1w, https://b.example/2 2w" sizes="(min-width: 4rem) 4rem, 94vw"></picture>'
        self.assertEqual(sanitise(good), good)
        bad = '<source type="text/html" src="/x" media="all" onerror="x" sizes="expression(x)&quot;">'
        self.assertEqual(sanitise(f"<picture>{bad}</picture>"), "<picture><source></picture>")

    def test_50_kilobytes_of_anything_end_and_lose_no_harmlessness(self):
        for unit in UNITS:
            with self.subTest(unit=unit):
                self.assert_harmless(render((unit * SIZE)[:SIZE]).html)

    def test_places_in_much_of_anything_are_found_in_the_time_of_parsing(self):
        """What looks at a character once for each character before it does not come to an end here."""
        for unit in UNITS + PLACES:
            source = (unit * SIZE)[: SIZE // 2]
            with self.subTest(unit=unit):
                found = scan(source)
                self.assertEqual(len(found.without_code()), len(source))
                self.assertEqual(found.retargeted(lambda target: None), source)
                find_defects(found, title="題", slug="a", description="", tags=())
        for unit in PLACES:
            with self.subTest(unit=unit):
                public_source(f"# {(unit * SIZE)[: SIZE // 2]}", title="題", site="https://a.example")

    def test_much_of_what_dialects_hide_ends_too_also_where_lines_were_edited(self):
        for unit in HIDDEN:
            source = (unit * SIZE)[: SIZE // 2]
            for imported in (None, f"{source}\n続き", "前"):
                with self.subTest(unit=unit, imported=imported and imported[-1]):
                    options = {"title": "データセンター", "dialect": OLD_SITE, "imported": imported}
                    self.assert_harmless(render(source, **options).html)
                    public_source(source, site="https://a.example", **options)

    def test_urls_and_links_of_the_length_of_a_text_end(self):
        """Each of these took seconds, and four times as long when twice as long."""
        for source in (
            "https://a.example/" + "-を" * 60_000 + "/x",
            "https://a.example/" + "-を/" * 60_000,
            "https://a.example/あ" + "です" * 60_000 + "x",
            "[a](b c) [x](" + " " * 150_000 + "y",
            "[a](b c) [x](y" + " " * 150_000 + "=1x",
        ):
            with self.subTest(source[:30]):
                began = process_time()
                self.assert_harmless(render(source).html)
                self.assertLess(process_time() - began, 2)

    def test_runs_of_backticks_of_every_length(self):
        source = " ".join("`" * length for length in range(1, 300))
        self.assertEqual(scan(source).without_code(), source)

    def test_one_definition_does_not_make_a_flood_of_openings_expensive(self):
        for definition, unit in (("[^a]: x", "[^"), ("[^a]: x", "[^a]"), ("[a]: /u", "[a]")):
            with self.subTest(unit=unit):
                self.assert_harmless(render(f"{definition}\n\n" + (unit * SIZE)[:SIZE]).html)

    def test_code_that_holds_colouring_up_is_shown_plain(self):
        for language in (
            "python",
            "html",
            "javascript",
            "php",
            "ini",
            "yaml",
            "cpp",
            "csharp",
            "makefile",
            "java",
        ):
            for unit in ('"', "<", "({", "--", "a.", "a ", "a\n"):
                code = (unit * SIZE)[: SIZE // 5]
                rendered = render(f"```{language}\n{code}\n```")
                self.assertEqual(rendered.plain_text, code.strip("\n"), language)

    def test_deep_nesting_ends_without_recursion_errors(self):
        deep = (
            "> " * 5_000 + "a",
            "".join("  " * depth + "- a\n" for depth in range(300)),
            "- " * 5_000 + "a",
            "[" * 5_000 + "a" + "](/b)" * 5_000,
            "**" * 5_000 + "a" + "**" * 5_000,
            "[^a]: " * 2_000 + "x\n\n文[^a]",
            "![" * 3_000 + "a" + "](/b)" * 3_000,
        )
        for source in deep:
            with self.subTest(source=source[:20]):
                self.assert_harmless(render(source).html)

    def test_nesting_that_people_use_loses_no_text(self):
        self.assertEqual(render("> " * 30 + "深い").plain_text, "深い")
        items = "".join("  " * depth + f"- 項目{depth}\n" for depth in range(30))
        self.assertEqual(render(items).plain_text.split("\n"), [f"項目{depth}" for depth in range(30)])

    @given(st.text(st.sampled_from("<>[]()!*_`~^{}|:#-+&;\"'\\/= \n\tax1あ「」。\ufdd0")))
    @settings(max_examples=300, deadline=None)
    def test_any_text_renders_harmlessly_and_the_same_twice(self, source):
        rendered = render(source, title="あ", prefix="p")
        self.assert_harmless(rendered.html)
        self.assertEqual(rendered, render(source, title="あ", prefix="p"))
        self.assertNotIn("\ufdd0", rendered.html)
