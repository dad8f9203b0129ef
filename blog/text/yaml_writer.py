"""Write YAML that Python and Ruby read alike and that shows small changes as small differences.

One key a line, strings always in double quotes, Japanese as itself, nothing wrapped: every value but a moment is
JSON, which YAML 1.2 contains.
"""

import json
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
    if isinstance(item, datetime):
        return moment(item)
    text = json.dumps(item, ensure_ascii=False, default=moment)
    return _UNREADABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
