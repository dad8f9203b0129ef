from django.test import SimpleTestCase

from blog.text.defects import find_defects
from blog.text.scan import scan


def codes(body="本文。", **said):
    """Defects as (code, line, blocking) of an otherwise sound article."""
    sound = {"title": "題", "slug": "1-dai", "description": "説明。", "tags": ("AI",)}
    return [(d.code, d.line, d.is_blocking) for d in find_defects(scan(body), **sound | said)]


class DefectTests(SimpleTestCase):
    def test_sound_article_has_none(self):
        self.assertEqual(
            codes("# 一\n\n## 二\n\n**太字**の話。申し訳ない気持ちを詫びた。\n\n---\n\n====="), []
        )

    def test_conflict_prompt_reply_refusal_and_broken_characters_block(self):
        for code, body in (
            ("conflict", "前\n<<<<<<< HEAD\n後"),
            ("conflict", "前\n>>>>>>> Stashed changes"),
            ("prompt", "前\n【文体の指示】\n- 丁寧に"),
            ("chat", "前\nはい、承知いたしました。記事を書きます。"),
            ("chat", "前\nCertainly! Here is the article"),
            ("broken-character", "前\n文字\ufffd"),
        ):
            with self.subTest(body=body):
                self.assertEqual(codes(body), [(code, 2, True)])
        self.assertEqual(codes("申し訳ありませんが、その記事は書けません。"), [("refusal", 1, True)])
        for said in (
            {"title": "I am unable to perform the web search fo？"},
            {"slug": "3-i-am-unable-to-perform"},
        ):
            self.assertEqual(codes(**said), [("refusal-title", None, True)])
        self.assertEqual(codes(title="文字\ufffd"), [("broken-title", None, True)])

    def test_articles_about_such_things_are_no_such_things(self):
        for body in (
            "```\n<<<<<<< HEAD\n=======\n>>>>>>> x\n```",
            "`【文体の指示】`と書く。",
            "客の注文に「承知いたしました」と答えた。",
            "題\n=======\n本文",
        ):
            with self.subTest(body=body):
                self.assertEqual([code for code, _, blocking in codes(body) if blocking], [])

    def test_doubtful_things_are_told_with_their_line(self):
        paragraph = "同じことを言う段落。" * 5
        self.assertEqual(codes(f"{paragraph}\n\n別。\n\n{paragraph}"), [("repeated", None, False)])
        self.assertEqual(codes(f"- 一\n\n  {paragraph}\n\n## 二\n{paragraph}"), [("repeated", None, False)])
        self.assertEqual(codes(f"```\n{paragraph}\n```\n\n```\n{paragraph}\n```"), [])
        self.assertEqual(codes("一。\n\n---END---\n", body_line=10), [("end-mark", 12, False)])
        self.assertEqual(codes("**太字"), [("bold", None, False)])
        self.assertEqual(codes("## 二\n\n#### 四"), [("heading-jump", 3, False)])
        self.assertEqual(codes("# " + "長" * 201), [("long-heading", 1, False)])
        self.assertEqual(codes("文[cite: 1, 2]"), [("citation", 1, False)])
        self.assertEqual(
            codes(title="「題", description="", tags=()),
            [("description", None, False), ("tags", None, False), ("title-brackets", None, False)],
        )
