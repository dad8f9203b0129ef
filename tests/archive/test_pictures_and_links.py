"""What an article's text points at, written in any way that Markdown knows, and what of it is only a sample."""

from blog.models import Image, Post
from tests.archive.base import ImportCase
from tests.archive.documents import document
from tests.make import picture_bytes


class TargetTests(ImportCase):
    def test_pictures_in_the_text_are_the_librarys_and_those_in_code_stay_as_written(self):
        code = "```\n![a](x.png)\n```\n\n    ![b](x.png)\n\n`![c](x.png)`\n\n"
        body = f'{code}![d](x.png "題") ![e](<x.png>) [![f](x.png)](/2026/11/04/a/)'
        self.run_import(
            self.zip("a.zip", [("2026-11-04-a.md", document(body=body)), ("x.png", picture_bytes())])
        )
        post = Post.objects.get()
        url = Image.objects.get().url
        self.assertEqual(
            post.body.strip(), f'{code}![d]({url} "題") ![e](<{url}>) [![f]({url})](/2026/11/04/a/)'
        )

    def test_links_in_any_notation_are_led_on_and_told_whole(self):
        self.write("2026-11-04-a.md", date="2026-11-04 17:00:00 +0000")
        body = '[1](</2026/11/04/a/>) [2]( /2026/11/04/a/ "題") [3][r] [4](/2026/11/04/a_(b)/)\n\n[r]: /2026/11/04/a/#x'
        self.write("2026-11-06-b.md", body=body)
        said = self.run_import()
        self.assertEqual(
            Post.objects.get(slug="b").body.strip(),
            '[1](</2026/11/05/a/>) [2]( /2026/11/05/a/ "題") [3][r] [4](/2026/11/04/a_(b)/)\n\n[r]: /2026/11/05/a/#x',
        )
        self.assertIn("2026-11-06-b.md: 11行目: リンク先の記事がありません: /2026/11/04/a_(b)/", said)
