from django.test import SimpleTestCase

from blog.text.absolute import absolute_links


class AbsoluteLinksTests(SimpleTestCase):
    def absolute(self, html: str) -> str:
        return absolute_links(html, site="https://a.example", page="https://a.example/p/")

    def test_links_and_images_of_ours_become_absolute(self) -> None:
        self.assertEqual(
            self.absolute('<a href="/x/" rel="y">x</a><img src="/m/1.png" alt="a > b">'),
            '<a href="https://a.example/x/" rel="y">x</a><img src="https://a.example/m/1.png" alt="a > b">',
        )

    def test_of_a_picture_the_plain_image_stays(self) -> None:
        self.assertEqual(
            self.absolute(
                '<picture><source type="image/avif" srcset="/p/1.avif 1w" sizes="94vw"><source type="image/webp"'
                ' srcset="/p/1.webp 1w"><img src="/m/1.png" alt="<picture>"></picture>'
                "<p>&lt;picture&gt;</p>"
            ),
            '<img src="https://a.example/m/1.png" alt="<picture>"><p>&lt;picture&gt;</p>',
        )

    def test_links_within_the_text_lead_to_the_page(self) -> None:
        self.assertEqual(
            self.absolute('<a href="#fn:1" id="fnref:1">1</a>'),
            '<a href="https://a.example/p/#fn:1" id="fnref:1">1</a>',
        )

    def test_links_elsewhere_and_printed_code_stay(self) -> None:
        for html in (
            '<a href="https://b.example/">b</a>',
            '<a href="mailto:a@b.example">b</a>',
            '<code>&lt;a href="/x"&gt;</code>',
        ):
            with self.subTest(html):
                self.assertEqual(self.absolute(html), html)
