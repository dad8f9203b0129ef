"""Three-way merge of two editors' versions: by paragraphs, and inside a paragraph by sentences."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from blog.text.align import matching_blocks

# A paragraph includes the blank lines after it, so that blank lines alone never align far apart.
_PARAGRAPH = re.compile(r"\n+|[^\n]+\n*")
_SENTENCE = re.compile(r"[。！？\n]+[」』）】]*|[^。！？\n]+(?:[。！？]+[」』）】]*|\n+)?")


@dataclass(frozen=True)
class Conflict:
    """Merge conflict: a place that both sides changed differently."""

    base: str
    ours: str
    theirs: str


@dataclass(frozen=True)
class Merge:
    """Merge result. In a conflict `text` has our side."""

    text: str
    conflicts: tuple[Conflict, ...] = ()


def merge(base: str, ours: str, theirs: str) -> Merge:
    """Merge the changes of `ours` and `theirs` to `base`."""
    merged: list[str] = []
    conflicts: list[Conflict] = []
    for paragraph in _regions(_PARAGRAPH.findall(base), _PARAGRAPH.findall(ours), _PARAGRAPH.findall(theirs)):
        if isinstance(paragraph, str):
            merged.append(paragraph)
            continue
        sides = (paragraph.base, paragraph.ours, paragraph.theirs)
        for sentence in _regions(*(_SENTENCE.findall(side) for side in sides)):
            if isinstance(sentence, str):
                merged.append(sentence)
            else:
                merged.append(sentence.ours)
                conflicts.append(sentence)
    return Merge(text="".join(merged), conflicts=tuple(conflicts))


def _regions(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> Iterator[str | Conflict]:
    """Yield the text in order: merged pieces as strings, the rest as conflicts (the diff3 algorithm)."""
    at_base = at_ours = at_theirs = 0
    for sync_base, sync_ours, sync_theirs, size in _sync_points(base, ours, theirs):
        sides = base[at_base:sync_base], ours[at_ours:sync_ours], theirs[at_theirs:sync_theirs]
        settled = _settle(*("".join(side) for side in sides))
        if isinstance(settled, Conflict) and len(sides[0]) == len(sides[1]) == len(sides[2]):
            # Adjacent sentences, one changed here and the next one there: compare them one by one.
            yield from (_settle(*pieces) for pieces in zip(*sides, strict=True))
        else:
            yield settled
        yield "".join(base[sync_base : sync_base + size])
        at_base, at_ours, at_theirs = sync_base + size, sync_ours + size, sync_theirs + size


def _settle(base: str, ours: str, theirs: str) -> str | Conflict:
    if ours == theirs or theirs == base:
        return ours
    if ours == base:
        return theirs
    return Conflict(base=base, ours=ours, theirs=theirs)


def _sync_points(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> Iterator[tuple[int, int, int, int]]:
    """Yield (base, ours, theirs, length) of the runs common to all three, and an empty one at the end."""
    left, right = matching_blocks(base, ours), matching_blocks(base, theirs)
    i = j = 0
    while i < len(left) and j < len(right):
        base_left, at_ours, size_left = left[i]
        base_right, at_theirs, size_right = right[j]
        start = max(base_left, base_right)
        end = min(base_left + size_left, base_right + size_right)
        if start < end:
            yield start, at_ours + start - base_left, at_theirs + start - base_right, end - start
        if base_left + size_left < base_right + size_right:
            i += 1
        else:
            j += 1
    yield len(base), len(ours), len(theirs), 0
