"""Changes of what readers see: one transaction each, with what the posts were before and the followers told at its end.

An act opens a block, and says in it what it did:

    with changing([post], kind=Kind.PUBLISHED, actor=by, now=now) as change:
        post = change.locked(post)
        ...                                              # the act writes
        change.went_live(post, words=words, told_at=now)

At the end of the block, still in its transaction, each of the followers is told: search, related posts, the outbox,
files made from images. They are registered by `blog.apps`; nothing here knows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property, wraps
from typing import Any, Protocol

from django.db import transaction

from blog.editorial.actors import Actor
from blog.models import TERMS, Image, Post, Term
from blog.querysets import LARGE_COLUMNS
from blog.text.grams import Indexed


class Kind(StrEnum):
    """What was done. A follower may treat one kind otherwise than the others; it says so itself."""

    PUBLISHED = "published"
    """A revision went live, or is to: first publications and updates."""
    UPDATED = "updated"
    """A scheduled update was made at its hour."""
    UNSCHEDULED = "unscheduled"
    WITHDRAWN = "withdrawn"
    IMPORTED = "imported"
    """Brought by a process (`IMPORT`), perhaps thousands at a time."""
    RESTORED = "restored"
    """Come back from an export, as it was."""
    RERENDERED = "rerendered"
    RENAMED = "renamed"
    MERGED = "merged"
    IMAGE = "image"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Where readers and machines meet a post at one moment. `terms`: the slugs of those that it carries, by their kind, of
    the kinds that have a feed."""

    path: str
    is_published: bool
    noindex: bool
    terms: Mapping[type[Term], Sequence[str]]


NOWHERE = Shown(path="", is_published=False, noindex=False, terms={})
"""What a post was that was not there."""


@dataclass(frozen=True, kw_only=True)
class LiveText:
    """A text that readers see from now on, or from the post's moment on. `words`: its body, as search wants it."""

    post: Post
    words: Indexed


@dataclass(kw_only=True)
class Change:
    """One change of what readers see. `before` knows the posts that were named when the block was opened."""

    kind: Kind
    actor: Actor
    now: datetime
    before: dict[int, Shown] = field(default_factory=dict)
    texts: dict[int, LiveText] = field(default_factory=dict)
    announced: dict[int, datetime] = field(default_factory=dict)
    """Posts of which the world is told, and from when on. Neither a corrected typo nor an import is news."""
    renamed: list[Term] = field(default_factory=list)
    """Terms that have another name now, or have taken the posts of others."""
    images: list[Image] = field(default_factory=list)
    """Those that are gone (without a primary key), or are cut around another point."""
    _rows: dict[int, Post] = field(default_factory=dict)

    def locked(self, post: Post) -> Post:
        """One of the posts that the block was opened with, as it was then: nobody else's until the change is over."""
        return self._rows[post.pk]

    def went_live(self, post: Post, *, words: Indexed, announced_at: datetime | None = None) -> None:
        """Note that the live columns of `post` are written; `announced_at` as in `announce`, None where it is no news."""
        self.texts[post.pk] = LiveText(post=post, words=words)
        if announced_at:
            self.announce(post, at=announced_at)

    def announce(self, post: Post, *, at: datetime) -> None:
        """Let the world be told of `post` from `at` on."""
        self.announced[post.pk] = at

    @cached_property
    def after(self) -> dict[int, Shown]:
        """What `announced` posts are when the act has been done. For followers; read when the first of them asks."""
        return shown(Post.objects.filter(pk__in=self.announced).defer(*LARGE_COLUMNS), now=self.now)

    def afterwards(self, work: Callable[..., object], *args: Any, **options: Any) -> None:
        """For followers: call `work` once the transaction is over. Its failure is logged, and stops nothing."""

        @wraps(work)  # Django's log names what failed, and cannot name a `partial`
        def called() -> None:
            work(*args, **options)

        transaction.on_commit(called, robust=True)

    def _lock(self, posts: Iterable[Post]) -> None:
        keys = [post.pk for post in posts]
        if not keys:
            return
        # Without joins: after waiting for a lock PostgreSQL reads only the locked row anew, joined rows stay old.
        # In one order, so that two who lock many wait for each other one way only.
        rows = Post.objects.select_for_update().filter(pk__in=keys).order_by("pk")
        self._rows = {post.pk: post for post in rows}
        if gone := set(keys) - self._rows.keys():
            raise Post.DoesNotExist(f"posts {sorted(gone)} are gone")
        self.before = shown(self._rows.values(), now=self.now)

    def _join(self, inner: Change) -> None:
        """Take over what was done in a block within this one."""
        self.before = inner.before | self.before  # what was first
        self.texts |= inner.texts
        self.announced |= inner.announced
        self.renamed += inner.renamed
        self.images += inner.images


class Follower(Protocol):
    """What has to follow a change. Called in its transaction; an exception undoes the whole act.

    What must not undo it, or takes long, or would wait for locks of others, the follower leaves to
    `change.afterwards`. Its docstring says which, and what happens when it fails.
    """

    def __call__(self, change: Change, /) -> None: ...


_followers: tuple[Follower, ...] = ()
_open: ContextVar[Change | None] = ContextVar("open change", default=None)


def register(*followers: Follower) -> None:
    """Name those who follow every change, in their order. `blog.apps` does, once."""
    global _followers
    _followers = followers


@contextmanager
def changing(posts: Iterable[Post] = (), *, kind: Kind, actor: Actor, now: datetime) -> Iterator[Change]:
    """Change what readers see of `posts`, which are locked and read first, and have the followers follow.

    A block within another joins it: the kind, the actor and the moment are the outer one's, and the followers are
    called once, when that ends. A block that ends with an exception leaves nothing, neither rows nor followers;
    so whoever means to go on after a failure within a block opens a block of its own for what may fail.
    """
    outer = _open.get()
    change = Change(kind=kind, actor=actor, now=now)
    if outer:
        change.kind, change.actor, change.now = outer.kind, outer.actor, outer.now
    with transaction.atomic():
        change._lock(posts)
        token = _open.set(change)
        try:
            yield change
        finally:
            _open.reset(token)
        if outer:
            outer._join(change)
        else:
            for follow in _followers:
                follow(change)


def shown(posts: Iterable[Post], *, now: datetime) -> dict[int, Shown]:
    """What `posts` are at `now`, by primary key: as their rows say, and a query for each kind of term."""
    rows = {post.pk: post for post in posts}
    carried = {model: _slugs(model, rows) for model in TERMS if model.declared.feed}
    return {
        pk: Shown(
            path=row.path if row.day and row.slug else "",
            is_published=row.is_published(now),
            noindex=row.noindex,
            terms={model: slugs[pk] for model, slugs in carried.items() if pk in slugs},
        )
        for pk, row in rows.items()
    }


def _slugs(model: type[Term], posts: Mapping[int, Post]) -> dict[int, list[str]]:
    """The slugs of the terms of `model` that each of `posts` carries, each once, by its primary key."""
    kind, found = model.declared, dict[int, list[str]]()
    if kind.is_many:
        through = model.through()
        rows = through.model.objects.filter(**{f"{through.post}__in": posts}).order_by("pk")
        pairs = rows.values_list(through.post, f"{through.term}__slug")
    else:
        ids = {pk: getattr(post, f"{kind.relation}_id") for pk, post in posts.items()}
        slugs = dict(model.objects.filter(pk__in={*ids.values()}).values_list("pk", "slug"))
        pairs = [(pk, slugs[term]) for pk, term in ids.items() if term in slugs]
    for pk, slug in dict.fromkeys(pairs):
        found.setdefault(pk, []).append(slug)
    return found
