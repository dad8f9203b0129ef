"""Parser rules for comments: a block in which one begins goes on to where it ends, and inline text drops it."""

import re
from bisect import bisect_left
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.common.utils import mdTrim
from markdown_it.rules_block import StateBlock, blockquote, paragraph
from markdown_it.rules_core import StateCore

from blog.text.comments import OPENING, end_of_first, next_comment, past_comments
from blog.text.headings import push_heading
from blog.text.house_rules import BlockRule, HouseRules
from blog.text.positions import Span, cut, hide_lines

_HEADING = re.compile(r"(#{1,6})(?=[ \t]|(?<=##)[^\s#])")
_QUOTED = re.compile(r"[ \t]*>[ \t>]*")
_FENCE = re.compile(r"`{3,}|~{3,}")


def hidden_comments(md: MarkdownIt, rules: HouseRules) -> None:
    """markdown-it plugin: install the rules of this module."""
    md.core.ruler.after("normalize", "comments", _may_have)
    md.core.ruler.before("inline", "drop_comments", _drop)
    md.block.ruler.at("paragraph", _paragraph)
    terms = next(rule.fn for rule in md.block.ruler.__rules__ if rule.name == "deflist")
    md.block.ruler.at("deflist", _terms(terms), {"alt": ["paragraph", "reference", "blockquote"]})
    md.block.ruler.at("blockquote", _quotation, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    rules.add_block("<{", _block)
    rules.add_block("#", _heading)


def _may_have(state: StateCore) -> None:
    src = state.src
    might = "<!--" in src or "comment" in src or "/*" in src
    state.env["has_comments"] = might and bool(OPENING.search(src))


def _block(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    end = end_of_first(state, startLine, endLine) if state.env["has_comments"] else 0
    if not end:
        return False
    if silent:  # a table or a quotation would take its lines one by one
        return past_comments(state, startLine, endLine) > startLine + 1
    last = bisect_left(state.eMarks, end, startLine, endLine)
    if state.skipSpaces(end) < state.eMarks[last]:
        return False
    hide_lines(state, startLine, last + 1)
    if state.tokens:
        state.tokens[-1].meta["is_emptied"] = True  # if nothing comes before its end
    state.line = last + 1
    return True


def _heading(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """A heading in which a comment begins that goes on below it: what follows the comment is part of it."""
    after = past_comments(state, startLine, endLine)
    start = state.bMarks[startLine] + state.tShift[startLine]
    signs = _HEADING.match(state.src, start, state.eMarks[startLine])
    if not signs or after <= startLine + 1:
        return False
    if not silent:
        text = state.src[signs.end() : state.eMarks[startLine]] + "\n"
        text += state.getLines(startLine + 1, after, state.blkIndent, False)
        push_heading(state, startLine, level=len(signs[1]), marks=signs[1], text=text, after=after)
    return True


def _terms(stock: BlockRule) -> BlockRule:
    """The stock rule of definition lists, which takes terms line by line: not those with an open comment."""

    def terms(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
        if silent or not state.env["has_comments"]:
            return stock(state, startLine, endLine, silent)
        asked, known = state.env.get("open_term", (0, -1))
        if not asked <= startLine <= known:
            known = next(
                (line for line in range(startLine, endLine) if _is_open(state, line, endLine)), endLine
            )
            state.env["open_term"] = (startLine, known)
        return known > startLine and stock(state, startLine, min(known, endLine), silent)

    return terms


def _is_open(state: StateBlock, line: int, endLine: int) -> bool:
    """Whether a comment begins in `line`, no definition, that goes on below it with what looks like one."""
    below = line + 1 + (line + 2 < endLine and state.isEmpty(line + 1))
    if below >= endLine or _sign(state, below) not in (":", "~") or _sign(state, line) in ("", ":", "~"):
        return False
    return past_comments(state, line, endLine) > below


def _sign(state: StateBlock, line: int) -> str:
    """The first character of a line; "" of an empty one."""
    return "" if state.isEmpty(line) else state.src[state.bMarks[line] + state.tShift[line]]


def _quotation(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """The stock rule, which takes a quotation line by line: a comment may go on below it."""
    start = state.bMarks[startLine] + state.tShift[startLine]
    is_quotation = state.src[start : start + 1] == ">" and not state.is_code_block(startLine)
    if is_quotation and not silent and state.env["has_comments"]:
        _join_lines(state, startLine, endLine)
    return blockquote(state, startLine, endLine, silent)


def _join_lines(state: StateBlock, line: int, endLine: int) -> None:
    """Join the lines of a comment that begins in a quotation and would end outside of it."""
    terminators, fence = state.md.block.ruler.getRules("blockquote"), ""
    while line < endLine and not state.isEmpty(line):
        start = state.bMarks[line] + state.tShift[line]
        quoted = _QUOTED.match(state.src, start, state.eMarks[line])
        begin = quoted.end() if quoted else start
        after = line + 1
        if found := _FENCE.match(state.src, begin, state.eMarks[line]):
            fence = (found[0] if not fence else "") if not fence or found[0].startswith(fence) else fence
        elif not fence:
            if not quoted and any(ends(state, line, endLine, True) for ends in terminators):
                return
            after = past_comments(state, line, endLine)
            if any(_ends_quotation(state, other, endLine, terminators) for other in range(line + 1, after)):
                end = state.eMarks[after - 1]
                for other in range(line, after):
                    state.eMarks[other] = end
                for other in range(line + 1, after):
                    state.bMarks[other], state.tShift[other], state.sCount[other] = end, 0, 0
                state.env.setdefault("joined", set()).update(range(line + 1, after))
                return
        line = after


def _ends_quotation(state: StateBlock, line: int, endLine: int, terminators: Sequence[BlockRule]) -> bool:
    if state.isEmpty(line):
        return True
    is_quoted = (
        state.src[state.bMarks[line] + state.tShift[line]] == ">" and state.sCount[line] >= state.blkIndent
    )
    return not is_quoted and any(ends(state, line, endLine, True) for ends in terminators)


def _paragraph(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """The stock rule, which takes a comment whole, whatever stands in it."""
    if not state.env["has_comments"]:
        return paragraph(state, startLine, endLine, silent)
    terminators = state.md.block.ruler.getRules("paragraph")
    endLine = state.lineMax
    outer, state.parentType = state.parentType, "paragraph"
    nextLine = past_comments(state, startLine, endLine)
    while nextLine < endLine and not state.isEmpty(nextLine):
        # Neither indented lines end a paragraph, nor those that a quotation has taken.
        is_within = state.sCount[nextLine] - state.blkIndent > 3 or state.sCount[nextLine] < 0
        is_within = is_within or bool(end_of_first(state, nextLine, endLine))
        if not is_within and any(ends(state, nextLine, endLine, True) for ends in terminators):
            break
        nextLine = past_comments(state, nextLine, endLine)
    content = mdTrim(state.getLines(startLine, nextLine, state.blkIndent, False))
    state.line = nextLine
    state.push("paragraph_open", "p", 1).map = [startLine, nextLine]
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = content, [startLine, nextLine], []
    state.push("paragraph_close", "p", -1)
    state.parentType = outer
    return True


def _drop(state: StateCore) -> None:
    """Drop comments from inline texts before anything else in them is understood, such as the title of a link."""
    for token in state.tokens if state.env["has_comments"] else ():
        if token.type == "inline" and OPENING.search(token.content):
            state.env["is_raw"] = "is_raw" in token.meta
            pos, comments = 0, []
            while found := next_comment(
                state.env, token.content, pos, len(token.content), len(token.content)
            ):
                comments.append(found)
                pos = found[1]
            if comments:
                cut(state.env, token, comments, _kept(token.content, comments))


def _kept(text: str, comments: Sequence[Span]) -> list[Span]:
    """The parts of `text` between comments. A line of nothing but comments goes, and one of two spaces around one."""
    kept: list[Span] = []
    done, is_blank = 0, True  # whether nothing stands before a comment on its line
    for start, end in comments:
        piece = text[done:start]
        is_blank = (is_blank or "\n" in piece) and not piece[piece.rfind("\n") + 1 :].strip()
        kept.append((done, start))
        after = end
        while after < len(text) and text[after] in " \t":
            after += 1
        if after >= len(text) or text[after] == "\n":
            kept[-1] = (done, done + len(piece.rstrip(" \t")))
            if is_blank:
                after += 1  # the line end goes with the line
                while after < len(text) and text[after] in " \t":
                    after += 1
        elif not (is_blank or piece.endswith(" ")):
            after = end  # one of two spaces is enough
        done = max(done, after)
    return [*kept, (done, max(done, len(text)))]
