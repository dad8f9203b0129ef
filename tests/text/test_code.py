from django.test import SimpleTestCase

from blog.text.code import without_code

CODE = (
    "```\nX\n```",
    "~~~~ python\nX\n~~~\nX\n~~~~",
    "```\n>>>>>>> X\n> ```\nX\n```",
    "```\nX and no end",
    "前\n```\nX\n```\n後",
    "> 引用\n> ```\n> X\n> ```\n> 後",
    "- 項目\n\n  ```\n  X\n  ```",
    "1. ~~~\n   X\n   ~~~",
    "前\n\n    X\n\n        X\n\n後",
    "前\n\n\tX\n",
    "# 見出し\n    X",
    "***\n    X",
    ">     X",
    "- 項目\n\n      X",
    "`X`",
    "``X ` X``",
    "`前\nX`",
    "\\\\`X`",
    "- 項目 `X`\n- 項目",
    "## 見出し `X`\n後",
)
PROSE = (
    "X",
    "X `",
    "\\`X\\`",
    "`` X `",
    "` 前\n\nX `",
    "- ` 項目\n- X `",
    "| ` |\n|-|\n| X ` |",
    "## ` 見出し\nX `",
    "> ` 引用\n\nX `",
    "> ```\n\nX",
    "- ```\n  code\n\nX",
    "前\n    X は段落の続き",
    "- 項目\n\n    X は項目の続き",
    "- 項目\n  - 項目\n\n    X は項目の続き",
    "10. 項目\n\n    X は項目の続き",
    "文[^1]\n\n[^1]: 注\n\n    X は注の続き",
    "``` X ` X",
    "```\ncode\n```\nX",
)


class CodeTests(SimpleTestCase):
    def test_code_of_every_kind_is_blanked_where_it_stands(self):
        for source in CODE:
            with self.subTest(source):
                prose = without_code(source)
                self.assertNotIn("X", prose)
                self.assertEqual([len(line) for line in prose.split("\n")], [*map(len, source.split("\n"))])

    def test_what_only_looks_like_code_stays(self):
        for source in PROSE:
            with self.subTest(source):
                self.assertEqual(without_code(source).count("X"), source.count("X"))

    def test_words_around_code_stay(self):
        self.assertEqual(without_code("前`X`後\n\n```\nX\n```\n後"), f"前   後\n\n   \n{' '}\n   \n後")
