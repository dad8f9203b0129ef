"""Diff of two versions of a post, side by side, by word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from blog.editorial.content import Content
from blog.editorial.content_fields import FIELDS, ContentField
from blog.editorial.content_kinds import Kind
from blog.models import Byline, Image
from blog.text.dialects import DIALECTS
from blog.text.difference import Change, difference
from blog.text.names import format_tags

SKIPPED = '<details class="same"><summary>同じ部分 {1}文字</summary>{0}</details>'
CONTEXT = 120
"""Characters of unchanged context shown on both sides of a change."""


@dataclass(frozen=True)
class FieldChange:
    """A field that differs. `pieces` come from `difference`, with long unchanged parts marked "skip"."""

    name: str
    label: str
    pieces: list[tuple[str, str]]

    @property
    def before(self) -> SafeString:
        return _marked(piece for piece in self.pieces if piece[0] != "insert")

    @property
    def after(self) -> SafeString:
        return _marked(piece for piece in self.pieces if piece[0] != "delete")

    @property
    def both(self) -> SafeString:
        return _marked(self.pieces)


Comparison = list[FieldChange]


def compare(before: Content, after: Content, *, only: Iterable[str] = FIELDS) -> Comparison:
    """Diff `before` and `after`, in the order of `FIELDS`. One query for each image that differs."""
    changed = before.diff(after)
    return [
        FieldChange(
            name,
            declared.label,
            list(_folded(difference(*(_in_words(declared, side) for side in changed[name])))),
        )
        for name, declared in FIELDS.items()
        if name in changed and name in only
    ]


def _in_words(declared: ContentField, value: Any) -> str:
    match declared.kind:
        case Kind.TERMS:
            return format_tags(value)
        case Kind.CREDITS:
            return "、".join(f"{Byline.Role(credit.role).label} {credit.author}" for credit in value)
        case Kind.PATHS:
            return "\n".join(value)
        case Kind.FLAG:
            return "はい" if value else "いいえ"
        case Kind.DIALECT:
            return DIALECTS[value].label
        case Kind.IMAGE if value:
            return str(Image.objects.filter(hash=value).first() or "（なくなった画像）")
    return str(value or "")


def _marked(pieces: Iterable[tuple[str, str]]) -> SafeString:
    marks = {"equal": "{0}", "insert": "<ins>{0}</ins>", "delete": "<del>{0}</del>", "skip": SKIPPED}
    return format_html_join("", "{}", ((format_html(marks[kind], text, len(text)),) for kind, text in pieces))


def _folded(changes: list[Change]) -> Iterator[tuple[str, str]]:
    for position, (operation, text) in enumerate(changes):
        head = CONTEXT if position else 0
        tail = CONTEXT if position < len(changes) - 1 else 0
        if operation != "equal" or len(text) < head + tail + CONTEXT:
            yield operation, text
            continue
        yield from (
            ("equal", text[:head]),
            ("skip", text[head : len(text) - tail]),
            ("equal", text[len(text) - tail :]),
        )
