"""Value types of content fields, with their normalisation and JSON conversion.

No models, as in `content_fields`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from enum import Enum, auto
from typing import Any

from blog.text.dialects import DIALECTS, PLAIN
from blog.text.names import unique_names
from blog.text.normalise import normalise, one_line


class Kind(Enum):
    """Type of a content field: decides its form widget, storage, comparison, merge and front-matter format."""

    LINE = auto()
    TEXT = auto()
    """Multi-line plain text."""
    MARKDOWN = auto()
    """Markdown, merged by paragraph and sentence; any other kind but TERMS is merged as a whole."""
    URL = auto()
    DAY = auto()
    FLAG = auto()
    TERM = auto()
    """Name of one taxonomy term; `blog.models.TERMS` maps the field's name to the model."""
    TERM_IN_LIST = auto()
    """Name of one term, which front matter writes as a list."""
    TERMS = auto()
    """Names of several terms, merged one by one."""
    CREDITS = auto()
    IMAGE = auto()
    """An `Image.hash`."""
    PATHS = auto()
    """Public paths, as `Address` stores them."""
    DIALECT = auto()
    """Name of a dialect (`blog.text.dialects`); unknown ones are plain."""
    OTHER_KEYS = auto()
    """Unknown front-matter keys."""


TYPED_AS_IS = {Kind.LINE, Kind.TEXT, Kind.MARKDOWN, Kind.URL, Kind.TERM_IN_LIST, Kind.TERM}
"""Kinds whose typed text is kept as the value without parsing, even when it is invalid."""
ON_ONE_LINE = {Kind.LINE, Kind.URL, Kind.TERM_IN_LIST, Kind.TERM, Kind.IMAGE}


@dataclass(frozen=True, slots=True)
class Credit:
    """One by-line: an author's name, and the role as in `Byline.Role`."""

    author: str
    role: str = "writer"


def as_json(kind: Kind, value: Any) -> Any:
    """Convert `value` to plain JSON types."""
    match kind:
        case Kind.DAY:
            return value and value.isoformat()
        case Kind.TERMS | Kind.PATHS:
            return list(value)
        case Kind.CREDITS:
            return [asdict(credit) for credit in value]
        case Kind.OTHER_KEYS:
            return dict(value)
    return value


def from_json(kind: Kind, value: Any, *, order: Iterable[str] | None = None) -> Any:
    """Inverse of `as_json`. `order`: the key order of OTHER_KEYS, if known (PostgreSQL sorts JSON keys)."""
    match kind:
        case Kind.DAY:
            return date.fromisoformat(value) if value else None
        case Kind.TERMS | Kind.PATHS:
            return tuple(value)
        case Kind.CREDITS:
            return tuple(Credit(**credit) for credit in value)
        case Kind.OTHER_KEYS:
            return {key: value[key] for key in (value if order is None else order)}
    return value


def normalised(kind: Kind, value: Any) -> Any:
    """Normalise `value`: NFC, LF line endings, no control characters, single-line kinds on one line, unique tags."""
    if kind in ON_ONE_LINE:
        return one_line(value)
    match kind:
        case Kind.TEXT:
            return normalise(value).strip()
        case Kind.MARKDOWN:
            return normalise(value)
        case Kind.TERMS:
            return unique_names(value)
        case Kind.CREDITS:
            return tuple(Credit(one_line(credit.author), credit.role) for credit in value)
        case Kind.DIALECT:
            return value if value in DIALECTS else PLAIN.name
    return value
