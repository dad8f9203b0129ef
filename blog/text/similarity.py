"""Text similarity by tags and words, those counting most that few texts have."""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from math import log, log2, sqrt
from operator import add
from typing import Generic, TypeVar

from blog.text.grams import fold

TAGS, WORDS, SECTION = 0.35, 0.65, 0.01
"""What equal tags, equal words and the same section add to a likeness. The last only decides between equals."""
HALF_LIFE = 365.0
"""A text that is so many days older must be twice as like to go as well."""
LEAST = 0.05
"""Less likeness than this (of 1) is chance."""
COMMON = 120
"""A word that more texts have says nothing."""
OF_A_TAG = 250
"""Of the texts with a tag the newest so many are looked at."""

Item = TypeVar("Item", bound=Hashable)

_RUN = re.compile(r"[a-z0-9][a-z0-9.+#]*|[^\W_a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Described:
    """What is compared of one text. `day`: when it came out, in days since any moment."""

    key: int
    section: int | None
    tags: frozenset[int]
    words: frozenset[str]
    day: float


def words(*texts: str) -> frozenset[str]:
    """The distinct pairs of neighbouring characters of `texts` as search folds them; Latin words and numbers whole.

    Japanese is written without spaces, and pairs of its characters are nearly words: 半導, 導体. Pairs of Latin
    letters are not: `ai` is no part of what `gain` says.
    """
    found: set[str] = set()
    for text in texts:
        for run in _RUN.findall(fold(text)):
            if run.isascii():
                found.add(run.rstrip("."))
            else:
                found.update(map(add, run, run[1:]))
    return frozenset(found)


class Corpus:
    """Texts that can be compared. `tag_counts`: how many texts have a tag in the whole magazine, of `total`."""

    def __init__(self, texts: Iterable[Described], *, tag_counts: Mapping[int, int], total: int) -> None:
        self.texts = {text.key: text for text in sorted(texts, key=lambda text: -text.day)}
        tagged = {key: text.tags for key, text in self.texts.items()}
        worded = {key: text.words for key, text in self.texts.items()}
        self._tags = _Feature(
            TAGS, tagged, weigh=lambda tag, _: _rarity(max(tag_counts.get(tag, 0), 1), total), newest=OF_A_TAG
        )
        self._words = _Feature(
            WORDS, worded, weigh=lambda word, having: _rarity(having, len(worded)) * _pairs(word), most=COMMON
        )

    def nearest(self, key: int, count: int) -> list[tuple[int, float]]:
        """The `count` texts that go best beside the text `key`, the best first, with their likeness."""
        found = ((self.strength(other, like), other, like) for other, like in self.similarities(key).items())
        return [(other, likeness) for _, other, likeness in heapq.nlargest(count, found)]

    def strength(self, other: int, likeness: float) -> float:
        """How well the text `other` goes beside one that it is so like: likeness, halved for each HALF_LIFE of age.

        As a logarithm: the order is the same whenever one asks, so nothing has to be counted anew as time goes by.
        """
        return log2(likeness) + self.texts[other].day / HALF_LIFE

    def similarities(self, key: int) -> dict[int, float]:
        """The texts that have enough in common with the text `key`, and how much: from LEAST to 1 + SECTION."""
        shared: dict[int, float] = defaultdict(float)
        self._tags.add_shared(key, shared)
        self._words.add_shared(key, shared)
        shared.pop(key, None)
        section = self.texts[key].section
        return {
            other: likeness + SECTION * (self.texts[other].section == section)
            for other, likeness in shared.items()
            if likeness >= LEAST
        }


class _Feature(Generic[Item]):
    """One thing by which texts are compared: the cosine of what they have of it, weighted, counts for `share`.

    `having`: text → what it has, the newest text first. `weigh(item, texts having it)`. What more than `most` texts
    have is passed over; of the texts with an item the `newest` are looked at.
    """

    def __init__(
        self,
        share: float,
        having: Mapping[int, frozenset[Item]],
        *,
        weigh: Callable[[Item, int], float],
        most: int | None = None,
        newest: int | None = None,
    ) -> None:
        self._share, self._having = share, having
        texts: dict[Item, list[int]] = defaultdict(list)
        for key, items in having.items():
            for item in items:
                texts[item].append(key)
        self._weights = {
            item: weigh(item, len(keys)) for item, keys in texts.items() if most is None or len(keys) <= most
        }
        self._texts = {item: texts[item][:newest] for item in self._weights}
        weights = self._weights.get
        self._lengths = {
            key: sqrt(sum(weights(item, 0) for item in items)) or 1.0 for key, items in having.items()
        }

    def add_shared(self, key: int, found: dict[int, float]) -> None:
        """Add to `found` what each text, `key` itself too, has in common with the text `key`."""
        lengths = self._lengths
        for item in self._having[key]:
            if item in self._weights:
                part = self._share * self._weights[item] / lengths[key]
                for other in self._texts[item]:
                    found[other] += part / lengths[other]


def _rarity(having: int, total: int) -> float:
    """What it weighs that `having` of `total` texts have something: the squared logarithm of its rarity."""
    return log(1 + total / having) ** 2


def _pairs(word: str) -> int:
    """A Latin word counts for as much as a Japanese one of its length."""
    return max(1, len(word) - 1)
