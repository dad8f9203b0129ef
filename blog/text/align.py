"""Sequence alignment of text units at a bounded cost, for merging and comparing."""

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

# difflib's cost grows with the number of equal pairs; this many take about a second.
MAX_PAIRS = 2_000_000


def matching_blocks(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return the common blocks of both sequences in order: (start in before, start in after, length > 0).

    A middle part with too many repeated units to be aligned in bounded time counts as different.
    """
    shortest = min(len(before), len(after))
    head = 0
    while head < shortest and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < shortest - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    middle_before = before[head : len(before) - tail]
    middle_after = after[head : len(after) - tail]

    blocks = [(0, 0, head)] if head else []
    counts = Counter(middle_after)
    if sum(counts[unit] for unit in middle_before) <= MAX_PAIRS:
        matcher = SequenceMatcher(None, middle_before, middle_after, autojunk=False)
        blocks += [(head + a, head + b, size) for a, b, size in matcher.get_matching_blocks() if size]
    if tail:
        blocks.append((len(before) - tail, len(after) - tail, tail))
    return blocks
