"""Markup that readers see as text: HTML tags, template tags, marks of Markdown that became none, a text that breaks off.

What is shown is what the parser has left as text (`blog.text.places.ShownText`): nothing in code, nothing that the renderer
understands or drops.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from blog.text.findings import Code, Finding
from blog.text.normalise import one_line
from blog.text.places import Scan, ShownText

_ELEMENTS = (
    "a abbr address article aside audio b big blockquote br button caption center cite code col colgroup dd del details dfn"
    " div dl dt em embed figcaption figure font footer form h[1-6] header hr i iframe img input ins kbd label li link main"
    " mark meta nav noscript object ol option p picture pre q rp rt ruby s samp script section select small source span"
    " strike strong style sub summary sup svg table tbody td textarea tfoot th thead time tr tt u ul var video wbr"
)
_HTML = re.compile(rf"</?(?:{'|'.join(_ELEMENTS.split())})(?:\s[^<>]*)?/?>|<!--", re.IGNORECASE)
_TEMPLATE = re.compile(
    r"\{\{[^{}\n]{0,200}\}\}|\{%[^{}\n]{0,200}%\}|\{:[ \t]?[.#\w][^{}\n]{0,200}\}|\{:[:/][a-z]*[^{}\n]{0,200}\}"
)
_TEMPLATE_IN_SOURCE = re.compile(
    r"!?\[[^\[\]\n]{0,200}\]\([^()\n]{0,200}?\{[{%][^()\n]{0,200}\)|\{\{%[^{}\n]{0,200}%\}\}"
)
"""Of these a dialect drops the `{% … %}` and leaves the rest."""
_SPACED = re.compile(r"!?\[[^\[\]\n]{0,200}\]\((?=[^()\n]*[/.])[^()\s{}]{1,200}[ \u3000][^()\n{}]{1,200}\)")
# Not 2**3, and no row of asterisks.
_BOLD = re.compile(r"(?<![*0-9A-Za-z)])\*{2,3}(?!\*)|(?<!\*)\*{2,3}(?![*0-9A-Za-z(])")
_HEADING = re.compile(r"(?<![^\s。！？!?」』）*])#{2,6}(?:[ \u3000]+(?=\S)|(?=[^\s#!-/:-@]))")
# At the start of a line; within one they are mentioned.
_NOTE = re.compile(r"^[ \t\u3000]*(:{3,}[^\n]{0,40}|\[![A-Za-z][\w-]{0,30}\])", re.MULTILINE)
_LIST = re.compile(
    r"^[ \t\u3000]*([-*+])[ \t\u3000]+[^\s\d]|^[ \t]*\u3000[ \t\u3000]*(\d{1,2}[.)])[ \t\u3000]+\S",
    re.MULTILINE,
)
_RUBY = re.compile(
    r"(?<![{$])\{[^{}|<\n]{0,40}[\u3005-\u3007\u3041-\u30ff\u3400-\u9fff][^{}|<\n]{0,40}(?:\|[^{}|<\n]{1,40}){1,40}\}(?!\})"
)
# A comma, an opening bracket or mark; a word behind a whole sentence; a particle behind a comma: no sentence ends so.
_CUT_OFF = re.compile(
    r"(?:[、，「『（(]|\*\*(?:\w{0,3}[.．]?)?|#+)$|[。！？][^。！？\n]*\w$|、[^。！？\n]*(?<!こ)(?<!も)[はがをにへとの]$"
)
_END = 200
"""Characters of the end of a text that are looked at."""
_SHOWN = 30
"""Characters of a tag that are told."""


def find_raw_markup(text: Scan, prose: str, line: Callable[[int], int]) -> Iterator[Finding]:
    """Warnings, with the line of the first place. `prose`: the source without code; `line` counts from a position in it."""
    first = line(0)

    def line_of(one: ShownText, end: int) -> int:
        return first + one.line + one.text.count("\n", 0, end) - 1

    for code, pattern in (
        (Code.RAW_HTML, _HTML),
        (Code.SPACED_URL, _SPACED),
        (Code.BOLD, _BOLD),
        (Code.HEADING_MARK, _HEADING),
        (Code.NOTE_MARK, _NOTE),
        (Code.LIST_MARK, _LIST),
        (Code.RUBY, _RUBY),
    ):
        if places := _places(text.shown, pattern):
            one, match = places[0]
            shown = next(filter(None, match.groups()), match[0])
            yield code.found(count=len(places), shown=_short(shown), line=line_of(one, match.start()))
    marks, source = _places(text.shown, _TEMPLATE), list(_TEMPLATE_IN_SOURCE.finditer(prose))
    found = [(line_of(one, match.start()), match[0]) for one, match in marks[:1]]
    found += [(line(match.start()), match[0]) for match in source[:1]]
    if found:
        at, tag = min(found)
        yield Code.TEMPLATE.found(count=len(marks) + len(source), shown=_short(tag), line=at)
    if cut := _cut_off(text.shown):
        yield Code.CUT_OFF.found(shown=one_line(cut.text[-12:]), line=line_of(cut, len(cut.text)))


def _places(shown: Sequence[ShownText], pattern: re.Pattern[str]) -> list[tuple[ShownText, re.Match[str]]]:
    """What is found in the shown texts."""
    return [(one, match) for one in shown for match in pattern.finditer(one.text)]


def _cut_off(shown: Sequence[ShownText]) -> ShownText | None:
    """The last text, if it breaks off within a sentence. Links and headings behind it are no part of the text."""
    last = next((one for one in reversed(shown) if not (one.is_link or one.is_heading)), None)
    return last if last and _CUT_OFF.search(last.text[-_END:]) else None


def _short(markup: str) -> str:
    return markup if len(markup) <= _SHOWN else f"{markup[:_SHOWN]}…"
