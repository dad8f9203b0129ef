"""YAML writer whose output Python and Ruby read alike, and in which small changes make small diffs.

One key per line, strings always in double quotes, Japanese unescaped, no wrapping: every value but a date is
JSON, a subset of YAML 1.2.
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
# Characters that JSON does not escape, and that YAML parsers reject or treat as line ends.
_UNREADABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def block(values: Mapping[str, Any]) -> str:
    """Write a mapping as lines `key: value`, in its order."""
    return "".join(f"{_key(key)}: {value(item)}\n" for key, item in values.items())


def rows(items: Iterable[Mapping[str, Any]]) -> str:
    """Write a list of mappings, one block each."""
    written = ("- " + block(item).rstrip("\n").replace("\n", "\n  ") + "\n" for item in items)
    return "".join(written) or "[]\n"


def moment(value: datetime) -> str:
    """Write a datetime as Jekyll does: in Japan's time zone, to the second."""
    return f"{value.astimezone(TOKYO):%Y-%m-%d %H:%M:%S %z}"


def _key(key: str) -> str:
    plain = _PLAIN_KEY.fullmatch(key) and key.lower() not in _READ_AS_OTHERS
    return key if plain else value(key)


def value(item: Any) -> str:
    """Write a datetime or any JSON value on one line."""
    if isinstance(item, Mapping):
        return "{" + ", ".join(f"{_json(str(key))}: {value(one)}" for key, one in item.items()) + "}"
    if isinstance(item, list | tuple):
        return "[" + ", ".join(map(value, item)) + "]"
    if isinstance(item, datetime):
        return moment(item)
    return _number(item) if type(item) in (int, float) else _json(item)


def _number(number: int | float) -> str:
    """Write a number with the point that YAML 1.1 requires before an exponent, always in the same form for one value.

    PostgreSQL returns a large number as an integer, SQLite with an exponent; beyond 64 bits an integer is read back as
    text (`frontmatter`).
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
