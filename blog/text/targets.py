"""Link and image targets of a Markdown source. Printed code points nowhere."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from blog.text.code import without_code

MAX_NESTING = 100
"""Square brackets that are open at once; of more, only the innermost count."""

_SIGN = re.compile(r"\\.|!\[|\[|\][(:]?|\n[ \t]*+\n")
_SPACE = r"[ \t]*+\n?[ \t]*+"
# A bare URL may hold brackets in pairs, pairs within pairs included. No part of it is looked at twice.
_PLAIN = r"\\[^\n]|[^\x00-\x20\x7f()\\]"
_PAIRS = rf"(?:{_PLAIN}|\((?:{_PLAIN}|\((?:{_PLAIN})*+\))*+\))*+"
_URL = re.compile(rf"{_SPACE}(?:<(?P<pointed>(?:\\[^\n]|[^<>\\\n])*+)>|(?!<)(?P<bare>{_PAIRS}))")
_AFTER = {"](": re.compile(rf"{_SPACE}\)|\s++[\"'(]"), "]:": re.compile(r"\s|\Z")}


@dataclass(frozen=True, slots=True)
class Target:
    """The URL of a link, a picture or a definition, as it is written at `source[start:end]`.

    `text` stands in the square brackets: the words of a link, what a picture shows.
    """

    url: str
    start: int
    end: int
    text: str
    is_image: bool


def find_targets(source: str) -> Iterator[Target]:
    """The targets in `source`, which is normalised, in order."""
    if "](" not in source and "]:" not in source:
        return
    prose, at = without_code(source), 0
    opened: deque[re.Match[str]] = deque(maxlen=MAX_NESTING)
    while sign := _SIGN.search(prose, at):
        at, mark = sign.end(), sign[0]
        if mark in ("[", "!["):
            opened.append(sign)
        elif mark[0] == "\n":
            opened.clear()
        elif mark[0] == "]" and opened:
            opening = opened.pop()
            if mark == "]" or (mark == "]:" and not _is_definition(prose, opening)):
                continue
            url = _URL.match(prose, at)
            kind = "pointed" if url and url["bare"] is None else "bare"
            if url and url[kind] and _AFTER[mark].match(prose, url.end()):
                text = source[opening.end() : sign.start()]
                yield Target(url[kind], *url.span(kind), text, is_image=opening[0] == "![")
                at = url.end()


def _is_definition(prose: str, opening: re.Match[str]) -> bool:
    """Whether `[…]:` may define a link: at the start of a line, and no note."""
    before = prose[max(0, opening.start() - 4) : opening.start()]
    _, line_end, indent = before.rpartition("\n")
    starts_line = not indent.strip(" ") and (line_end or opening.start() < 4)
    return bool(starts_line) and opening[0] == "[" and not prose.startswith("^", opening.end())


def retarget(source: str, change: Callable[[Target], str | None]) -> str:
    """`source` with other URLs for the targets to which `change` gives one."""
    pieces, at = [], 0
    for target in find_targets(source):
        url = change(target)
        if url is not None:
            pieces += [source[at : target.start], url]
            at = target.end
    return "".join((*pieces, source[at:]))
