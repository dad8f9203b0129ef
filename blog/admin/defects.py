"""Defects on the editor page: those of the text at hand, those that keep the post out of all lists, and those settled."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from blog.editorial import publishing
from blog.editorial.content import Content
from blog.editorial.imported_texts import imported_text
from blog.models import Post
from blog.text.defects import find_defects
from blog.text.findings import Code, Finding

AT_HAND = ("body", "title")
"""Fields of which the desk is told. (A missing description is made of the text, and not every article needs tags.)"""


def of_text(content: Content, *, imported: Content | None) -> list[Finding]:
    """Findings in a text, as readers see it, and its title, blocking ones first, by lines of the body. Parses the text.
    `imported` as in `Content.render`."""
    found = find_defects(
        content.scan(imported=imported),
        title=content.title,
        slug=content.slug,
        description=content.description,
        tags=content.tags,
    )
    return [finding for finding in found if finding.field in AT_HAND]


def context(post: Post | None) -> dict[str, Any]:
    """Template context: `noticed` are findings in the newest text, `defects` those of the live one that keep it out of
    lists, and `settled` is (sentence, name, moment) of each. Each stands once."""
    if post is None:
        return {}
    defects = publishing.live_defects(post) if post.is_blocked else ()
    decided = [*post.settled, *post.next_settled]
    told = {entry["code"] for entry in decided}
    if not post.has_unpublished_changes:
        told |= {defect.code for defect in defects}
    content, imported = Content.from_json(post.working.content), imported_text(post.working)
    sentences = {code.value: code.sentence for code in Code}
    return {
        "noticed": [one for one in of_text(content, imported=imported) if one.code not in told],
        "defects": defects,
        "settled": [
            (sentences.get(entry["code"], entry["code"]), entry["by"], datetime.fromisoformat(entry["at"]))
            for entry in decided
        ],
    }
