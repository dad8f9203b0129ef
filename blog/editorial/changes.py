"""Changes of what readers see: a unit of work in one transaction, which calls its followers (event handlers) at its end.

An editorial function opens a block and notes in it what it did:

    with changing([post], kind=Kind.PUBLISHED, actor=by, now=now) as change:
        post = change.locked(post)
        ...                                              # write the rows
        change.went_live(post, words=words, announced_at=now)

At the end of the block, still in its transaction, each follower is called: search, related posts, the outbox, files made
from posts and images. `blog.apps` registers them; this module does not know them. Last of all, the content version is
raised and the change stored under it (`blog.models.change`), so that a process which reads the new version also reads
everything that the change wrote.
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
    """Public state of a post at one moment. `noindex`: not for machines, since it says so or is blocked. `terms`: slugs of its terms by model, for the models that have a feed."""

    path: str
    is_published: bool
    noindex: bool
    terms: Mapping[type[Term], Sequence[str]]


NOWHERE = Shown(path="", is_published=False, noindex=False, terms={})
"""Public state of a post that does not exist."""


@dataclass(frozen=True, kw_only=True)
class LiveText:
    """A text that went live, now or at the post's scheduled time. `words`: its body, as the search index takes it."""

    post: Post
    words: Indexed


@dataclass(kw_only=True)
class OpenChange:
    """A change in progress, inside its transaction. `before`: public state of the posts that the block was opened with."""

    kind: Kind
    actor: Actor
    now: datetime
    note: str = ""
    """Additional text for the history: names, counts, the run that the change belongs to."""
    version: int = 0
    """Minimum for the new content version."""
    before: dict[int, Shown] = field(default_factory=dict)
    texts: dict[int, LiveText] = field(default_factory=dict)
    announced: dict[int, datetime] = field(default_factory=dict)
    """Post key → when it is announced (feeds, hubs, webhooks). A corrected typo or an import is not announced."""
    renamed: list[Term] = field(default_factory=list)
    """Terms that were renamed, or into which others were merged."""
    images: list[Image] = field(default_factory=list)
    """Images that were deleted (no primary key any more) or have a new focal point."""
    removed: dict[int, Post] = field(default_factory=dict)
    """Posts that were deleted."""
    posts: dict[int, Post] = field(default_factory=dict)
    """All posts that the change is known to affect, in their new state. (Posts of a `renamed` term are not listed.)"""
    _rows: dict[int, Post] = field(default_factory=dict)
    _acts: bool = True
    _holds_others: bool = False

    def locked(self, post: Post) -> Post:
        """The locked row of a post that the block was opened with, as it was then; locked until the transaction ends."""
        return self._rows[post.pk]

    def went_live(self, post: Post, *, words: Indexed, announced_at: datetime | None = None) -> None:
        """Note that the live columns of `post` were written. `announced_at`: as in `announce`; None: not announced."""
        self.texts[post.pk] = LiveText(post=post, words=words)
        self.posts[post.pk] = post
        if announced_at:
            self.announce(post, at=announced_at)

    def announce(self, post: Post, *, at: datetime) -> None:
        """Announce `post` from `at` on: to feeds, hubs and webhooks."""
        self.announced[post.pk] = at
        self.posts[post.pk] = post

    def concerns(self, posts: Iterable[Post]) -> None:
        """Note posts that were changed without a lock; they need `live_revision`, `day` and `slug` loaded."""
        self.posts |= {post.pk: post for post in posts}

    def remove(self, post: Post) -> None:
        """Note that `post` will be deleted. Call it before the deletion, which clears the primary key."""
        self.removed[post.pk] = post
        self.posts[post.pk] = post

    def nothing_changed(self) -> None:
        """Note that nothing was changed: no new content version, no entry in the history."""
        self._acts = False

    @property
    def has_happened(self) -> bool:
        """Whether something was changed, in this block or in a nested one."""
        return self._acts or self._holds_others

    @cached_property
    def after(self) -> dict[int, Shown]:
        """Public state of `posts` after the change. For followers; read once, on first access."""
        return shown(Post.objects.filter(pk__in=self.posts).defer(*LARGE_COLUMNS), now=self.now)

    def afterwards(self, work: Callable[..., object], *args: Any, once: bool = False, **options: Any) -> None:
        """Call `work` after the commit (for followers); with `once` inside a `series`, once at the end of the series.

        A failure is logged and stops nothing else. `work` opens its own `changing` block for what it changes for readers.
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
        # Without joins: after waiting for a lock PostgreSQL re-reads only the locked row, joined rows stay old.
        # Always in one order, so that two transactions which lock many posts cannot deadlock.
        rows = Post.objects.select_for_update().filter(pk__in=keys).order_by("pk")
        self._rows = {post.pk: post for post in rows}
        if gone := set(keys) - self._rows.keys():
            raise Post.DoesNotExist(f"posts {sorted(gone)} are gone")
        self.posts |= self._rows
        self.before = shown(self._rows.values(), now=self.now)

    def _join(self, inner: OpenChange) -> None:
        """Merge the changes of a nested block into this one."""
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
        self.version = max(self.version, inner.version)

    def _store(self) -> None:
        """Raise the content version and write the history under it: four statements; the first takes a lock."""
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
    """Event handler of a change. Called in its transaction; an exception rolls everything back.

    A follower passes work that must not roll it back, takes long, or could wait for locks to `change.afterwards`. The
    follower's docstring says which work that is, and what happens when it fails.
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
    """Register the followers of every change, in calling order. `blog.apps` does so once."""
    global _followers
    _followers = followers


@contextmanager
def changing(
    posts: Iterable[Post] = (), *, kind: Kind, actor: Actor, now: datetime, note: str = ""
) -> Iterator[OpenChange]:
    """Open a change: lock and read `posts`, run the block in one transaction, then call the followers.

    A nested block joins the outer one: kind, actor and `now` are the outer block's, and the followers are called once, at
    its end. A block that ends with an exception is rolled back and calls no follower. To go on after a failure, put what
    may fail into a nested block.
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
    """Combine all changes made inside into one; no change inside, no change at all."""
    with changing(kind=kind, actor=actor, now=now, note=note) as change:
        change.nothing_changed()
        yield


@contextmanager
def series(*, note: str) -> Iterator[None]:
    """Group several changes, each in its own transaction, into one run: an import, a restore. Each carries `note`.

    Work that followers deferred with `once` runs at the end, even when the run ends with an error; not when somebody stops it.
    """
    if _series.get():
        yield
        return
    running = _Series(note)
    token = _series.set(running)
    is_stopped = False
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        is_stopped = True
        raise
    finally:
        _series.reset(token)
        for work, call in () if is_stopped else running.at_the_end.items():
            try:
                call()
            except Exception:  # as after a transaction
                logger.exception("%s.%s failed after %s", work.__module__, work.__qualname__, running.note)


def record(*, kind: Kind, actor: Actor, now: datetime, note: str = "", version: int = 0) -> None:
    """Raise the content version, to at least `version`, for a change that was made outside this module."""
    with changing(kind=kind, actor=actor, now=now, note=note) as change:
        change.version = version


def shown(posts: Iterable[Post], *, now: datetime) -> dict[int, Shown]:
    """Public state of `posts` at `now`, by primary key; one query for each kind of term."""
    rows = {post.pk: post for post in posts}
    carried = {model: _slugs(model, rows) for model in TERMS if model.declared.feed}
    return {
        pk: Shown(
            path=row.path if row.day and row.slug else "",
            is_published=row.is_published(now),
            noindex=row.noindex or row.is_blocked,
            terms={model: slugs[pk] for model, slugs in carried.items() if pk in slugs},
        )
        for pk, row in rows.items()
    }


def _slugs(model: type[Term], posts: Mapping[int, Post]) -> dict[int, list[str]]:
    """Slugs of the terms of `model`, without duplicates, by primary key of the post."""
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
