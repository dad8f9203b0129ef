"""Comments for writers, which readers never get: `<!-- … -->`, and those of kramdown, Liquid and Hugo.

They are hidden wherever text is parsed, also with blank lines inside, and never inside code; code in running text is
what begins and ends in one line. A block in which a comment begins goes on to where the comment ends. A comment alone on
its lines in the middle of a paragraph does not end it: the text reads as if the comment were not there. A comment that
does not end is text, so that nothing gets lost.
"""

import re
from bisect import bisect_left

from markdown_it.rules_block import StateBlock
from markdown_it.utils import EnvType

from blog.text.code_tags import code_end, find_end
from blog.text.positions import Span

# Everything here that may repeat is bounded, so that hostile text costs linear time.
OPENING = re.compile(
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
# What a comment may begin behind, and what it may not begin in: an escaped sign, code within a line, a comment.
_MARKUP = re.compile(
    r"\\[!-/:-@\[-`{-~]|(`{1,9})(?!`)[^\n]*?(?<!`)\1(?!`)|`+"
    r"|(?P<tag>\{%-?[ \t]{0,9}(?:highlight|codeblock|code|raw)\b|\{\{[<%][ \t]{0,9}(?:highlight|code)\b)"
    rf"|{OPENING.pattern}"
)


def next_comment(env: EnvType, src: str, pos: int, end: int, limit: int) -> Span | None:
    """The next comment that begins between `pos` and `end` and ends before `limit`, in no code within its line."""
    while found := _MARKUP.search(src, pos, end):
        kind = found.lastgroup
        if kind in _CLOSINGS and (after := _end(env, src, found, limit)):
            return found.start(), after
        pos = found.end()
        if kind == "tag":
            pos = code_end(env, src, found.start(), end) or pos
    return None


def _end(env: EnvType, src: str, opening: re.Match[str], limit: int) -> int:
    """End of the comment that begins with `opening`; 0 when there is none that ends before `limit`."""
    kind = opening.lastgroup or ""
    if kind == "liquid" and env.get("is_raw"):
        return 0
    # `<!-->` and `<!--->` are whole comments (https://spec.commonmark.org/0.31.2/#html-comment).
    found = find_end(env, src, _CLOSINGS[kind], opening.start() + 2 if kind == "html" else opening.end())
    return found.end() if found and found.end() <= limit else 0


def past_comments(state: StateBlock, line: int, endLine: int) -> int:
    """Line after every comment that is open at the end of `line`; the next line when none is."""
    pos = state.bMarks[line] + state.tShift[line]
    while state.env["has_comments"]:
        found = next_comment(state.env, state.src, pos, state.eMarks[line], state.eMarks[endLine - 1])
        if not found:
            break
        pos = found[1]
        line = bisect_left(state.eMarks, pos, line, endLine)
    return line + 1


def end_of_first(state: StateBlock, line: int, endLine: int) -> int:
    """End of the comments that `line` begins with, one behind the other; 0 when there is none."""
    pos, last = state.bMarks[line] + state.tShift[line], 0
    limit = state.eMarks[endLine - 1]
    while opening := OPENING.match(state.src, pos, limit):
        end = _end(state.env, state.src, opening, limit)
        if not end:
            break
        last, pos = end, state.skipSpaces(end)
    return last


def blanked_in_rows(env: EnvType, text: str, guard: str) -> tuple[str, list[Span]]:
    """Blank comments out that share their line with other text, and return where they were: to a row of a table they
    would add cells, and a `|` in them would end one (`guard` stands for it in those alone on their line).
    """
    pieces: list[str] = []
    spans: list[Span] = []
    done = line_end = 0
    for opening in OPENING.finditer(text) if env["has_comments"] else ():
        if opening.start() < line_end:
            continue
        pos = text.rfind("\n", 0, opening.start()) + 1
        line_end = text.find("\n", pos) % (len(text) + 1)
        found, around = [], ""
        while span := next_comment(env, text, pos, line_end, line_end):
            found.append(span)
            around += text[pos : span[0]]
            pos = span[1]
        is_alone = not (around + text[pos:line_end]).strip()
        for start, end in found:
            comment = text[start:end].replace("|", guard) if is_alone else " " * (end - start)
            pieces += [text[done:start], comment]
            done = end
        spans += [] if is_alone else found
    return "".join((*pieces, text[done:])), spans


def end_of_rows(state: StateBlock, startLine: int, endLine: int) -> int:
    """Line before which a table ends: a comment begins in it that goes on below, as no cell can."""
    for line in range(startLine, endLine if state.env["has_comments"] else startLine):
        is_joined = state.src.find("\n", state.bMarks[line], state.eMarks[line]) >= 0
        if state.isEmpty(line) or is_joined or past_comments(state, line, endLine) > line + 1:
            return line
    return endLine


def without_comments(env: EnvType, text: str) -> str:
    """`text`, some words within a line, without comments."""
    pos, words = 0, ""
    while env["has_comments"] and (found := next_comment(env, text, pos, len(text), len(text))):
        words += text[pos : found[0]]
        pos = found[1]
    return words + text[pos:]


def hide_comments(state: StateBlock, line: int, after: int) -> None:
    """Record that a rule has dropped the comments in the lines from `line` to before `after`."""
    pos, limit = state.bMarks[line] + state.tShift[line], state.eMarks[after - 1]
    while state.env["has_comments"] and (found := next_comment(state.env, state.src, pos, limit, limit)):
        pos = found[1]
        for other in range(line, after):
            start = max(found[0], state.bMarks[other] + state.tShift[other])
            if start <= (end := min(pos, state.eMarks[other])):
                state.env.setdefault("leftovers", []).append((start, end))
