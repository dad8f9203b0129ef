"""Spellings of katakana words that differ in the mark of a long vowel."""

from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from blog.text.grams import fold
from blog.text.long_vowels import MAX_VARIANTS, long_vowel_spellings


def finds(query: str, text: str) -> bool:
    return any(spelling in fold(text) for spelling in long_vowel_spellings(query, fold(query)))


class LongVowelTests(SimpleTestCase):
    def test_one_word_with_and_without_long_vowels(self):
        for one, other in (
            ("データーセンター", "データセンター"),
            ("サーバー", "サーバ"),
            ("クラウドサーバー", "クラウドサーバ"),
            ("サーバー構築", "サーバ構築"),
            ("インターフェース", "インタフェース"),
            ("コンピューター", "コンピュータ"),
            ("メモリーカード", "メモリカード"),
            ("ｺﾝﾋﾟｭｰﾀｰ", "コンピュータ"),
            ("セキュリティー", "セキュリティ"),
        ):
            with self.subTest(one):
                self.assertTrue(finds(one, other))
                self.assertTrue(finds(other, one))

    def test_a_word_is_found_within_another(self):
        self.assertTrue(finds("サーバー", "クラウドサーバの運用"))
        self.assertTrue(finds("データーセンター", "大手データセンターの電力"))

    def test_short_words_keep_their_long_vowels(self):
        for query, text in (
            ("カード", "かどうか"),
            ("スキー", "すき焼き"),
            ("キー", "きのう"),
            ("ビール", "ビル"),
        ):
            with self.subTest(query):
                self.assertFalse(finds(query, text))

    def test_hiragana_without_the_mark_has_one_spelling(self):
        self.assertEqual(
            long_vowel_spellings("ありがとうございます", "ありがとうございます"), ["ありがとうございます"]
        )

    @given(st.text(alphabet="ーアカサタナシティンッデャ計算a", max_size=60))
    def test_few_spellings_of_any_word_itself_first(self, word):
        folded = fold(word)
        spellings = long_vowel_spellings(word, folded)
        self.assertEqual(spellings[0], folded)
        self.assertLessEqual(len(spellings), MAX_VARIANTS)
        self.assertEqual(len(spellings), len(set(spellings)))
