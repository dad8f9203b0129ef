"""The values of a front matter, whatever somebody wrote there, in the types that its keys call for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from blog.text.defects import Defect
from blog.text.normalise import one_line

TEXTS = ("title", "excerpt", "description", "hero", "image", "canonical_url", "permalink")
LISTS = ("categories", "category", "tags", "authors", "author", "redirect_from")


def sound(meta: dict[str, Any], doubts: list[Defect]) -> dict[str, Any]:
    """`meta` without values that its keys cannot mean: a table as a title, `yes` (true, to YAML) as a tag."""
    said = dict(meta)
    for key in TEXTS:
        value = said.get(key)
        if isinstance(value, bool | list | dict):
            del said[key]
            if value:  # `image: false` says that there is none
                doubts.append(_no_text(key, value))
    for key in LISTS:
        if said.get(key) is None:
            continue
        # The authors of an export that have another role than writing are tables with a name.
        found = [item.get("name", item) if isinstance(item, dict) else item for item in items(said[key])]
        doubts += (_no_text(key, item) for item in found if isinstance(item, bool | list | dict))
        said[key] = [item for item in found if not isinstance(item, bool | list | dict)]
    return said


def _no_text(key: str, value: Any) -> Defect:
    shown = "true か false" if isinstance(value, bool) else one_line(str(value))[:40]
    return Defect(
        "front-matter", f"{key} に文字でない値があります（使いません。引用符で囲んでください）: {shown}"
    )


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


def names(meta: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A list of names; one bare name is a list of one."""
    return tuple(name for item in items(meta.get(key)) if item is not None and (name := one_line(str(item))))
