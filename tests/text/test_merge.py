from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from blog.text.merge import Conflict, Merge, merge

TEXT = st.text(st.sampled_from("あいう。「」\n"), max_size=40)
BASE = "見出し\n\n一文目です。二文目です。三文目です。\n\n次の段落です。\n\n終わりの段落です。\n"


class MergeTests(SimpleTestCase):
    def test_changes_in_different_paragraphs_are_both_kept(self):
        merged = merge(BASE, BASE.replace("見出し", "題"), BASE.replace("終わり", "最後"))
        self.assertEqual(merged, Merge(BASE.replace("見出し", "題").replace("終わり", "最後")))

    def test_changes_in_different_sentences_of_a_paragraph_are_both_kept(self):
        merged = merge(BASE, BASE.replace("一文目", "最初"), BASE.replace("三文目", "最後"))
        self.assertEqual(merged, Merge(BASE.replace("一文目", "最初").replace("三文目", "最後")))

    def test_neighbouring_paragraphs_changed_one_here_and_one_there_are_both_kept(self):
        base = "あ。\n\nい。\n\nう。\n\nえ。\n"
        merged = merge(base, base.replace("あ", "甲"), base.replace("い", "乙"))
        self.assertEqual(merged, Merge("甲。\n\n乙。\n\nう。\n\nえ。\n"))
        merged = merge(base, base.replace("う", "丙").replace("え", "丁"), base.replace("い", "乙"))
        self.assertEqual(merged, Merge("あ。\n\n乙。\n\n丙。\n\n丁。\n"))

    def test_paragraph_added_here_and_removed_there(self):
        merged = merge(BASE, BASE + "\n追記です。\n", BASE.replace("次の段落です。\n\n", ""))
        self.assertEqual(merged, Merge(BASE.replace("次の段落です。\n\n", "") + "\n追記です。\n"))

    def test_same_sentence_changed_twice_is_a_conflict_and_ours_stands(self):
        ours, theirs = BASE.replace("二文目", "甲"), BASE.replace("二文目", "乙")
        self.assertEqual(
            merge(BASE, ours, theirs),
            Merge(ours, (Conflict(base="二文目です。", ours="甲です。", theirs="乙です。"),)),
        )

    def test_sentence_removed_here_and_changed_there_is_a_conflict(self):
        merged = merge(BASE, BASE.replace("二文目です。", ""), BASE.replace("二文目", "乙"))
        self.assertEqual(merged.conflicts, (Conflict(base="二文目です。", ours="", theirs="乙です。"),))

    def test_same_change_on_both_sides_is_no_conflict(self):
        both = BASE.replace("二文目", "新しい文")
        self.assertEqual(merge(BASE, both, both + "追記"), Merge(both + "追記"))

    @given(TEXT, TEXT)
    def test_one_sided_changes_are_taken_whole(self, base, changed):
        self.assertEqual(merge(base, base, changed), Merge(changed))
        self.assertEqual(merge(base, changed, base), Merge(changed))
        self.assertEqual(merge(base, changed, changed), Merge(changed))

    @given(TEXT, TEXT, TEXT)
    def test_a_merge_without_conflict_does_not_depend_on_who_saves_first(self, base, ours, theirs):
        merged, mirrored = merge(base, ours, theirs), merge(base, theirs, ours)
        self.assertEqual(len(merged.conflicts), len(mirrored.conflicts))
        if not merged.conflicts:
            self.assertEqual(merged.text, mirrored.text)

    @given(st.lists(st.integers(0, 2), min_size=4, max_size=30))
    def test_edits_of_paragraphs_that_do_not_touch_are_all_kept(self, owners):
        paragraphs = [f"段落{number}です。\n\n" for number in range(len(owners))]
        owners = [owner if number % 2 else 0 for number, owner in enumerate(owners)]
        edited = {
            who: "".join(
                p.replace("です", f"は{who}") if o == who else p
                for p, o in zip(paragraphs, owners, strict=True)
            )
            for who in (1, 2)
        }
        wanted = "".join(
            p.replace("です", f"は{o}") if o else p for p, o in zip(paragraphs, owners, strict=True)
        )
        self.assertEqual(merge("".join(paragraphs), edited[1], edited[2]), Merge(wanted))

    def test_long_repetitive_texts_end(self):
        base = "同じ段落です。\n\n" * 6_000
        merged = merge(base, "前。\n\n" + base, base + "後。\n\n")
        self.assertEqual(merged, Merge("前。\n\n" + base + "後。\n\n"))
        merge(base, "甲。\n\n" * 6_000, base[:-20] + "乙。" + base)
