"""Public path of a post, `/<yyyy>/<mm>/<dd>/<slug>/`: the only module that knows its form.

(The URLconf repeats it as routes; `tests/text/test_post_paths.py` compares the two.)
"""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import quote

_POST_PATH = re.compile(r"/(?P<day>\d{4}/\d{2}/\d{2})/(?P<slug>[^/]+)/")
_DAY_PATH = re.compile(r"/\d{4}/\d{2}/\d{2}/")
UNQUOTED = "/~:@!$&'()*+,;="
"""Characters that `reverse` does not quote: those of a path segment in RFC 3986."""


def post_path(day: date, slug: str) -> str:
    """Return a post's path as `Address` stores it: decoded, and NFC if the slug is."""
    return f"{day_path(day)}{slug}/"


def post_url(day: date, slug: str) -> str:
    """Return a post's path percent-encoded, for URLs."""
    return quote(post_path(day, slug), safe=UNQUOTED)


def day_path(day: date) -> str:
    """Return the common prefix of the paths of a day's posts."""
    return f"/{day:%Y/%m/%d}/"


def day_path_of(path: str) -> str:
    """Return the `day_path` at the start of `path`, or ""; the day need not exist in the calendar."""
    match = _DAY_PATH.match(path)
    return match[0] if match else ""


def is_post_path(path: str) -> bool:
    """Whether `path` has the form of a post's path; the day need not exist in the calendar."""
    return _POST_PATH.fullmatch(path) is not None


def day_and_slug(path: str) -> tuple[date, str] | None:
    """Parse a post's path, the inverse of `post_path`; None when it is not one."""
    match = _POST_PATH.fullmatch(path)
    try:
        return (date.fromisoformat(match["day"].replace("/", "-")), match["slug"]) if match else None
    except ValueError:
        return None
