"""Changes of what readers see: one transaction each, with what the posts were before and the followers told at its end.

An act opens a block, and says in it what it did:

    with changing([post], kind=Kind.PUBLISHED, actor=by, now=now) as change:
        post = change.locked(post)
        ...                                              # the act writes
        change.went_live(post, words=words, announced_at=now)

At the end of the block, still in its transaction, each of the followers is told: search, related posts, the outbox,
files made from posts and images. They are registered by `blog.apps`; nothing here knows them. Then, last of all, the
content version is raised and the change stored under it (`blog.models.change`): some other process that reads the new
version reads everything that the change did, too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial, wraps
from typing import Any, Protocol

from django.db import transaction

from blog.editorial.actors import Actor
from blog.models import TERMS, Change, ChangedPost, ContentVersion, Image, Post, Term
from blog.querysets import LARGE_COLUMNS
from blog.text.grams import Indexed

logger = logging.getLogger(__name__)

Kind = Change.Kind


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
class OpenChange:
    """A change under way. `before` knows the posts that were named when the block was opened."""

    kind: Kind
    actor: Actor
    now: datetime
    note: str = ""
    """What the history says of it besides: names, counts, the run that it belongs to."""
    version: int = 0
    """What the content version is raised to at least."""
    before: dict[int, Shown] = field(default_factory=dict)
    texts: dict[int, LiveText] = field(default_factory=dict)
    announced: dict[int, datetime] = field(default_factory=dict)
    """Posts of which the world is told, and from when on. Neither a corrected typo nor an import is news."""
    renamed: list[Term] = field(default_factory=list)
    """Terms that have another name now, or have taken the posts of others."""
    images: list[Image] = field(default_factory=list)
    """Those that are gone (without a primary key), or are cut around another point."""
    removed: dict[int, Post] = field(default_factory=dict)
    """Posts that are gone for good."""
    posts: dict[int, Post] = field(default_factory=dict)
    """All posts that the change is known to concern, as the act has left them. (A new name concerns all that carry it.)"""
    _rows: dict[int, Post] = field(default_factory=dict)
    _acts: bool = True
    _holds_others: bool = False

    def locked(self, post: Post) -> Post:
        """One of the posts that the block was opened with, as it was then: nobody else's until the change is over."""
        return self._rows[post.pk]

    def went_live(self, post: Post, *, words: Indexed, announced_at: datetime | None = None) -> None:
        """Note that the live columns of `post` are written; `announced_at` as in `announce`, None where it is no news."""
        self.texts[post.pk] = LiveText(post=post, words=words)
        self.posts[post.pk] = post
        if announced_at:
            self.announce(post, at=announced_at)

    def announce(self, post: Post, *, at: datetime) -> None:
        """Let the world be told of `post` from `at` on."""
        self.announced[post.pk] = at
        self.posts[post.pk] = post

    def concerns(self, posts: Iterable[Post]) -> None:
        """Note posts that the act has changed without locking them, with their `live_revision`, `day` and `slug`."""
        self.posts |= {post.pk: post for post in posts}

    def remove(self, post: Post) -> None:
        """Note that `post` is to be deleted: before it is, for then it has no key any more."""
        self.removed[post.pk] = post
        self.posts[post.pk] = post

    def nothing_changed(self) -> None:
        """Note that the act has found nothing to do: the version stays, and the history says nothing of it."""
        self._acts = False

    @property
    def has_happened(self) -> bool:
        """Whether something was done, in the block itself or in one within it."""
        return self._acts or self._holds_others

    @cached_property
    def after(self) -> dict[int, Shown]:
        """What `posts` are when the act has been done. For followers; read when the first of them asks."""
        return shown(Post.objects.filter(pk__in=self.posts).defer(*LARGE_COLUMNS), now=self.now)

    def afterwards(self, work: Callable[..., object], *args: Any, once: bool = False, **options: Any) -> None:
        """For followers: call `work` once the transaction is over; with `once`, within a `series`, at the end of that.

        Its failure is logged, and stops nothing. What it changes for readers it does in a block of its own.
        """
        running = _series.get()
        if once and running:
            running.at_the_end[work] = partial(work, *args, **options)
            return

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
        self.posts |= self._rows
        self.before = shown(self._rows.values(), now=self.now)

    def _join(self, inner: OpenChange) -> None:
        """Take over what was done in a block within this one."""
        if not inner.has_happened:
            return
        self._holds_others = True
        self.before = inner.before | self.before  # what was first
        self.texts |= inner.texts
        self.announced |= inner.announced
        self.renamed += inner.renamed
        self.images += inner.images
        self.removed |= inner.removed
        self.posts |= inner.posts
        self.note = self.note or inner.note

    def _store(self) -> None:
        """Raise the content version, and write the history under it: four statements, of which the first is a lock."""
        number = ContentVersion.objects.raise_number(at_least=self.version)
        Change.objects.create(
            number=number,
            happened_at=self.now,
            kind=self.kind,
            actor=self.actor.user,
            actor_name=self.actor.name,
            note=self.note[:300],
        )
        ChangedPost.objects.bulk_create(
            ChangedPost(
                change_id=number,
                post_id=pk,
                revision_id=None if pk in self.removed else post.live_revision_id,
                path=post.path if post.day and post.slug else "",
            )
            for pk, post in self.posts.items()
        )


class Follower(Protocol):
    """What has to follow a change. Called in its transaction; an exception undoes the whole act.

    What must not undo it, or takes long, or would wait for locks of others, the follower leaves to
    `change.afterwards`. Its docstring says which, and what happens when it fails.
    """

    def __call__(self, change: OpenChange, /) -> None: ...


@dataclass
class _Series:
    note: str
    at_the_end: dict[Callable[..., object], Callable[[], object]] = field(default_factory=dict)


_followers: tuple[Follower, ...] = ()
_open: ContextVar[OpenChange | None] = ContextVar("open change", default=None)
_series: ContextVar[_Series | None] = ContextVar("running series", default=None)


def register(*followers: Follower) -> None:
    """Name those who follow every change, in their order. `blog.apps` does, once."""
    global _followers
    _followers = followers


@contextmanager
def changing(
    posts: Iterable[Post] = (), *, kind: Kind, actor: Actor, now: datetime, note: str = ""
) -> Iterator[OpenChange]:
    """Change what readers see of `posts`, which are locked and read first, and have the followers follow.

    A block within another joins it: the kind, the actor and the moment are the outer one's, and the followers are
    called once, when that ends. A block that ends with an exception leaves nothing, neither rows nor followers;
    so whoever means to go on after a failure within a block opens a block of its own for what may fail.
    """
    outer, running = _open.get(), _series.get()
    change = OpenChange(kind=kind, actor=actor, now=now, note=note or (running.note if running else ""))
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
        elif change.has_happened:
            for follow in _followers:
                follow(change)
            change._store()


@contextmanager
def together(*, kind: Kind, actor: Actor, now: datetime, note: str = "") -> Iterator[None]:
    """Make one change of all that happens inside; without a change inside there is none."""
    with changing(kind=kind, actor=actor, now=now, note=note) as change:
        change.nothing_changed()
        yield


@contextmanager
def series(*, note: str) -> Iterator[None]:
    """An undertaking of several changes, each with a transaction of its own: an import, a restore. `note` names it in each.

    What followers have to do once for all of them is done at the end, also where that is an error.
    """
    if _series.get():
        yield
        return
    running = _Series(note)
    token = _series.set(running)
    try:
        yield
    finally:
        _series.reset(token)
        for work, call in running.at_the_end.items():
            try:
                call()
            except Exception:  # as after a transaction
                logger.exception("%s.%s failed after %s", work.__module__, work.__qualname__, running.note)


def record(*, kind: Kind, actor: Actor, now: datetime, note: str = "", version: int = 0) -> None:
    """Raise the content version, to `version` at least, for something that was done past this module."""
    with changing(kind=kind, actor=actor, now=now, note=note) as change:
        change.version = version


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
