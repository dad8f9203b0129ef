"""Dialect of an imported file (`blog.text.dialects`), by what its front matter says or gives away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from blog.text.dialects import DIALECTS, JEKYLL, OLD_SITE, PLAIN

KEY = "dialect"
BY_NAME = {dialect.name or "plain": dialect for dialect in DIALECTS.values()}
"""Dialects by their name in front matter and on the command line."""
AUTO = "auto"
"""Choice: by the front matter."""
OF_TODAY = "of-today"
"""Choice: plain, since the file comes from a person or a program that writes for this site now."""

_OLD_GENERATOR: dict[str, Callable[[Any], bool]] = {
    "reading_time": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "pseo_type": bool,
    "pillar": bool,
    "pillar_article": bool,
    "comparison": bool,
    "related_articles": lambda value: isinstance(value, list) and any(isinstance(one, dict) for one in value),
}
"""Keys that only the old site's generator wrote, as it wrote them."""


def written(name: str) -> str:
    """Name of a dialect in front matter."""
    return name or "plain"


def dialect_of(meta: Mapping[str, Any], asked: str = AUTO) -> tuple[str, bool]:
    """Name of the dialect of a file, and whether that is certain: the file says so, or it was `asked` for by name.

    Our exports say it, but for those of older programs, in which what had once been imported was shown as the old site's.
    """
    if (said := str(meta.get(KEY, ""))) in BY_NAME:
        return BY_NAME[said].name, True
    if asked in BY_NAME:
        return BY_NAME[asked].name, True
    if asked == OF_TODAY:
        return PLAIN.name, False
    if "uuid" in meta:
        return (OLD_SITE if meta.get("import_ref") else PLAIN).name, True
    is_old = meta.get("layout") == "post" and any(
        is_meant(meta[key]) for key, is_meant in _OLD_GENERATOR.items() if key in meta
    )
    return (OLD_SITE if is_old else JEKYLL).name, False
