"""N-grams for search: text folding (one form for spellings that readers take for equal) and the grams that find it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import chain
from operator import add

from blog.text.kanji_forms import FORM_OF_TODAY
from blog.text.normalise import INVISIBLE, UNSEEN

GRAMS_VERSION = 2
"""Version of folding and grams. Raise it whenever a text's result changes: `rebuild_search` then updates older rows."""
BREAK = "\n"
"""Separator between folded texts, never inside one: no word matches across it."""
MAX_PIECES = 24
"""Maximum number of pairs looked up for one word; the text itself decides anyway."""

_HIRAGANA = dict(zip(range(0x30A1, 0x30F7), range(0x3041, 0x3097), strict=True))
_HIRAGANA |= {0x30FD: 0x309D, 0x30FE: 0x309E}
_HYPHENS = dict.fromkeys(
    map(ord, "\u02d7\u058a\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2796\u2e3a\u2e3b"), "-"
)
_MIDDLE_DOTS = dict.fromkeys(map(ord, "\u00b7\u2022\u2027\u2219\u22c5\u30fb"), " ")
_FORMS = FORM_OF_TODAY | _HIRAGANA | _HYPHENS | _MIDDLE_DOTS | {0x301C: "~"}
_VU = re.compile("\u3094[ぁぃぇぉ]?")
_VU_AS_BU = {"\u3094ぁ": "ば", "\u3094ぃ": "び", "\u3094": "ぶ", "\u3094ぇ": "べ", "\u3094ぉ": "ぼ"}
_NUMBER = re.compile(r"(?<![0-9])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])")
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

    ＧＰＵ is gpu, ｶﾌｪ and カフェ are かふぇ, 1,000億 is 1000億, 髙島屋 is 高島屋, ヴァイオリン is バイオリン, a middle dot
    is a space, every hyphen and dash is `-`. For any text; the result is one line without control characters.
    """
    folded = _SPACE_BY_CJK.sub("", _SPACE.sub(" ", fold_characters(text))).strip(" ")
    return _NUMBER.sub(_without_commas, folded) if "," in folded else folded


def fold_characters(text: str) -> str:
    """Fold the characters of `text`, but neither the spaces between them nor the commas of numbers (see `fold`)."""
    if text.isascii():
        return text.lower()
    folded = "".join(map(_FOLDED.__getitem__, text))
    # Much faster than normalising the text, and equal when no character has joined its neighbour.
    if not unicodedata.is_normalized("NFKC", folded):
        folded = _fold_cluster(text)
    return _VU.sub(_as_bu, folded) if "\u3094" in folded else folded


def _fold_cluster(text: str) -> str:
    text = unicodedata.normalize("NFKC", INVISIBLE.sub("", text))
    text = unicodedata.normalize("NFKC", text.casefold())
    return INVISIBLE.sub("", text).translate(_FORMS)


def _as_bu(match: re.Match[str]) -> str:
    return _VU_AS_BU[match[0]]


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
    return _without_separators("".join(folded) + loose[at:], kept + spans[at:])


def _without_separators(folded: str, spans: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    numbers = _NUMBER.finditer(folded) if "," in folded else ()
    commas = {at for number in numbers for at in range(*number.span()) if folded[at] == ","}
    if not commas:
        return folded, spans
    kept = [at for at in range(len(folded)) if at not in commas]
    return "".join(folded[at] for at in kept), [spans[at] for at in kept]


def _without_commas(number: re.Match[str]) -> str:
    return number[0].replace(",", "")


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


class _Folded(dict[str, str]):
    """Cache of folded characters, each computed at its first lookup."""

    def __missing__(self, character: str) -> str:
        self[character] = _fold_cluster(character)
        return self[character]


_FOLDED = _Folded()
# A character with its combining and voiced marks, Hangul vowels and finals, and invisible characters; ヴ and the small vowel
# after it.
_MARKS = (
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u1160-\u11ff\u1ab0-\u1aff\u1dc0-\u1dff"
    f"\u20d0-\u20ff\u302a-\u302f\u3099\u309a\ua66f\ufe20-\ufe2f\uff9e\uff9f{UNSEEN}]*"
)
_CLUSTER = re.compile(rf"(?:[ヴゔウうｳ]{_MARKS}[ァィェォぁぃぇぉｧｨｪｫ]|(?s:.)){_MARKS}")
