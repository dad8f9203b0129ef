"""Headings: levels, ids and the table of contents."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from blog.text.links import link_tokens
from blog.text.plain import inline_text

MAX_ID_LENGTH = 200
TOC_LEVELS = {2, 3}
CONTENTS = {"目次", "この記事の目次", "もくじ"}
"""Headings of a table of contents in a text, of which the page has its own."""
# `main` and `q` are ids of pages around texts; their other ids contain a colon, which no heading's id does. The rest are
# names in scripts of browsers, which an element with that id could answer to.
RESERVED = frozenset(
    ["main", "q", "__proto__", "attributes", "constructor", "cookie", "document", "frames", "location", "navigator", "opener",
     "prototype", "self", "window"]
)  # fmt: skip


@dataclass(frozen=True)
class Heading:
    """Entry of the table of contents."""

    level: int
    id: str
    text: str


def arrange_headings(tokens: Sequence[Token], *, prefix: str = "") -> tuple[Heading, ...]:
    """Give every heading an id, close gaps between levels (`_Outline`), and return the table of contents.

    Links within the text follow where an id is not the one that its heading alone would have: it is `RESERVED`, or there
    is a `prefix`.
    """
    contents = []
    taken: dict[str, int] = dict.fromkeys(RESERVED, 0)
    moved: dict[str, str] = {}
    outline = _Outline()
    for position, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        level, text = outline.level(token.tag), " ".join(inline_text(tokens[position + 1]).split())
        token.tag = tokens[position + 2].tag = f"h{level}"
        plain = heading_id(text)
        identifier = (f"{prefix}:" if prefix else "") + _unique(plain, taken)
        if prefix or plain in RESERVED:
            moved.setdefault(f"#{plain}", "#" + quote(identifier, safe=":"))
        token.attrSet("id", identifier)
        if level in TOC_LEVELS and text:
            contents.append(Heading(level=level, id=identifier, text=text))
    for link in link_tokens(tokens) if moved else ():
        href = str(link.attrGet("href"))
        link.attrSet("href", moved.get(unquote(href), href))
    return tuple(contents)


class _Outline:
    """Heading levels of a text without gaps, below the h1 of the page's title.

    A quarter of the archive begins with h3, and as many texts jump from h2 to h4: users of screen readers who move by
    headings would search for the missing level. Headings of equal level under one heading stay equal.
    """

    def __init__(self) -> None:
        self._open: list[int] = []  # levels as written, from the outermost heading to the one before

    def level(self, tag: str) -> int:
        """Return the level, 2 to 6, of the next heading, which the source marks as `tag`."""
        written = max(2, int(tag[1]))
        while self._open and self._open[-1] >= written:
            self._open.pop()
        self._open.append(written)
        return 1 + len(self._open)


def push_heading(
    state: StateBlock, line: int, *, level: int, marks: str, text: str, after: int | None = None
) -> None:
    """Add the tokens of a heading, by a block rule. `marks`: the markup before `text`; `after`: the line below it."""
    state.line = after or line + 1
    opening = state.push("heading_open", f"h{level}", 1)
    opening.map, opening.markup = [line, state.line], marks
    inline = state.push("inline", "", 0)
    inline.content, inline.children, inline.map = text.strip(), [], [line, state.line]
    state.push("heading_close", f"h{level}", -1)


def heading_id(text: str) -> str:
    """Compute a heading's id as GitHub does: lower case; letters, digits and marks kept, spaces to hyphens.

    In-page links in the archive were written for these ids.
    """
    kept = "".join(char for char in text.strip().lower() if char in " -" or _is_word(char))
    return kept.replace(" ", "-")[:MAX_ID_LENGTH] or "section"


def _is_word(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LMN" or category == "Pc"


def _unique(identifier: str, taken: dict[str, int]) -> str:
    """Append -1, -2 … to an id in use. `taken` stores the last number: otherwise repeats cost quadratic time."""
    number, unique = taken.get(identifier, 0), identifier
    while unique in taken:
        number += 1
        unique = f"{identifier}-{number}"
    taken[identifier] = number
    taken.setdefault(unique, 0)
    return unique
