from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from blog.text.difference import difference

TEXT = st.text(st.sampled_from("あのカ漢字ab 。\n"), max_size=60)


class DifferenceTests(SimpleTestCase):
    def test_changed_word_is_shown_inside_its_sentence(self):
        self.assertEqual(
            difference("投資は増えた。\n\n次の段落。", "投資は減少した。\n\n次の段落。"),
            [
                ("equal", "投資は"),
                ("delete", "増えた"),
                ("insert", "減少した"),
                ("equal", "。\n\n次の段落。"),
            ],
        )

    def test_new_paragraph_is_one_insertion(self):
        self.assertEqual(
            difference("一。\n\n三。\n", "一。\n\n二。\n\n三。\n"),
            [("equal", "一。\n\n"), ("insert", "二。\n\n"), ("equal", "三。\n")],
        )

    def test_lone_particle_between_changes_does_not_flicker(self):
        self.assertEqual(
            difference("市場の拡大", "企業の縮小"), [("delete", "市場の拡大"), ("insert", "企業の縮小")]
        )

    def test_same_texts_have_no_changes(self):
        self.assertEqual(difference("同じ", "同じ"), [("equal", "同じ")])
        self.assertEqual(difference("", ""), [])

    @given(TEXT, TEXT)
    def test_both_versions_can_be_read_back(self, before, after):
        changes = difference(before, after)
        self.assertEqual("".join(text for kind, text in changes if kind != "insert"), before)
        self.assertEqual("".join(text for kind, text in changes if kind != "delete"), after)
        self.assertTrue(all(text for _, text in changes))

    def test_long_texts_end(self):
        before, after = "漢字かな、" * 10_000, "かなと漢字。" * 8_000
        self.assertEqual(difference(before, after), [("delete", before), ("insert", after)])
