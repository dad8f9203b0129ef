import re

from django.test import SimpleTestCase
from django.utils.safestring import SafeString
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.text.headings import RESERVED, heading_id
from blog.text.markdown import Heading, Picture, Source, render
from blog.text.pictures import SIZES


def html(body, **options):
    return render(body, **options).html.strip()


class EmphasisTests(SimpleTestCase):
    def test_emphasis_beside_japanese_punctuation_is_emphasis(self):
        examples = {
            "これは**「重要」**が": "これは<strong>「重要」</strong>が",
            "税込**100円（税抜）**です": "税込<strong>100円（税抜）</strong>です",
            "、**（注意）**の": "、<strong>（注意）</strong>の",
            "~~「取消」~~が": "<s>「取消」</s>が",
            "***「両方」***が": '<em class="dotted"><strong>「両方」</strong></em>が',
            "*「斜体」*が": '<em class="dotted">「斜体」</em>が',
            "*The Coal Question*が": "<em>The Coal Question</em>が",
            "**太字。**次": "<strong>太字。</strong>次",
        }
        self.assertEqual(
            {source: html(source) for source in examples}, {k: f"<p>{v}</p>" for k, v in examples.items()}
        )

    def test_what_is_no_emphasis_in_commonmark_stays_literal(self):
        for literal in ("2 ** 3 ** 4", "snake_case_name", "** 空白 **"):
            self.assertEqual(html(literal), f"<p>{literal}</p>")


class BlockTests(SimpleTestCase):
    def test_rule_under_a_sentence_does_not_make_it_a_heading(self):
        self.assertEqual(html("文です。\n---\n次。\n==="), "<p>文です。</p>\n<hr>\n<p>次。<br>===</p>")

    def test_line_breaks_are_kept_without_a_gap(self):
        self.assertEqual(html("東\n京  \n都"), "<p>東<br>京<br>都</p>")

    def test_table_aligns_by_class_and_scrolls_by_key(self):
        table = html("| 左 | 右 |\n|:--|--:|\n| 1 | 2 |")
        self.assertTrue(
            table.startswith('<div class="table-scroll" role="group" tabindex="0" aria-label="表">\n<table>')
        )
        self.assertIn('<th class="align-left">左</th>\n<th class="align-right">右</th>', table)
        self.assertNotIn("style", table)

    def test_table_is_named_after_its_heading(self):
        shown = html('|a|\n|-|\n\n## 料金 "税込"\n\n|b|\n|-|')
        self.assertEqual(re.findall(r'aria-label="(.*?)"', shown), ["表", "表：料金 &quot;税込&quot;"])

    def test_task_list_shows_named_boxes_that_cannot_be_changed(self):
        tasks = html("- [ ] 書く\n- [x] 読む\n- [y] 他")
        self.assertEqual(tasks.count('type="checkbox"'), 2)
        self.assertEqual(tasks.count('disabled=""'), 2)
        self.assertEqual((tasks.count('aria-label="完了"'), tasks.count('aria-label="未完了"')), (1, 1))
        self.assertIn("<li>[y] 他</li>", tasks)

    def test_definition_list(self):
        self.assertEqual(html("用語\n: 説明"), "<dl>\n<dt>用語</dt>\n<dd>説明</dd>\n</dl>")

    def test_code_is_coloured_by_class_and_can_be_scrolled_by_key(self):
        code = html('```py\nprint("あ")\n```')
        self.assertTrue(
            code.startswith('<pre tabindex="0"><code class="language-python"><span class="nb">print')
        )

    def test_unknown_language_and_long_code_are_plain(self):
        self.assertEqual(html("```謎\na<b\n```"), '<pre tabindex="0"><code>a&lt;b\n</code></pre>')
        self.assertNotIn("<span", html("```python\n" + "print(1)\n" * 2_000 + "```"))

    def test_lists_may_follow_a_paragraph_and_nest_by_two_spaces(self):
        self.assertEqual(html("次の通り。\n- 一\n  - 二").count("<ul>"), 2)


class HeadingTests(SimpleTestCase):
    def test_ids_are_those_that_github_and_the_archives_links_use(self):
        self.assertEqual(
            heading_id("料金比較表（LLM API価格一覧）【2026年4月版】"), "料金比較表llm-api価格一覧2026年4月版"
        )
        self.assertEqual(heading_id("C++ & C#: a_b - c"), "c--c-a_b---c")
        self.assertEqual(heading_id("！？"), "section")

    def test_contents_hold_h2_and_h3_with_unique_ids(self):
        rendered = render(
            "# 章\n## 概要\n### 概要\n#### 細部\n## 概要-1\n##  {漢字|かんじ} **太字** `x`[^1]\n\n[^1]: 注"
        )
        self.assertEqual(
            rendered.toc,
            (
                Heading(2, "章", "章"),
                Heading(2, "概要", "概要"),
                Heading(3, "概要-1", "概要"),
                Heading(2, "概要-1-1", "概要-1"),
                Heading(2, "漢字-太字-x", "漢字 太字 x"),
            ),
        )
        for heading in rendered.toc:
            self.assertIn(f'<h{heading.level} id="{heading.id}">', rendered.html)

    def test_the_pages_h1_stays_the_only_one(self):
        self.assertEqual(html("# 題"), '<h2 id="題">題</h2>')

    def test_no_heading_takes_the_id_of_the_page_or_a_name_of_the_browser_and_its_links_follow(self):
        for name in RESERVED:
            shown = html(f"## `{name}`\n\n[a](#{name})\n\n## `{name}`")
            self.assertEqual(re.findall(r'<h2 id="(.*?)"', shown), [f"{name}-1", f"{name}-2"])
            self.assertIn(f'<a href="#{name}-1">', shown)
        self.assertIn('href="#main"', html("[本文へ](#main)\n\n## 題"))

    @given(
        st.lists(
            st.sampled_from([*RESERVED, "main-1", "Main", "題", "page:main", "fn:1", "！", "a b"])
            | st.text(),
            max_size=5,
        )
    )
    @settings(max_examples=200, deadline=None)
    def test_ids_of_headings_differ_from_each_other_and_hold_no_colon(self, headings):
        body = "\n\n".join("## " + " ".join(words.split()).replace("<", "") for words in headings)
        ids = re.findall(r'<h\d id="(.*?)"', html(body))
        self.assertEqual(len(ids), len(set(ids)))
        self.assertFalse([one for one in ids if one in RESERVED or ":" in one])

    def test_two_texts_on_one_page_share_no_heading(self):
        shown = html("## 連絡先\n\n[a](#連絡先)", prefix="footer")
        self.assertIn('<h2 id="footer:連絡先">', shown)
        self.assertIn('href="#footer:%E9%80%A3%E7%B5%A1%E5%85%88"', shown)

    def test_outline_has_no_gaps(self):
        def levels(written):
            body = "\n\n".join(f"{'#' * int(level)} 見出し" for level in written)
            return "".join(re.findall(r"<h(\d) ", html(body)))

        for written, shown in (
            ("2332", "2332"),
            ("333", "222"),
            ("3434", "2323"),
            ("2424", "2323"),
            ("24434", "23334"),
            ("3432", "2322"),
            ("1232", "2232"),
            ("256", "234"),
            ("123456", "223456"),
        ):
            self.assertEqual(levels(written), shown, written)

    def test_heading_without_a_space_is_one_and_a_hashtag_is_none(self):
        self.assertEqual(html("##見出し"), '<h2 id="見出し">見出し</h2>')
        self.assertEqual(html("#タグ"), "<p>#タグ</p>")


class RubyTests(SimpleTestCase):
    def test_group_and_mono_ruby(self):
        self.assertEqual(
            html("{東京|とうきょう}"), "<p><ruby>東京<rp>（</rp><rt>とうきょう</rt><rp>）</rp></ruby></p>"
        )
        self.assertEqual(
            html("{漢字|かん|じ}"),
            "<p><ruby>漢<rp>（</rp><rt>かん</rt><rp>）</rp>字<rp>（</rp><rt>じ</rt><rp>）</rp></ruby></p>",
        )

    def test_reading_wider_than_its_kanji_stands_over_the_word_with_the_others(self):
        self.assertIn("<ruby>手数料<rp>（</rp><rt>てすうりょう</rt>", html("{手数料|て|すう|りょう}"))

    def test_columns_of_figures_are_set_right_where_nobody_has_said_how(self):
        table = html(
            "|品|円|前年比|人|年|\n|-|-|-|-|-|\n|電気|1,142|-3.5%|12人|2025年|\n|水|▲20||9人|2026年|\n|計|—|約2倍|21人|2027年|"
        )
        self.assertEqual(table.count('class="align-right"'), 12)
        self.assertIn('<th class="align-right">円</th>', table)
        self.assertIn("<td>2026年</td>", table)
        self.assertIn("<td>電気</td>", table)

    def test_ruby_does_not_split_a_table_cell_and_code_in_the_cell_stays(self):
        table = html("| {漢字|かん|じ} | `{a` |\n|---|---|\n| 1 | {東京|とう} |")
        self.assertEqual((table.count("<th>"), table.count("<td>"), table.count("<ruby>")), (2, 2, 2))
        self.assertNotIn("\ufdd0", table)

    def test_braces_that_are_no_ruby_stay(self):
        for literal in ("{漢字}", "{|かん}", "{漢字|}", "{ | }"):
            self.assertEqual(html(literal), f"<p>{literal}</p>")
        self.assertEqual(html("`{漢字|かん}`"), "<p><code>{漢字|かん}</code></p>")


class FootnoteTests(SimpleTestCase):
    BODY = "本文[^甲]と再び[^甲]。\n\n[^甲]: 注の文。"

    def test_note_is_named_in_japanese_and_leads_back_to_each_place(self):
        text = html(self.BODY)
        self.assertEqual(text.count('aria-label="注1"'), 2)
        self.assertEqual(text.count('aria-label="本文へ戻る"'), 2)
        for identifier in ("fn:1", "fnref:1", "fnref:1:2"):
            self.assertEqual(text.count(f'id="{identifier}"'), 1)
            self.assertIn(f'href="#{identifier}"', text)

    def test_two_posts_on_one_page_share_no_id(self):
        self.assertIn('id="fn:p7:1"', html(self.BODY, prefix="p7"))
        self.assertNotIn('"fn:1"', html(self.BODY, prefix="p7"))

    def test_reference_without_a_note_stays_visible(self):
        self.assertEqual(html("本文[^無]。"), "<p>本文[^無]。</p>")


class LinkTests(SimpleTestCase):
    def test_bare_url_ends_where_japanese_or_punctuation_begins(self):
        examples = {
            "詳細はhttps://example.jp/abcをご覧ください。": "https://example.jp/abc",
            "（https://ja.wikipedia.org/wiki/A_(B)）": "https://ja.wikipedia.org/wiki/A_(B)",
            "(see http://example.jp/a.)": "http://example.jp/a",
            "**https://example.jp/**です": "https://example.jp/",
            "https://example.jp/a_b_c?x=1,2、次": "https://example.jp/a_b_c?x=1,2",
        }
        for source, url in examples.items():
            with self.subTest(source=source):
                self.assertIn(f'<a href="{url}" rel="noopener">{url}</a>', html(source))

    def test_entities_inside_a_bare_url_are_not_decoded(self):
        self.assertIn('href="https://example.jp/?a=1&amp;copy=2"', html("https://example.jp/?a=1&copy=2"))

    def test_words_with_dots_and_urls_in_code_or_links_are_not_linked(self):
        for source in ("C++とNode.jsとASP.NET", "xhttps://a.jp", "https://", "`https://a.jp`"):
            self.assertNotIn("<a", html(source))
        self.assertEqual(html("[https://a.jp](/b/)"), '<p><a href="/b/">https://a.jp</a></p>')

    def test_only_links_to_other_hosts_are_external(self):
        own = frozenset({"allforces.example"})
        for href in ("/a/", "#b", "https://allforces.example/a", "mailto:a@b.example", "tel:110", "a/b"):
            self.assertNotIn("rel=", html(f"[x]({href})", own_hosts=own))
        self.assertIn('rel="noopener"', html("[x](https://sub.allforces.example/)", own_hosts=own))

    def test_host_without_scheme_is_external_over_https(self):
        for href in ("//evil.example/a", "/\\evil.example/a"):
            self.assertNotIn('href="//', html(f"[x]({href})"))
        self.assertIn('<a href="https://evil.example/a" rel="noopener">', html("[x](//evil.example/a)"))

    def test_paid_links_say_so(self):
        paid = [
            "https://www.amazon.co.jp/dp/B0?tag=a-22",
            "https://px.a8.net/x",
            "https://af.moshimo.com/x",
            "https://ck.jp.ap.valuecommerce.com/x",
            "https://hb.afl.rakuten.co.jp/x",
        ]
        for href in paid:
            self.assertIn('rel="sponsored nofollow noopener"', html(f"[x]({href})"))
        for href in ("https://www.amazon.co.jp/dp/B0", "https://nota8.net/", "https://www.rakuten.co.jp/"):
            self.assertIn('rel="noopener"', html(f"[x]({href})"))

    def test_link_follows_its_page_and_keeps_query_and_fragment(self):
        links = {"/2026/01/01/生成ai/": "/2026/01/02/生成ai/"}
        moved = '<p><a href="/2026/01/02/%E7%94%9F%E6%88%90ai/?a=1#b">x</a></p>'
        for path in ("/2026/01/01/生成ai?a=1#b", "/2026/01/01/%E7%94%9F%E6%88%90ai/?a=1#b"):
            self.assertEqual(html(f"[x]({path})", links=links), moved)
        own = html(
            "[x](https://a.example/2026/01/01/生成ai/?a=1#b)", links=links, own_hosts=frozenset({"a.example"})
        )
        self.assertEqual(own, moved)
        self.assertIn("/2026/01/03/", html("[x](/2026/01/03/)", links=links))


PHOTO, LINE = (f"images/2026/11/{digit * 32}.png" for digit in "01")


class PictureTests(SimpleTestCase):
    IMAGES = {
        PHOTO: Picture(
            "/media/1.webp",
            1600,
            900,
            sources=(
                Source("image/avif", "/p/480.avif 480w, /p/800.avif 800w"),
                Source("image/webp", "/p/480.webp 480w"),
            ),
            alt="工場",
            caption="説明",
            credit="撮影：甲",
        ),
        LINE: Picture("/media/line.webp", 10, 10, alt="線", decorative=True),
    }

    def test_lone_image_is_a_figure_with_all_the_library_knows(self):
        self.assertEqual(
            html(f"文\n\n![](/media/{PHOTO})", images=self.IMAGES),
            "<p>文</p>\n<figure><picture>"
            f'<source type="image/avif" srcset="/p/480.avif 480w, /p/800.avif 800w" sizes="{SIZES}">'
            f'<source type="image/webp" srcset="/p/480.webp 480w" sizes="{SIZES}">'
            '<img src="/media/1.webp" alt="工場" width="1600" height="900" loading="lazy" decoding="async"></picture>'
            '<figcaption>説明 <span class="credit">撮影：甲</span></figcaption>\n</figure>',
        )

    def test_linked_image_keeps_its_sources_inside_the_link(self):
        linked = html(f"[![](/media/{PHOTO})](https://a.example/)", images=self.IMAGES)
        self.assertRegex(
            linked, r"^<figure><a [^>]*><picture><source .*<img [^>]*></picture></a><figcaption>"
        )

    def test_words_of_the_text_win(self):
        figure = html(f'![建物](/media/{PHOTO} "題")', images=self.IMAGES)
        self.assertIn('alt="建物"', figure)
        self.assertIn("<figcaption>題 <span", figure)
        self.assertNotIn("title=", figure)

    def test_decorative_image_has_an_empty_alt(self):
        self.assertIn('alt=""', html(f"![](/media/{LINE})", images=self.IMAGES))

    def test_image_is_known_by_the_name_of_its_file_whatever_stands_before_it(self):
        shown = html(f"![](/media/{PHOTO})", images=self.IMAGES)
        for before in (
            "https://cdn.example/",
            "https://cdn.example/a/b/",
            "//cdn.example/media/",
            "/",
            "",
            "../",
        ):
            with self.subTest(before):
                self.assertEqual(html(f"![]({before}{PHOTO})", images=self.IMAGES), shown)
                self.assertEqual(html(f"![][a]\n\n[a]: {before}{PHOTO}", images=self.IMAGES), shown)
        self.assertEqual(html(f"![](/media/{PHOTO}?w=100#a)", images=self.IMAGES), shown)

    def test_image_of_others_stays_theirs(self):
        for url in (
            f"https://cdn.example/other-{PHOTO}",
            f"https://cdn.example/{PHOTO}.png",
            f"https://cdn.example/{PHOTO}/1.png",
            f"https://cdn.example/?src=/{PHOTO}&w=1",
            f"https://cdn.example/?src=/{PHOTO}",
            f"https://cdn.example/{PHOTO.replace('0', '2')}",
            "https://cdn.example/photo.png",
        ):
            with self.subTest(url):
                self.assertIn(
                    f'<img src="{url.replace("&", "&amp;")}"', html(f"![図]({url})", images=self.IMAGES)
                )

    def test_link_to_the_file_of_an_image_leads_to_where_it_is(self):
        for before in ("/media/", "https://cdn.example/old/"):
            self.assertEqual(
                html(f"[原寸]({before}{PHOTO})", images=self.IMAGES),
                '<p><a href="/media/1.webp">原寸</a></p>',
            )

    def test_image_in_a_sentence_is_no_figure_and_an_unknown_one_is_shown(self):
        self.assertEqual(
            html("前![図](/x.png)後"),
            '<p>前<img src="/x.png" alt="図" decoding="async">後</p>',
        )
        self.assertIn("<figure><a ", html("[![図](/x.png)](https://a.example/)"))

    def test_figures_in_lists_and_quotations_close(self):
        for source in ("- ![図](/x.png)\n- 文", "> ![図](/x.png)\n>\n> 文", "![a](/a)\n\n![b](/b)\n\n文"):
            text = html(source)
            self.assertEqual(text.count("<figure>"), text.count("</figure>"))
            self.assertEqual(text.count("<p>"), text.count("</p>"))


class DerivedTests(SimpleTestCase):
    def test_plain_text_is_what_a_reader_sees(self):
        body = "## 見出し\n**太字**と{漢字|かんじ}[^1]と[リンク](/a/)。\n改行\n\n|a|b|\n|-|-|\n|c|d|\n\n![代替](/x.png)\n\n[^1]: 注"
        self.assertEqual(render(body).plain_text, "見出し\n太字と漢字とリンク。\n改行\na\nb\nc\nd\n注")

    def test_characters_count_without_space_and_minutes_round_up(self):
        for length, minutes in ((0, 1), (500, 1), (501, 2), (10_000, 20)):
            rendered = render("あ " * length)
            self.assertEqual((rendered.characters, rendered.reading_minutes), (length, minutes))

    def test_html_is_marked_safe_and_rendering_leaves_no_trace(self):
        self.assertIsInstance(render("a").html, SafeString)
        self.assertEqual(
            render("a[^1]\n\n[^1]: b\n\n[r]: /u").html, render("a[^1]\n\n[^1]: b\n\n[r]: /u").html
        )
        self.assertEqual(html("[r]"), "<p>[r]</p>")
