"""Comments for writers, which readers never get: `<!-- … -->`, and those of kramdown, Liquid and Hugo.

They are hidden wherever text is parsed, also with blank lines inside, and never inside code. A comment alone on its
lines in the middle of a paragraph does not end it: the text reads as if the comment were not there. A comment that
does not end is text, so that nothing gets lost.
"""

import re
from bisect import bisect_left

from markdown_it import MarkdownIt
from markdown_it.common.utils import mdTrim
from markdown_it.ruler import StateBase
from markdown_it.rules_block import StateBlock, paragraph
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline

from blog.text.first_sign import HouseRules
from blog.text.headings import push_heading
from blog.text.plain import BREAKS
from blog.text.positions import Span, hide_lines, mark

# Everything here that may repeat is bounded, so that hostile text costs linear time.
_OPENING = re.compile(
    r"(?P<html><!--)|(?P<kramdown>\{::comment\})|(?P<liquid>\{%-?[ \t]{0,9}comment(?:[ \t][^%\n]{0,100})?-?%\})"
    r"|(?P<hugo>\{\{[<%][ \t]{0,9}comment[ \t]{0,9}[>%]\}\})|(?P<go>\{\{-?[ \t]{0,9}/\*)"
)
_CLOSINGS = {
    "html": re.compile("-->"),
    "kramdown": re.compile(r"\{:/(?:comment)?\}"),
    "liquid": re.compile(r"\{%-?[ \t]{0,9}endcomment[ \t]{0,9}-?%\}"),
    "hugo": re.compile(r"\{\{[<%][ \t]{0,9}/[ \t]{0,9}comment[ \t]{0,9}[>%]\}\}"),
    "go": re.compile(r"\*/[ \t]{0,9}-?\}\}"),
}
_IN_ONE_LINE = re.compile(r"`[^`\n]*`|<!--[^\n]{0,1000}?-->|\{::comment\}[^\n]{0,1000}?\{:/(?:comment)?\}")
_HEADING = re.compile(r"(#{1,6})(?=[ \t]|(?<=##)[^\s#])")
_LEFT_OPEN = re.compile(r"^[^`]*?(?<!\\)<!--")


def hidden_comments(md: MarkdownIt, rules: HouseRules) -> None:
    """markdown-it plugin: install the rules of this module."""
    md.core.ruler.after("normalize", "comments", _may_have)
    md.block.ruler.at("paragraph", _paragraph)
    rules.add_block("<{", _block)
    rules.add_block("#", _heading)
    rules.add_inline("<{", _inline)


def _may_have(state: StateCore) -> None:
    src = state.src
    might = "<!--" in src or "comment" in src or "/*" in src
    state.env["has_comments"] = might and bool(_OPENING.search(src))


def blanked_in_rows(text: str, guard: str) -> tuple[str, list[Span]]:
    """Blank comments out that share their line with other text, and return where they were: to a row of a table they
    would add cells, and a `|` in them would end one (`guard` stands for it in those alone on their line). Code spans stay.
    """
    if "<!--" not in text and "{::comment}" not in text:
        return text, []
    spans: list[Span] = []

    def blank(found: re.Match[str]) -> str:
        start, end = found.span()
        line_end = text.find("\n", end)
        around = (
            text[text.rfind("\n", 0, start) + 1 : start] + text[end : line_end if line_end >= 0 else None]
        )
        if found[0][0] == "`":
            return found[0]
        if not around.strip():
            return found[0].replace("|", guard)
        spans.append((start, end))
        return " " * (end - start)

    return _IN_ONE_LINE.sub(blank, text), spans


def find_end(state: StateBase, closing: re.Pattern[str], pos: int) -> re.Match[str] | None:
    """Find the first `closing` from `pos` on. Remembered: openings without an end cost one search, not one each."""
    known = state.env.setdefault("ends", {})
    src, asked, found = known.get(closing, ("", 0, None))
    if src is not state.src or asked > pos or (found and found.start() < pos):
        found = closing.search(state.src, pos)
        known[closing] = (state.src, pos, found)
    match: re.Match[str] | None = found
    return match


def _end(state: StateBase, pos: int, limit: int) -> int:
    """End of the comment that begins at `pos`; 0 when there is none that ends before `limit`."""
    opening = _OPENING.match(state.src, pos, limit)
    if not opening or not (kind := opening.lastgroup) or (kind == "liquid" and state.env.get("is_raw")):
        return 0
    # `<!-->` and `<!--->` are whole comments (https://spec.commonmark.org/0.31.2/#html-comment).
    found = find_end(state, _CLOSINGS[kind], pos + 2 if kind == "html" else opening.end())
    return found.end() if found and found.end() <= limit else 0


def past_comments(state: StateBlock, line: int, endLine: int) -> tuple[int, bool]:
    """Line after the comments that begin `line`, 0 if none does; and whether nothing else stands on their lines."""
    pos = state.bMarks[line] + state.tShift[line]
    if not state.env["has_comments"] or state.src[pos : pos + 1] not in ("<", "{"):
        return 0, False
    limit, last = state.eMarks[endLine - 1], 0
    while end := _end(state, pos, limit):
        last, pos = end, state.skipSpaces(end)
    if not last:
        return 0, False
    at = bisect_left(state.eMarks, last, line, endLine)
    return at + 1, pos >= state.eMarks[at]


def _past_inner(state: StateBlock, line: int, endLine: int) -> int:
    """Line after a comment that begins within `line` and goes on below it; 0 when there is none."""
    start, end = state.bMarks[line] + state.tShift[line], state.eMarks[line]
    if state.src.find("<!--", start, end) < 0:
        return 0
    open_comment = _LEFT_OPEN.search(
        _IN_ONE_LINE.sub(lambda whole: "\0" * len(whole[0]), state.src[start:end])
    )
    after = _end(state, start + open_comment.end() - 4, state.eMarks[endLine - 1]) if open_comment else 0
    return bisect_left(state.eMarks, after, line, endLine) + 1 if after else 0


def _block(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    after, is_alone = past_comments(state, startLine, endLine)
    if silent:
        return after > startLine + 1  # a table or a quotation would take its lines one by one
    if not is_alone:
        return False
    hide_lines(state, startLine, after)
    if state.tokens:
        state.tokens[-1].meta["is_emptied"] = True  # if nothing comes before its end
    state.line = after
    return True


def end_of_rows(state: StateBlock, startLine: int, endLine: int) -> int:
    """Line before which a table ends: a comment begins in it that goes on below, as no cell can."""
    for line in range(startLine, endLine if state.env["has_comments"] else startLine):
        if state.isEmpty(line) or _past_inner(state, line, endLine) > line + 1:
            return line
    return endLine


def _heading(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """A heading in which a comment begins that goes on below it: what follows the comment is part of it."""
    after = _past_inner(state, startLine, endLine) if state.env["has_comments"] else 0
    start = state.bMarks[startLine] + state.tShift[startLine]
    mark = _HEADING.match(state.src, start, state.eMarks[startLine])
    if not mark or after <= startLine + 1:
        return False
    if not silent:
        text = state.src[mark.end() : state.eMarks[startLine]] + "\n"
        text += state.getLines(startLine + 1, after, state.blkIndent, False)
        push_heading(state, startLine, level=len(mark[1]), marks=mark[1], text=text, after=after)
    return True


def _paragraph(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """The stock rule, which takes a comment whole, whatever stands in it: its inline text drops it."""
    if not state.env["has_comments"]:
        return paragraph(state, startLine, endLine, silent)
    terminators = state.md.block.ruler.getRules("paragraph")
    endLine = state.lineMax
    outer, state.parentType = state.parentType, "paragraph"
    nextLine = (
        past_comments(state, startLine, endLine)[0] or _past_inner(state, startLine, endLine) or startLine + 1
    )
    while nextLine < endLine and not state.isEmpty(nextLine):
        if after := past_comments(state, nextLine, endLine)[0]:
            nextLine = after
            continue
        # Neither indented lines end a paragraph, nor those that a quotation has taken.
        is_within = state.sCount[nextLine] - state.blkIndent > 3 or state.sCount[nextLine] < 0
        if not is_within and any(ends(state, nextLine, endLine, True) for ends in terminators):
            break
        nextLine = _past_inner(state, nextLine, endLine) or nextLine + 1
    content = mdTrim(state.getLines(startLine, nextLine, state.blkIndent, False))
    state.line = nextLine
    state.push("paragraph_open", "p", 1).map = [startLine, nextLine]
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = content, [startLine, nextLine], []
    state.push("paragraph_close", "p", -1)
    state.parentType = outer
    return True


def _inline(state: StateInline, silent: bool) -> bool:
    end = _end(state, state.pos, state.posMax) if state.env["has_comments"] else 0
    if not end:
        return False
    if silent:
        state.pos = end
        return True
    mark(state, state.pos, end)
    after = end
    while after < state.posMax and state.src[after] in " \t":
        after += 1
    begins_line = not state.pending.strip() and (not state.tokens or state.tokens[-1].type in BREAKS)
    ends_line = after >= state.posMax or state.src[after] == "\n"
    if ends_line:
        state.pending = state.pending.rstrip(" \t")
        if begins_line and after < state.posMax:
            after += 1  # the line end goes with the line
            while after < state.posMax and state.src[after] in " \t":
                after += 1
        elif begins_line and state.tokens:
            state.tokens.pop()
    elif not (begins_line or state.pending.endswith(" ")):
        after = end  # one of two spaces is enough
    state.pos = after
    return True
