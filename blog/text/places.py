"""Scan results: the places of a Markdown source, and the source with some of them rewritten (`blog.text.scan`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from markdown_it.helpers import parseLinkDestination

from blog.text.dialects import NotShown
from blog.text.positions import Span

_VISIBLE = re.compile(r"[^\n]")
_ESCAPED = re.compile(r"[()&]")
_ENCODED = re.compile(r"[\x00-\x1f\x7f\"<>\[\\\]`{|}]")
"""What the renderer writes as %XX, so that it means the same, and could begin or end something else around a link."""


@dataclass(frozen=True, slots=True)
class Place:
    """Place in the source: begins at `source[start]` and links to `url`, as written. `line` counts from 1."""

    start: int
    line: int
    url: str


@dataclass(frozen=True, slots=True)
class Link(Place):
    """A link that readers see; `href`: its attribute."""

    href: str


@dataclass(frozen=True, slots=True)
class Image(Place):
    """An image that readers see; `src`, `alt`: its attributes."""

    src: str
    alt: str


@dataclass(frozen=True, slots=True)
class PrintedCode:
    """Printed code that readers see; `spans`: where it stands with its marks, line by line."""

    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, at the level at which it is written: 1 to 6."""

    level: int
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class ShownText:
    """The text of a heading, paragraph or cell as readers see it, without printed code, line by line from `line` on.
    `is_link`: nothing but links."""

    text: str
    line: int
    is_heading: bool
    is_link: bool


@dataclass(frozen=True, slots=True)
class Block:
    """The lines `source[start:end]` of a block that is no part of another. `kind` as markdown-it calls it:
    `heading`."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Target:
    """The URL of a link, an image or a definition, which can be rewritten at `source[start:end]`.

    Also where readers see nothing of it: a definition that nothing uses, a footnote that nothing refers to.
    """

    url: str
    start: int
    end: int
    line: int
    is_image: bool


Change = Callable[[Target], str | None]
"""Callback that returns a target's new URL, or None to keep it."""
Edit = tuple[Span, str]
"""Replacement of a span of the source."""


@dataclass(frozen=True, slots=True)
class Scan:
    """Scan result of `source`, each list in source order.

    `paragraphs`: the words of each, without markup, also in lists and quotations. `related`: where the links of a pasted
    「関連記事」 lead that is not shown (`blog.text.pasted`). `hidden`: what the parser drops, line by line: leftovers of a
    generator, and definitions that hide a comment. `not_shown`: what the dialect hides, leftovers and whole blocks.
    """

    source: str
    links: tuple[Link, ...]
    images: tuple[Image, ...]
    code: tuple[PrintedCode, ...]
    headings: tuple[Heading, ...]
    paragraphs: tuple[str, ...]
    shown: tuple[ShownText, ...]
    blocks: tuple[Block, ...]
    targets: tuple[Target, ...]
    related: tuple[str, ...]
    hidden: tuple[Span, ...]
    not_shown: tuple[NotShown, ...]

    def without_code(self) -> str:
        """Return the source with code blanked out; positions and lines stay the same."""
        return self._blanked(span for code in self.code for span in code.spans)

    def as_shown(self) -> str:
        """Return the source with code and what the parser drops (comments) blanked out; positions and lines stay the same."""
        return self._blanked(sorted((*(span for code in self.code for span in code.spans), *self.hidden)))

    def _blanked(self, spans: Iterable[Span]) -> str:
        return replaced(self.source, ((span, _VISIBLE.sub(" ", self.source[slice(*span)])) for span in spans))

    def retargeted(self, change: Change) -> str:
        """Return the source with the new URLs that `change` gives to targets."""
        return replaced(self.source, self.retargets(change))

    def retargets(self, change: Change) -> Iterator[Edit]:
        """The edits that `retargeted` makes."""
        for target in self.targets:
            url = change(target)
            if url is not None:
                is_pointed = self.source[target.start - 1 : target.start] == "<"
                yield (target.start, target.end), _written(url, is_pointed=is_pointed)


def line_starts(source: str) -> list[int]:
    """Start position of each line of `source`, and of the line after the last."""
    return [0, *(end.end() for end in re.finditer("\n", source)), len(source) + 1]


def replaced(source: str, edits: Iterable[Edit]) -> str:
    """Apply `edits` to `source`; they are in order and do not overlap."""
    pieces, at = [], 0
    for (start, end), text in edits:
        pieces += [source[at:start], text]
        at = end
    return "".join((*pieces, source[at:]))


def _written(url: str, *, is_pointed: bool) -> str:
    """Write `url` as a Markdown link destination."""
    url = _ENCODED.sub(lambda sign: quote(sign[0]), url)
    if not is_pointed:
        url = url.replace(" ", "%20")
    written = f"<{url}>" if is_pointed else url
    read = parseLinkDestination(written, 0, len(written))
    is_read = read.ok and read.str == url and read.pos == len(written)
    return url if is_read else _ESCAPED.sub(r"\\\g<0>", url)
