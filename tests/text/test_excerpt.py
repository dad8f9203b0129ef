from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from blog.text.excerpt import begins_with, excerpt, finished, without_headings, without_truncation


class ExcerptTests(SimpleTestCase):
    def test_short_text_stays_whole_on_one_line(self):
        self.assertEqual(excerpt("短い文。\n次の行 です"), "短い文。次の行 です")

    def test_latin_lines_join_with_a_space_and_japanese_ones_without(self):
        self.assertEqual(excerpt("one\ntwo\n三\n四"), "one two三四")

    def test_a_text_begins_with_its_excerpt_whatever_their_spaces_and_signs(self):
        text = "電気の値段は、\n燃料の価格 で決まる。為替も動く、とされる。それだけではない。"
        for said in (
            "電気の値段は、燃料の価格で決まる。",
            "電気の値段は燃料の価格で決まる。為替も動く…",
            "**電気の値段は、燃料の価格で決まる**",
        ):
            self.assertTrue(begins_with(text, said), said)
        for said in ("電気の値段", "燃料の価格で決まる。", "電気の値段は、燃料の価格で決まる。だが", "", "…"):
            self.assertFalse(begins_with(text, said), said)
        self.assertTrue(begins_with("要点。\n続き", "要点"))

    def test_a_heading_that_was_joined_to_a_summary_is_not_shown(self):
        self.assertEqual(without_headings("値段が動く。## 背景 燃料が上がった。"), "値段が動く。")
        self.assertEqual(without_headings("## 値段が動く ### 背景"), "値段が動く…")
        for said in ("C# と F# の話", "#電力 の話", "# ではない"):
            self.assertEqual(without_headings(said), said.lstrip("# ") if said[1] == " " else said)

    def test_long_text_ends_after_a_sentence(self):
        self.assertEqual(
            excerpt("一つ目の文です。二つ目の文です。三つ目の長い文です。", limit=18),
            "一つ目の文です。二つ目の文です。",
        )

    def test_sentence_inside_brackets_is_no_end(self):
        self.assertEqual(
            excerpt("彼は「行く。必ず行く。」と言った。そして本当に行った。", limit=18),
            "彼は「行く。必ず行く。」と言った。",
        )

    def test_text_without_an_end_is_cut_with_an_ellipsis_inside_the_limit(self):
        self.assertEqual(excerpt("あ" * 50, limit=10), "あ" * 9 + "…")

    def test_latin_word_is_not_cut(self):
        self.assertEqual(excerpt("新しいモデルはTransformerを使う", limit=14), "新しいモデルは…")

    @given(st.text(st.sampled_from("あ。「」、aZ \n\u3099\u200d👩")), st.integers(1, 40))
    def test_never_longer_than_the_limit_and_never_invents_text(self, text, limit):
        short = excerpt(text, limit=limit)
        self.assertLessEqual(len(short), limit)
        self.assertNotIn("\n", short)
        self.assertTrue(excerpt(text, limit=1_000).startswith(short.removesuffix("…")))


class SummaryTests(SimpleTestCase):
    SENTENCE = "生成AIを会社に入れるとき、どこから始め、何を測り、誰が責任を持つのかを、三つの段階に分け、数字と例で確かめながら読み解く"

    def test_summary_that_breaks_off_within_a_sentence_says_so(self):
        text = f"{self.SENTENCE}。次の文。"
        self.assertEqual(finished(text[:60], text), f"{text[:60]}…")

    def test_whole_sentence_that_only_lacks_its_full_stop_does_not(self):
        for end in "。！？":
            self.assertEqual(finished(self.SENTENCE, f"{self.SENTENCE}{end}次の文。"), self.SENTENCE)

    def test_sentence_that_ends_within_a_bracket_is_whole(self):
        for end in ("。」", "！）", "。』）"):
            summary = f"{self.SENTENCE}{end}"
            self.assertEqual(finished(summary, f"{summary}次の文。"), summary)
            self.assertEqual(
                without_truncation(f"{summary}${{{{皆さんも}}^{{{{}}^{{}}{{}}^{{}}{{}}^{{"), summary
            )

    def test_gap_to_fill_in_is_no_truncation(self):
        summary = "氏名：____________ を書く欄のある申込書の作り方。"
        self.assertEqual(without_truncation(summary), summary)
        self.assertEqual(without_truncation("値段の話 ____{{{{}^{"), "値段の話…")

    def test_truncation_after_a_whole_sentence_leaves_the_sentence(self):
        self.assertEqual(without_truncation("値段の話です。 ${{皆さんも}^{{}^{}{}^{}{}^{"), "値段の話です。")
        self.assertEqual(without_truncation("値段の話 ${{皆さんも}^{{}^{}{}^{}{}^{"), "値段の話…")
