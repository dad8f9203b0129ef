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

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property, wraps
from typing import Any, Protocol

from django.db import transaction

from blog.editorial.actors import Actor
from blog.models import Author, Byline, Category, Collection, Image, Post, Tag, TaggedPost
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
    """Where readers and machines meet a post at one moment. Sections, tags and authors by their slugs."""

    path: str
    is_published: bool
    noindex: bool
    section: str
    tags: tuple[str, ...]
    authors: tuple[str, ...]


NOWHERE = Shown(path="", is_published=False, noindex=False, section="", tags=(), authors=())
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
    renamed: list[Category | Collection | Tag | Author] = field(default_factory=list)
    """What posts are filed under and has another name now, or has taken the posts of others."""
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
    """What `posts` are at `now`, by primary key: as their rows say, and three queries for any number of them."""
    rows = {post.pk: post for post in posts}
    sections = dict(
        Category.objects.filter(pk__in={row.category_id for row in rows.values()}).values_list("pk", "slug")
    )
    tags: dict[int, dict[str, None]] = {pk: {} for pk in rows}
    tagged = TaggedPost.objects.filter(content_object__in=rows).order_by("pk")
    for pk, slug in tagged.values_list("content_object", "tag__slug"):
        tags[pk][slug] = None
    authors: dict[int, dict[str, None]] = {pk: {} for pk in rows}
    credits = Byline.objects.filter(post__in=rows).order_by("author__name")
    for pk, slug in credits.values_list("post", "author__slug"):
        authors[pk][slug] = None
    return {
        pk: Shown(
            path=row.path if row.day and row.slug else "",
            is_published=row.is_published(now),
            noindex=row.noindex,
            section=sections.get(row.category_id, "") if row.category_id else "",
            tags=tuple(tags[pk]),
            authors=tuple(authors[pk]),
        )
        for pk, row in rows.items()
    }
