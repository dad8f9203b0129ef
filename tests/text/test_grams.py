"""What search takes for the same."""

import unicodedata

from django.test import SimpleTestCase
from hypothesis import example, given, settings
from hypothesis import strategies as st

from blog.text.grams import BREAK, fold, fold_with_origins, grams, indexed, is_exact, pieces

# What Japanese pages are made of, and what makes folding hard.
LETTERS = "1,000・髙aZＡｚあアｱｶﾞカガがﾊﾟヴヵー投資株１1①㌔㍿ßİ é é 。、「」-－+#.%'\"*\\\n\t\u3000\u200b\ufe0fﾞ゛葛\U000e0100😀"
TEXTS = st.text(alphabet=LETTERS, max_size=40)
ANYTHING = st.text(max_size=40)


class FoldTests(SimpleTestCase):
    def test_readers_take_these_for_the_same(self):
        for one, other in (
            ("ＧＰＵ", "gpu"),
            ("カフェ", "ｶﾌｪ"),
            ("カフェ", "かふぇ"),
            ("ガ", "ｶﾞ"),
            ("ヴェネツィア", "う\u3099ぇねつぃあ"),
            ("①㌔", "1キロ"),
            ("Straße", "STRASSE"),
            ("AI 投資", "AI投資"),
            ("計算の\n値段", "計算の値段"),
            ("machine   learning", "Machine\nLearning"),
            ("葛\U000e0100城", "葛城"),
            ("soft\u00adware", "software"),
            ("Ｃ＋＋", "c++"),
            ("1,000億", "1000億"),
            ("１，０００億", "1000億"),
            ("12,345,678人", "12345678人"),
            ("GPT\u20115", "GPT-5"),
            ("GPT\u22125", "ＧＰＴ－５"),
            ("2024\u20132025年", "2024-2025年"),
            ("ソフトバンク・グループ", "ソフトバンクグループ"),
            ("ｿﾌﾄﾊﾞﾝｸ･ｸﾞﾙｰﾌﾟ", "ソフトバンクグループ"),
            ("AI・IoT", "AI IoT"),
            ("髙島屋", "高島屋"),
            ("渡邊、渡邉", "渡辺、渡辺"),
            ("山﨑", "山崎"),
            ("国立國會圖書館", "国立国会図書館"),
            ("\U00020bb7野家", "吉野家"),
            ("ヴァイオリン", "バイオリン"),
            ("ヴェネチア", "ベネチア"),
            ("ラヴ", "ラブ"),
            ("ｳﾞｨﾗ", "ビラ"),
            ("1〜3月", "1～3月"),
        ):
            with self.subTest(one):
                self.assertEqual(fold(one), fold(other))

    def test_readers_take_these_for_different(self):
        for one, other in (
            ("C", "C++"),
            ("C#", "C"),
            (".NET", "net"),
            ("はは", "ぱぱ"),
            ("サーバ", "サーバー"),
            ("カード", "カド"),
            ("1,2,3", "123"),
            ("2025,2026年", "20252026年"),
            ("2024,123年", "2024123年"),
            ("斉藤", "斎藤"),
        ):
            with self.subTest(one):
                self.assertNotEqual(fold(one), fold(other))

    def test_latin_words_stay_apart(self):
        self.assertEqual(fold(" machine\u3000\x00learning\n"), "machine learning")

    @settings(deadline=None)
    @given(ANYTHING)
    def test_folded_text_is_one_clean_line_and_stays_as_it_is(self, text):
        folded = fold(text)
        self.assertNotIn(BREAK, folded)
        self.assertFalse([char for char in folded if unicodedata.category(char) in {"Cc", "Cs"}])
        folded.encode()
        self.assertEqual(folded, folded.strip(" "))

    @settings(deadline=None)
    @given(TEXTS)
    @example("İ\u200bﾞ")  # two marks that change places once nothing stands between them
    def test_each_folded_character_knows_where_it_comes_from(self, text):
        folded, spans = fold_with_origins(text)
        self.assertEqual(folded.strip(" "), fold(text))
        self.assertEqual(len(folded), len(spans))
        self.assertEqual(spans, sorted(spans))
        for char, (start, end) in zip(folded, spans, strict=True):
            if char != " ":
                self.assertIn(char, fold(text[start:end]), (text, start, end))


class GramTests(SimpleTestCase):
    def test_grams_are_characters_and_pairs_without_spaces(self):
        self.assertEqual(set(grams("ai 株\n式")), {"a", "i", "ai", "株", "式"})

    def test_a_phrase_has_no_pair_across_its_space(self):
        self.assertEqual(pieces("machine a"), ["ma", "ac", "ch", "hi", "in", "ne", "a"])

    @settings(deadline=None)
    @given(TEXTS, TEXTS)
    def test_pieces_miss_no_text_that_has_the_word(self, text, word):
        word = fold(word)
        if word and word in fold(text):
            self.assertLessEqual(set(pieces(word)), set(grams(fold(text))))

    @settings(deadline=None)
    @given(TEXTS, st.text(alphabet=LETTERS, min_size=1, max_size=2))
    def test_short_words_are_decided_by_grams_alone(self, text, word):
        word = fold(word)
        if word and is_exact(word):
            self.assertEqual(set(pieces(word)) <= set(grams(fold(text))), word in fold(text))

    def test_no_word_is_found_across_two_texts(self):
        self.assertEqual(indexed("計算", "", "の値段").text, "計算\n\nの値段")
        self.assertNotIn("算の", indexed("計算", "", "の値段").grams)
