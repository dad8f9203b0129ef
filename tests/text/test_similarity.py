"""Which texts are alike: by what few have."""

from typing import Any

from django.test import SimpleTestCase

from blog.text.similarity import HALF_LIFE, MIN_LIKENESS, Corpus, Described, words


def described(key: int, title: str = "", *, tags: tuple[int, ...] = (), **values: Any) -> Described:
    return Described(
        **{"key": key, "section": 1, "tags": frozenset(tags), "words": words(title), "day": 0.0} | values
    )


def corpus(*texts: Described, tag_counts: dict[int, int] | None = None, total: int = 1000) -> Corpus:
    return Corpus(texts, tag_counts=tag_counts or {}, total=total)


class WordTests(SimpleTestCase):
    def test_japanese_gives_pairs_and_latin_words_stay_whole(self) -> None:
        self.assertEqual(words("半導体とＡＩ"), {"半導", "導体", "体と", "ai"})
        self.assertEqual(words("C++ と GPT-4.5。"), {"c++", "gpt", "4.5"})

    def test_spelling_does_not_tell_texts_apart(self) -> None:
        self.assertEqual(words("ｶﾌｪのＧＰＵ"), words("カフェのgpu"))

    def test_pairs_do_not_reach_over_signs_and_from_one_text_to_the_next(self) -> None:
        self.assertEqual(words("投資、計算", "電力"), {"投資", "計算", "電力"})


class CorpusTests(SimpleTestCase):
    def test_rare_tag_counts_more_than_a_common_one(self) -> None:
        common, rare = 1, 2
        texts = (
            described(1, tags=(common, rare)),
            described(2, tags=(common, 3)),
            described(3, tags=(rare, 4)),
        )
        found = corpus(*texts, tag_counts={common: 500, rare: 2, 3: 2, 4: 2}).nearest(1, 5)
        self.assertEqual([key for key, _ in found], [3])

    def test_word_that_few_texts_have_counts_more_than_one_that_many_have(self) -> None:
        texts = [described(n, "計算の値段") for n in range(10, 40)]
        found = corpus(described(1, "計算の電力"), described(2, "工場の電力"), *texts).nearest(1, 1)
        self.assertEqual([key for key, _ in found], [2])

    def test_same_section_decides_between_equals(self) -> None:
        texts = (described(1, "電力の話"), described(2, "電力と街", section=2), described(3, "電力と村"))
        self.assertEqual([key for key, _ in corpus(*texts).nearest(1, 2)], [3, 2])

    def test_newer_of_two_equals_goes_better_and_a_half_life_weighs_half_the_likeness(self) -> None:
        texts = (described(1, "電力の話"), described(2, "電力と街"), described(3, "電力と村", day=30.0))
        found = corpus(*texts)
        self.assertEqual([key for key, _ in found.nearest(1, 2)], [3, 2])
        self.assertAlmostEqual(
            corpus(described(1), described(2, day=HALF_LIFE)).strength(2, 0.25), found.strength(2, 0.5)
        )

    def test_text_is_not_like_itself_nor_like_one_with_which_it_shares_nothing(self) -> None:
        texts = (described(1, "電力の話", tags=(1,)), described(2, "株と債券", tags=(2,)))
        self.assertEqual(corpus(*texts).similarities(1), {})

    def test_likeness_is_mutual_and_between_chance_and_sameness(self) -> None:
        texts = [
            described(1, "電力の話", tags=(1, 2)),
            described(2, "電力と街", tags=(2,)),
            described(3, "電力の話", tags=(1, 2)),
        ]
        found = corpus(*texts)
        self.assertAlmostEqual(found.similarities(1)[2], found.similarities(2)[1])
        self.assertAlmostEqual(found.similarities(1)[3], 1.01)
        self.assertTrue(all(MIN_LIKENESS <= likeness <= 1.02 for likeness in found.similarities(1).values()))

    def test_text_without_tags_and_words_has_nothing_beside_it(self) -> None:
        self.assertEqual(corpus(described(1), described(2)).nearest(1, 5), [])
