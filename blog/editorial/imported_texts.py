"""Imported texts: what a file said of posts that have been edited since.

A dialect hides only lines that stood in the file (`blog.text.dialects`). Of several imports the last before the revision
counts; a post that no file brought, but an export, came with its first revision.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from blog.editorial.content import Content
from blog.models import Post, Revision


def imported_texts(revisions: Iterable[Revision]) -> dict[int, Content]:
    """Imported text of each revision, by the revision's key: body and summaries only.

    One query for any number of revisions; none if they have no dialect. Missing: a revision that is the imported text itself.
    """
    edited = [
        revision
        for revision in revisions
        if revision.content.get("dialect") and revision.kind != Revision.Kind.IMPORT and revision.number > 1
    ]
    came = _came({revision.post_id for revision in edited}) if edited else {}
    found: dict[int, Content] = {}
    for revision in edited:
        before = [text for number, text in came[revision.post_id] if number < revision.number]
        found |= {revision.pk: before[-1]} if before else {}
    return found


def imported_text(revision: Revision) -> Content | None:
    """Imported text of one revision; None: it is that itself, or has no dialect."""
    return imported_texts([revision]).get(revision.pk)


def imported_text_of(post: Post | None, content: Content) -> Content | None:
    """Imported text of what is being written in `post`, as `imported_text`."""
    if post is None or not content.dialect:
        return None
    texts = _came({post.pk})[post.pk]
    return texts[-1][1] if texts else None


def _came(posts: set[int]) -> dict[int, list[tuple[int, Content]]]:
    """Imported texts of posts, in order, with the numbers of their revisions."""
    came: dict[int, list[tuple[int, Content]]] = {pk: [] for pk in posts}
    texts = Revision.objects.filter(Q(kind=Revision.Kind.IMPORT) | Q(number=1), post__in=posts).order_by(
        "number"
    )
    columns = ("content__body", "content__excerpt", "content__description")
    for post, number, *said in texts.values_list("post_id", "number", *columns):
        body, excerpt, description = (str(text or "") for text in said)
        came[post].append((number, Content(body=body, excerpt=excerpt, description=description)))
    return came
