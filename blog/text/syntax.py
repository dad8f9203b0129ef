"""Markdown extensions: ruby, bare URLs, `##見出し`.

Every pattern is bounded in length or stops at its own first character, so that hostile text costs
linear time.
"""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import table
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from blog.text.positions import mark

RUBY = re.compile(r"\{([^{}|\n]{1,40})((?:\|[^{}|\n]{1,40}){1,40})\}")
_TIGHT_HEADING = re.compile(r"(#{2,4})(?=[^\s#])")
# RFC 3986 characters, without the brackets and the asterisk that belong to Markdown.
_URL_REST = re.compile(r"://[a-z0-9][\w\-.~:/?#@!$&'()+,;=%]*", re.ASCII | re.IGNORECASE)
_TRAILING = ".,;:!?'_~"
# A Unicode noncharacter: it stands for the `|` of a ruby while a table row is split into cells.
_GUARD = "\ufdd0"


def house_syntax(md: MarkdownIt) -> None:
    """markdown-it plugin: install the rules of this module."""
    md.core.ruler.after("normalize", "guard_ruby", _guard_ruby)
    md.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    md.block.ruler.after(
        "heading", "tight_heading", _tight_heading, {"alt": ["paragraph", "reference", "blockquote"]}
    )
    md.inline.ruler.before("link", "ruby", _ruby)
    md.inline.ruler.before("link", "bare_url", _bare_url)
    md.add_render_rule("ruby", _render_ruby)


def _guard_ruby(state: StateCore) -> None:
    state.src = state.src.replace(_GUARD, "\ufffd")
    guarded = RUBY.sub(lambda match: match.group().replace("|", _GUARD), state.src)
    state.env["guarded"] = guarded if guarded != state.src else ""


def _table(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """The stock table rule, on a text of the same length in which ruby has no `|`."""
    if not state.env["guarded"]:
        return table(state, startLine, endLine, silent)
    source, known = state.src, len(state.tokens)
    state.src = state.env["guarded"]
    try:
        found = table(state, startLine, endLine, silent)
    finally:
        state.src = source
    for token in state.tokens[known:]:
        token.content = token.content.replace(_GUARD, "|")
    return found


def _tight_heading(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """`##見出し`: GitHub and CommonMark want a space, writers forget it."""
    if state.is_code_block(startLine):
        return False
    start, end = state.bMarks[startLine] + state.tShift[startLine], state.eMarks[startLine]
    match = _TIGHT_HEADING.match(state.src, start, end)
    if not match:
        return False
    if not silent:
        push_heading(state, startLine, level=len(match[1]), marks=match[1], text=state.src[match.end() : end])
    return True


def push_heading(state: StateBlock, line: int, *, level: int, marks: str, text: str) -> None:
    """Add the tokens of a one-line heading, and continue after it. `marks`: the markup before `text`."""
    state.line = line + 1
    opening = state.push("heading_open", f"h{level}", 1)
    opening.map, opening.markup = [line, line + 1], marks
    inline = state.push("inline", "", 0)
    inline.content, inline.children, inline.map = text.strip(), [], [line, line + 1]
    state.push("heading_close", f"h{level}", -1)


def _ruby(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "{":
        return False
    match = RUBY.match(state.src, state.pos, state.posMax)
    if not match or not match[1].strip():
        return False
    readings = [reading.strip() for reading in match[2][1:].split("|")]
    if not all(readings):
        return False
    if not silent:
        token = state.push("ruby", "ruby", 0)
        token.content = match[1]
        token.meta = {"readings": readings}
    state.pos = match.end()
    return True


def _render_ruby(
    self: RendererProtocol, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
) -> str:
    """Render ruby with one reading per character where the numbers agree, else one for the whole word.

    Readings have half the text size: one of three kana is wider than its kanji and would push the word apart. In that
    case it is set over the whole word.
    """
    base, readings = tokens[idx].content, tokens[idx].meta["readings"]
    each = len(base) == len(readings) and max(map(len, readings)) <= 2
    pairs = zip(base, readings, strict=True) if each else [(base, "".join(readings))]
    inner = "".join(
        f"{escapeHtml(text)}<rp>（</rp><rt>{escapeHtml(reading)}</rt><rp>）</rp>" for text, reading in pairs
    )
    return f"<ruby>{inner}</ruby>"


def _bare_url(state: StateInline, silent: bool) -> bool:
    """Link `https://…` in running text, ASCII only: the Japanese after a URL is not part of it."""
    pos = state.pos
    if state.src[pos] != ":" or not state.src.startswith("://", pos) or state.linkLevel > 0:
        return False
    before = state.src[max(pos - 5, 0) : pos].lower()
    scheme = next((word for word in ("https", "http") if before.endswith(word)), "")
    start = pos - len(scheme)
    if not scheme or (start and state.src[start - 1].isascii() and state.src[start - 1].isalnum()):
        return False
    match = _URL_REST.match(state.src, pos, state.posMax)
    if not match:
        return False
    url = _trimmed(state.src[start : match.end()])
    href = state.md.normalizeLink(url)
    if len(url) <= len(scheme) + 3 or not state.md.validateLink(href):
        return False
    if not silent:
        if not state.pending.endswith(state.src[start:pos]):
            return False  # the scheme belongs to something else, such as an escape
        state.pending = state.pending[: -len(scheme)]
        token = state.push("link_open", "a", 1)
        token.attrs, token.info = {"href": href}, "auto"
        state.push("text", "", 0).content = url
        state.push("link_close", "a", -1)
        mark(state, start, start + len(url), token=token)
    state.pos = start + len(url)
    return True


def _trimmed(url: str) -> str:
    """Drop sentence punctuation and a closing bracket that the URL did not open."""
    unopened = url.count(")") - url.count("(")
    end = len(url)
    while end:
        if url[end - 1] == ")" and unopened > 0:
            unopened -= 1
        elif url[end - 1] not in _TRAILING:
            break
        end -= 1
    return url[:end]
