"""What people type and paste with a Japanese input method and out of other editors."""

from django.test import SimpleTestCase

from blog.text.dialects import JEKYLL, PLAIN, Dialect
from blog.text.markdown import render
from blog.text.scan import find_images, scan
from blog.text.source import public_source


def html(body: str, dialect: Dialect = PLAIN) -> str:
    return render(body, dialect=dialect).html.strip()


class WideSpaceTests(SimpleTestCase):
    def test_wide_space_behind_a_mark_counts_as_a_space(self) -> None:
        for typed in (
            "##\u3000見出し", "#\u3000題", "-\u3000一\n-\u3000二\n\n文", "*\u3000一\n  続き", "1.\u3000一\n2.\u3000二", "3)\u3000三", ">\u3000引用\n>\u3000続き",
            "> -\u3000一\n> -\u3000二", "文\n-\u3000一", "-\u3000[a](/b/) `c`", "-\u3000- 一",
        ):  # fmt: skip
            with self.subTest(typed):
                self.assertEqual(html(typed), html(typed.replace("\u3000", " ")))
        self.assertEqual(html("-\u3000\u3000\u3000\u3000\u3000\u3000一"), "<ul>\n<li>一</li>\n</ul>")

    def test_elsewhere_it_stays(self) -> None:
        code = "-\u3000一\n##\u3000二"
        for body in (f"```\n{code}\n```", f"- ```\n  {code.replace(chr(10), chr(10) + '  ')}\n  ```"):
            self.assertEqual(render(body).plain_text, code)
        self.assertEqual(html("一\n\u3000二"), "<p>一<br>\u3000二</p>")
        self.assertEqual(html("１．\u3000一"), "<p>１．\u3000一</p>")
        self.assertIn("<td>-\u3000b</td>", html("|a|\n|-|\n|-\u3000b|"))


class RubyTests(SimpleTestCase):
    def test_reading_is_kana(self) -> None:
        for body in (
            "{東京|とうきょう}",
            "{漢字|かん|じ}",
            "{AI|エーアイ}",
            "{C言語|シーげんご}",
            "{半角|ﾊﾝｶｸ}",
            "{五月蝿い|うるさ・い}",
        ):
            self.assertIn("<ruby>", html(body), body)

    def test_other_braces_are_text(self) -> None:
        for body in (
            "{GET|POST}", "{true|false}", "${a|b}", "${税込|ぜいこみ}", "{{ page.title | escape }}", "{{題|だい}}", "{AI|人工知能}", "{1|2}", "{a|b|c}",
            "{賛成|反対}のどちらか", "{東京|Tokyo}", "{東京|とうきょう|Tokyo}", "{漢字|漢|字}",
        ):  # fmt: skip
            self.assertEqual(html(body), f"<p>{body}</p>")
            self.assertEqual(render(body).plain_text, body)
        self.assertEqual(html("|{東京|とう}|{a|b}|\n|-|-|-|").count("<th>"), 3)


class AddressTests(SimpleTestCase):
    def test_url_alone_on_its_line_goes_on_in_japanese(self) -> None:
        for url, href in (
            ("https://ja.wikipedia.org/wiki/人工知能", "https://ja.wikipedia.org/wiki/%E4%BA%BA%E5%B7%A5%E7%9F%A5%E8%83%BD"),
            ("https://a.example/wiki/時をかける少女", None),
            ("https://a.example/wiki/東京_(曖昧さ回避)", None),
            ("https://a.example/wiki/けいおん!", None),
            ("https://a.example/検索?q=猫&p=1", None),
            ("https://a.example/a?q=猫#節", None),
            ("https://a.example/wiki/AI倫理", None),
            ("https://a.example/wiki/2024年", None),
        ):  # fmt: skip
            for form in (
                url,
                f"前\n{url}\n後",
                f"- {url}",
                f"> {url}",
                f"|a|\n|-|\n| {url} |",
                f"<{url}>",
                f"  {url}  ",
            ):
                with self.subTest(form):
                    (link,) = scan(form).links
                    self.assertEqual(link.url, url)
                    self.assertIn(f">{url.replace('&', '&amp;')}</a>", html(form))
                    if href:
                        self.assertIn(f'href="{href}"', html(form))

    def test_full_stop_behind_it_is_no_part_of_it(self) -> None:
        for stop in ("。", "．", "。。"):
            with self.subTest(stop):
                text = f"https://a.example/wiki/東京駅{stop}"
                self.assertEqual(scan(text).links[0].url, "https://a.example/wiki/東京駅")
                self.assertTrue(render(text).plain_text.endswith(f"東京駅{stop}"))

    def test_in_running_text_it_ends_before_the_japanese(self) -> None:
        for body, url in (
            ("詳しくはhttps://a.example/aを参照。", "https://a.example/a"),
            ("https://a.example/aを参照。", "https://a.example/a"),
            ("https://a.example/を参照してください", "https://a.example/"),
            ("https://a.example/docs/から取得できます。", "https://a.example/docs/"),
            ("https://a.example/人工知能 を見る", "https://a.example/"),
            ("https://a.example記事", "https://a.example"),
            ("https://a.example/bが便利", "https://a.example/b"),
            ("https://a.example/（公式）", "https://a.example/"),
            ("https://a.example/b、https://a.example/c", "https://a.example/b"),
        ):
            with self.subTest(body):
                self.assertEqual(scan(body).links[0].href, url)

    def test_url_in_a_raw_tag_is_no_link_across_the_tag(self) -> None:
        for body in (
            '<a href="https://a.example/?a=1&b=2">外</a>', "<a href='https://a.example/'>外</a>", "<img src=https://a.example/b.png alt=図>",
        ):  # fmt: skip
            self.assertNotIn("<a", html(body))
        self.assertEqual(
            scan("a < b https://a.example/ > c <https://b.example/>").links[0].href, "https://a.example/"
        )

    def test_spaces_in_what_looks_like_a_url_are_part_of_it(self) -> None:
        for body, found in (
            (
                "![図](/売上 グラフ.png)",
                '<img src="/%E5%A3%B2%E4%B8%8A%20%E3%82%B0%E3%83%A9%E3%83%95.png" alt="図"',
            ),
            ("![図](写真 (1).png)", '<img src="%E5%86%99%E7%9C%9F%20(1).png" alt="図"'),
            ('[x](/a b/c.html "題 名")', '<a href="/a%20b/c.html" title="題 名">x</a>'),
            ("[x](/a b 'c d')", '<a href="/a%20b" title="c d">x</a>'),
            ("[x](/it's a.png)", '<a href="/it\'s%20a.png">x</a>'),
            ("[x](./a b.md)", '<a href="./a%20b.md">x</a>'),
            ("[x](https://a.example/b c)", '<a href="https://a.example/b%20c" rel="noopener">x</a>'),
            ("[![図](/a b.png)](/c d/)", '<a href="/c%20d/"><img src="/a%20b.png"'),
        ):
            with self.subTest(body):
                self.assertIn(found, html(body))
        self.assertEqual(
            [image.url for image in find_images("![図](/売上 グラフ.png)")], ["/売上 グラフ.png"]
        )
        self.assertEqual(public_source("[x](/a b/)", title="題", site="https://a"), "[x](https://a/a%20b/)\n")

    def test_size_of_an_image_is_no_part_of_its_url(self) -> None:
        for size in ("=250x", "=100x200", "=x200", "=50%x", " =250x "):
            for url in ("/images/a.png", "https://a.example/a.png", "/売上 グラフ.png"):
                with self.subTest(url, size=size):
                    self.assertEqual([image.url for image in find_images(f"![図]({url} {size})")], [url])
        self.assertIn('<img src="/a.png" alt="図"', html("![図](/a.png =250x)"))
        self.assertIn("<figcaption>題</figcaption>", html('![図](/a.png =250x "題")'))
        for body in ("![図](/a.png =250)", "![図](/a b.png =wide)", "[x](/a = b)"):
            self.assertEqual(html(body), f"<p>{body}</p>")

    def test_brackets_behind_brackets_and_code_stay_text(self) -> None:
        for body in (
            "[注](前の 記事)",
            "[注](see fig. 2)",
            "[注](使うのは Node.js)",
            "[a](/b c",
            "[a](javascript:b c)",
        ):
            self.assertEqual(html(body), f"<p>{body}</p>")
        self.assertEqual(
            html("`[a](/b c)` [d](/e f)"), '<p><code>[a](/b c)</code> <a href="/e%20f">d</a></p>'
        )


class ListTests(SimpleTestCase):
    def test_numbers_that_go_on_below_a_paragraph_are_a_list(self) -> None:
        self.assertEqual(
            html("段落は次。\n2. AI倫理\n3. ドメイン"),
            '<p>段落は次。</p>\n<ol start="2">\n<li>AI倫理</li>\n<li>ドメイン</li>\n</ol>',
        )
        resumed = html("1. 一\n\n本文\n2. 二\n\n本文\n3. 三")
        self.assertEqual(
            [resumed.count(tag) for tag in ("<ol>", '<ol start="2">', '<ol start="3">')], [1, 1, 1]
        )
        self.assertIn('<ol start="2">', html("文\n2) a\n\n3) b"))
        self.assertIn('<ol start="2">', html("> 文\n> 2. a\n> 3. b"))

    def test_number_at_the_start_of_a_wrapped_line_is_text(self) -> None:
        for body in (
            "改正されたのは\n14. 本文",
            "文\n2025. 年",
            "文\n2. a\n5. b",
            "文\n2. a\n3) b",
            "文\n2.5 倍",
            "1. 一\n\n文\n\n文\n3. 三",
        ):
            self.assertNotIn("<ol start", html(body), body)

    def test_stray_bullet_in_the_middle_of_a_numbered_list_goes(self) -> None:
        self.assertNotIn("<ul>", html("1. 一\n-\n2. 二"))
        self.assertEqual(html("- 一\n-\n- 二").count("<li>"), 3)


class ContentsTests(SimpleTestCase):
    def test_places_for_a_table_of_contents_vanish(self) -> None:
        for mark in (
            "* 目次\n{:toc}", "1. x\n{: toc}", "- 一\n- 二\n{:toc .large}", "## 目次\n{:.no_toc}\n\n* TOC\n{:toc}", "[TOC]", "[[toc]]", "[[_TOC_]]",
            "{{< toc >}}", "{{% toc %}}", "## 目次\n\n[TOC]", "**目次**\n\n* TOC\n{:toc}",
        ):  # fmt: skip
            body = f"前\n\n{mark}\n\n## 一\n\n後"
            with self.subTest(body):
                self.assertEqual(html(body, JEKYLL), '<p>前</p>\n<h2 id="一">一</h2>\n<p>後</p>')
                source = public_source(body, title="題", site="https://a", dialect=JEKYLL)
                self.assertEqual(source.split(), ["前", "##", "一", "後"])

    def test_what_only_looks_like_one_stays(self) -> None:
        self.assertIn("<li>目次</li>", html("* 目次\n{:.toc}", JEKYLL))
        self.assertIn("<li>一</li>", html("- 一\n\n{:toc}"))
        self.assertEqual(html("文 [TOC]"), "<p>文 [TOC]</p>")
        self.assertEqual(html("`[TOC]`"), "<p><code>[TOC]</code></p>")
