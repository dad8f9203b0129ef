import re

from django.test import SimpleTestCase

from blog.text.dialects import OLD_SITE
from blog.text.markdown import render
from blog.text.pictures import Picture
from blog.text.source import public_source


class PublicSourceTests(SimpleTestCase):
    def source(self, body: str) -> str:
        return public_source(body, title="題", site="https://a.example", dialect=OLD_SITE)

    def test_hidden_notes_go_and_definitions_that_are_used_stay(self) -> None:
        for note in ("[//]: # (memo)", '[memo]: <> "memo"', "[//]: #", "[comment]: # 'memo'"):
            with self.subTest(note):
                self.assertEqual(self.source(f"前\n\n{note}\n\n後"), "前\n\n\n後\n")
        self.assertEqual(self.source("[a]\n\n[a]: https://b.example"), "[a]\n\n[a]: https://b.example\n")

    def test_our_links_and_pictures_hold_elsewhere_and_code_stays(self) -> None:
        for before, after in (
            ("[a](/b/)", "[a](https://a.example/b/)"),
            ("[a](</b c/>)", "[a](<https://a.example/b c/>)"),
            ("![a](/media/b.png)", "![a](https://a.example/media/b.png)"),
            ("[a]: /b/", "[a]: https://a.example/b/"),
            ("[a](//b.example/)", "[a](//b.example/)"),
            ("`[a](/b/)`", "`[a](/b/)`"),
            ("``[a](/b/) ` ``[c](/d/)", "``[a](/b/) ` ``[c](https://a.example/d/)"),
            ("~~~\n[a](/b/)\n```\n~~~\n[c](/d/)", "~~~\n[a](/b/)\n```\n~~~\n[c](https://a.example/d/)"),
        ):
            with self.subTest(before):
                self.assertEqual(self.source(before), after + "\n")

    def test_pictures_of_the_library_are_named_where_they_are_today(self) -> None:
        name = f"images/2026/11/{'a' * 32}.png"
        for today, written in (
            (f"/media/{name}", f"https://a.example/media/{name}"),
            (f"https://cdn.example/{name}", f"https://cdn.example/{name}"),
        ):
            images = {name: Picture(today, 10, 10)}
            for before in ("/media/", "https://old.example/files/"):
                found = public_source(
                    f"![図]({before}{name})", title="題", site="https://a.example", images=images
                )
                self.assertEqual(found, f"![図]({written})\n")

    def test_a_first_heading_that_repeats_the_title_goes(self) -> None:
        self.assertEqual(self.source("\n# 題\n\n本文"), "本文\n")
        self.assertEqual(self.source("本文\n\n# 題"), "本文\n\n# 題\n")

    def test_what_the_old_generator_left_goes(self) -> None:
        self.assertEqual(self.source("前\n{% include ad.html %}\n{: .cta}\n---END---\n後"), "前\n後\n")

    def test_what_it_left_within_a_line_goes_and_code_stays(self) -> None:
        self.assertEqual(
            self.source("前 [a](#b) {: .cta} 中{% ad %}後 `{: .x}`"), "前 [a](#b)  中後 `{: .x}`\n"
        )
        self.assertEqual(self.source("\\{: .x}"), "\\{: .x}\n")
        self.assertEqual(self.source("終わり。---END---\n\n前。 ---END 後"), "終わり。\n\n前。  後\n")
        for literal in ("末尾に---END---を書く", "`---END---`", "後は ---ENDLESS"):
            self.assertEqual(self.source(literal), f"{literal}\n")

    def test_what_stands_behind_a_hidden_mark_begins_no_block_that_it_did_not(self) -> None:
        for rest in (
            "# 見出し", "##見出し", "- 一", "-\u3000一", "2. 二", "3) 三", "> 引用", "[TOC]", "[[toc]]", "---", "* * *", "```js", "~~~", ":::message", ": 説明",
            "[a]: /b", "[^1]: 注", "<h3>題</h3>", "    字下げ", "{{< toc >}}", "**太字**", "[a](/b/)", "`a`", "*斜体*", "-5度", "2.5倍", "{漢字|かんじ}",
        ):  # fmt: skip
            for form in (
                "<!-- a -->{}",
                "{{% x %}} <!-- a -->{}",
                "前\n<!-- a -->{}",
                "前 <!-- a\nb -->{}",
                "- <!-- a -->{}",
                "> <!-- a --> {}",
                "1. 一\n\n   <!-- a -->{}",
            ):
                body = f"{form.format(rest)}\n\n後"
                with self.subTest(body):
                    source = self.source(body)
                    self.assertNotIn("<!--", source)
                    tags = [
                        re.findall("<(?!br)[a-z]+", html)
                        for html in (render(source).html, render(body, dialect=OLD_SITE).html)
                    ]
                    self.assertEqual(*tags)
                    self.assertEqual(
                        render(source).plain_text.split(),
                        render(body, title="題", dialect=OLD_SITE).plain_text.split(),
                    )

    def test_a_fence_that_never_ends_is_code_to_the_end(self) -> None:
        self.assertEqual(self.source("```\n{: .x}"), "```\n{: .x}\n")
