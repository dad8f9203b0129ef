from functools import partial

from django.test import SimpleTestCase

from blog.text import markdown
from blog.text.dialects import OLD_SITE

render = partial(markdown.render, dialect=OLD_SITE)


def html(body, **options):
    return render(body, **options).html.strip()


class LeftoverTests(SimpleTestCase):
    def test_template_tags_and_attribute_lists_are_not_shown(self):
        self.assertEqual(
            html("前。\n\n{% include ads-mid-article.html %}\n\n後。"), "<p>前。</p>\n<p>後。</p>"
        )
        self.assertEqual(html("[x](/a/)\n{: .cta-link}\n\n次"), '<p><a href="/a/">x</a></p>\n<p>次</p>')
        self.assertEqual(
            html("[x](/a/) {: .cta-link}\n次{% x %}です"), '<p><a href="/a/">x</a><br>次です</p>'
        )

    def test_line_after_a_table_or_a_list_is_no_row_and_no_item(self):
        self.assertEqual(html("|a|\n|-|\n|b|\n{: .wide}").count("<td"), 1)
        self.assertEqual(html("- a\n{: .wide}"), "<ul>\n<li>a</li>\n</ul>")

    def test_end_marker_goes_and_the_text_beside_it_stays(self):
        self.assertEqual(html("終わり。\n---END---"), "<p>終わり。</p>")
        self.assertEqual(html("一。\n\n---END\n\n二。"), "<p>一。</p>\n<p>二。</p>")
        self.assertEqual(html("---END---続き"), "<p>続き</p>")
        self.assertEqual(html("終わり---END---"), "<p>終わり</p>")
        self.assertEqual(html("終わり。 ---END--- この先"), "<p>終わり。  この先</p>")
        self.assertEqual(html("> 引用\n> ---END---"), "<blockquote>\n<p>引用</p>\n</blockquote>")

    def test_sentence_about_the_marker_and_longer_words_stay(self):
        for literal in ("末尾に---END---を書く", "---ENDLESS", "{: }", "{%"):
            self.assertEqual(html(literal), f"<p>{literal}</p>")

    def test_nothing_inside_code_is_touched(self):
        code = "{% raw %}\n{: .x}\n---END---\n##見出し\n<br>"
        for body in (
            f"```\n{code}\n```",
            f"> ```\n> {code.replace(chr(10), chr(10) + '> ')}\n> ```",
            "    " + code.replace("\n", "\n    "),
        ):
            self.assertEqual(render(body).plain_text, code)
        self.assertEqual(html("`{% x %} {: .y} <br>`"), "<p><code>{% x %} {: .y} &lt;br&gt;</code></p>")

    def test_the_two_raw_tags_of_the_archive_mean_what_they_say(self):
        self.assertEqual(html("これ<br>を<BR />見る"), "<p>これ<br>を<br>見る</p>")
        self.assertEqual(
            html("文\n<h4>技術者 **として**</h4>"),
            '<p>文</p>\n<h2 id="技術者-として">技術者 <strong>として</strong></h2>',
        )
        self.assertEqual(html('<h3 onclick="x">a</h3>'), '<p>&lt;h3 onclick="x"&gt;a&lt;/h3&gt;</p>')
