"""N-grams for search: text folding (one form for spellings that readers take for equal) and the grams that find it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import chain
from operator import add

GRAMS_VERSION = 1
"""Version of folding and grams. Raise it whenever a text's result changes: `rebuild_search` then updates older rows."""
BREAK = "\n"
"""Separator between folded texts, never inside one: no word matches across it."""
MAX_PIECES = 24
"""Maximum number of pairs looked up for one word; the text itself decides anyway."""

_HIRAGANA = dict(zip(range(0x30A1, 0x30F7), range(0x3041, 0x3097), strict=True))
_HIRAGANA |= {0x30FD: 0x309D, 0x30FE: 0x309E}
_KATAKANA = re.compile("[\u30a1-\u30f6\u30fd\u30fe]+")
# Invisible characters: joiners, soft hyphens, direction marks, variation selectors, and U+FFFD of broken bytes.
_UNSEEN = (
    "\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufffd\ud800-\udfff\U000e0000-\U000e0fff"
)
_INVISIBLE = re.compile(f"[{_UNSEEN}]+")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
# Spaces in Japanese are optional: 「AI 投資」 and 「AI投資」 are equal.
CJK = "\u2e80"
"""First of the characters next to which a space has no meaning."""
_SPACE_BY_CJK = re.compile(f"(?<=[{CJK}-\U0010ffff]) | (?=[{CJK}-\U0010ffff])")


@dataclass(frozen=True)
class Indexed:
    """Text as stored in the search index: folded, and its distinct grams separated by spaces."""

    text: str
    grams: str


def indexed(*texts: str) -> Indexed:
    """Fold `texts`, join them and compute their grams. Takes milliseconds for a long article."""
    text = BREAK.join(map(fold, texts))
    return Indexed(text, " ".join(grams(text)))


def fold(text: str) -> str:
    """Normalise `text` for search: NFKC, no case, katakana as hiragana, spaces only between Latin words.

    ＧＰＵ is gpu, ｶﾌｪ and カフェ are かふぇ. For any text; the result is one line without control characters.
    """
    return _SPACE_BY_CJK.sub("", _SPACE.sub(" ", fold_characters(text))).strip(" ")


def fold_characters(text: str) -> str:
    """Fold the characters of `text`, but not the spaces between them (see `fold`)."""
    if text.isascii():
        return text.lower()
    folded = "".join(map(_FOLDED.__getitem__, text))
    # Much faster than normalising the text, and equal when no character has joined its neighbour.
    return folded if unicodedata.is_normalized("NFKC", folded) else _fold_cluster(text)


def _fold_cluster(text: str) -> str:
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    text = unicodedata.normalize("NFKC", text.casefold())
    return _KATAKANA.sub(_as_hiragana, _INVISIBLE.sub("", text))


def fold_with_origins(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Fold `text` except spaces at its ends, and map each folded character to its span of `text`.

    Much slower than `fold`. Combining marks stay with their character: ｶﾞ is one が.
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
    """Return the distinct characters and adjacent pairs of a folded text, except those with white space.

    In order of occurrence: the same text gives the same index without sorting thousands of grams.
    """
    found = dict.fromkeys(chain(folded, map(add, folded, folded[1:])))
    return [gram for gram in found if " " not in gram and BREAK not in gram]


def pieces(word: str) -> list[str]:
    """Return grams that any text with the folded `word` has: all for a short word, else enough."""
    found: list[str] = []
    for run in word.split(" "):
        found += map(add, run, run[1:]) if len(run) > 1 else [run]
    return list(dict.fromkeys(found))[:MAX_PIECES]


def is_exact(word: str) -> bool:
    """Whether `pieces(word)` in a text prove the folded `word` itself: it is a single gram."""
    return len(word) <= 2


def _as_hiragana(match: re.Match[str]) -> str:
    return match[0].translate(_HIRAGANA)


class _Folded(dict[str, str]):
    """Cache of folded characters, each computed at its first lookup."""

    def __missing__(self, character: str) -> str:
        self[character] = _fold_cluster(character)
        return self[character]


_FOLDED = _Folded()
# A character with its combining and voiced marks, Hangul vowels and finals, and invisible characters.
_CLUSTER = re.compile(
    "(?s:.)[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u1160-\u11ff\u1ab0-\u1aff\u1dc0-\u1dff"
    f"\u20d0-\u20ff\u302a-\u302f\u3099\u309a\ua66f\ufe20-\ufe2f\uff9e\uff9f{_UNSEEN}]*"
)
