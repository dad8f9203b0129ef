"""Draft identifiers in the editor form: the tab's draft, and the article that a new form was saved as."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from blog.editorial import publishing
from blog.editorial.actors import Person
from blog.models import Post


def article_of(key: UUID, *, by: Person) -> Post | None:
    """Article that was created from the form of `by` with this key, if it has been saved."""
    return Post.objects.filter(uuid=key, created_by=by.user).first()


def sent_draft(data: Any) -> publishing.SentDraft:
    """Parse the draft identifiers of a form; invalid ones count as a form without a draft."""

    def number(name: str) -> int:
        said = data.get(name, "")
        return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 0

    return publishing.SentDraft(
        key=as_uuid(data.get("draft-key", "")) or uuid4(),
        number=number("draft-number"),
        turn=number("draft-turn"),
        tab=data.get("draft-tab", "").replace("\0", "")[:36],
    )


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
