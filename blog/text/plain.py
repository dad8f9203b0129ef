"""Plain text of a rendered post, for search and excerpts."""

from collections.abc import Sequence

from markdown_it.token import Token

BREAKS = {"softbreak", "hardbreak"}
_WORDS = {"text", "code_inline", "ruby"}  # a ruby token's content is the base, without the readings
_CODE = {"fence", "code_block"}


def inline_text(inline: Token) -> str:
    """Return the visible text of one inline token: no markup, ruby readings or footnote marks."""
    return visible(inline.children or ())


def visible(children: Sequence[Token]) -> str:
    """Return the visible text of inline tokens (see `inline_text`)."""
    parts = []
    for child in children:
        if child.type in _WORDS:
            parts.append(child.content)
        elif child.type in BREAKS:
            parts.append("\n")
    return "".join(parts).strip()


def plain_text(tokens: Sequence[Token]) -> str:
    """Return the visible text, one block (paragraph, heading, cell, code) after another on its own lines."""
    blocks = []
    for token in tokens:
        if token.type == "inline":
            text = inline_text(token)
            blocks.append(text + token.meta.get("plain_end", "") if text else "")
        elif token.type in _CODE:
            blocks.append(token.content.strip("\n"))
    return "\n".join(block for block in blocks if block)


def count_characters(text: str) -> int:
    """Return the number of characters that are not white space."""
    return sum(len(word) for word in text.split())
