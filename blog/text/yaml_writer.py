"""YAML writer that Python and Ruby read alike and that shows small changes as small differences.

One key a line, strings always in double quotes, Japanese as itself, nothing wrapped: every value but a moment is
JSON, which YAML 1.2 contains.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")
_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_READ_AS_OTHERS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
# What JSON leaves as it is and YAML's parsers refuse, or take for a line end.
_UNREADABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def block(values: Mapping[str, Any]) -> str:
    """`values` as lines `key: value`, in their order."""
    return "".join(f"{_key(key)}: {value(item)}\n" for key, item in values.items())


def rows(items: Iterable[Mapping[str, Any]]) -> str:
    """A list of mappings, a block each."""
    written = ("- " + block(item).rstrip("\n").replace("\n", "\n  ") + "\n" for item in items)
    return "".join(written) or "[]\n"


def moment(value: datetime) -> str:
    """As Jekyll writes dates: in Japan's time, to the second."""
    return f"{value.astimezone(TOKYO):%Y-%m-%d %H:%M:%S %z}"


def _key(key: str) -> str:
    plain = _PLAIN_KEY.fullmatch(key) and key.lower() not in _READ_AS_OTHERS
    return key if plain else value(key)


def value(item: Any) -> str:
    """A moment, or anything that JSON can say, on one line."""
    if isinstance(item, Mapping):
        return "{" + ", ".join(f"{_json(str(key))}: {value(one)}" for key, one in item.items()) + "}"
    if isinstance(item, list | tuple):
        return "[" + ", ".join(map(value, item)) + "]"
    if isinstance(item, datetime):
        return moment(item)
    return _number(item) if type(item) in (int, float) else _json(item)


def _number(number: int | float) -> str:
    """With the point that YAML 1.1 wants before an exponent, and in one form for one value.

    PostgreSQL gives a large number back as a whole one, SQLite with an exponent; beyond 64 bits a whole number is text
    to whoever reads (`frontmatter`).
    """
    if isinstance(number, float) and abs(number) >= 2**53 and math.isfinite(number):
        number = int(number)
    if isinstance(number, int) and not -(2**63) <= number < 2**63:
        number = float(number)
    text = _json(number)
    return text if "." in text else text.replace("e", ".0e")


def _json(item: Any) -> str:
    text = json.dumps(item, ensure_ascii=False)
    return _UNREADABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
