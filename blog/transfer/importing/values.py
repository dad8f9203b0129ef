"""Front matter values: known keys, and conversion of their values to the expected types."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Protocol

from blog.editorial.content_fields import FIELDS
from blog.editorial.content_kinds import Kind
from blog.text.findings import Code
from blog.text.normalise import one_line


class Tell(Protocol):
    """Callback that reports a finding about the value of a key. `words`: what the sentence of `code` needs besides the key."""

    def __call__(self, code: Code, key: str, /, **words: object) -> None: ...


class Shape(Enum):
    TEXT = auto()
    NAMES = auto()
    ANY = auto()
    """Not checked here: generators differ in its meaning, and the reader interprets it."""


@dataclass(frozen=True)
class Key:
    """Declaration of a known key. `limit`: maximum characters of a text or a name, as in the column."""

    shape: Shape
    limit: int | None = None


OF_KIND = {
    Kind.LINE: Shape.TEXT,
    Kind.TEXT: Shape.TEXT,
    Kind.URL: Shape.TEXT,
    Kind.IMAGE: Shape.TEXT,
    Kind.TERM_IN_LIST: Shape.NAMES,
    Kind.TERMS: Shape.NAMES,
    Kind.CREDITS: Shape.NAMES,
}


def _declared() -> Iterator[tuple[str, Key]]:
    for declared in FIELDS.values():
        limit = declared.limit if declared.kind is not Kind.URL else None  # a long one is cut, not refused
        for key in filter(None, (declared.key, *declared.aliases)):
            yield key, Key(OF_KIND.get(declared.kind, Shape.ANY), limit)


KEYS = dict(_declared()) | {
    "date": Key(Shape.ANY),
    "published": Key(Shape.ANY),
    "permalink": Key(Shape.TEXT),
    "redirect_from": Key(Shape.NAMES),
    "robots": Key(Shape.NAMES),
    "dialect": Key(Shape.ANY),
    "sitemap": Key(Shape.ANY),
}
"""Front-matter keys with their own field in `Article`. All other keys are kept as `extra`."""


def in_known_names(meta: dict[str, Any]) -> dict[str, Any]:
    """Normalise known keys of `meta` in case and width: `Date`, ` ｔｉｔｌｅ`."""

    def known(key: str) -> str:
        name = unicodedata.normalize("NFKC", str(key)).strip().casefold()
        return name if name in KEYS and name not in meta else key

    return {known(key): value for key, value in meta.items()}


def sound(meta: dict[str, Any], announce: Tell) -> dict[str, Any]:
    """Drop values of the wrong type from `meta`: a mapping as a title, `yes` (true in YAML) as a tag."""
    said = dict(meta)
    for key, shape in ((key, known.shape) for key, known in KEYS.items() if key in meta):
        value = meta[key]
        if shape is Shape.TEXT and isinstance(value, bool | list | dict):
            del said[key]
            if value:  # `image: false` means no image
                announce(Code.NOT_TEXT, key, shown=_shown(value))
        elif shape is Shape.NAMES:
            found = [_named(key, item, announce) for item in items(value)]
            for item in found:
                if isinstance(item, bool | list | dict):
                    announce(Code.NOT_TEXT, key, shown=_shown(item))
            said[key] = [item for item in found if not isinstance(item, bool | list | dict)]
    return said


def _named(key: str, item: Any, announce: Tell) -> Any:
    """Name in a list item; our exports write authors with a role as mappings with a name."""
    if not isinstance(item, dict) or "name" not in item:
        return item
    if unheeded := sorted(str(name) for name in item if name != "name"):
        announce(Code.AUTHOR_KEYS, key, unheeded="、".join(unheeded), name=one_line(str(item["name"]))[:40])
    return item["name"]


def _shown(value: Any) -> str:
    return "true か false" if isinstance(value, bool) else one_line(str(value))[:40]


def too_long(meta: Mapping[str, Any]) -> tuple[str, str] | None:
    """First key whose text or name exceeds its limit, with a message; None when there is none."""
    for key, limit in ((key, known.limit) for key, known in KEYS.items()):
        if limit and (long := next((name for name in names(meta, key) if len(name) > limit), None)):
            return key, f"{key} が長すぎます（{limit}字まで）: {long[:20]}…"
    return None


def plain(value: Any) -> Any:
    """Convert `value` to JSON types that every database can store."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    return value if isinstance(value, float) and math.isfinite(value) else str(value)


def text(meta: Mapping[str, Any], key: str) -> str:
    """String under `key`; "" when absent."""
    value = meta.get(key)
    return "" if value is None else str(value).strip()


def items(value: Any) -> list[Any]:
    """Value as a list; a single value is a list of one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def names(meta: Mapping[str, Any], *keys: str) -> tuple[str, ...]:
    """Unique names in the lists under `keys`; a single name is a list of one."""
    found = (one_line(str(item)) for key in keys for item in items(meta.get(key)) if item is not None)
    return tuple(dict.fromkeys(filter(None, found)))
