"""What was found is marked in the words that the author wrote."""

import time

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.text.grams import fold, fold_with_origins
from blog.text.snippets import in_phrases, marked, snippet
from tests.text.test_grams import TEXTS


def shown(pieces):
    return "".join(f"[{text}]" if hit else text for text, hit in pieces)


def seconds(work):
    """Processor time that `work` takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


class SnippetTests(SimpleTestCase):
    def test_the_original_spelling_is_marked(self):
        for text, word, expected in (
            ("最新のＧＰＵです", "gpu", "最新の[ＧＰＵ]です"),
            ("駅前のｶﾌｪで", "かふぇ", "駅前の[ｶﾌｪ]で"),
            ("㌔単位", "きろ", "[㌔]単位"),
            ("AI 投資の話", "ai投資", "[AI 投資]の話"),
            ("ｶﾞｶﾞ", "が", "[ｶﾞ][ｶﾞ]"),
            ("Cafe\u0301 Noir", "café", "[Cafe\u0301] Noir"),
            ("AIとAI", "ai", "[AI]と[AI]"),
        ):
            with self.subTest(text):
                self.assertEqual(shown(marked(text, [word])), expected)

    def test_a_mark_ends_behind_the_long_vowel_of_its_word(self):
        self.assertEqual(shown(marked("サーバーの話", ["さーば"])), "[サーバー]の話")

    def test_hits_that_overlap_are_one_mark(self):
        self.assertEqual(shown(marked("人工知能学", ["人工知能", "知能学"])), "[人工知能学]")

    def test_a_long_text_is_cut_around_the_first_hit(self):
        text = "前置き。" * 50 + "ここで電力の話。" + "後書き。" * 50
        found = shown(snippet(text, [["電力"]]))
        self.assertRegex(found, r"^….{20,30}\[電力\]の話。.*…$")
        self.assertLess(len(found), 160)

    def test_two_words_far_apart_give_two_places(self):
        text = "一行目の電力。\n" + "間。\n" * 3000 + "最後の半導体。"
        self.assertEqual(shown(snippet(text, [["電力"], ["半導体"]])), "一行目の[電力]。最後の[半導体]。")

    def test_an_endless_line_is_looked_through_in_pieces(self):
        for before in (0, 400, 490, 499, 500, 995, 1000, 100_000):
            text = "あ" * before + "ここで電力の話。" + "い" * 100_000
            self.assertRegex(shown(snippet(text, [["電力"]])), r"(^|^…あ+)ここで\[電力\]の話。い{100,}…$")
        # Side by side with what it would take to map the line whole: about a third.
        piecewise = min(seconds(lambda: snippet(text, [["電力"]])) for _ in range(3))
        whole = min(seconds(lambda: fold_with_origins(text)) for _ in range(3))
        self.assertLess(piecewise, 0.7 * whole)

    def test_a_word_broken_over_two_lines_is_shown(self):
        self.assertIn("[計算 の値段]", shown(snippet("これは計算\nの値段です", [["計算の値段"]])))

    def test_a_word_that_stands_for_another_is_marked(self):
        self.assertEqual(shown(snippet("NVIDIAの決算", [["えぬびでぃあ", "nvidia"]])), "[NVIDIA]の決算")

    def test_without_a_hit_there_is_no_snippet(self):
        self.assertEqual(snippet("どこにもない", [["電力"]]), [])
        self.assertEqual(snippet("", [["電力"]]), [])

    @settings(deadline=None)
    @given(TEXTS, TEXTS)
    def test_marking_loses_nothing_and_finds_what_search_finds(self, text, word):
        pieces = marked(text, [fold(word)])
        self.assertEqual("".join(piece.text for piece in pieces), text)
        if fold(word) and fold(word) in fold(text):
            self.assertTrue(any(piece.hit for piece in pieces))

    @settings(deadline=None)
    @given(st.lists(TEXTS, max_size=6), TEXTS)
    def test_a_snippet_shows_what_search_finds(self, lines, word):
        text = "\n".join(lines)
        if fold(word) and fold(word) in fold(text):
            self.assertTrue(any(piece.hit for piece in snippet(text, [[fold(word)]])))


class InPhrasesTests(SimpleTestCase):
    def test_lines_end_between_phrases_wherever_the_marks_are(self):
        pieces = in_phrases(marked("成功率92%を実現する電力", {fold("率92%を実"), fold("電力")}))
        self.assertEqual("".join(piece.text for piece in pieces), "成功率92%を実現する電力")
        self.assertEqual([piece.text for piece in pieces if piece.hit], ["率92%を", "実", "電力"])
        lines = "".join("|" * piece.may_break + piece.text for piece in pieces)
        self.assertEqual(lines, "成功率92%を|実現する|電力")
