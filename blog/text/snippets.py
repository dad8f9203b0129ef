"""Search snippets: the original text around a hit, in pieces for highlighting."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from blog.text.excerpt import ELLIPSIS
from blog.text.grams import fold, fold_with_origins
from blog.text.long_vowels import MARK
from blog.text.phrases import phrases

LENGTH = 140
"""Approximate length of a snippet in characters."""
BEFORE = 24
"""Number of characters shown before the hit."""
MAX_PLACES = 2
PART = 1500
"""Number of characters folded at a time."""
STEP = 500
"""Step in characters for scanning a long line; longer than a word."""


class Piece(NamedTuple):
    """Piece of the original text; `hit`: it matches a search word."""

    text: str
    hit: bool


class PhrasePiece(NamedTuple):
    """Piece of a headline between possible line breaks; `may_break`: a line may end before it (`blog.text.phrases`)."""

    text: str
    hit: bool
    may_break: bool


def in_phrases(pieces: Sequence[Piece]) -> list[PhrasePiece]:
    """Split the `pieces` of a headline at its phrases."""
    edges: set[int] = set(accumulate(map(len, phrases("".join(piece.text for piece in pieces)))))
    found: list[PhrasePiece] = []
    at = 0
    for text, hit in pieces:
        inner = [edge for edge in sorted(edges) if at < edge < at + len(text)]
        for start, end in pairwise((at, *inner, at + len(text))):
            found.append(PhrasePiece(text[start - at : end - at], hit, start in edges))
        at += len(text)
    return found


def marked(text: str, words: Collection[str]) -> list[Piece]:
    """Split all of `text` where one of the folded `words` begins or ends."""
    pieces: list[Piece] = []
    at = 0
    for start, end in _hits(text, words):
        pieces += [Piece(text[at:start], False)] if start > at else []
        pieces.append(Piece(text[start:end], True))
        at = end
    return pieces + ([Piece(text[at:], False)] if at < len(text) else [])


def snippet(text: str, words: Sequence[Collection[str]]) -> list[Piece]:
    """Return one or two excerpts of `text` with the folded `words`, grouped by alternatives; empty when there is none.

    Folding an article is fast and mapping back is slow, so only lines with a hit are mapped.
    """
    places: list[str] = []
    missing = list(words)
    for part in _parts(text):
        if not _held(part, missing):
            continue
        # A word broken over two lines is in neither of them.
        for line in [line for line in part.split("\n") if _held(line, missing)] or [part.replace("\n", " ")]:
            if here := _held(line, missing):
                missing = [group for group in missing if group not in here]
                places.append(line)
        if not missing or len(places) >= MAX_PLACES:
            break
    every = {word for group in words for word in group}
    pieces: list[Piece] = []
    for line in places[:MAX_PLACES]:
        pieces += _window(line, every, limit=LENGTH // min(len(places), MAX_PLACES))
    return pieces


def _parts(text: str) -> Iterator[str]:
    """Split `text` into parts of whole lines: folding a short part costs as much as a long one."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + PART)
        yield text[start : end if end >= 0 else len(text)]
        start = end + 1 if end >= 0 else len(text)


def _held(text: str, words: Sequence[Collection[str]]) -> list[Collection[str]]:
    folded = fold(text)
    return [group for group in words if any(word in folded for word in group)]


def _window(line: str, words: Collection[str], *, limit: int) -> list[Piece]:
    """Return the text around the first hit in `line`, with an ellipsis where it is cut."""
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
    """Return the part of a long line around its first hit."""
    for start in range(0, len(line), STEP):
        if _held(line[start : start + 2 * STEP], [words]):
            return line[start : start + 3 * STEP]
    return line


def _hits(text: str, words: Collection[str]) -> list[tuple[int, int]]:
    """Return (start, end) of each hit in `text`, in order; overlapping hits are joined."""
    folded, spans = fold_with_origins(text)
    found = []
    for word in words:
        at = folded.find(word) if word else -1
        while at >= 0:
            end = at + len(word)
            shown = end + folded.startswith(MARK, end)  # サーバ in サーバー
            found.append((spans[at][0], spans[shown - 1][1]))
            at = folded.find(word, end)
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _whole(text: str, cut: int) -> int:
    """Move `cut` back so that no character is separated from its combining marks."""
    while 0 < cut < len(text) and (unicodedata.combining(text[cut]) or text[cut] in "ﾞﾟ\u200d\ufe0e\ufe0f"):
        cut -= 1
    return min(cut, len(text))
