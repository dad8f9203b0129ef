from django.test import SimpleTestCase

from blog.text.markdown import render
from blog.text.portable import portable


class PortableTests(SimpleTestCase):
    def portable(self, html: str) -> str:
        return portable(html, page="https://a.example/p/")

    def test_links_and_images_of_ours_become_absolute(self) -> None:
        self.assertEqual(
            self.portable('<a href="/x/" rel="nofollow">x</a><img src="/m/1.png" alt="a > b">'),
            '<a href="https://a.example/x/" rel="nofollow">x</a><img src="https://a.example/m/1.png" alt="a &gt; b">',
        )

    def test_of_a_picture_the_plain_image_stays(self) -> None:
        self.assertEqual(
            self.portable(
                '<picture><source type="image/avif" srcset="/p/1.avif 1w" sizes="94vw"><source type="image/webp"'
                ' srcset="/p/1.webp 1w"><img src="/m/1.png" alt="<picture>" loading="lazy" width="3"></picture>'
                "<p>&lt;picture&gt;</p>"
            ),
            '<img src="https://a.example/m/1.png" alt="&lt;picture&gt;" width="3"><p>&lt;picture&gt;</p>',
        )

    def test_links_within_the_text_lead_to_the_page(self) -> None:
        self.assertEqual(
            self.portable('<a href="#fn:1" id="fnref:1">1</a>'), '<a href="https://a.example/p/#fn:1">1</a>'
        )

    def test_links_elsewhere_and_printed_code_stay(self) -> None:
        for html in (
            '<a href="https://b.example/">b</a>',
            '<a href="mailto:a@b.example">b</a>',
            '<code>&lt;a href="/x"&gt;</code>',
        ):
            with self.subTest(html):
                self.assertEqual(self.portable(html), html)

    def test_what_only_looks_like_a_url_breaks_nothing(self) -> None:
        self.assertEqual(self.portable('<a href="http://[">b</a>'), "<a>b</a>")

    def test_everything_a_text_may_hold_degrades_to_plain_tags(self) -> None:
        html = self.portable(
            render(
                "本文[^1]と{漢字|かん|じ}\n\n- [ ] 未\n- [x] 済\n\n|年|額|\n|---|--:|\n|2025|10|\n\n```python\ndef f(): pass\n```\n\n[^1]: 注\n"
            ).html
        )
        for gone in ("<span", "class=", "role=", "aria-", "tabindex", "<input", "<div", "<section", " id="):
            self.assertNotIn(gone, html)
        for kept in (
            '<sup><a href="https://a.example/p/#fn:1">[1]</a></sup>',
            "<ruby>漢<rp>（</rp><rt>かん</rt><rp>）</rp>",
            "<li>☐ 未</li>",
            "<li>☑ 済</li>",
            "<pre><code>def f(): pass",
            "<hr>\n<ol>\n<li><p>注",
            "<td>2025</td>",
        ):
            self.assertIn(kept, html)
