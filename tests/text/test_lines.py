"""Headlines in lines: measured here in characters, the full-width ones as two."""

from itertools import pairwise
from unicodedata import east_asian_width

from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from blog.text.lines import Column
from blog.text.phrases import NO_END, NO_START


def cells(text: str) -> float:
    return sum(2 if east_asian_width(sign) in "WFA" else 1 for sign in text)


def column(width: float = 28, limit: int = 3) -> Column:
    return Column(cells, width, limit)


class ColumnTests(SimpleTestCase):
    def test_a_short_title_is_one_line(self) -> None:
        self.assertEqual(column().fit("AIは誰のものか"), ["AIは誰のものか"])

    def test_phrases_stay_whole_and_lines_are_alike(self) -> None:
        self.assertEqual(
            column().fit("「使える」と「続く」のあいだ：旅館の予約をAIに任せた半年"),
            ["「使える」と「続く」の", "あいだ：旅館の予約を", "AIに任せた半年"],
        )

    def test_a_line_ends_between_the_halves_of_a_headline(self) -> None:
        self.assertEqual(
            column().fit("OpenAI、GPT-5.2を公開 推論コストは半分に"),
            ["OpenAI、GPT-5.2を公開", "推論コストは半分に"],
        )
        self.assertEqual(column(width=60).fit("金利の話 入門"), ["金利の話 入門"])

    def test_too_much_does_not_fit_and_is_cut_after_a_phrase(self) -> None:
        title = "医療AIの診断精度が専門医を上回るという報告について、私たちが数字を計算し直してわかったこと"
        self.assertIsNone(column(limit=2).fit(title))
        self.assertEqual(
            column(limit=2).cut(title), ["医療AIの診断精度が専門医を", "上回るという報告について…"]
        )

    def test_what_fits_is_not_cut(self) -> None:
        self.assertEqual(column().cut("金利の話"), ["金利の話"])

    def test_a_phrase_longer_than_a_line_is_divided(self) -> None:
        lines = column(width=20, limit=9).fit("スーパーコンピューティングプラットフォームアーキテクチャ")
        assert lines is not None
        self.assertEqual("".join(lines), "スーパーコンピューティングプラットフォームアーキテクチャ")
        self.assertLessEqual(max(map(cells, lines)), 22)

    def test_nothing_gives_nothing(self) -> None:
        self.assertEqual((column().fit(""), column().cut("")), ([], []))

    @given(st.text(st.sampled_from("あ漢ァー、。「」（）A1・"), max_size=60))
    def test_kinsoku_holds_and_no_sign_is_lost(self, text: str) -> None:
        lines = column(width=16, limit=99).fit(text)
        assert lines is not None
        self.assertEqual("".join(lines), text)
        for before, after in pairwise(lines):
            self.assertFalse(before[-1:] in NO_END or after[:1] in NO_START, lines)
