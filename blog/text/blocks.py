"""HTML of tables, task lists, code blocks and footnotes for markdown-it-py."""

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from blog.text.fences import code_language
from blog.text.highlight import highlighted
from blog.text.plain import inline_text

_SCROLL = {"class": "table-scroll", "role": "group", "tabindex": "0"}
_TASK = re.compile(r"\[([ xX])\][ \t\u3000]+")
_FIGURE = re.compile(
    r"[-+−±△▲約$¥€£]*\s?\d[\d,.]*\s?(?:[%％]|[一-鿿]{1,2}(?<!年)(?<!月)(?<!日)|[万億兆]?ドル|[A-Za-z]{1,3})?|[-–—―]"
)
_FOOTNOTE = re.compile(r"\[\^([^\s\[\]]{1,100})\]")


def house_blocks(md: MarkdownIt) -> None:
    """markdown-it plugin: footnotes, and the HTML of code, line breaks and footnotes."""
    md.use(footnote_plugin, inline=False)
    # The plugin's own rule searches for `]` to the end of the text, from each `[^`: a minute for 50 KB.
    md.inline.ruler.at("footnote_ref", _footnote_ref)
    for name, rule in _RENDER_RULES.items():
        md.add_render_rule(name, rule)


def dress_tables(tokens: list[Token]) -> list[Token]:
    """Wrap tables so that they scroll by touch and keyboard, and align cells by class: the CSP forbids inline styles.

    The wrapper's accessible name is the heading above the table, so that screen readers can tell two tables apart.
    """
    dressed: list[Token] = []
    name = "表"
    _align_figures(tokens)
    for position, token in enumerate(tokens):
        if token.type == "heading_open":
            name = f"表：{inline_text(tokens[position + 1])}"
        if token.type in {"th_open", "td_open"} and (style := token.attrs.pop("style", None)):
            token.attrs["class"] = str(style).replace("text-align:", "align-")
        if token.type == "table_open":
            dressed.append(
                Token("table_scroll_open", "div", 1, attrs={**_SCROLL, "aria-label": name}, block=True)
            )
        dressed.append(token)
        if token.type == "table_close":
            dressed.append(Token("table_scroll_close", "div", -1, block=True))
    return dressed


def _align_figures(tokens: Sequence[Token]) -> None:
    """Right-align columns in which every cell is a number, unless the author has set an alignment."""
    columns: list[list[tuple[Token, str]]] = []
    place = 0
    for position, token in enumerate(tokens):
        if token.type == "table_open":
            columns = []
        elif token.type == "tr_open":
            place = 0
        elif token.type in {"th_open", "td_open"}:
            columns += [[]] if place == len(columns) else []
            columns[place].append((token, inline_text(tokens[position + 1])))
            place += 1
        elif token.type == "table_close":
            for column in columns:
                figures = [text for cell, text in column if cell.type == "td_open" and text]
                if len(figures) > 1 and all(map(_FIGURE.fullmatch, figures)):
                    for cell, _ in column:
                        cell.attrs.setdefault("style", "text-align:right")


def mark_tasks(tokens: Sequence[Token]) -> None:
    """Turn `- [ ] …` and `- [x] …` into read-only check boxes."""
    lists: list[Token] = []
    for position, token in enumerate(tokens):
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append(token)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        elif token.type == "inline" and token.children and tokens[position - 2].type == "list_item_open":
            match = _TASK.match(token.children[0].content) if token.children[0].type == "text" else None
            if match:
                token.children[0].content = token.children[0].content[match.end() :]
                token.children.insert(0, _check_box(done=match[1] != " "))
                tokens[position - 2].attrs["class"] = "task-list-item"
                lists[-1].attrs["class"] = "contains-task-list"


def _check_box(*, done: bool) -> Token:
    attrs: dict[str, str | int | float] = {"class": "task-list-item-checkbox", "type": "checkbox"}
    attrs |= {"aria-label": "完了", "checked": ""} if done else {"aria-label": "未完了"}
    return Token("check_box", "input", 0, attrs=attrs)


def _footnote_ref(state: StateInline, silent: bool) -> bool:
    notes = state.env.get("footnotes")
    match = _FOOTNOTE.match(state.src, state.pos, state.posMax)
    if not notes or not match or f":{match[1]}" not in notes["refs"]:
        return False
    if not silent:
        label, number = match[1], notes["refs"][f":{match[1]}"]
        if number < 0:
            number = notes["refs"][f":{label}"] = len(notes["list"])
            notes["list"][number] = {"label": label, "count": 0}
        token = state.push("footnote_ref", "", 0)
        token.meta = {"id": number, "subId": notes["list"][number]["count"], "label": label}
        notes["list"][number]["count"] += 1
    state.pos = match.end()
    return True


def _break(self: Any, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
    """Render a line break without a newline, which browsers draw as a space between two Japanese lines."""
    return "<br>"


def _code(self: Any, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
    """Render a code block, focusable so that long lines can be scrolled by keyboard."""
    code, name = tokens[idx].content, code_language(tokens[idx].info)
    attribute = f' class="language-{name}"' if name else ""
    return f'<pre tabindex="0"><code{attribute}>{highlighted(code, name) or escapeHtml(code)}</code></pre>\n'


# Footnote ids contain a colon, so they cannot equal a heading's id.


def _note_ref(self: Any, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
    number, note, back = _note_ids(tokens[idx], env)
    link = f'<a href="#{note}" id="{back}" role="doc-noteref" aria-label="注{number}">[{number}]</a>'
    return (
        f'\u2060<sup class="footnote-ref">{link}</sup>'  # the joiner keeps the mark with the word before it
    )


def _note_back(self: Any, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
    _number, _note, back = _note_ids(tokens[idx], env)
    attributes = 'class="footnote-backref" role="doc-backlink" aria-label="本文へ戻る"'
    return f' <a href="#{back}" {attributes}>↩\ufe0e</a>'  # U+FE0E: as text, not as an emoji


def _note_open(self: Any, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
    return f'<li id="{_note_ids(tokens[idx], env)[1]}" class="footnote-item">'


def _notes_open(self: Any, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
    return '<section class="footnotes" role="doc-endnotes" aria-label="注">\n<ol class="footnotes-list">\n'


def _note_ids(token: Token, env: Any) -> tuple[int, str, str]:
    """Return the number shown, the id of the note and the id of this reference to it."""
    number, use = token.meta["id"] + 1, token.meta.get("subId", 0)
    prefix = f"{escapeHtml(env['prefix'])}:" if env.get("prefix") else ""
    return number, f"fn:{prefix}{number}", f"fnref:{prefix}{number}" + (f":{use + 1}" if use else "")


_RENDER_RULES = {
    "softbreak": _break,
    "hardbreak": _break,
    "fence": _code,
    "code_block": _code,
    "footnote_ref": _note_ref,
    "footnote_anchor": _note_back,
    "footnote_open": _note_open,
    "footnote_block_open": _notes_open,
}
