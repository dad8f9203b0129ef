"""Edited lines of an imported text, in the front matter of an export.

An export has one text of each post, not its revisions. What a dialect would hide, had nobody edited it, is therefore
named in the file, and a restore makes two revisions: what is left of the imported text, and the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from blog.editorial.content import Content
from blog.text.dialects import DIALECTS
from blog.transfer.importing.assets import Assets

KEY = "edited"
_SUMMARIES = ("excerpt", "description")


def edited_parts(content: Content, imported: Content | None, assets: Assets) -> dict[str, list[str]] | None:
    """Lines of the body, and names of summaries, that are not hidden because they were edited; None without any."""
    if imported is None:
        return None
    dialect = DIALECTS[content.dialect]
    lines = assets.outward("\n".join(_edited_lines(content, imported)))
    summaries = _SUMMARIES if dialect.cut_summaries else ()
    fields = [name for name in summaries if getattr(content, name) not in ("", getattr(imported, name))]
    found = {"lines": lines.split("\n") if lines else [], "fields": fields}
    return {name: values for name, values in found.items() if values} or None


def _edited_lines(content: Content, imported: Content) -> Iterator[str]:
    came = set(map(str.rstrip, imported.body.split("\n")))
    lines = list(map(str.rstrip, content.body.split("\n")))
    told = set()
    for first, after in (place.lines for place in content.scan().not_shown):
        for line in lines[first : max(after, first + 1)]:
            if line and line not in came and line not in told:
                told.add(line)
                yield line


def as_imported(content: Content, parts: Mapping[str, list[str]], assets: Assets) -> Content:
    """What is left of the imported text in `content`: all but the edited `parts`."""
    edited = set(assets.inward("\n".join(parts.get("lines", ()))).split("\n")) - {""}
    body = "\n".join(line for line in content.body.split("\n") if line.rstrip() not in edited)
    summaries: dict[str, Any] = dict.fromkeys(set(_SUMMARIES) & set(parts.get("fields", ())), "")
    return replace(content, body=body, **summaries)
