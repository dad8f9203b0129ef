"""Long vowels in katakana words (長音符): spellings with and without the mark ー, as alternatives of a search word.

サーバー and サーバ, データーセンター and データセンター, インタフェース and インターフェース are one word each to readers. The
index keeps the mark: without it, カード would be found in 「…かどうか」. So the variants are made of the query.
"""

from __future__ import annotations

import re
from itertools import combinations

MAX_VARIANTS = 8
"""Maximum number of spellings of one word; each is another lookup in the index."""
MARK = "ー"

_RUN = re.compile(f"[ぁ-ゖ{MARK}]{{3,}}")
_KATAKANA = re.compile("[ァ-ヺｦ-ﾟ]")
_BEGINNING = 3
"""Number of kana at the start of a word that stay: スキー is not すき."""
_MAY_BE_LONG = frozenset("あかがさざただなはばぱまやらわゃぁきぎしじちぢにひびぴみりぃ")
_SMALL = frozenset("ぁぃぅぇぉゃゅょゎ")


def long_vowel_spellings(typed: str, folded: str) -> list[str]:
    """Spellings of the search word `folded` that differ in long vowels, itself first; `typed` is the word before folding."""
    found = [folded]
    for run in _RUN.finditer(folded):
        if MARK not in run[0] and not _KATAKANA.search(typed):
            continue
        for spelling in _spellings(run[0], goes_on=run.end() < len(folded)):
            found += [word.replace(run[0], spelling) for word in found if run[0] in word]
            found = list(dict.fromkeys(found))[:MAX_VARIANTS]
    return found


def _spellings(run: str, *, goes_on: bool) -> list[str]:
    """Other spellings of a run of kana, the likeliest first. `goes_on`: another character follows in the word."""
    stem = run.rstrip(MARK)
    stem = run if len(stem) < _BEGINNING else stem
    marks = [at for at in range(_BEGINNING, len(stem)) if stem[at] == MARK][:3]
    removed = [
        "".join(kana for at, kana in enumerate(stem) if at not in taken)
        for count in range(len(marks) + 1)
        for taken in combinations(marks, count)
    ]
    ends = range(_BEGINNING, len(stem) + goes_on)
    added = [f"{stem[:end]}{MARK}{stem[end:]}" for end in ends if _may_be_long(stem[end - 1], stem[end:])]
    return [spelling for spelling in dict.fromkeys((*removed, *added)) if spelling != run]


def _may_be_long(kana: str, rest: str) -> bool:
    return kana in _MAY_BE_LONG and rest[:1] != MARK and rest[:1] not in _SMALL
