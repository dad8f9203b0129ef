"""Notes set apart from the text: `> [!WARNING]` of GitHub, `:::message` and `:::details` of Zenn, `:::note` of Qiita.

Readers see a label in Japanese, never the mark. A container that does not end goes on to the end of what it stands in.
"""

import re
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.utils import EnvType

from blog.text.comments import hide_comments, past_comments, without_comments
from blog.text.house_rules import HouseRules

LABELS = {
    "note-note": "補足",
    "note-tip": "ヒント",
    "note-important": "重要",
    "note-warning": "注意",
    "note-caution": "警告",
    "note-details": "詳細",
}
"""Class of each kind of note, and the label that it has unless its writer gives another."""
_DETAILS = "note-details"
_KINDS = {kind.removeprefix("note-"): kind for kind in LABELS} | {
    "message": "note-note",
    "info": "note-note",
    "danger": "note-caution",
}
_LEVELS = {"info": "note-note", "warn": "note-warning", "alert": "note-warning"}
"""Words after the name, in Zenn (`:::message alert`) and in Qiita (`:::note warn`)."""
_OPENING = re.compile(rf"(:{{3,}})[ \t\u3000]*({'|'.join(_KINDS)})(?:[ \t\u3000]+(.*))?", re.DOTALL)
_DEPTH = 20
"""Containers within each other; what is nested deeper by accident must not cost more."""
_CLOSING = re.compile(r":{3,}[ \t\u3000]*")
_FENCE = re.compile(r"`{3,}|~{3,}")


class _Note(NamedTuple):
    kind: str
    label: str
    colons: str
    before_label: str
    """What stands before a label that is written in the text; "" for one of ours."""


def notes(md: MarkdownIt, rules: HouseRules) -> None:
    """markdown-it plugin: install the rules of this module."""
    md.options["alerts"] = True
    rules.add_block(":", _container)
    md.core.ruler.after("block", "alerts", _name_alerts)


def _container(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    start = state.bMarks[startLine] + state.tShift[startLine]
    after = past_comments(state, startLine, endLine)
    line = state.src[start : state.eMarks[startLine]]
    if after > startLine + 1:
        line += "\n" + state.getLines(startLine + 1, after, state.blkIndent, False)
    note = _opened(line, state.env)
    if not note or silent:
        return bool(note)
    end = _end(state, after, endLine, len(note.colons))
    if not note.before_label:
        hide_comments(state, startLine, after)
    tag, label_tag = ("details", "summary") if note.kind == _DETAILS else ("aside", "div")
    opening = state.push("note_open", tag, 1)
    opening.attrs, opening.map = _attributes(note.kind), [startLine, end]
    label = state.push("note_label_open", label_tag, 1)
    label.attrs, label.markup = {"class": "note-label"}, note.before_label
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = note.label, [startLine, after], []
    inline.meta["plain_end"] = "："
    state.push("note_label_close", label_tag, -1)

    outer, lineMax = state.parentType, state.lineMax
    state.parentType, state.lineMax = "note", end
    state.md.block.tokenize(state, after, end)
    state.parentType, state.lineMax = outer, lineMax
    state.push("note_close", tag, -1)
    state.line = end + bool(end < endLine and _closing(state, end))
    return True


def _opened(line: str, env: EnvType) -> _Note | None:
    """The note that `line` opens; it is several lines where a comment in it goes on below."""
    match = _OPENING.fullmatch(line)
    if not match:
        return None
    colons, name, said = match[1], match[2], (match[3] or "").strip()
    kind, words = _KINDS[name], without_comments(env, said).strip()
    if name in {"message", "note"} and words in _LEVELS:
        kind, words = _LEVELS[words], ""
    if words:
        return _Note(kind, said, colons, line[: match.start(3)])
    return _Note(kind, LABELS[kind], colons, "")


def _end(state: StateBlock, line: int, endLine: int, colons: int) -> int:
    """Line, from `line` on, that ends a container of so many colons: its closing, or the first outside of what it
    stands in."""
    fence, opened = "", [colons]
    while line < endLine:
        start, end = state.bMarks[line] + state.tShift[line], state.eMarks[line]
        if start < end and state.sCount[line] < state.blkIndent:
            return line
        sign, after = state.src[start : start + 1], line + 1
        if sign in ("`", "~") and (mark := _FENCE.match(state.src, start, end)):
            if not fence:
                fence = mark[0]
            elif mark[0].startswith(fence) and not state.src[mark.end() : end].strip():
                fence = ""
        elif not fence:
            after = past_comments(state, line, endLine)
            if sign == ":" and (note := _opened(state.src[start:end], state.env)):
                opened.append(len(note.colons))
            elif sign == ":" and (count := _closing(state, line)):
                _close(opened, count)
                if not opened:
                    return line
        line = after
    return endLine


def _close(opened: list[int], colons: int) -> None:
    """Take from the open containers what a line of so many colons ends: up to the last that has as many, else the last."""
    if colons > opened[-1] and colons in opened[-_DEPTH:]:
        while opened[-1] != colons:
            opened.pop()
    if colons >= opened[-1]:
        opened.pop()


def _closing(state: StateBlock, line: int) -> int:
    """Number of colons of a line that ends a container; 0 for any other line."""
    start, end = state.bMarks[line] + state.tShift[line], state.eMarks[line]
    is_closing = not state.is_code_block(line) and _CLOSING.fullmatch(state.src, start, end)
    return len(state.src[start:end].rstrip()) if is_closing else 0


def _name_alerts(state: StateCore) -> None:
    """Give what the stock rule makes of `> [!NOTE]` the form and the labels of our notes."""
    for position, token in enumerate(state.tokens):
        if token.type == "alert_open":
            token.tag, token.attrs = "aside", _attributes(_KINDS[token.info.lower()])
        elif token.type == "alert_close":
            token.tag = "aside"
        elif token.type == "alert_title_close":
            token.tag = "div"
        elif token.type == "alert_title_open":
            token.tag, token.attrs = "div", {"class": "note-label"}
            label = state.tokens[position + 1]
            label.content = LABELS[_KINDS[label.content.lower()]]
            label.meta["plain_end"] = "："


def _attributes(kind: str) -> dict[str, str | int | float]:
    attributes: dict[str, str | int | float] = {"class": f"note {kind}"}
    return attributes if kind == _DETAILS else attributes | {"role": "note"}
