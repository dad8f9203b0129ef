"""Autosaved drafts: one for each browser tab, kept beside the revisions until its text is saved or thrown away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from blog.editorial import permissions
from blog.editorial.actors import Person
from blog.editorial.content import Content
from blog.models import Draft, Post, Revision


@dataclass(frozen=True, kw_only=True)
class SentDraft:
    """What a form says of its draft: its key, the number of the write that it follows (0: none yet), and its tab.

    `turn` counts what the tab has sent: requests may overtake each other.
    """

    key: UUID
    number: int = 0
    tab: str = ""
    turn: int = 0


def keep_draft(
    *,
    sent: SentDraft,
    post: Post | None,
    content: Content,
    fields: dict[str, list[str]],
    by: Person,
    now: datetime,
    base: Revision | None,
) -> Draft:
    """Keep what `by` has typed in one tab. The draft that comes back may have another key than `sent`.

    Browsers copy a tab with all that it has stored, and keys are no secrets: whoever follows an older write than the
    last one of another tab, with other words, or uses the key of another person or article, gets a draft of their own.
    What a tab has sent before something else of it that is kept already changes nothing.
    Raises PermissionDenied.
    """
    permissions.require(permissions.may_edit(by, post), "この記事を編集する")
    typed: dict[str, Any] = {"content": content.to_json(), "fields": fields, "base": base, "saved_at": now}
    typed |= {"tab": sent.tab, "turn": sent.turn}
    with transaction.atomic():
        draft, is_new = Draft.objects.select_for_update().get_or_create(
            key=sent.key, defaults=typed | {"editor": by.user, "post": post, "number": sent.number + 1}
        )
        if is_new:
            return draft
        is_ours = draft.editor_id == by.user.pk and draft.post_id in (None, post and post.pk)
        is_same_tab = is_ours and draft.tab == sent.tab
        if is_same_tab and sent.turn <= draft.turn:
            return draft
        follows = is_ours and (draft.number == sent.number or draft.content == typed["content"])
        if not (is_same_tab or follows):
            return Draft.objects.create(key=uuid4(), editor=by.user, post=post, **typed)
        for name, value in typed.items():
            setattr(draft, name, value)
        draft.post, draft.number = post, draft.number + 1
        draft.save()
    return draft


def open_drafts(*, post: Post | None, by: Person) -> list[Draft]:
    """What `by` has typed and not saved, of `post` or of new articles (None), the newest first."""
    drafts = list(Draft.objects.filter(post=post, editor=by.user).select_related("base"))
    if post is None or post.latest_revision is None:
        return drafts
    saved, saved_at = Content.from_json(post.latest_revision.content), post.latest_revision.created_at
    # One that says the same as what was saved before it was written has something else: a note, a day that is none.
    return [
        draft for draft in drafts if Content.from_json(draft.content) != saved or draft.saved_at > saved_at
    ]


def forget_saved(*, sent: SentDraft | None, post: Post, content: Content, by: Person) -> None:
    """Delete the drafts of `by` whose text has been saved: the one of the tab that saved, and those that say the same.

    What another tab has written under the same key since stays, and belongs to the article from now on.
    """
    if sent:
        own = Draft.objects.filter(key=sent.key, editor=by.user)
        own.filter(post=None).update(post=post, base=post.revisions.get(number=1))
        (own.filter(tab=sent.tab) | own.filter(number__lte=sent.number)).filter(post=post).delete()
    for draft in Draft.objects.filter(post=post, editor=by.user):
        if Content.from_json(draft.content) == content:
            draft.delete()


def drop_draft(*, key: UUID, by: Person, tab: str | None = None) -> None:
    """Throw away what `by` has typed under `key`; with `tab` only if that tab was the last to write there."""
    drafts = Draft.objects.filter(key=key, editor=by.user)
    (drafts if tab is None else drafts.filter(tab=tab)).delete()
