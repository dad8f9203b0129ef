"""Clean-up of Jekyll and generator markup while rendering; the source stays unchanged.

Liquid tags (`{% include … %}`), kramdown attribute lists (`{: .class}`) and the marker `---END---` are hidden as far as
`Hiding` allows, which `env` brings. The two pieces of raw HTML that the archive uses, `<br>` and lines such as
`<h3>…</h3>`, become what they mean. These are parser rules, not replacements before parsing, so that nothing inside code
is touched.
"""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from blog.text.code_tags import RAW_TAG
from blog.text.comments import past_comments
from blog.text.dialects import Hiding, Reason
from blog.text.headings import push_heading
from blog.text.positions import hide_lines, mark, source_position

# Not in `{{% … %}}`, of which braces would remain, nor in the parentheses of a link, which would lead nowhere.
TEMPLATE_TAG = re.compile(r"(?<!\{)(?<!\]\()\{%[^{}\n]*%\}|\{:[ \t]*[.#\w][^{}\n]*\}")
END_MARK = re.compile(r"---END(?:---)?(?![A-Za-z0-9_-])")
_RAW_BREAK = re.compile(r"<br[ ]*/?>", re.IGNORECASE)
_RAW_HEADING = re.compile(r"<(h[2-6])>(.+?)</\1>[ \t]*", re.IGNORECASE)
_REASONS = {"{": Reason.TEMPLATE, "-": Reason.END}
_EMPTIED = {
    closing: closing.replace("close", "open")
    for closing in ("list_item_close", "bullet_list_close", "blockquote_close", "tbody_close")
}
_NUMBERED = {("list_item_close", "."), ("list_item_close", ")")}
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
    if state.is_code_block(startLine) or state.env.get("is_raw"):
        return False
    start, end = state.bMarks[startLine] + state.tShift[startLine], state.eMarks[startLine]
    hiding: Hiding = state.env["hiding"]
    if not hiding.dialect.template_tags or state.src[start : start + 1] not in ("{", "-"):
        return False
    pattern = _LEFTOVER_LINE if hiding.dialect.end_marks else _TEMPLATE_LINE
    if not pattern.fullmatch(state.src, start, end) or not hiding.may_hide(startLine, startLine + 1):
        return False
    if RAW_TAG.search(state.src, start, end):
        return False
    if not silent:
        state.line = startLine + 1
        hide_lines(state, startLine, state.line)
        hiding.note(_REASONS[state.src[start]], startLine, startLine, state.src[start:end])
    return True


def _inline(state: StateInline, silent: bool) -> bool:
    pos, src = state.pos, state.src
    match = None
    hiding: Hiding = state.env["hiding"]
    if src[pos] == "{" and hiding.dialect.template_tags and not state.env.get("is_raw"):
        match = TEMPLATE_TAG.match(src, pos, state.posMax)
    elif src[pos] == "-" and hiding.dialect.end_marks:
        match = END_MARK.match(src, pos, state.posMax)
        if match and match.end() < len(src) and not stands_apart(src, pos):
            return False
    if not match or (hiding.is_restricted and not hiding.may_hide_at(source_position(state, pos))):
        return False
    if not silent:
        mark(state, pos, match.end(), reason=_REASONS[src[pos]])
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
    if match and past_comments(state, startLine, endLine) > startLine + 1:
        return False
    if match and not silent:
        push_heading(state, startLine, level=int(match[1][1]), marks=f"<{match[1]}>", text=match[2])
    return bool(match)


def drop_empty_blocks(tokens: list[Token]) -> list[Token]:
    """Drop paragraphs, rows of tables, bullets and quotations that contained only what is hidden."""
    kept: list[Token] = []
    for at, token in enumerate(tokens):
        if token.nesting >= 0 or not kept:
            kept.append(token)
            continue
        last = kept[-1]
        if token.type == "paragraph_close" and last.type == "inline" and _is_blank(last):
            del kept[-2:]
            if kept:
                kept[-1].meta["is_emptied"] = True
        elif token.type == "tr_close" and (cells := _hidden_row(kept)):
            del kept[-cells:]
        elif last.type == _EMPTIED.get(token.type) and (token.type, token.markup) not in _NUMBERED:
            if last.meta.get("is_emptied") or token.type == "tbody_close":
                kept.pop()
                if kept:
                    kept[-1].meta["is_emptied"] = True
            else:
                kept.append(token)
        elif token.type == "bullet_list_close" and _is_stray_bullet(kept, tokens[at + 1 : at + 2]):
            del kept[-3:]
        else:
            kept.append(token)
    return kept


def _is_stray_bullet(kept: Sequence[Token], following: Sequence[Token]) -> bool:
    """Whether `kept` ends with one bullet without any text, beside a numbered list: a slip in the middle of it."""
    if [token.type for token in kept[-3:]] != ["bullet_list_open", "list_item_open", "list_item_close"]:
        return False
    return "ordered_list_close" in {token.type for token in kept[-4:-3]} or "ordered_list_open" in {
        token.type for token in following
    }


def _hidden_row(kept: Sequence[Token]) -> int:
    """Number of tokens of the row at the end of `kept`, if only what is hidden is in it."""
    at = len(kept) - 1
    has_source = False
    while kept[at].type != "tr_open":
        if kept[at].type == "inline":
            if not _is_blank(kept[at]):
                return 0
            has_source = has_source or bool(kept[at].content) or "cuts" in kept[at].meta
        at -= 1
    return len(kept) - at if has_source else 0


def _is_blank(inline: Token) -> bool:
    return all(
        child.type in {"softbreak", "hardbreak"} or (child.type == "text" and not child.content.strip())
        for child in inline.children or ()
    )
