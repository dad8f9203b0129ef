"""Date parser for the formats of site generators and people. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from blog.text.frontmatter import parse_date
from blog.text.normalise import one_line
from blog.transfer.importing.paths import TOKYO


def moment_of(value: Any) -> datetime | None:
    """Parse a date or time in any known format; None when `value` is none."""
    text = one_line(unicodedata.normalize("NFKC", str(value)))
    for read in (_as_ours, _in_japanese, _bare, _in_words):
        try:
            return parse_date(read(text), zone=TOKYO)
        except (ValueError, OverflowError):
            continue
    return None


def _as_ours(text: str) -> str:
    return text


def _in_japanese(text: str) -> str:
    """Parse Japanese formats: `2026年1月5日 9時30分`, `2026/1/5 9:30`, `2026.1.5`."""
    day = re.sub(r"^(\d{4})[年/.](\d{1,2})[月/.](\d{1,2})日?\s*", r"\1-\2-\3 ", text)
    return re.sub(
        r"(\d{1,2})時(?:(\d{1,2})分)?", lambda found: f"{found[1]}:{int(found[2] or 0):02}", day
    ).strip()


def _bare(text: str) -> str:
    """Parse bare digits: `2026`, `2026-01`, `20260105`."""
    found = re.fullmatch(r"(\d{4})(?:[-/年]?(\d{1,2})(?:(?<=\d{6})(\d{2}))?月?)?年?", text)
    if found is None:
        raise ValueError("no date")
    return f"{found[1]}-{found[2] or 1}-{found[3] or 1}"


def _in_words(text: str) -> datetime:
    """Parse English formats: `Jul 08 2022` (Astro), `8 July 2022`, `Fri, 08 Jul 2022 10:00:00 GMT` (RFC 2822)."""
    plain = text.replace(",", "")
    for form in ("%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y"):
        try:
            return datetime.strptime(plain, form)
        except ValueError:
            continue
    return parsedate_to_datetime(text)
