"""Search snippets: the original words around a hit, in pieces to be marked."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from blog.text.excerpt import ELLIPSIS
from blog.text.grams import fold, fold_with_origins
from blog.text.phrases import phrases

LENGTH = 140
"""Characters that a snippet shows of a text, about."""
BEFORE = 24
"""Characters shown before the word."""
MOST_PLACES = 2
PART = 1500
"""Characters that are folded at a time."""
STEP = 500
"""Characters by which a long line is looked through; more than a word takes."""


class Piece(NamedTuple):
    """Part of a text as written; `hit`: it is what was searched for."""

    text: str
    hit: bool


class Set(NamedTuple):
    """A piece as it is set; `may_break`: a line may end before it (`blog.text.phrases`)."""

    text: str
    hit: bool
    may_break: bool


def in_phrases(pieces: Sequence[Piece]) -> list[Set]:
    """`pieces` of a headline, cut between its phrases."""
    edges: set[int] = set(accumulate(map(len, phrases("".join(piece.text for piece in pieces)))))
    found: list[Set] = []
    at = 0
    for text, hit in pieces:
        inner = [edge for edge in sorted(edges) if at < edge < at + len(text)]
        for start, end in pairwise((at, *inner, at + len(text))):
            found.append(Set(text[start - at : end - at], hit, start in edges))
        at += len(text)
    return found


def marked(text: str, words: Collection[str]) -> list[Piece]:
    """All of `text`, cut where one of the folded `words` begins or ends."""
    pieces: list[Piece] = []
    at = 0
    for start, end in _hits(text, words):
        pieces += [Piece(text[at:start], False)] if start > at else []
        pieces.append(Piece(text[start:end], True))
        at = end
    return pieces + ([Piece(text[at:], False)] if at < len(text) else [])


def snippet(text: str, words: Sequence[Collection[str]]) -> list[Piece]:
    """One or two places of `text` with the folded `words`; empty when there is none. Words of one group stand for
    each other.

    An article is folded fast and mapped back slowly, so only the lines that hold a word are mapped.
    """
    places: list[str] = []
    missing = list(words)
    for part in _parts(text):
        if not _held(part, missing):
            continue
        # A word broken over two lines stands in none of them.
        for line in [line for line in part.split("\n") if _held(line, missing)] or [part.replace("\n", " ")]:
            if here := _held(line, missing):
                missing = [group for group in missing if group not in here]
                places.append(line)
        if not missing or len(places) >= MOST_PLACES:
            break
    every = {word for group in words for word in group}
    pieces: list[Piece] = []
    for line in places[:MOST_PLACES]:
        pieces += _window(line, every, limit=LENGTH // min(len(places), MOST_PLACES))
    return pieces


def _parts(text: str) -> Iterator[str]:
    """`text` in parts of whole lines: short ones would each cost as much as a long one."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + PART)
        yield text[start : end if end >= 0 else len(text)]
        start = end + 1 if end >= 0 else len(text)


def _held(text: str, words: Sequence[Collection[str]]) -> list[Collection[str]]:
    folded = fold(text)
    return [group for group in words if any(word in folded for word in group)]


def _window(line: str, words: Collection[str], *, limit: int) -> list[Piece]:
    """What stands around the first hit in `line`, with signs where it is cut."""
    line = _near(line, words)
    hits = _hits(line, words)
    if not hits:
        return []
    start = _whole(line, max(0, hits[0][0] - BEFORE))
    end = _whole(line, max(start + limit, hits[0][1]))
    pieces = marked(line[start:end], words)
    before = [Piece(ELLIPSIS, False)] if start else []
    return [*before, *pieces, *([Piece(ELLIPSIS, False)] if end < len(line) else [])]


def _near(line: str, words: Collection[str]) -> str:
    """Of a long line enough around its first hit."""
    for start in range(0, len(line), STEP):
        if _held(line[start : start + 2 * STEP], [words]):
            return line[start : start + 3 * STEP]
    return line


def _hits(text: str, words: Collection[str]) -> list[tuple[int, int]]:
    """Beginning and end of each hit in `text`, in order; what overlaps is one."""
    folded, spans = fold_with_origins(text)
    found = []
    for word in words:
        at = folded.find(word) if word else -1
        while at >= 0:
            end = at + len(word)
            found.append((spans[at][0], spans[end - 1][1]))
            at = folded.find(word, end)
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _whole(text: str, cut: int) -> int:
    """Move `cut` back to where no character is taken from its marks."""
    while 0 < cut < len(text) and (unicodedata.combining(text[cut]) or text[cut] in "ﾞﾟ\u200d\ufe0e\ufe0f"):
        cut -= 1
    return min(cut, len(text))
