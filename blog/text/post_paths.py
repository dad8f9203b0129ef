"""The public path of a post, `/<yyyy>/<mm>/<dd>/<slug>/`: the one module that knows its shape.

(The URLconf has it a second time, as routes; `tests/text/test_post_paths.py` compares the two.)
"""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import quote

_POST_PATH = re.compile(r"/(?P<day>\d{4}/\d{2}/\d{2})/(?P<slug>[^/]+)/")
_DAY_PATH = re.compile(r"/\d{4}/\d{2}/\d{2}/")
_UNQUOTED = "/~:@!$&'()*+,;="
"""What `reverse` leaves as it is: RFC 3986, the characters of a path segment."""


def post_path(day: date, slug: str) -> str:
    """The path as `Address` stores it: decoded, NFC when the slug is."""
    return f"{day_path(day)}{slug}/"


def post_url(day: date, slug: str) -> str:
    """The path as an address bar has it: percent-encoded."""
    return quote(post_path(day, slug), safe=_UNQUOTED)


def day_path(day: date) -> str:
    """What the paths of all posts of a day begin with."""
    return f"/{day:%Y/%m/%d}/"


def day_path_of(path: str) -> str:
    """The `day_path` that `path` begins with, "" without; the day need not be in the calendar."""
    match = _DAY_PATH.match(path)
    return match[0] if match else ""


def is_post_path(path: str) -> bool:
    """Whether a post could have this path; the day need not be in the calendar."""
    return _POST_PATH.fullmatch(path) is not None


def day_and_slug(path: str) -> tuple[date, str] | None:
    """What `post_path` made `path` of; None when it did not."""
    match = _POST_PATH.fullmatch(path)
    try:
        return (date.fromisoformat(match["day"].replace("/", "-")), match["slug"]) if match else None
    except ValueError:
        return None
