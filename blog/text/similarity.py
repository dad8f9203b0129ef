"""Text similarity by tags and words, weighted by rarity."""

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
"""Weights of tags, words and the section in a likeness. The section only breaks ties."""
HALF_LIFE = 365.0
"""Days of additional age that halve a text's strength as a related text."""
MIN_LIKENESS = 0.05
"""Minimum likeness, of 1; less is chance."""
MAX_TEXTS_WITH_WORD = 120
"""Words that occur in more texts than this are ignored."""
MAX_TEXTS_WITH_TAG = 250
"""Number of texts compared for each tag, newest first."""

Item = TypeVar("Item", bound=Hashable)

_RUN = re.compile(r"[a-z0-9][a-z0-9.+#]*|[^\W_a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Described:
    """Features of a text for comparison. `day`: publication in days since any fixed moment."""

    key: int
    section: int | None
    tags: frozenset[int]
    words: frozenset[str]
    day: float


def words(*texts: str) -> frozenset[str]:
    """Extract the features of `texts`, folded as for search: pairs of adjacent characters; Latin words and numbers
    whole.

    Japanese has no spaces, and pairs of its characters are nearly words: 半導, 導体. Pairs of Latin letters are
    not: `ai` in `gain` means nothing.
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
    """Comparable texts. `tag_counts`: number of texts by tag in the whole magazine, of `total`."""

    def __init__(self, texts: Iterable[Described], *, tag_counts: Mapping[int, int], total: int) -> None:
        self.texts = {text.key: text for text in sorted(texts, key=lambda text: -text.day)}
        tagged = {key: text.tags for key, text in self.texts.items()}
        worded = {key: text.words for key, text in self.texts.items()}
        self._tags = _Feature(
            TAGS,
            tagged,
            weigh=lambda tag, _: _rarity(max(tag_counts.get(tag, 0), 1), total),
            newest=MAX_TEXTS_WITH_TAG,
        )
        self._words = _Feature(
            WORDS,
            worded,
            weigh=lambda word, having: _rarity(having, len(worded)) * _pairs(word),
            most=MAX_TEXTS_WITH_WORD,
        )

    def nearest(self, key: int, count: int) -> list[tuple[int, float]]:
        """Return the `count` texts most related to the text `key`, best first, with their likeness."""
        found = ((self.strength(other, like), other, like) for other, like in self.similarities(key).items())
        return [(other, likeness) for _, other, likeness in heapq.nlargest(count, found)]

    def strength(self, other: int, likeness: float) -> float:
        """Rank of the text `other` as a related text: its likeness, halved for each HALF_LIFE of age, as a logarithm.

        The logarithm keeps the order independent of the current date, so nothing is recomputed as time passes.
        """
        return log2(likeness) + self.texts[other].day / HALF_LIFE

    def similarities(self, key: int) -> dict[int, float]:
        """Return the likeness of every text similar to the text `key`, from MIN_LIKENESS to 1 + SECTION."""
        shared: dict[int, float] = defaultdict(float)
        self._tags.add_shared(key, shared)
        self._words.add_shared(key, shared)
        shared.pop(key, None)
        section = self.texts[key].section
        return {
            other: likeness + SECTION * (self.texts[other].section == section)
            for other, likeness in shared.items()
            if likeness >= MIN_LIKENESS
        }


class _Feature(Generic[Item]):
    """Feature for comparing texts: the cosine similarity of weighted items, which contributes `share`.

    `having`: items by text, newest text first. `weigh(item, number of texts with it)`. Items in more than `most` texts
    are ignored; for each item only the `newest` texts are compared.
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
        """Add to `found` this feature's similarity of every text, including `key` itself, to the text `key`."""
        lengths = self._lengths
        for item in self._having[key]:
            if item in self._weights:
                part = self._share * self._weights[item] / lengths[key]
                for other in self._texts[item]:
                    found[other] += part / lengths[other]


def _rarity(having: int, total: int) -> float:
    """Weight of an item that `having` of `total` texts have: the squared logarithm of its rarity."""
    return log(1 + total / having) ** 2


def _pairs(word: str) -> int:
    """Number of character pairs in a word, so that a Latin word weighs as much as a Japanese one of its length."""
    return max(1, len(word) - 1)
