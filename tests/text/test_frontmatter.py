from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.test import SimpleTestCase

from blog.text import frontmatter
from blog.text.findings import Code
from blog.text.frontmatter import (
    FrontMatterError,
    clean_title,
    parse,
    parse_date,
    split,
    strip_heading_marks,
)

TOKYO = ZoneInfo("Asia/Tokyo")


class DocumentTests(SimpleTestCase):
    def test_file_is_taken_apart_and_rules_in_the_body_stay(self):
        document = parse(
            '---\r\ntitle: "円 --- ドル"\r\ntags: ["AI", 投資]\r\n---\r\n\r\n本文\r\n\r\n---\r\n\r\n続き\r\n'
        )
        self.assertEqual(document.meta, {"title": "円 --- ドル", "tags": ["AI", "投資"]})
        self.assertEqual(document.body, "本文\n\n---\n\n続き\n")
        self.assertEqual((document.body_line, document.findings), (6, ()))

    def test_file_without_front_matter_is_all_body(self):
        self.assertEqual(split("本文\n---\nまだ本文"), ("", "本文\n---\nまだ本文", 1))
        self.assertEqual(parse("").meta, {})

    def test_empty_front_matter_is_none(self):
        self.assertEqual(split("---\n---\n本文"), ("", "本文", 3))
        self.assertEqual(parse("---\n# note\n---\n本文").meta, {})

    def test_byte_order_mark_does_not_hide_the_front_matter(self):
        self.assertEqual(parse("\ufeff---\ntitle: あ\n---\n").meta, {"title": "あ"})

    def test_archive_dates_with_an_offset_stay_text_and_flags_do_not(self):
        meta = parse("---\ndate: 2025-11-04 04:40:22 +0000\nsitemap: false\n---\n").meta
        self.assertEqual(meta, {"date": "2025-11-04 04:40:22 +0000", "sitemap": False})

    def test_moments_of_yaml_are_text_as_they_were_written(self):
        head = "a: 2026-11-04\nb: 2026-11-04 09:00:00 +09:00\nc: 2026-02-30"
        meta = parse(f"---\n{head}\n---\n").meta
        self.assertEqual(list(meta.values()), ["2026-11-04", "2026-11-04 09:00:00 +09:00", "2026-02-30"])

    def test_a_key_is_found_on_its_line(self):
        document = parse('---\ntitle: t\n"date" : 1\ntitle: u\nx:\n  y: 1\n---\n')
        lines = {key: document.line_of(key) for key in ("title", "date", "x", "y", "z")}
        self.assertEqual(lines, {"title": 4, "date": 3, "x": 5, "y": None, "z": None})

    def test_key_that_stands_twice_is_reported_and_the_later_counts(self):
        document = parse("---\nimage: a.png\ntitle: t\nimage: b.png\n---\n")
        self.assertEqual(document.meta["image"], "b.png")
        self.assertEqual(document.findings, (Code.DUPLICATE_KEY.found(line=4, field="image", key="image"),))

    def test_broken_files_name_the_line(self):
        broken = {
            "---\ntitle: a\n本文": 1,
            '---\ntitle: "a\nb: c\n---\n': 4,
            "---\na: 1\nb: [1, 2\n---\n": 4,
            "---\nただの文\n---\n": 2,
            "---\n- a\n---\n": 2,
        }
        for source, line in broken.items():
            with self.subTest(source=source), self.assertRaises(FrontMatterError) as caught:
                parse(source)
            self.assertEqual(caught.exception.line, line)
            self.assertRegex(caught.exception.message, "[ぁ-ん]")

    def test_values_that_no_database_keeps_come_as_text_that_it_does(self):
        values = {
            r'"a\0b"': "ab",
            r'"\udc00"': "",
            r'"\ud83d\ude00"': "😀",
            r'"a\rb"': "a\nb",
            "0x" + "f" * 20_000: "0x" + "f" * 20_000,
            "9" * 60_000: "9" * 60_000,
            "9223372036854775808": "9223372036854775808",
            "-9223372036854775808": -(2**63),
            "1_000": 1000,
        }
        for written, value in values.items():
            with self.subTest(written=written[:30]):
                self.assertEqual(parse(f"---\nx: [{written}]\n---\n").meta, {"x": [value]})
        self.assertEqual(parse('---\n"a\\0b": {"\\0c": 1}\n---\n').meta, {"ab": {"c": 1}})

    def test_libyaml_and_python_read_alike(self):
        heads = [
            "a: 1\nb: [x, 'y', \"z\\u3042\"]\na: 2\n",
            "a: {b: {c: [1, 2.5, yes, null, 2026-01-01]}}",
            "a: |\n  一\n  二\nb: >\n  三\n  四\n",
            "a: \tb\nc: d\te",
            "x: 1\ny: &a [1]\nz: *a",
            "x: 1\ny: !!str 1",
            'x: "\\ud83d\\ude00"',
            "x: '一\n\n  二'",
            "a: 1\nb: 'c",
            "a: b: c",
            "a: @b",
            "? [a]\n: b",
            "<<: {a: 1}\nb: 2",
        ]
        self.assertTrue(frontmatter.HAS_LIBYAML, "PyYAML's wheels bring libyaml")
        message = "YAMLとして読めません。引用符、コロン、字下げを確かめてください。"
        self.assertEqual(
            self.read("a: \tb"), (message, 2), "libyaml would read it: a file with a tab is Python's"
        )
        for head in heads:
            with self.subTest(head=head):
                self.assertEqual(self.read(f"#\t\n{head}", first_line=1), self.read(head))

    def read(self, head, *, first_line=2):
        try:
            return frontmatter.load(head, first_line=first_line)
        except FrontMatterError as error:
            return error.message, error.line

    def test_yaml_that_builds_or_multiplies_things_is_refused(self):
        bomb = "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n"
        hostile = [
            bomb,
            "a: *nothing",
            "a: !!python/object/apply:os.system [ls]",
            "a: !!binary aGk=",
            "a: !own 1",
            "a: " + "[" * 20_000,
            "a: " + "{a: " * 5_000,
            "- " * 5_000 + "a",
            "a: " + "x" * 70_000,
            "? [a, b]\n: c\n? {d: e}\n: f",
        ]
        for head in hostile:
            with self.subTest(head=head[:30]), self.assertRaises(FrontMatterError):
                parse(f"---\n{head}\n---\n本文")


class DateTests(SimpleTestCase):
    def test_every_written_form_is_one_moment(self):
        moment = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)
        forms = [
            "2026-01-01 12:00:00 +0900",
            "2026-01-01 12:00 +09:00",
            "2026-01-01T03:00:00Z",
            "2026-01-01 03:00:00 +0000",
            "2026-1-1 12:00",
            "2026-01-01t12:00:00.5+9",
            "2026-01-01 08:30 +0530",
            "2025-12-31 22:00:00 -0500",
            datetime(2026, 1, 1, 12, 0),
            datetime(2026, 1, 1, 12, 0, tzinfo=TOKYO),
        ]
        self.assertEqual({parse_date(form, zone=TOKYO) for form in forms}, {moment})

    def test_day_alone_begins_at_midnight_of_the_desk(self):
        for day in ("2026-01-02", date(2026, 1, 2)):
            self.assertEqual(parse_date(day, zone=TOKYO), datetime(2026, 1, 1, 15, tzinfo=UTC))

    def test_nonsense_is_refused_in_japanese(self):
        nonsense = [
            "",
            "昨日",
            "2026-02-30",
            "2026-01-01 25:00",
            "2026-01-01 +9900",
            "0001-01-01",
            "1899-12-31",
            "9000-01-02",
            "9999-12-31 23:00:00 +0000",
            datetime(9999, 12, 31, 23, tzinfo=UTC),
            None,
            5,
            True,
            [],
        ]
        for value in nonsense:
            with self.subTest(value=value), self.assertRaisesRegex(ValueError, "日時"):
                parse_date(value, zone=TOKYO)


class TitleTests(SimpleTestCase):
    def test_marks_around_a_title_go_and_signs_in_it_stay(self):
        titles = {
            "**AIの投資**": "AIの投資",
            "# **AI  の**\n投資": "**AI の** 投資",
            "## `AI`": "AI",
            "**A**と**B**": "**A**と**B**",
            "C#と#1": "C#と#1",
            "#1の理由": "#1の理由",
            "****": "****",
        }
        self.assertEqual({raw: clean_title(raw) for raw in titles}, titles)

    def test_generated_excerpt_loses_its_heading_marks(self):
        self.assertEqual(strip_heading_marks("## 概要\n###背景 C#"), "概要\n背景 C#")
