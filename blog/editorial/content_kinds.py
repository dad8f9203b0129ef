"""Kinds of value that a field of a post's content may have, and how each is kept.

No models, as in `content_fields`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from enum import Enum, auto
from typing import Any

from blog.text.names import unique_names
from blog.text.normalise import normalise, one_line


class Kind(Enum):
    """What a value is: how it is typed, kept, compared, merged and written in a file follows from it."""

    LINE = auto()
    TEXT = auto()
    """Of several lines."""
    MARKDOWN = auto()
    """Merged in words; any other kind but TERMS is merged as a whole."""
    URL = auto()
    DAY = auto()
    FLAG = auto()
    TERM = auto()
    """The name of one thing that posts are filed under: which, `blog.models.TERMS` says by the name of the field."""
    TERM_IN_LIST = auto()
    """The same; in a front matter it stands in a list."""
    TERMS = auto()
    """Names of several, merged one by one."""
    CREDITS = auto()
    IMAGE = auto()
    """An `Image.hash`."""
    PATHS = auto()
    """Public paths, as `Address` stores them."""
    OTHER_KEYS = auto()
    """Of a front matter."""


TYPED_AS_IS = {Kind.LINE, Kind.TEXT, Kind.MARKDOWN, Kind.URL, Kind.TERM_IN_LIST, Kind.TERM}
"""What somebody types of these is a value, however wrong it may be."""
ON_ONE_LINE = {Kind.LINE, Kind.URL, Kind.TERM_IN_LIST, Kind.TERM, Kind.IMAGE}


@dataclass(frozen=True, slots=True)
class Credit:
    """One by-line: an author's name, and the role as in `Byline.Role`."""

    author: str
    role: str = "writer"


def as_json(kind: Kind, value: Any) -> Any:
    """`value` in plain JSON types."""
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
    """What `as_json` was given. `order`: of the keys of OTHER_KEYS, if it is known."""
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
    """NFC, one kind of line ending, no control characters, one line where one belongs, each tag once."""
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
    return value
