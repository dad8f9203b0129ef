"""Markdown scanner: links, images, code and headings of a source, with line numbers and positions for rewriting.

They come from the tokens of the parser that also renders the text (`blog.text.parser`): what is found here is what
readers get, and nothing else. A source has the line ends of `blog.text.normalise`. To scan it costs what parsing it
costs, about a third of rendering.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from markdown_it.common.utils import unescapeAll
from markdown_it.token import Token

from blog.text.dialects import PLAIN, Dialect, Hiding, NotShown, not_shown
from blog.text.leftovers import drop_empty_blocks
from blog.text.parser import alt_text, parser
from blog.text.pasted import drop_pasted
from blog.text.places import (
    Block,
    Heading,
    Image,
    Link,
    PrintedCode,
    Scan,
    ShownText,
    Target,
    line_starts,
)
from blog.text.plain import BREAKS, inline_text
from blog.text.positions import NOTED, Definition, Mark, Span, by_line

_COMMENT = ("", "#")
"""URL of `[//]: # (a note)`: an unused definition is the usual way to hide a comment in Markdown."""


def scan(source: str, *, title: str = "", dialect: Dialect = PLAIN, imported: str | None = None) -> Scan:
    """Scan a Markdown `source`. `title`, `dialect`, `imported` as in `blog.text.markdown.render`."""
    hiding = Hiding(source, dialect=dialect, imported=imported)
    reader = _Reader(source, hiding)
    reader.read()
    drop_pasted(drop_empty_blocks(reader.tokens), title=title, hiding=hiding)  # notes what it drops
    return Scan(
        source=source,
        links=tuple(sorted(reader.links, key=lambda link: link.start)),
        images=tuple(sorted(reader.images, key=lambda image: image.start)),
        code=tuple(sorted(reader.code, key=lambda code: code.spans)),
        headings=tuple(reader.headings),
        paragraphs=tuple(reader.paragraphs),
        shown=tuple(reader.shown),
        blocks=tuple(reader.blocks),
        targets=tuple(sorted(reader.targets, key=lambda target: target.start)),
        related=tuple(hiding.related),
        hidden=tuple(sorted(reader.hidden)),
        not_shown=tuple(sorted([*hiding.found, *reader.not_shown], key=lambda place: place.lines)),
    )


def find_images(source: str) -> tuple[Image, ...]:
    """Find the images of `source`, which is parsed only if it may have some."""
    return scan(source).images if "![" in source else ()


class _Reader:
    """Converter of tokens to places."""

    def __init__(self, source: str, hiding: Hiding) -> None:
        self.source = source
        self.env: dict[str, Any] = {NOTED: True, "hiding": hiding}
        self.tokens = parser().parse(source, self.env)
        self.starts = line_starts(source)
        self.definitions: dict[str, Definition] = {}
        for definition in self.env.get("definitions", ()):
            self.definitions.setdefault(definition.label, definition)  # of two the first one counts
        self.used: dict[str, bool] = {}  # labels: whether an image uses them
        self.links: list[Link] = []
        self.images: list[Image] = []
        self.code: list[PrintedCode] = []
        self.headings: list[Heading] = []
        self.paragraphs: list[str] = []
        self.shown: list[ShownText] = []
        self.blocks: list[Block] = []
        self.targets: list[Target] = []
        self.not_shown: list[NotShown] = []
        self.hidden: list[Span] = list(self.env.get("leftovers", ()))

    def read(self) -> None:
        shown = set(map(id, self.tokens))
        before = None
        for token in self.env["blocks"]:
            is_shown = id(token) in shown
            if token.map and token.level == 0 and token.nesting >= 0:
                self._block(token, *token.map)
            if token.type in {"fence", "code_block"} and is_shown:
                self._code_block(token, *token.map)
            elif token.type == "inline":
                if is_shown and before:
                    self._text(before, token)
                for mark in token.meta["marks"]:
                    self._mark(token, mark, is_shown=is_shown and not mark.is_in_alt)
            before = token
        for definition in self.env.get("definitions", ()):
            self._definition(definition)

    def _block(self, token: Token, first: int, after: int) -> None:
        end = min(self.starts[after], len(self.source))
        self.blocks.append(Block(token.type.removesuffix("_open"), self.starts[first], end))

    def _text(self, opening: Token, inline: Token) -> None:
        text = " ".join(inline_text(inline).split())
        self.shown.append(_shown(opening, inline))
        if opening.type == "heading_open":
            line = opening.map[0] + 1 if opening.map else 1
            self.headings.append(Heading(int(opening.tag[1]), text, line))
        elif opening.type == "paragraph_open":
            self.paragraphs.append(text)

    def _code_block(self, token: Token, first: int, after: int) -> None:
        """Its lines are the ends of lines of the source, behind the marks of what it stands in."""
        if known := token.meta.get("spans"):
            self.code.append(PrintedCode(token.content, known))
            return
        lines = token.content.removesuffix("\n").split("\n") if token.content else []
        if token.type == "fence":
            lines.insert(0, token.markup + token.info)
        spans = []
        for number in range(first, after):
            start, end = self.starts[number], self.starts[number + 1] - 1
            if number - first < len(lines):
                start = end - len(lines[number - first].lstrip(" \t"))
            else:  # the end of a fence
                start += len(self.source[start:end].rstrip(" \t").rstrip(token.markup))
            spans.append((start, end))
        self.code.append(PrintedCode(token.content, tuple(spans)))

    def _mark(self, inline: Token, mark: Mark, *, is_shown: bool) -> None:
        spans = tuple(by_line(inline, mark.start, mark.end, with_blank=mark.token is None))
        token, start = mark.token, spans[0][0]
        if token is None:
            self.hidden += spans
            for begin, end in spans:
                line = self._line(begin) - 1
                if mark.reason:
                    self.not_shown.append(not_shown(mark.reason, line, line, self.source[begin:end]))
        elif token.type == "code_inline":
            self.code += [PrintedCode(token.content, spans)] if is_shown else []
        else:
            url = self._url(inline, mark, token)
            if is_shown and token.type == "image":
                src, alt = str(token.attrGet("src")), alt_text(token, self.env)
                self.images.append(Image(start, self._line(start), url, src, alt))
            elif is_shown:
                self.links.append(Link(start, self._line(start), url, str(token.attrGet("href"))))

    def _url(self, inline: Token, mark: Mark, token: Token) -> str:
        is_image = token.type == "image"
        if label := token.meta.get("label"):
            self.used[label] = is_image or self.used.get(label, False)
            return self.definitions[label].url
        if mark.url:
            url = unescapeAll(inline.content[slice(*mark.url)])
            spans = tuple(by_line(inline, *mark.url))
            if len(spans) == 1:  # markdown-it lets one go on in the next line after a backslash
                self.targets.append(Target(url, *spans[0], self._line(spans[0][0]), is_image))
            return url
        return inline.content[mark.start : mark.end].strip("<>") if token.info == "auto" else ""

    def _definition(self, definition: Definition) -> None:
        label, url, (start, end), lines = definition
        if url in _COMMENT and label not in self.used:
            self.hidden += lines
        if url:
            self.targets.append(Target(url, start, end, self._line(start), self.used.get(label, False)))

    def _line(self, position: int) -> int:
        return bisect_right(self.starts, position)


def _shown(opening: Token, inline: Token) -> ShownText:
    parts, in_links, open_links = [], True, 0
    for child in inline.children or ():
        open_links += child.nesting if child.type in ("link_open", "link_close") else 0
        if child.type in BREAKS:
            parts.append("\n")
        elif child.type in ("text", "ruby"):
            parts.append(child.content)
            in_links = in_links and (open_links > 0 or not child.content.strip())
        elif child.type == "code_inline":
            parts.append(" ")
            in_links = in_links and open_links > 0
    line = (inline.map or opening.map or [0])[0] + 1
    return ShownText("".join(parts).rstrip(), line, opening.type == "heading_open", in_links)
