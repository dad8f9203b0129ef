"""Blocking defects of a live post on the editor page: those that keep it out of all lists, and those settled."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from blog.editorial import publishing
from blog.models import Post
from blog.text.findings import Code


def context(post: Post | None) -> dict[str, Any]:
    """Template context: `defects` are findings, `settled` is (sentence, name, moment) of each."""
    if post is None:
        return {}
    sentences = {code.value: code.sentence for code in Code}
    return {
        "defects": publishing.live_defects(post) if post.is_blocked else (),
        "settled": [
            (sentences.get(entry["code"], entry["code"]), entry["by"], datetime.fromisoformat(entry["at"]))
            for entry in post.settled
        ],
    }
