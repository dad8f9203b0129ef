"""Front matter values: the known keys, and whatever somebody wrote there in the types that they call for."""

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
    """Note what is found under a key. `words`: for the sentence of `code`, which knows `key` already."""

    def __call__(self, code: Code, key: str, /, **words: object) -> None: ...


class Shape(Enum):
    TEXT = auto()
    NAMES = auto()
    ANY = auto()
    """What one generator means by it is not what another does: the reader looks."""


@dataclass(frozen=True)
class Key:
    """`limit`: characters of a text or a name, as the columns have them."""

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
    "sitemap": Key(Shape.ANY),
}
"""What an `Article` says in fields of its own. All else in a front matter is kept as `extra`."""


def in_known_names(meta: dict[str, Any]) -> dict[str, Any]:
    """`meta` with the keys that we know by their own names, whatever their case and width: `Date`, ` ｔｉｔｌｅ`."""

    def known(key: str) -> str:
        name = unicodedata.normalize("NFKC", str(key)).strip().casefold()
        return name if name in KEYS and name not in meta else key

    return {known(key): value for key, value in meta.items()}


def sound(meta: dict[str, Any], announce: Tell) -> dict[str, Any]:
    """`meta` without values that its keys cannot mean: a table as a title, `yes` (true, to YAML) as a tag."""
    said = dict(meta)
    for key, shape in ((key, known.shape) for key, known in KEYS.items() if key in meta):
        value = meta[key]
        if shape is Shape.TEXT and isinstance(value, bool | list | dict):
            del said[key]
            if value:  # `image: false` says that there is none
                announce(Code.NOT_TEXT, key, shown=_shown(value))
        elif shape is Shape.NAMES:
            found = [_named(key, item, announce) for item in items(value)]
            for item in found:
                if isinstance(item, bool | list | dict):
                    announce(Code.NOT_TEXT, key, shown=_shown(item))
            said[key] = [item for item in found if not isinstance(item, bool | list | dict)]
    return said


def _named(key: str, item: Any, announce: Tell) -> Any:
    """The authors of an export that have another role than writing are tables with a name."""
    if not isinstance(item, dict) or "name" not in item:
        return item
    if unheeded := sorted(str(name) for name in item if name != "name"):
        announce(Code.AUTHOR_KEYS, key, unheeded="、".join(unheeded), name=one_line(str(item["name"]))[:40])
    return item["name"]


def _shown(value: Any) -> str:
    return "true か false" if isinstance(value, bool) else one_line(str(value))[:40]


def too_long(meta: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first key with a text or name beyond its limit, and what is to be said about it."""
    for key, limit in ((key, known.limit) for key, known in KEYS.items()):
        if limit and (long := next((name for name in names(meta, key) if len(name) > limit), None)):
            return key, f"{key} が長すぎます（{limit}字まで）: {long[:20]}…"
    return None


def plain(value: Any) -> Any:
    """As JSON on every database can keep it."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    return value if isinstance(value, float) and math.isfinite(value) else str(value)


def text(meta: Mapping[str, Any], key: str) -> str:
    """One text; "" when there is none."""
    value = meta.get(key)
    return "" if value is None else str(value).strip()


def items(value: Any) -> list[Any]:
    """A list; one bare value is a list of one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def names(meta: Mapping[str, Any], *keys: str) -> tuple[str, ...]:
    """The names in the lists under `keys`, each once; one bare name is a list of one."""
    found = (one_line(str(item)) for key in keys for item in items(meta.get(key)) if item is not None)
    return tuple(dict.fromkeys(filter(None, found)))
