from django.test import SimpleTestCase

from blog.text.code import without_code
from blog.text.defects import find_defects
from blog.text.pasted import related_links
from blog.text.source import public_source
from blog.text.targets import find_targets, retarget

SIZE = 100_000


def urls(source):
    return [target.url for target in find_targets(source)]


class TargetTests(SimpleTestCase):
    def test_every_way_to_write_a_target_is_found_and_nothing_else(self):
        for source, found in (
            ("[a](/b/)", ["/b/"]),
            ("[a](/b/?c=1#d)", ["/b/?c=1#d"]),
            ('[a]( /b/ "題" )', ["/b/"]),
            ("[a](/b/ (題))", ["/b/"]),
            ("[a](</b c/>)", ["/b c/"]),
            ("[a](/b_(c)/)", ["/b_(c)/"]),
            ("[a](/b_(c_(d))/) (e)", ["/b_(c_(d))/"]),
            ("([a](/b/))", ["/b/"]),
            ("[a [b]](/c/)", ["/c/"]),
            ("[a\nb](/c/)", ["/c/"]),
            ("[`]` a](/b/)", ["/b/"]),
            ("[![a](/b.png)](/c/)", ["/b.png", "/c/"]),
            ("[a]: /b/ '題'\n [c]: <d>", ["/b/", "d"]),
            ("a](/b/)", []),
            ("\\[a](/b/)", []),
            ("[a\\](/b/)", []),
            ("[a\n\nb](/c/)", []),
            ("[a](/b c/)", []),
            ("[a](/b(c/)", []),
            ("[a]()", []),
            ("[^1]: /b/", []),
            ("文 [a]: /b/", []),
            ("`[a](/b/)` ``[a](/b/)``", []),
            ("```\n[a](/b/)\n```\n\n    [a](/b/)\n", []),
        ):
            with self.subTest(source):
                self.assertEqual(urls(source), found)

    def test_a_picture_is_told_from_a_link_and_has_its_words(self):
        targets = [
            (target.text, target.is_image) for target in find_targets("![図 [1]](/b.png) \\![語](/c/)")
        ]
        self.assertEqual(targets, [("図 [1]", True), ("語", False)])

    def test_other_urls_leave_all_else_as_it_was(self):
        source = '`[a](/b/)` [c]( </d e/> "題") ![`f`](g.png) [h](/i/)'
        changed = retarget(source, lambda target: None if target.url == "/i/" else "/新/")
        self.assertEqual(changed, '`[a](/b/)` [c]( </新/> "題") ![`f`](/新/) [h](/i/)')


class HostileSourceTests(SimpleTestCase):
    def test_a_source_of_anything_takes_time_by_its_length_and_no_more(self):
        """What looks at a character once for each character before it does not come to an end here."""
        units = (
            "](", "![", "[", "]", "[a](", "[](x", "![](/a", '](a "', "](a '", "](<", "](a(", "[a]:", "[a]: b\n",
            "[a](b) ", "`", "`` ", "`a``", "```\n", "~~~\n", "> ", "> `a\n>> `\n", "- ", "- - ", "* ", "\n", " ", "\t",
            "\n    a\n\n", "- `\n", "\\", "\\`", "[cite:", "{% ", "---END", "# ", " #", "はい\n", "\u3000\n",
        )  # fmt: skip
        for unit in units:
            source = (unit * SIZE)[:SIZE]
            with self.subTest(unit=unit):
                self.assertEqual(len(without_code(source)), SIZE)
                self.assertEqual(retarget(source, lambda target: None), source)
                self.assertIsInstance(related_links(f"## 関連記事\n\n- [{source}"), tuple)
                find_defects(title="題", slug="a", description="", tags=(), body=source)
                public_source(f"# {source}", title="題", site="https://a.example")

    def test_runs_of_backticks_of_every_length(self):
        source = " ".join("`" * length for length in range(1, 600))
        self.assertEqual(without_code(source), source)
