from datetime import UTC, datetime

from django.test import SimpleTestCase

from blog.text import frontmatter, yaml_writer


class YamlWriterTests(SimpleTestCase):
    def assert_comes_back(self, values):
        self.assertEqual(frontmatter.load(yaml_writer.block(values)), (values, ()))

    def test_any_text_comes_back_as_it_was(self):
        for text in (
            *(
                "",
                " ",
                "はい",
                "no",
                "2026-11-04",
                "1e3",
                "0x1F",
                "null",
                "~",
                "- a",
                "# b",
                "a: b",
                "a #b",
                "'",
                '"',
            ),
            *(
                "一行目\n二行目\n",
                "\ttab",
                "back\\slash",
                "{% raw %}",
                "%YAML",
                "@x",
                "`x`",
                "!tag",
                "&a",
                "*a",
                "|",
            ),
            *("\u0085", "\u2028", "\u2029", "\x7f", "\u00a0", "\u3000", "𠮷", "🦉", "か\u3099"),
            "長い。" * 2000,
        ):
            with self.subTest(text=text[:20]):
                self.assert_comes_back({"text": text, "list": [text], "map": {"key": text}})

    def test_keys_are_never_read_as_something_else(self):
        self.assert_comes_back({"on": 1, "y": 2, "日本語": 3, "a b": 4, "12": 5, "a: b": 6, "": 7, "~": 8})

    def test_other_values_come_back(self):
        self.assert_comes_back(
            {"a": True, "b": False, "c": None, "d": -3, "e": 0.5, "f": [], "g": {}, "h": [[1]]}
        )

    def test_numbers_of_any_size_are_numbers_to_every_reader_and_written_in_one_way(self):
        for number, written in (
            (1e300, "1.0e+300"),
            (10**300, "1.0e+300"),  # as PostgreSQL gives it back
            (-1.5e-7, "-1.5e-07"),
            (1e-7, "1.0e-07"),
            (1e16, "10000000000000000"),
            (10**16, "10000000000000000"),
            (2**62, str(2**62)),
            (8.0, "8.0"),
        ):
            with self.subTest(number=number):
                self.assertEqual(yaml_writer.value({"n": [number]}), f'{{"n": [{written}]}}')
                self.assert_comes_back({"n": float(number)})

    def test_japanese_stands_as_itself_on_one_line(self):
        self.assertEqual(yaml_writer.block({"tags": ["生成AI", "企業: X"]}), 'tags: ["生成AI", "企業: X"]\n')

    def test_moments_are_japans_to_the_second(self):
        moment = datetime(2026, 11, 4, 15, 0, 0, 999, tzinfo=UTC)
        self.assertEqual(yaml_writer.block({"date": moment}), "date: 2026-11-05 00:00:00 +0900\n")

    def test_rows_come_back_in_their_order(self):
        rows = [{"name": "b", "n": 1}, {"name": "a", "text": "x\ny"}]
        self.assertEqual(frontmatter.load(yaml_writer.rows(rows)), (rows, ()))
        self.assertEqual(frontmatter.load(yaml_writer.rows([])), ([], ()))
