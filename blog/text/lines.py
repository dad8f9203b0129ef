"""Line breaking of headlines drawn into images: phrases stay whole, and lines have similar lengths."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from blog.text.phrases import NO_END, NO_START, phrases

# A space between Japanese words, which normally have none, and the characters that separate a headline from its
# subtitle.
_HALVES = re.compile(r"(?<=[^\x00-\u2e7f])\s+|(?<=[｜|])\s*")
_LEFT_OUT_BEFORE_DOTS = " 　、。・：:｜|（(「『【"


@dataclass(frozen=True)
class Column:
    """Text column: at most `limit` lines of at most `width`; `measure` returns a text's width."""

    measure: Callable[[str], float]
    width: float
    limit: int

    def fit(self, text: str) -> list[str] | None:
        """Break `text` into the fewest lines, of similar lengths; None when it does not fit.

        A headline with two halves is broken between them if that makes no more lines.
        """
        found = self._balanced(self._pieces(text))
        halves = [self._balanced(self._pieces(half)) for half in _HALVES.split(text)]
        apart = [line for half in halves for line in half or ()]
        return apart if found and all(halves) and len(apart) == len(found) else found

    def cut(self, text: str) -> list[str]:
        """Break `text` and cut what does not fit, ending in … then."""
        pieces = self._pieces(text)
        if whole := self.fit(text):
            return whole
        for end in range(len(pieces) - 1, 0, -1):
            last = pieces[end - 1].rstrip(_LEFT_OUT_BEFORE_DOTS) + "…"
            if found := self._balanced([*pieces[: end - 1], last]):
                return found
        return []

    def _pieces(self, text: str) -> list[str]:
        return [piece for phrase in phrases(text) for piece in self._divided(phrase)]

    def _balanced(self, pieces: list[str]) -> list[str] | None:
        """Of all breaks with the fewest lines, choose the one whose widest line is narrowest, to avoid a lone last
        word."""
        found = self._filled(pieces, self.width)
        if len(found) > self.limit:
            return None
        narrow, wide = self.width / 2, self.width
        while wide - narrow > 1:
            middle = (narrow + wide) / 2
            tried = self._filled(pieces, middle)
            if len(tried) > len(found) or any(self.measure(line) > middle for line in tried):
                narrow = middle
            else:
                found, wide = tried, middle
        return found

    def _filled(self, pieces: list[str], width: float) -> list[str]:
        """Fill lines greedily."""
        found: list[str] = []
        for piece in pieces:
            if found and self.measure((found[-1] + piece).rstrip()) <= width:
                found[-1] += piece
            else:
                found.append(piece)
        return [line.strip() for line in found]

    def _divided(self, phrase: str) -> list[str]:
        """Split a phrase wider than a line; kinsoku (no line starts or ends with a forbidden character) holds."""
        pieces = [""]
        for at, character in enumerate(phrase):
            may_part = character not in NO_START and phrase[at - 1 : at] not in NO_END
            if pieces[-1] and may_part and self.measure((pieces[-1] + character).rstrip()) > self.width:
                pieces.append("")
            pieces[-1] += character
        return pieces
