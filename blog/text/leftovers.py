"""Clean-up of Jekyll and generator markup while rendering; the source stays unchanged.

Liquid tags (`{% include … %}`), kramdown attribute lists (`{: .class}`) and the marker `---END---` are hidden as far as
`Hiding` allows, which `env` brings. The two pieces of raw HTML that the archive uses, `<br>` and lines such as
`<h3>…</h3>`, become what they mean. These are parser rules, not replacements before parsing, so that nothing inside code
is touched.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from blog.text.dialects import Hiding
from blog.text.positions import mark, source_position
from blog.text.syntax import push_heading

TEMPLATE_TAG = re.compile(r"\{%[^{}\n]*%\}|\{:[ \t]*[.#\w][^{}\n]*\}")
END_MARK = re.compile(r"---END(?:---)?(?![A-Za-z0-9_-])")
_RAW_BREAK = re.compile(r"<br[ ]*/?>", re.IGNORECASE)
_RAW_HEADING = re.compile(r"<(h[2-6])>(.+?)</\1>[ \t]*", re.IGNORECASE)
_TEMPLATE_LINE = re.compile(rf"(?:(?:{TEMPLATE_TAG.pattern})[ \t]*)+")
_LEFTOVER_LINE = re.compile(rf"(?:(?:{TEMPLATE_TAG.pattern}|{END_MARK.pattern})[ \t]*)+")


def archive_leftovers(md: MarkdownIt) -> None:
    """markdown-it plugin: install the rules of this module."""
    md.block.ruler.before(
        "table", "leftover_line", _line, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    md.block.ruler.before(
        "heading", "raw_heading", _raw_heading, {"alt": ["paragraph", "reference", "blockquote"]}
    )
    md.inline.ruler.before("link", "leftover", _inline)
    md.inline.ruler.before("link", "raw_break", _raw_break)


def _line(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """A line of nothing but leftovers also ends the paragraph before it."""
    if state.is_code_block(startLine):
        return False
    start, end = state.bMarks[startLine] + state.tShift[startLine], state.eMarks[startLine]
    hiding: Hiding = state.env["hiding"]
    if not hiding.dialect.template_tags or state.src[start : start + 1] not in ("{", "-"):
        return False
    pattern = _LEFTOVER_LINE if hiding.dialect.end_marks else _TEMPLATE_LINE
    if not pattern.fullmatch(state.src, start, end) or not hiding.may_hide(startLine, startLine + 1):
        return False
    if not silent:
        state.line = startLine + 1
        state.env.setdefault("leftovers", []).append((start, end))
    return True


def _inline(state: StateInline, silent: bool) -> bool:
    pos, src = state.pos, state.src
    match = None
    hiding: Hiding = state.env["hiding"]
    if src[pos] == "{" and hiding.dialect.template_tags:
        match = TEMPLATE_TAG.match(src, pos, state.posMax)
    elif src[pos] == "-" and hiding.dialect.end_marks:
        match = END_MARK.match(src, pos, state.posMax)
        if match and match.end() < len(src) and not stands_apart(src, pos):
            return False
    if not match or (hiding.is_restricted and not hiding.may_hide_at(source_position(state, pos))):
        return False
    if not silent:
        mark(state, pos, match.end())
    state.pos = match.end()
    return True


def stands_apart(src: str, pos: int) -> bool:
    """Whether a marker at `pos` is markup, not a mention of it in a sentence."""
    return pos == 0 or src[pos - 1].isspace() or src[pos - 1] in "。！？"


def _raw_break(state: StateInline, silent: bool) -> bool:
    match = _RAW_BREAK.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = match.end()
    return True


def _raw_heading(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    if state.is_code_block(startLine):
        return False
    start, end = state.bMarks[startLine] + state.tShift[startLine], state.eMarks[startLine]
    match = _RAW_HEADING.fullmatch(state.src, start, end)
    if match and not silent:
        push_heading(state, startLine, level=int(match[1][1]), marks=f"<{match[1]}>", text=match[2])
    return bool(match)


def drop_empty_paragraphs(tokens: list[Token]) -> list[Token]:
    """Drop paragraphs that contained only leftovers."""
    kept: list[Token] = []
    for token in tokens:
        if token.type == "paragraph_close" and kept[-1].type == "inline" and _is_blank(kept[-1]):
            del kept[-2:]
        else:
            kept.append(token)
    return kept


def _is_blank(inline: Token) -> bool:
    return all(
        child.type in {"softbreak", "hardbreak"} or (child.type == "text" and not child.content.strip())
        for child in inline.children or ()
    )
