"""Draft offers of the editor's form: the draft of its tab, and which article a new form has become."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from blog.editorial import publishing
from blog.editorial.actors import Person
from blog.models import Post


def article_of(key: UUID, *, by: Person) -> Post | None:
    """The article that the form of `by` with this key has made, if it has been saved."""
    return Post.objects.filter(uuid=key, created_by=by.user).first()


def sent_draft(data: Any) -> publishing.SentDraft:
    """What a form says of its draft; one that says nothing sensible has none yet."""

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
