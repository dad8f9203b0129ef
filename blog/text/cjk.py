"""CJK-friendly emphasis for markdown-it-py.

CommonMark decides by punctuation and spaces whether `**` may open or close, and Japanese has no spaces:
`**「重要」**が` stays literal. This implements the specification tats-u/markdown-cjk-friendly:
a CJK character next to the delimiters counts like a space or punctuation.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from markdown_it.utils import EnvType

# Maximum nesting of links, images and emphasis; deeper ones stay text. Hostile brackets cost in proportion
# (50 KB of `[`: 1 s), so this is less than the option `maxNesting`, beyond which blocks lose their content.
INLINE_NESTING = 20


def cjk_friendly_emphasis(md: MarkdownIt) -> None:
    """markdown-it plugin: let emphasis and strikethrough open and close next to Japanese text."""
    inline = _CJKInline()
    inline.__dict__.update(md.inline.__dict__)
    md.inline = inline


def mark_japanese_emphasis(tokens: Sequence[Token]) -> None:
    """Add the class `dotted` to emphasis on Japanese, which is set with dots; Latin letters are set in italics."""
    for token in tokens:
        opened: list[Token] = []
        for child in token.children or ():
            if child.type == "em_open":
                opened.append(child)
            elif child.type == "em_close":
                opened.pop()
            elif opened and any(_is_cjk(char, ord(char)) for char in child.content):
                for around in opened:
                    around.attrSet("class", "dotted")


class _CJKState(StateInline):
    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:
        end = start
        while end < self.posMax and self.src[end] == self.src[start]:
            end += 1
        before = self.src[start - 1] if start else " "
        if "\ufe00" <= before <= "\ufe0e" and start > 1:
            before = self.src[start - 2]  # the character that a variation selector belongs to
        after = self.src[end] if end < self.posMax else " "

        space_before, punctuation_before, cjk_before = _kind(before)
        space_after, punctuation_after, cjk_after = _kind(after)
        left_flanking = not space_after and (
            not punctuation_after or cjk_after or space_before or punctuation_before or cjk_before
        )
        right_flanking = not space_before and (
            not punctuation_before or cjk_before or space_after or punctuation_after or cjk_after
        )
        return Scanned(
            left_flanking and (canSplitWord or not right_flanking or punctuation_before),
            right_flanking and (canSplitWord or not left_flanking or punctuation_after),
            end - start,
        )


class _CJKInline(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        state = _CJKState(src, md, env, tokens)
        state.level = md.options["maxNesting"] - INLINE_NESTING
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


@lru_cache(maxsize=4096)
def _kind(char: str) -> tuple[bool, bool, bool]:
    """Return whether `char` is white space, punctuation, CJK."""
    code = ord(char)
    return isWhiteSpace(code), isMdAsciiPunct(code) or isPunctChar(char), _is_cjk(char, code)


def _is_cjk(char: str, code: int) -> bool:
    if code < 0x1100 or 0x1F000 <= code <= 0x1FAFF:  # below Hangul; emoji
        return False
    if 0xE0100 <= code <= 0xE01EF:  # ideographic variation selectors
        return True
    return unicodedata.east_asian_width(char) in "WFH"
