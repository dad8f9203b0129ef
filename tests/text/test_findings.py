from django.test import SimpleTestCase

from blog.text.findings import Code, Finding, Severity


class FindingTests(SimpleTestCase):
    def test_what_is_stored_is_read_again(self):
        found = Code.IMAGE_WITHOUT_ALT.found(url="/a.png", line=3)
        self.assertEqual(Finding.from_json(found.to_json()), found)
        self.assertEqual(
            found.message_with_line,
            "3行目: 画像 /a.png に代替テキストがありません。![ここに説明](/a.png) のように書いてください。",
        )

    def test_what_an_older_program_has_stored_is_read_too(self):
        for blocking, severity in ((True, Severity.BLOCKING), (False, Severity.WARNING)):
            old = {
                "code": "front-matter",
                "message": "「{x}」は使いません。",
                "line": 5,
                "blocking": blocking,
            }
            found = Finding.from_json(old)
            self.assertEqual((found.code, found.severity, found.line), ("front-matter", severity, 5))
            self.assertEqual(found.message, "「{x}」は使いません。")

    def test_words_of_a_text_are_not_taken_for_a_template(self):
        self.assertEqual(Code.DEAD_LINK.found(url="/{x}/").message, "リンク先の記事がありません: /{x}/")

    def test_codes_are_their_own_names_and_stand_once(self):
        self.assertEqual([Code(code.value) for code in Code], [*Code])
        self.assertEqual(len({code.value for code in Code}), len(Code.__members__))
