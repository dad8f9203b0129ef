"""Markdown extensions: ruby, `##見出し`.

Every pattern is bounded in length or stops at its own first character, so that hostile text costs
linear time.
"""

import re
from bisect import bisect_left
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

from blog.text.comments import blanked_in_rows, end_of_rows
from blog.text.headings import push_heading
from blog.text.house_rules import HouseRules

_RUBY = re.compile(r"\{(?<![{$]\{)(?![%:])([^{}|<\n]{1,40})((?:\|[^{}|<\n]{1,40}){1,40})\}(?!\})")
_KANA = re.compile(r"[\s\u3041-\u309f\u30a0-\u30ff\u31f0-\u31ff\uff65-\uff9f]+")
_TIGHT_HEADING = re.compile(r"(#{2,4})(?=[^\s#])")
# A Unicode noncharacter: it stands for the `|` of a ruby while a table row is split into cells.
_GUARD = "\ufdd0"


def house_syntax(md: MarkdownIt, rules: HouseRules) -> None:
    """markdown-it plugin: install the rules of this module."""
    md.core.ruler.after("comments", "guard_ruby", _guard_ruby)
    md.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    md.block.ruler.after(
        "heading", "tight_heading", _tight_heading, {"alt": ["paragraph", "reference", "blockquote"]}
    )
    rules.add_inline("{", _ruby)
    md.add_render_rule("ruby", _render_ruby)


def _guard_ruby(state: StateCore) -> None:
    state.src = state.src.replace(_GUARD, "\ufffd")
    guarded = _RUBY.sub(
        lambda match: match[0].replace("|", _GUARD) if _readings(match) else match[0], state.src
    )
    guarded, state.env["blanked"] = blanked_in_rows(state.env, guarded, _GUARD)
    state.env["guarded"] = guarded if guarded != state.src or state.env["has_comments"] else ""


def _table(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """The stock table rule, on a text of the same length in which neither ruby nor comments have a `|`."""
    if not state.env["guarded"]:
        return table(state, startLine, endLine, silent)
    source, known = state.src, len(state.tokens)
    state.src = state.env["guarded"]
    try:
        found = table(state, startLine, endLine, True)
        if found:
            end = end_of_rows(state, startLine, endLine)
            found = end > startLine and (silent or table(state, startLine, end, False))
    finally:
        state.src = source
    if found and not silent:
        for token in state.tokens[known:]:
            token.content = token.content.replace(_GUARD, "|")
        start, end = state.bMarks[startLine], state.eMarks[state.line - 1]
        leftovers = state.env.setdefault("leftovers", [])
        blanked = state.env["blanked"]
        leftovers += blanked[bisect_left(blanked, (start,)) : bisect_left(blanked, (end,))]
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


def _ruby(state: StateInline, silent: bool) -> bool:
    match = _RUBY.match(state.src, state.pos, state.posMax)
    if not match or not (readings := _readings(match)):
        return False
    if not silent:
        token = state.push("ruby", "ruby", 0)
        token.content = match[1]
        token.meta = {"readings": readings}
    state.pos = match.end()
    return True


def _readings(match: re.Match[str]) -> list[str]:
    """Readings of a ruby; none where braces and `|` mean something else, as in `{GET|POST}` or `{賛成|反対}`: those are
    kana."""
    base, readings = match[1], [reading.strip() for reading in match[2][1:].split("|")]
    is_ruby = base.strip() and all(readings) and all(map(_KANA.fullmatch, readings))
    return readings if is_ruby else []


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
