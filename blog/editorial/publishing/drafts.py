"""Autosave: one draft for each browser tab, kept beside the revisions until its text is saved or discarded."""

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
    """Draft identifiers sent by the form: key, number of the last write that it knows (0: none yet), and browser tab.

    `turn` counts the requests of the tab, since requests may overtake each other.
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
    """Autosave what `by` has typed in one tab. The returned draft may have another key than `sent`.

    Browsers duplicate a tab together with its storage, and keys are not secret. A separate draft is therefore created when
    another tab has written since and the text differs, or when the key belongs to another person or article.
    A request that arrives after a later one of the same tab changes nothing. Raises PermissionDenied.
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
    """Unsaved drafts of `by` for `post`, or for new articles (None), newest first."""
    drafts = list(Draft.objects.filter(post=post, editor=by.user).select_related("base"))
    if post is None or post.latest_revision is None:
        return drafts
    saved, saved_at = Content.from_json(post.latest_revision.content), post.latest_revision.created_at
    # A newer draft with the same content differs in something else: a note, or a date that cannot be parsed.
    return [
        draft for draft in drafts if Content.from_json(draft.content) != saved or draft.saved_at > saved_at
    ]


def forget_saved(*, sent: SentDraft | None, post: Post, content: Content, by: Person) -> None:
    """Delete the drafts of `by` whose text has been saved: that of the saving tab, and those with the same content.

    A draft that another tab has written since under the same key stays, and is attached to `post`.
    """
    if sent:
        own = Draft.objects.filter(key=sent.key, editor=by.user)
        own.filter(post=None).update(post=post, base=post.revisions.get(number=1))
        (own.filter(tab=sent.tab) | own.filter(number__lte=sent.number)).filter(post=post).delete()
    for draft in Draft.objects.filter(post=post, editor=by.user):
        if Content.from_json(draft.content) == content:
            draft.delete()


def drop_draft(*, key: UUID, by: Person, tab: str | None = None) -> None:
    """Discard the draft of `by` with this key; with `tab` only if that tab was the last to write it."""
    drafts = Draft.objects.filter(key=key, editor=by.user)
    (drafts if tab is None else drafts.filter(tab=tab)).delete()
