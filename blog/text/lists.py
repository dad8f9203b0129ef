"""Numbered lists that go on below a paragraph, and places that generators fill with a table of contents."""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, list_block
from markdown_it.token import Token

from blog.text.dialects import Hiding, Reason
from blog.text.headings import CONTENTS
from blog.text.house_rules import HouseRules
from blog.text.positions import hide_lines

_NUMBERED = re.compile(r"(\d{1,2})([.)])[ \t]+\S")
_SIGNS = frozenset("-+*0123456789")
_LOOK_AHEAD = 30
"""Lines in which the next item has to come."""
_ATTRIBUTES = re.compile(r"\{:[ \t]*(?:[^{}\n]{0,200}[ \t])?toc(?:[ \t][^{}\n]{0,200})?\}[ \t]*")
_PLACEHOLDER = re.compile(
    r"(?:\[TOC\]|\[\[_?TOC_?\]\]|\{\{[<%][ \t]{0,9}(?:toc|table-of-contents)[ \t]{0,9}/?[>%]\}\})[ \t]*",
    re.IGNORECASE,
)
_LISTS = {"bullet_list_close", "ordered_list_close"}
_TITLES = {"heading_close", "paragraph_close"}
_HEADINGS = CONTENTS | {"contents", "table of contents", "toc"}


def lists(md: MarkdownIt, rules: HouseRules) -> None:
    """markdown-it plugin: install the rules of this module."""
    md.block.ruler.at("list", _list, {"alt": ["paragraph", "reference", "blockquote"]})
    rules.add_block("[{", _contents)


def _list(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """The stock rule. In CommonMark only a list that begins with 1 ends a paragraph, as a line may begin with any number
    by chance; ours ends one with the number that comes next, or that the next item follows."""
    start = state.bMarks[startLine] + state.tShift[startLine]
    if state.src[start : start + 1] not in _SIGNS:
        return False
    if list_block(state, startLine, endLine, silent):
        if not silent and state.tokens[-1].type == "ordered_list_close":
            level = state.level + 1
            last = (
                item
                for item in reversed(state.tokens)
                if item.type == "list_item_open" and item.level == level
            )
            state.tokens[-1].info = next(last).info
        return True
    if not silent or state.parentType != "paragraph" or state.is_code_block(startLine):
        return False
    item = _item(state, startLine)
    if not item or item[0] < 2:
        return False
    return _is_next(state.tokens, *item) or _is_followed(state, startLine, endLine, *item)


def _item(state: StateBlock, line: int) -> tuple[int, str] | None:
    start = state.bMarks[line] + state.tShift[line]
    match = _NUMBERED.match(state.src, start, state.eMarks[line])
    return (int(match[1]), match[2]) if match else None


def _is_next(tokens: Sequence[Token], number: int, mark: str) -> bool:
    """Whether the block before the paragraph is a list that has ended with the number before."""
    if not tokens or tokens[-1].type != "ordered_list_close" or tokens[-1].markup != mark:
        return False
    return int(tokens[-1].info) == number - 1


def _is_followed(state: StateBlock, line: int, endLine: int, number: int, mark: str) -> bool:
    indent = state.sCount[line]
    for other in range(line + 1, min(line + 1 + _LOOK_AHEAD, endLine)):
        if state.sCount[other] <= indent and (item := _item(state, other)):
            return item == (number + 1, mark)
    return False


def _contents(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """`[TOC]` and the like, which the page needs not: it makes its contents itself; with kramdown's `{:toc}` the list
    goes that it stands under, and in both cases the heading of the contents."""
    start, end = state.bMarks[startLine] + state.tShift[startLine], state.eMarks[startLine]
    if state.env.get("is_raw"):
        return False
    is_list = bool(_ATTRIBUTES.fullmatch(state.src, start, end))
    if not is_list and not _PLACEHOLDER.fullmatch(state.src, start, end):
        return False
    if silent:
        return True
    tokens, first = state.tokens, startLine
    is_list = is_list and startLine > 0 and not state.isEmpty(startLine - 1)
    if is_list and tokens and tokens[-1].type in _LISTS and tokens[-1].level == state.level:
        at = len(tokens) - 1
        while tokens[at].level > state.level or tokens[at].nesting <= 0:
            at -= 1
        first = _hide(state, at)
    if (
        len(tokens) > 2
        and tokens[-1].type in _TITLES
        and tokens[-1].level == state.level
        and _is_title(tokens[-2])
    ):
        first = _hide(state, len(tokens) - 3)
    hide_lines(state, startLine, startLine + 1)
    hiding: Hiding = state.env["hiding"]
    hiding.note(Reason.TOC, first, first, state.src[state.bMarks[first] : state.eMarks[first]])
    state.line = startLine + 1
    return True


def _is_title(inline: Token) -> bool:
    return inline.content.strip("*_：: ").lower() in _HEADINGS


def _hide(state: StateBlock, at: int) -> int:
    """Take back the block at `at`, the last one. Returns its first line."""
    first, after = state.tokens[at].map or (0, 0)
    hide_lines(state, first, after)
    del state.tokens[at:]
    return first
