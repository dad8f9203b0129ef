"""Public paths and redirects: reserve a path, move it, look up what it answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import Resolver404, ResolverMatch, resolve

from blog.editorial import permissions
from blog.editorial.actors import NOBODY, Actor
from blog.editorial.changes import Kind, changing
from blog.models import TERMS, Address, Page, Post, Term
from blog.models.prepared import Prepared
from blog.text.names import public_path

ASKED_HERE = {"blog:path", "blog:post", "blog:proof"}
"""Names of the URL routes that look their path up in the `Address` table."""


class AddressTaken(Exception):
    """The path is already in use; str() is a sentence for the editor."""


def reserve(
    *, path: str, post: Post | None = None, page: Page | None = None, keep_old: bool = True
) -> Address:
    """Make `path` the current address of `post` or `page`, inside a transaction. Raises AddressTaken.

    The previous path answers 301 from now on, or nothing with `keep_old=False` (it was never public).
    """
    before = Address.objects.filter(post=post, page=page, kind=Address.Kind.CURRENT).exclude(path=path)
    if keep_old:
        before.update(kind=Address.Kind.MOVED)
    else:
        before.delete()
    return _take(path, kind=Address.Kind.CURRENT, post=post, page=page)


def reserve_new(posts: Collection[Post]) -> None:
    """Reserve the paths of posts that have no address yet, inside a transaction: two statements for any number of posts.

    Raises AddressTaken, or IntegrityError when a path is taken concurrently.
    """
    _take_all([(post.path, post) for post in posts], kind=Address.Kind.CURRENT)


def reserve_for_update(*, path: str, post: Post) -> None:
    """Hold `path` for a scheduled update of `post`, inside a transaction; it answers nothing until the update."""
    mine = Address.objects.filter(path=path, post=post)
    if not mine.exists():
        _take(path, kind=Address.Kind.HELD, post=post, page=None)


def release_reservation(post: Post) -> None:
    """Free the path held for a scheduled update of `post`."""
    post.addresses.filter(kind=Address.Kind.HELD).delete()


def release_unpublished(post: Post) -> None:
    """Free the paths of a post that was scheduled but never public. Manual redirects stay."""
    post.addresses.filter(kind__in=(Address.Kind.CURRENT, Address.Kind.HELD)).delete()


def _take(path: str, **answer: Any) -> Address:
    # The row is the lock: when two transactions reserve one path, the second waits here and then sees the row.
    address, created = Address.objects.select_for_update().get_or_create(path=path, defaults=answer)
    if not created:
        _take_over(address, **answer)
    return address


def _take_all(wanted: Collection[tuple[str, Post]], *, kind: str) -> None:
    if not wanted:
        return
    paths = dict(wanted)
    existing = {a.path: a for a in Address.objects.select_for_update().filter(path__in=paths)}
    for path, address in existing.items():
        _take_over(address, kind=kind, post=paths[path], page=None)
    Address.objects.bulk_create(
        Address(path=path, kind=kind, post=post) for path, post in wanted if path not in existing
    )


def _take_over(address: Address, **answer: Any) -> None:
    if taken_by := _owner(address, besides=answer["post"] or answer["page"], by=NOBODY):
        raise AddressTaken(f"{address.path} は{taken_by}が使っています。別のパスにしてください。")
    for name, value in (answer | {"target": "", "reason": ""}).items():
        setattr(address, name, value)
    address.save()


def add_redirects(paths: Mapping[str, Post], *, by: Actor, now: datetime) -> None:
    """Add a 301 redirect from each path to its post, except where something else already answers."""
    with changing(kind=Kind.ADDRESS, actor=by, now=now) as change:
        known = at(paths)
        taken = {
            path
            for path, address in known.items()
            if address.kind == Address.Kind.CURRENT
            or _owner(address, besides=paths[path], by=NOBODY)
            or (address.kind == Address.Kind.MOVED and address.post == paths[path])
        }
        free = [(path, post) for path, post in paths.items() if path not in taken]
        _take_all(free, kind=Address.Kind.MOVED)
        if not free:
            change.nothing_changed()


def remove_redirects(paths: Collection[str], *, by: Actor, now: datetime) -> None:
    """Remove the redirects from `paths` to posts, so that the paths can be used again."""
    with changing(kind=Kind.ADDRESS, actor=by, now=now) as change:
        gone, _ = Address.objects.filter(path__in=paths, kind=Address.Kind.MOVED, post__isnull=False).delete()
        if not gone:
            change.nothing_changed()


def at(paths: Collection[str]) -> dict[str, Address]:
    """Addresses at `paths` by path, with their post or page."""
    found = Address.objects.filter(path__in=paths).select_related("post", "page") if paths else ()
    return {address.path: address for address in found}


def owner(
    path: str,
    *,
    besides: Post | Page | None = None,
    by: Actor,
    known: Mapping[str, Address] | None = None,
) -> str | None:
    """Describe what occupies `path`, other than `besides`, in words for `by`; None when the path is free.

    `known`: the result of `at`, to save a query. A title that `by` may not know is left out.
    """
    address = (at([path]) if known is None else known).get(path)
    return _owner(address, besides=besides, by=by) if address else None


def _owner(address: Address, *, besides: Post | Page | None, by: Actor) -> str | None:
    """Describe the owner; None for a path that answers 410, since something new may take it."""
    if address.kind == Address.Kind.GONE or (besides is not None and besides in (address.post, address.page)):
        return None
    if address.post:
        may_know = permissions.may_know_title(by, address.post)
        return f"記事「{address.post.working_title}」" if may_know else permissions.ANOTHER_POST
    if address.page:
        return f"固定ページ「{address.page.title}」"
    return "転送の設定"


def known_to(actor: Actor, *, now: datetime) -> QuerySet[Address]:
    """Addresses visible to `actor`: without those of posts that are neither published nor editable by `actor`."""
    if permissions.may_edit_all(actor):
        return Address.objects.all()
    read = Q(post__in=Post.objects.published(now)) & ~Q(kind=Address.Kind.HELD)
    mine = Q(post__in=permissions.editable(Post.objects.all(), actor))
    known = Address.objects.filter(Q(post=None) | read | mine)
    secret = Address.objects.exclude(pk__in=known.values("pk")).values("path")
    return known.exclude(target__in=secret)


def move(*, old: str, new: str) -> None:
    """Redirect `old` to `new` with 301, and repoint redirects that led to `old`, so that no chain arises."""
    old, new = public_path(old), public_path(new)
    if old == new:
        return
    Address.objects.filter(target=old).update(target=new)
    Address.objects.filter(path=new, kind=Address.Kind.MOVED, post=None, page=None).delete()
    Address.objects.update_or_create(
        path=old,
        defaults={"kind": Address.Kind.MOVED, "target": new, "post": None, "page": None, "reason": ""},
    )


def save_by_hand(address: Address, *, by: Actor, now: datetime) -> None:
    """Save a manual redirect or 410, and copy its answer to redirects that led to its path, so that no chain arises."""
    with changing(kind=Kind.ADDRESS, actor=by, now=now, note=address.path):
        address.save()
        Address.objects.filter(target=address.path).update(
            kind=address.kind,
            post=address.post,
            page=address.page,
            target=address.target,
            reason=address.reason,
        )


def delete_by_hand(address: Address, *, by: Actor, now: datetime) -> None:
    """Delete a manual redirect or 410; its path answers nothing any more."""
    with changing(kind=Kind.ADDRESS, actor=by, now=now, note=f"{address.path} を削除"):
        address.delete()


def add_missing(found: Iterable[Address], *, by: Actor, now: datetime) -> int:
    """Create the addresses of `found` whose path is unused; returns how many. Existing answers stay."""
    wanted = {address.path: address for address in found}
    with changing(kind=Kind.ADDRESS, actor=by, now=now) as change:
        for path in Address.objects.filter(path__in=wanted).values_list("path", flat=True):
            del wanted[path]
        Address.objects.bulk_create(wanted.values())
        change.note = f"{len(wanted)} 件"
        if not wanted:
            change.nothing_changed()
    return len(wanted)


def route(path: str) -> ResolverMatch | None:
    """URL route of `path`, unless that route looks in the `Address` table. Its view may still answer 404 (unknown tag)."""
    try:
        match = resolve(path)
    except Resolver404:
        return None
    return None if match.view_name in ASKED_HERE else match


def term_page(match: ResolverMatch) -> type[Term] | None:
    """Term model whose page this route shows; None for any other route. The slug may be unknown."""
    model: type[Term] | None = match.kwargs.get("model")
    return model if model and match.view_name == f"blog:{model.declared.name}" else None


def _at(path: str) -> QuerySet[Address]:
    terms = (model.declared.relation for model in TERMS if not model.declared.is_many)
    shown = (f"post__{name}" for name in (*terms, "hero", "share_image"))
    found = Address.objects.select_related("page", *shown).defer(
        "post__body", "post__plain_text", "post__portable_html", "page__body"
    )
    return found.order_by().filter(path=path)


_find = Prepared(_at)


def find(path: str) -> Address | None:
    """Address of a decoded request path, with its post or page, in one query; None when there is none."""
    return next(iter(_find(path)), None)
