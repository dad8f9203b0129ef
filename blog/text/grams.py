"""N-grams of search: one spelling for what readers take for the same, and the pieces that find it fast."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import chain
from operator import add

GRAMS_VERSION = 1
"""Raise it whenever the same text folds differently or has other grams: `rebuild_search` redoes what is older."""
BREAK = "\n"
"""Stands between two folded texts and inside none: no word is found across it."""
MAX_PIECES = 24
"""Pairs of one word that are asked for; the text itself decides anyway."""

_HIRAGANA = dict(zip(range(0x30A1, 0x30F7), range(0x3041, 0x3097), strict=True))
_HIRAGANA |= {0x30FD: 0x309D, 0x30FE: 0x309E}
_KATAKANA = re.compile("[\u30a1-\u30f6\u30fd\u30fe]+")
# What shows nothing: joiners, soft hyphens, marks of direction, variation selectors, and what is left of broken bytes.
_UNSEEN = (
    "\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufffd\ud800-\udfff\U000e0000-\U000e0fff"
)
_INVISIBLE = re.compile(f"[{_UNSEEN}]+")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
# Japanese is written without spaces, and with them by taste: 「AI 投資」 and 「AI投資」 are one.
CJK = "\u2e80"
"""The first of the characters beside which a space means nothing."""
_SPACE_BY_CJK = re.compile(f"(?<=[{CJK}-\U0010ffff]) | (?=[{CJK}-\U0010ffff])")


@dataclass(frozen=True)
class Indexed:
    """A text as the index of search keeps it: folded, and its distinct grams with a space between two."""

    text: str
    grams: str


def indexed(*texts: str) -> Indexed:
    """The folded `texts` one after another, and their grams. Takes milliseconds for a long article."""
    text = BREAK.join(map(fold, texts))
    return Indexed(text, " ".join(grams(text)))


def fold(text: str) -> str:
    """Return `text` as search compares it: NFKC, no case, katakana as hiragana, spaces only between Latin words.

    ＧＰＵ is gpu, ｶﾌｪ and カフェ are かふぇ. For any text; the result is one line without control characters.
    """
    return _SPACE_BY_CJK.sub("", _SPACE.sub(" ", fold_characters(text))).strip(" ")


def fold_characters(text: str) -> str:
    """The part of `fold` that looks at characters, not at the spaces between them."""
    if text.isascii():
        return text.lower()
    folded = "".join(map(_FOLDED.__getitem__, text))
    # Faster by far than to normalise the text, and the same when no character has joined its neighbour.
    return folded if unicodedata.is_normalized("NFKC", folded) else _fold_cluster(text)


def _fold_cluster(text: str) -> str:
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    text = unicodedata.normalize("NFKC", text.casefold())
    return _KATAKANA.sub(_as_hiragana, _INVISIBLE.sub("", text))


def fold_with_origins(text: str) -> tuple[str, list[tuple[int, int]]]:
    """`fold` but for spaces at the ends, and for each of its characters the span of `text` that it comes from.

    Slower than `fold` by far. Marks stay with the character that they stand on: ｶﾞ is one が.
    """
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    for cluster in _CLUSTER.finditer(text):
        part = fold_characters(cluster[0])
        parts.append(part)
        spans += [cluster.span()] * len(part)
    loose, at = "".join(parts), 0
    folded: list[str] = []
    kept: list[tuple[int, int]] = []
    for space in _SPACE.finditer(loose):
        start, end = space.span()
        folded.append(loose[at:start])
        kept += spans[at:start]
        if start and end < len(loose) and loose[start - 1] < CJK and loose[end] < CJK:
            folded.append(" ")
            kept.append(spans[start])
        at = end
    return "".join(folded) + loose[at:], kept + spans[at:]


def grams(folded: str) -> list[str]:
    """Return the distinct characters and neighbouring pairs of a folded text, without those that hold white space.

    In the order in which they come: the same text gives the same index without sorting thousands of them.
    """
    found = dict.fromkeys(chain(folded, map(add, folded, folded[1:])))
    return [gram for gram in found if " " not in gram and BREAK not in gram]


def pieces(word: str) -> list[str]:
    """The grams that a text with the folded `word` has: all of them when the word is short, else enough."""
    found: list[str] = []
    for run in word.split(" "):
        found += map(add, run, run[1:]) if len(run) > 1 else [run]
    return list(dict.fromkeys(found))[:MAX_PIECES]


def is_exact(word: str) -> bool:
    """Whether a text that has `pieces(word)` is sure to have the folded `word`: it is one gram itself."""
    return len(word) <= 2


def _as_hiragana(match: re.Match[str]) -> str:
    return match[0].translate(_HIRAGANA)


class _Folded(dict[str, str]):
    """Characters folded one by one, each when it is first met."""

    def __missing__(self, character: str) -> str:
        self[character] = _fold_cluster(character)
        return self[character]


_FOLDED = _Folded()
# A character with what belongs to it: combining and voiced marks, Hangul vowels and finals, invisible signs.
_CLUSTER = re.compile(
    "(?s:.)[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u1160-\u11ff\u1ab0-\u1aff\u1dc0-\u1dff"
    f"\u20d0-\u20ff\u302a-\u302f\u3099\u309a\ua66f\ufe20-\ufe2f\uff9e\uff9f{_UNSEEN}]*"
)
