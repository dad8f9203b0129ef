"""What a reader types is read, whatever it is."""

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.text.query import MAX_WORD, MAX_WORDS, parse


def words(typed):
    query = parse(typed)
    return [word.text for word in query.wanted], [word.text for word in query.unwanted]


class QueryTests(SimpleTestCase):
    def test_words_are_split_at_spaces_of_any_width(self):
        self.assertEqual(words("投資　ＡＩ  gpu"), (["投資", "ai", "gpu"], []))

    def test_phrases_stand_in_quotes_of_any_kind(self):
        for typed in (
            '"machine learning"',
            "“machine learning”",
            "「machine learning」",
            "＂machine　learning＂",
        ):
            with self.subTest(typed):
                self.assertEqual(words(typed), (["machine learning"], []))
                self.assertTrue(parse(typed).wanted[0].is_quoted)

    def test_a_minus_before_a_word_takes_posts_away(self):
        self.assertEqual(words("投資 -株 －「米国 債」"), (["投資"], ["株", "米国債"]))

    def test_a_minus_inside_a_word_is_part_of_it(self):
        self.assertEqual(words("GPT-4 covid-19"), (["gpt-4", "covid-19"], []))

    def test_signs_that_carry_meaning_stay(self):
        self.assertEqual(words("C++ C# .NET R&D"), (["c++", "c#", ".net", "r&d"], []))

    def test_operators_of_other_engines_are_words(self):
        self.assertEqual(words("a OR b* NEAR(c)"), (["a", "or", "b*", "near(c)"], []))

    def test_signs_alone_are_skipped_and_told(self):
        query = parse('投資 。 ++ - "" 「」')
        self.assertEqual(([word.text for word in query.wanted], query.skipped), (["投資"], ("。", "++", "-")))

    def test_each_word_counts_once(self):
        self.assertEqual(words("AI ａｉ Ai"), (["ai"], []))

    def test_an_open_quote_harms_nothing(self):
        self.assertEqual(words('"投資 AI'), (["投資", "ai"], []))

    def test_what_is_too_long_is_cut_and_told(self):
        self.assertFalse(parse("あ" * 99 + " " + "い" * 100).was_cut)
        self.assertTrue(parse("あ" * 100 + " " + "い" * 100).was_cut)
        many = parse(" ".join(f"語{n}" for n in range(20)))
        self.assertEqual((len(many.wanted), many.was_cut), (MAX_WORDS, True))
        for typed in ("投" * 101, "\ufdfa" * 6):
            word = parse(typed)
            self.assertEqual((len(word.wanted[0].text), word.was_cut), (MAX_WORD, True))
        self.assertFalse(parse("投" * 100).was_cut)

    def test_a_query_without_one_of_its_words_can_be_typed_again(self):
        query = parse('AI 「計算 の値段」 -株 -"a b"')
        self.assertEqual(query.without(query.wanted[0]), '"計算 の値段" -株 -"a b"')
        self.assertEqual(words(query.without(query.wanted[0])), (["計算の値段"], ["株", "a b"]))

    @settings(deadline=None)
    @given(st.text())
    def test_any_text_is_a_query(self, typed):
        query = parse(typed)
        self.assertLessEqual(len(query.wanted) + len(query.unwanted), MAX_WORDS)
        for word in (*query.wanted, *query.unwanted):
            self.assertTrue(word.text.strip())
            word.text.encode()
        query.shown.encode()
