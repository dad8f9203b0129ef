"""Headlines end their lines where a reader would pause."""

from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from blog.text.phrases import MAX_PHRASE_LENGTH, phrased, phrases


class PhraseTests(SimpleTestCase):
    def assert_kept(self, text, *together):
        """No part of `text` ends inside one of `together`."""
        parts = phrases(text)
        for word in together:
            self.assertTrue(any(word in part for part in parts), f"{word} is divided: {parts}")

    def test_a_headline_is_cut_at_its_phrases(self):
        self.assertEqual(
            phrases("半導体の波を読む　在庫日数という潮位計"),
            ["半導体の", "波を", "読む　", "在庫日数と", "いう", "潮位計"],
        )

    def test_a_year_in_brackets_stays_whole_and_ends_a_line(self):
        self.assertEqual(phrases("【2026年版】生成AI入門")[0], "【2026年版】")
        self.assert_kept("【2026年最新】RAGサービス比較", "【2026年最新】")

    def test_numbers_keep_their_digits_and_their_units(self):
        self.assert_kept(
            "2026年OpenAIとAWSの380億ドル提携、コスト1,200.5円、95%超え、10選",
            "2026年",
            "380億ドル",
            "1,200.5円",
            "95%",
            "10選",
        )

    def test_a_long_phrase_parts_after_its_year(self):
        self.assertEqual(phrases("2026年マルチモーダルAI、"), ["2026年", "マルチモーダルAI、"])
        self.assertEqual(phrases("2026年日本郵船のAI配船最適化")[0], "2026年日本郵船の")
        self.assert_kept("2026年度予算とコンピューター", "2026年度予算")

    def test_latin_words_stay_whole(self):
        self.assert_kept(
            "推論を端末に載せる　C++とC#とGPT-4oとAlphaFoldのどれで書くか", "C++", "C#", "GPT-4o", "AlphaFold"
        )

    def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(self):
        for part in phrases("「フィジカルAI」の真意とは？（OpenAI・Google）の全貌と、活用法……を探る。"):
            self.assertNotRegex(part, r"^[、。」）？・…]")
            self.assertNotRegex(part, r"[「（]$")

    def test_no_single_kana_or_kanji_is_parted_from_its_word(self):
        self.assert_kept(
            "汐見市、その影響がもたらす産業構造の転換と算出方法", "汐見市", "もたらす", "算出方法"
        )

    def test_a_compound_too_long_for_a_phone_is_divided_between_scripts(self):
        parts = phrases("生成AI社内ガイドライン策定ツール・サービス8選｜テンプレート付き完全ガイド")
        self.assertLessEqual(max(map(len, parts)), MAX_PHRASE_LENGTH)
        self.assertIn("8選｜", "/".join(parts))

    def test_an_english_headline_is_cut_at_its_spaces(self):
        self.assertEqual(phrases("What models cost"), ["What ", "models ", "cost"])

    def test_html_of_a_headline_is_escaped(self):
        self.assertEqual(phrased("<i>AI</i>"), '<span class="unbroken">&lt;i&gt;AI&lt;/i&gt;</span>')
        self.assertEqual(phrased("波を読む"), "波を<wbr>読む")

    def test_phrases_that_a_browser_would_break_at_a_mark_are_held(self):
        self.assertEqual(
            phrased("LLM比較｜GPT-5の料金"),
            '<span class="unbroken">LLM比較｜</span><wbr><span class="unbroken">GPT-5の</span><wbr>料金',
        )

    def test_nothing_gives_nothing(self):
        self.assertEqual(phrases(""), [])
        self.assertEqual(phrased(""), "")

    @given(st.text(max_size=80))
    def test_nothing_is_lost_from_any_text(self, text):
        self.assertEqual("".join(phrases(text)), text)
        self.assertNotIn("", phrases(text))

    def test_a_name_and_its_number_stay_together(self):
        self.assertEqual(phrases("Gemini 3の料金"), ["Gemini 3の", "料金"])
        self.assertIn("Llama 3 405Bの", phrases("さらばLlama 3 405Bの性能"))

    def test_a_number_after_a_name_stays_with_its_unit(self):
        self.assertEqual(phrases("DeepSeek 1000億円"), ["DeepSeek ", "1000億円"])
        self.assertEqual(phrases("Claude 100万トークンの衝撃")[:2], ["Claude ", "100万トークンの"])
        self.assert_kept("iPhone 17万円とLLM 50%削減、OpenAI 2026年度決算", "17万円", "50%", "2026年度決算")

    def test_title_and_what_is_added_to_it_are_clauses(self):
        self.assertEqual(
            phrased("計算の値段 一枚の地図に"),
            '<span class="clause">計算の<wbr>値段</span> <span class="clause">一枚の<wbr>地図に</span>',
        )
        self.assertNotIn("clause", phrased("Gemini 3の 料金と C++の話"[:10]))

    def test_what_is_too_long_for_a_line_may_end_anywhere_but_where_kinsoku_forbids(self):
        self.assertIn(
            '<span class="long">デジタルヒューマンプロジェクトの</span>',
            phrased("デジタルヒューマンプロジェクトの技術"),
        )
