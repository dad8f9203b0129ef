"""Text diff of two versions of a Japanese text, for people to read."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from blog.text.align import matching_blocks

Operation = Literal["equal", "insert", "delete"]
Change = tuple[Operation, str]

_PARAGRAPH = re.compile(r"\n+|[^\n]+\n*")
# Small units that a reader sees as one: a run of one script, or a single character.
_PHRASE = re.compile(r"[a-zA-Z0-9]+|[一-龠々〆ヶ]+|[ぁ-ゖ]+|[ァ-ヺー]+|\s+|.", re.DOTALL)
# An unchanged particle between two changes only makes the result flicker.
MIN_EQUAL = 2


def difference(before: str, after: str) -> list[Change]:
    """Return the diff from `before` to `after`; deletions precede the insertion that replaces them.

    The equal and deleted pieces joined are `before`, the equal and inserted ones are `after`.
    """
    old, new = _PARAGRAPH.findall(before), _PARAGRAPH.findall(after)
    changes: list[Change] = []
    for same, old_part, new_part in _aligned(old, new):
        changes += [("equal", old_part)] if same else _phrases(old_part, new_part)
    return list(_grouped(changes))


def _aligned(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, str, str]]:
    """Yield (is equal, old text, new text) over both sequences."""
    at_old = at_new = 0
    for start_old, start_new, size in [*matching_blocks(old, new), (len(old), len(new), 0)]:
        yield False, "".join(old[at_old:start_old]), "".join(new[at_new:start_new])
        text = "".join(old[start_old : start_old + size])
        yield True, text, text
        at_old, at_new = start_old + size, start_new + size


def _phrases(old: str, new: str) -> Iterator[Change]:
    old_phrases, new_phrases = _PHRASE.findall(old), _PHRASE.findall(new)
    for same, old_part, new_part in _aligned(old_phrases, new_phrases):
        if same:
            yield "equal", old_part
        else:
            yield "delete", old_part
            yield "insert", new_part


def _grouped(changes: Iterable[Change]) -> Iterator[Change]:
    """Join adjacent pieces of one kind, and merge tiny unchanged pieces into the changes around them."""
    pieces = [change for change in changes if change[1]]
    deleted = inserted = equal = ""
    for position, (operation, text) in enumerate(pieces):
        if operation == "delete":
            if equal:
                yield "equal", equal
                equal = ""
            deleted += text
        elif operation == "insert":
            if equal:
                yield "equal", equal
                equal = ""
            inserted += text
        elif _folds(text) and (deleted or inserted) and _changes_next(pieces, position):
            deleted, inserted = deleted + text, inserted + text
        else:
            yield from _change(deleted, inserted)
            deleted = inserted = ""
            equal += text
    yield from _change(deleted, inserted)
    if equal:
        yield "equal", equal


def _folds(text: str) -> bool:
    return len(text) < MIN_EQUAL and not text.isspace()


def _changes_next(pieces: Sequence[Change], position: int) -> bool:
    return position + 1 < len(pieces) and pieces[position + 1][0] != "equal"


def _change(deleted: str, inserted: str) -> Iterator[Change]:
    if deleted:
        yield "delete", deleted
    if inserted:
        yield "insert", inserted
