"""Printed code in a Markdown source: fences, indented blocks and spans between backticks.

For whoever looks for something in a text and must not find it in a sample. What is code is a matter of the blocks
around it (a list item takes four columns more than its own text), so this reads line by line, as the parser does; it
takes linear time of anything.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

_SIGNS = ("`", "~~~", "    ", "\t")
_LINE = re.compile(r"(?P<quote>(?: {0,3}+> ?+)*+)(?P<indent>[ \t]*+)(?P<text>[^\n]*+)\n?")
_ITEM = re.compile(r"(?:[-*+:~]|\d{1,9}[.)])(?:[ \t]{1,4}|$)|(?P<note>\[\^[^\s\[\]]{1,100}\]:)[ \t]*+")
_RULE = re.compile(r"([-*_])(?:[ \t]*+\1){2,}+[ \t]*+$")
_HEADING = re.compile(r"#{1,6}+(?!#)")
_FENCE = re.compile(r"`{3,}+(?=[^`]*+$)|~{3,}+")
_BLOCKS = (_ITEM, _FENCE, _HEADING, _RULE)
_TICKS = re.compile(r"`++")
_VISIBLE = re.compile(r"[^\n]")


def without_code(source: str) -> str:
    """`source` with its code blanked out, so that positions and lines stay."""
    if not any(sign in source for sign in _SIGNS):
        return source
    pieces, at = [], 0
    for start, end in _code(source):
        pieces += [source[at:start], _VISIBLE.sub(" ", source[start:end])]
        at = end
    return "".join((*pieces, source[at:]))


def _code(source: str) -> Iterator[tuple[int, int]]:
    """Where each piece of code starts and ends, in order. `source` is normalised.

    `items`: the columns at which the texts of the open list items begin; `prose`: where the running text that may hold
    spans began; `is_open`: whether a paragraph is, which an indented line only goes on with.
    """
    items: list[int] = []
    depth, fence, base, prose, is_open = 0, "", 0, -1, False
    for line in _LINE.finditer(source):
        text, column, deep = line["text"], len(line["indent"].expandtabs(4)), line["quote"].count(">")
        is_blank, enters = not text.strip(), deep != depth
        if fence and (deep < depth or (deep == depth and column < base and not is_blank)):
            fence = ""  # with the quotation or the list item that it stands in
        if fence:
            yield line.start("text" if depth else 0), line.end()
            mark = text.rstrip() if deep == depth and column < base + 4 else ""
            if mark.startswith(fence) and not mark.strip(fence[0]):
                fence = ""
            continue
        if enters:
            items.clear()
            is_open, depth = is_open and deep < depth, deep
        within = bisect_right(items, column)
        base = items[within - 1] if within else 0
        starts = column < base + 4 and any(block.match(text) for block in _BLOCKS)
        if prose >= 0 and (enters or is_blank or starts or text.startswith("|")):
            yield from _spans(source, prose, line.start())
            prose = -1
        if is_blank or (starts and _RULE.match(text)):
            is_open = False
            continue
        if not is_open or starts:
            del items[within:]
        if not is_open and column >= base + 4:
            yield line.start("text"), line.end()
            continue
        at = 0
        while starts and (item := _ITEM.match(text, at)):
            items.append(column + 4 if item["note"] else column + item.end() - at)
            at, column, base = item.end(), items[-1], items[-1]
        if starts and (opening := _FENCE.match(text, at)):
            fence, is_open = opening[0], False
            yield line.start("text") + at, line.end()
            continue
        prose = line.start("text") if prose < 0 else prose
        is_open = not _HEADING.match(text, at)
        if not is_open:
            yield from _spans(source, prose, line.end())
            prose = -1
    if prose >= 0:
        yield from _spans(source, prose, len(source))


def _spans(source: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans of code in a running text: between two equally long runs of backticks."""
    last = {len(ticks[0]): ticks.start() for ticks in _TICKS.finditer(source, start, end)}
    while last and (opening := _TICKS.search(source, start, end)):
        before, (begin, start) = source[start : opening.start()], opening.span()
        begin += (len(before) - len(before.rstrip("\\"))) % 2  # \` is a sign like any other
        if last.get(start - begin, -1) > begin:
            runs = _TICKS.finditer(source, start, end)
            start = next(run.end() for run in runs if len(run[0]) == start - begin)
            yield begin, start
