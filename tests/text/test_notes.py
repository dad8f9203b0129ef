import re

from django.test import SimpleTestCase

from blog.text.defects import find_defects
from blog.text.markdown import render
from blog.text.portable import portable
from blog.text.scan import scan


def html(body: str) -> str:
    return render(body).html.strip()


def labels(body: str) -> list[str]:
    return re.findall(r'class="note (note-\w+)".*?>\n<(?:div|summary) class="note-label">(.*?)</', html(body))


def codes(body: str) -> list[str]:
    found = find_defects(scan(body), title="題", slug="dai", description="説明", tags=["AI"])
    return [finding.code for finding in found]


class NoteTests(SimpleTestCase):
    def test_every_kind_has_its_label_and_no_mark_is_left(self) -> None:
        for body, expected in (
            ("> [!NOTE]\n> 文", ("note-note", "補足")),
            ("> [!TIP]\n> 文", ("note-tip", "ヒント")),
            ("> [!IMPORTANT]\n> 文", ("note-important", "重要")),
            ("> [!WARNING]\n> 文", ("note-warning", "注意")),
            ("> [!caution]\n>\n> 文", ("note-caution", "警告")),
            (":::message\n文\n:::", ("note-note", "補足")),
            (":::message alert\n文\n:::", ("note-warning", "注意")),
            ("::: message\n文\n:::", ("note-note", "補足")),
            (":::note info\n文\n:::", ("note-note", "補足")),
            (":::note warn\n文\n:::", ("note-warning", "注意")),
            (":::note alert\n文\n:::", ("note-warning", "注意")),
            (":::tip 知っておくと\n文\n:::", ("note-tip", "知っておくと")),
            (":::details タイトル\n文\n:::", ("note-details", "タイトル")),
            (":::details\n文\n:::", ("note-details", "詳細")),
        ):
            with self.subTest(body):
                self.assertEqual(labels(body), [expected])
                self.assertNotRegex(html(body), r"\[!|:::")
                self.assertIn("<p>文</p>", html(body))

    def test_wide_spaces_of_an_input_method_count_as_spaces(self) -> None:
        for body, expected in (
            (":::message\u3000\n文\n:::\u3000\n後", ("note-note", "補足")),
            (":::note\u3000info\n文\n:::\n後", ("note-note", "補足")),
            (":::\u3000details\u3000題\n文\n:::\n後", ("note-details", "題")),
            ("> [!WARNING]\u3000\n> 文\n\n後", ("note-warning", "注意")),
            (">\u3000[!WARNING] \u3000\n>\u3000文\n\n後", ("note-warning", "注意")),
        ):
            with self.subTest(body):
                self.assertEqual(labels(body), [expected])
                self.assertTrue(html(body).endswith("<p>後</p>"))
                self.assertIn("<p>文</p>", html(body))
                self.assertNotRegex(html(body), r"\[!|:::")

    def test_editors_are_told_of_marks_that_readers_see(self) -> None:
        for mark in (
            "> [!NOTE] 題",
            "> [!INFO]",
            ":::{note}",
            "::: {.callout-note}",
            ":::unknown",
            "文\n:::",
            "::::message-box",
        ):
            with self.subTest(mark):
                self.assertEqual(codes(f"{mark}\n\n文。"), ["note-mark"])
        for mark in ("\u3000- 項目", "-\u3000a\n\u3000-\u3000b", "文\n\u3000* 一", "文\n\u30001. 一"):
            with self.subTest(mark):
                self.assertEqual(codes(f"{mark}\n\n文。"), ["list-mark"])
        for body in (
            "> [!NOTE]\n> 文。",
            ":::message\n文。\n:::",
            "`:::` と `[!INFO]`。",
            "- 一\n  - 二",
            "-5度。",
            "```\n:::\n```",
        ):
            with self.subTest(body):
                self.assertEqual(codes(body), [])

    def test_note_is_an_aside_with_a_role_and_details_unfold_without_a_script(self) -> None:
        self.assertEqual(
            html("> [!WARNING]\n> 元本は保証されません。"),
            '<aside class="note note-warning" role="note">\n<div class="note-label">注意</div>\n<p>元本は保証されません。</p>\n</aside>',
        )
        self.assertEqual(
            html(":::details 題 [a](/b/)\n文\n:::"),
            '<details class="note note-details">\n<summary class="note-label">題 <a href="/b/">a</a></summary>\n<p>文</p>\n</details>',
        )
        self.assertEqual([link.href for link in scan(":::details 題 [a](/b/)\n文\n:::").links], ["/b/"])

    def test_feeds_and_plain_text_say_what_it_is(self) -> None:
        for body, label in (("> [!WARNING]\n> 文", "注意"), (":::details 題\n文\n:::", "題")):
            rendered = render(body)
            self.assertEqual(rendered.plain_text, f"{label}：\n文")
            self.assertEqual(
                portable(rendered.html, page="https://a.example/").strip(),
                f"<blockquote>\n<p><strong>{label}</strong></p>\n<p>文</p>\n</blockquote>",
            )

    def test_what_stands_in_a_note_is_text_like_any_other(self) -> None:
        shown = html("前\n:::message\n## 題\n\n- a\n\n```\n:::\n```\n\n> [!TIP]\n> b\n:::\n後")
        self.assertEqual([shown.count(tag) for tag in ("<h2", "<li>", "<pre", "<aside")], [1, 1, 1, 2])
        self.assertTrue(shown.startswith("<p>前</p>\n<aside") and shown.endswith("</aside>\n<p>後</p>"))
        self.assertEqual(
            labels("::::details 外\n:::message\n文\n:::\n::::"),
            [("note-details", "外"), ("note-note", "補足")],
        )
        self.assertEqual(html(":::message\n\n:::message\n文\n:::\n:::\n後").count("<aside"), 2)
        self.assertTrue(
            html(":::message\n\n:::message\n文\n:::\n:::\n後").endswith("</aside>\n</aside>\n<p>後</p>")
        )
        self.assertTrue(
            html(":::message\n<!--\n:::\n-->\n文\n:::\n後").endswith("<p>文</p>\n</aside>\n<p>後</p>")
        )
        self.assertIn("<li>a\n<aside", html("- a\n  :::message\n  文\n  :::\n- b"))
        self.assertIn("<blockquote>\n<aside", html("> :::message\n> 文\n> :::"))

    def test_note_without_an_end_goes_to_the_end_of_what_it_stands_in(self) -> None:
        self.assertTrue(html(":::message\n一\n\n二").endswith("<p>一</p>\n<p>二</p>\n</aside>"))
        self.assertTrue(html("> :::message\n> 一\n\n二").endswith("</aside>\n</blockquote>\n<p>二</p>"))

    def test_what_only_looks_like_a_note_stays(self) -> None:
        for body in (":::", ":::foo", "文 :::message", "::message", "[!NOTE]", "`:::message`"):
            self.assertNotIn("note", html(body).replace("[!NOTE]", ""), body)
        self.assertIn("[!NOTE] 題", html("> [!NOTE] 題\n> 文"))
        self.assertIn("[!FOO]", html("> [!FOO]\n> 文"))
        self.assertIn(":::message", html("```\n:::message\n```"))
