"""Source positions of inline Markdown: markdown-it reports the lines of a block, but no positions within it.

A plugin of the parser. Its rules stay what they are; where they find something is noted for `blog.text.scan`, if `env`
has the key NOTED: the renderer does without. A block rule cuts the text of a paragraph, a heading or a cell out of
lines that begin with the marks of quotations and lists; inline rules know their place in that text alone. So each text
gets its *origin*, a list of (position in the text, position in the source) of the pieces that it was put together from.

Noted is in `env`: `blocks` (all tokens, also of footnotes that nothing refers to), `definitions`, `leftovers`; in the
`meta` of inline tokens: `origin`, `marks`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from copy import copy, deepcopy
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.common.utils import mdTrim, normalizeReference
from markdown_it.helpers import parseLinkDestination, parseLinkLabel
from markdown_it.parser_block import ParserBlock
from markdown_it.rules_block import StateBlock, reference
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, autolink, backtick, image, link
from markdown_it.token import Token
from markdown_it.utils import EnvType

from blog.text.dialects import Reason

Span = tuple[int, int]
Origin = Sequence[tuple[int, int]]
InlineRule = Callable[[StateInline, bool], bool]

NOTED = "noted"

_MARKED = {"link_open", "image", "code_inline"}
_CELLS = {"th_open", "td_open"}
_FROM_LINES = {"paragraph_open", "dt_open"}
_WIDE_SPACE = "\u3000"
_MAY_BE_MARKED = re.compile(rf"[-*+>.)#]{_WIDE_SPACE}")
# Marks of blocks at the start of a line; a wide space is replaced behind the last, the rest of them is trimmed.
_MARKS = re.compile(
    r"[ \t]*(?:(?:[-*+>]|\d{1,9}[.)])[ \t\u3000])*(?:[ \t]*(?:[-*+>]|\d{1,9}[.)]|#{1,6})\u3000)?",
    re.MULTILINE,
)
_BEHIND_ALERT = re.compile(rf"(?<=\])[ \t{_WIDE_SPACE}]+$", re.MULTILINE)
_LABEL = re.compile(r"\[((?:\\.|[^\\\]])*+)\]:[ \t\n]*+", re.DOTALL)


class Mark(NamedTuple):
    """Position of an inline token in its text. `token` None: dropped by the parser. `url`: position of its URL, if it is
    written there.

    `is_in_alt`: it is part of what an image shows, of which the renderer takes the words alone. `reason`: what editors are
    told of what was dropped, if anything.
    """

    token: Token | None
    start: int
    end: int
    url: Span | None
    is_in_alt: bool
    reason: Reason | None


class Definition(NamedTuple):
    """`[label]: url "title"`: the key of the label, the URL and where it stands in the source; `lines`: the same of
    each line."""

    label: str
    url: str
    at: Span
    lines: tuple[Span, ...]


def source_positions(md: MarkdownIt) -> None:
    """markdown-it plugin, installed last: record source positions."""
    block = _Block()
    block.__dict__.update(md.block.__dict__)
    md.block = block
    md.block.ruler.at("reference", _reference)
    md.core.ruler.at("inline", _inline)
    # Looking ahead goes by the rules themselves: of brackets without end it takes half as long.
    inline = copy(md.inline)
    inline.ruler = deepcopy(md.inline.ruler)
    inline.skipToken = md.inline.skipToken  # type: ignore[method-assign]  # bound to the original, as said above
    md.inline = inline
    for name, sign, rule in (
        ("backticks", "`", backtick),
        ("link", "[", link),
        ("image", "!", _image),
        ("autolink", "<", autolink),
    ):
        md.inline.ruler.at(name, _marking(sign, rule))


def mark(
    state: StateInline, start: int, end: int, *, token: Token | None = None, reason: Reason | None = None
) -> None:
    """Record that a rule has matched at `start`, or dropped the text there (`token` None)."""
    if NOTED not in state.env:
        return
    base, url = state.env["base"], _url(state, token, start) if token else None
    shifted = (base + url[0], base + url[1]) if url else None
    state.env["marks"].append(
        Mark(token, base + start, base + end, shifted, is_in_alt=base > 0, reason=reason)
    )


def source_position(state: StateInline, position: int) -> int:
    """Map `position` of the text that a rule reads to the source. (Noted texts only.)"""
    return in_source(state.env["origin"], state.env["base"] + position)


def hide_lines(state: StateBlock, first: int, after: int) -> None:
    """Record that a rule has dropped the lines from `first` to before `after`."""
    spans = ((state.bMarks[line] + state.tShift[line], state.eMarks[line]) for line in range(first, after))
    state.env.setdefault("leftovers", []).extend(spans)


def cut(env: EnvType, inline: Token, dropped: Sequence[Span], kept: Sequence[Span]) -> None:
    """Leave of an inline text what is `kept`, and record where what is `dropped` stands in the source."""
    text, origin = inline.content, inline.meta.get("origin")
    for span in dropped if origin else ():
        env.setdefault("leftovers", []).extend(by_line(inline, *span, with_blank=True))
    moved, at, cuts = [], 0, []
    for start, end in kept:
        if origin:
            first = bisect_right(origin, start, key=lambda piece: piece[0])
            last = bisect_left(origin, end, key=lambda piece: piece[0])
            moved.append((at, in_source(origin, start)))
            moved += [(at + position - start, source) for position, source in origin[first:last]]
        at += end - start
        cuts.append(at)
    inline.content = "".join(text[start:end] for start, end in kept).rstrip()
    inline.meta |= {"origin": moved, "cuts": cuts} if origin else {"cuts": cuts}


def by_line(inline: Token, start: int, end: int, *, with_blank: bool = False) -> Iterator[Span]:
    """Map a part of an inline text to the source, line by line, without the markup of enclosing blocks."""
    origin, cuts = inline.meta["origin"], inline.meta.get("cuts", ())
    between = cuts[bisect_right(cuts, start) : bisect_left(cuts, end)]
    for begin, after in pairwise((start, *between, end)):
        at = begin
        for line in inline.content[begin:after].split("\n"):
            lead = len(line) - len(line.lstrip(" \t"))
            if lead < len(line):
                yield in_source(origin, at + lead), in_source(origin, at + len(line) - 1) + 1
            elif with_blank:
                yield (in_source(origin, at),) * 2
            at += len(line) + 1


def in_source(origin: Origin, position: int) -> int:
    """Map `position` of an inline text to the source."""
    at, source = origin[max(bisect_right(origin, position, key=lambda piece: piece[0]) - 1, 0)]
    return source + position - at


def _inline(state: StateCore) -> None:
    """The stock rule, which also says whose marks are noted."""
    state.env["blocks"] = list(state.tokens)
    for token in state.tokens:
        if token.type == "inline":
            state.env["marks"], state.env["base"] = token.meta.setdefault("marks", []), 0
            state.env["origin"] = token.meta.get("origin")
            state.env["is_raw"] = "is_raw" in token.meta
            token.children = state.md.inline.parse(token.content, state.md, state.env, [])


def _marking(sign: str, rule: InlineRule) -> InlineRule:
    """`rule`, which begins at `sign`, with a mark where it has found something."""

    def marking(state: StateInline, silent: bool) -> bool:
        start, known = state.pos, len(state.tokens)
        if state.src[start] != sign or not rule(state, silent):
            return False
        if not silent:
            # A text that stands before it is written down with it.
            for token in state.tokens[known : known + 2]:
                if token.type in _MARKED:
                    mark(state, start, state.pos, token=token)
                    break
        return True

    return marking


def _image(state: StateInline, silent: bool) -> bool:
    """The stock rule. It parses what an image shows as a text of its own, which begins after `![`."""
    if silent or NOTED not in state.env:
        return image(state, silent)
    base = state.env["base"]
    state.env["base"] = base + state.pos + 2
    found = image(state, silent)
    state.env["base"] = base
    return found


def _url(state: StateInline, token: Token, start: int) -> Span | None:
    """Position of the URL in `[text](url)`, without pointed brackets; None for links written in another way."""
    if token.type == "code_inline" or token.info == "auto" or "label" in token.meta:
        return None
    end = start + 2 + len(token.content) if token.type == "image" else parseLinkLabel(state, start, True)
    at = end + 2
    while state.src[at] in " \t\n":
        at += 1
    found = parseLinkDestination(state.src, at, state.posMax)
    if not found.ok:
        return None  # `[text]()`
    return (at + 1, found.pos - 1) if state.src[at] == "<" else (at, found.pos)


def _reference(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """The stock rule, which keeps of a definition only what it means."""
    if not reference(state, startLine, endLine, silent):
        return False
    text, origin, lines = "", [], []
    for line in range(startLine, state.line):
        start, end = state.bMarks[line] + state.tShift[line], state.eMarks[line]
        origin.append((len(text), start))
        lines.append((start, end))
        text += state.src[start : end + 1]
    if NOTED in state.env and (label := _LABEL.match(text)):
        found = parseLinkDestination(text, label.end(), len(text))
        pointed = text[label.end()] == "<"
        at = in_source(origin, label.end() + pointed), in_source(origin, found.pos - 1) + (not pointed)
        definition = Definition(normalizeReference(label[1]), found.str, at, tuple(lines))
        state.env.setdefault("definitions", []).append(definition)
    return True


class _Block(ParserBlock):
    def parse(self, src: str, md: MarkdownIt, env: EnvType, outTokens: list[Token]) -> list[Token] | None:
        if not src:
            return None
        state = _BlockState(src, md, env, outTokens)
        self.tokenize(state, state.line, state.lineMax)
        return state.tokens


def _typed_by_ime(src: str) -> str:
    """Replace the wide spaces behind marks of blocks, which an input method writes where a space is meant."""
    if _WIDE_SPACE not in src:
        return src
    if "[!" in src:  # `> [!NOTE]` must be alone on its line
        src = _BEHIND_ALERT.sub(lambda spaces: " " * len(spaces[0]), src)
    pieces, done, line_end = [], 0, -1
    for found in _MAY_BE_MARKED.finditer(src):
        at = found.start()
        if at > line_end and (marks := _MARKS.match(src, src.rfind("\n", 0, at) + 1)):
            pieces += [src[done : marks.start()], marks[0].replace(_WIDE_SPACE, " ")]
            done, line_end = marks.end(), src.find("\n", at) % (len(src) + 1)
    return "".join((*pieces, src[done:])) if pieces else src


class _BlockState(StateBlock):
    """State of the block rules, which see `##\u3000題` as `## 題`; what they cut out of the lines is as typed.

    Where the texts of inline tokens come from is known as long as the rule is at work that has cut them out of the
    lines: the end of the paragraph, heading or cell is the next token that it writes."""

    def __init__(self, src: str, *args: Any) -> None:
        super().__init__(_typed_by_ime(src), *args)
        self._source = src
        self._is_noted, self._done = NOTED in self.env, 0

    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        if self._is_noted and nesting < 0 and self.tokens and self.tokens[-1].type == "inline":
            inline, opening = self.tokens[-1], self.tokens[-2]
            inline.meta["origin"] = self._origin(inline, opening)
        return super().push(ttype, tag, nesting)

    def getLines(self, begin: int, end: int, indent: int, keepLastLF: bool) -> str:
        if self.src is self._source:
            return super().getLines(begin, end, indent, keepLastLF)
        seen, self.src = self.src, self._source
        try:
            return super().getLines(begin, end, indent, keepLastLF)
        finally:
            self.src = seen

    def _origin(self, inline: Token, opening: Token) -> Origin:
        origin: list[tuple[int, int]] = []
        # The table rule and those of headings cut their texts out of what they see.
        src = self._source if opening.type in _FROM_LINES else self.src
        joined = self.env.get("joined", ())
        at, line = 0, inline.map[0] if inline.map else self.line
        while line + 1 < self.lineMax and not mdTrim(self._source[self._begin(line) : self.eMarks[line]]):
            line += 1  # of a wide space, which is trimmed
        for number, text in enumerate(inline.content.split("\n"), line):
            lead = len(text) - len(text.lstrip(" \t"))
            # A heading's text stands after its marks, a cell's after the cell before it.
            marks = len(opening.markup) if number == line else 0
            begin = self._done if number in joined else max(self._begin(number) + marks, self._done)
            pieces = text[lead:].split("|") if opening.type in _CELLS else [text[lead:]]
            found = src.find("\\|".join(pieces), begin, self.eMarks[number])
            source = begin if found < 0 else found
            for part, piece in enumerate(pieces):
                # Of `\|` in a cell only `|` is in its text.
                origin.append((at + lead, source + bool(part)))
                source += len(piece) + bool(part) * 2
                lead += len(piece) + bool(part)
            self._done = source
            at += len(text) + 1
        return origin

    def _begin(self, line: int) -> int:
        return self.bMarks[line] + self.tShift[line]
