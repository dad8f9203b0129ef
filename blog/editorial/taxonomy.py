"""Renaming, merging and deleting terms and pages, with what that does to public paths."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from django.db import transaction
from django.db.models import Exists, OuterRef

from blog.editorial import addresses
from blog.editorial.actors import Actor
from blog.editorial.changes import Kind, changing
from blog.editorial.lookups import names_in
from blog.models import Address, Alias, Page, Post, Term
from blog.text.names import public_path

GONE = "このページは廃止しました。"


def save_named(item: Term, *, by: Actor, now: datetime) -> None:
    """Save a term. An old name stays as an alias, an old path answers 301."""
    with changing(kind=Kind.RENAMED, actor=by, now=now) as change:
        before = type(item)._default_manager.filter(pk=item.pk).first() if item.pk else None
        item.save()
        if before is None:
            return
        if before.name != item.name:
            item.aliases.filter(name=item.name).delete()  # it goes by this name again
            keep_alias(item, before.name)
            change.renamed.append(item)
        addresses.move(old=unquote(before.get_absolute_url()), new=unquote(item.get_absolute_url()))


def keep_alias(item: Term, name: str) -> None:
    """Let `name` mean `item` from now on, in imports and old revisions too."""
    column = item.declared.name
    alias = Alias(name=name, **{column: item})
    alias.clean()
    Alias.objects.filter(**{f"{column}__isnull": False}, key=alias.key).delete()
    alias.save()


def known_as(model: type[Term], name: str) -> Any:
    """The one of `model` that goes by `name`, or did once, in any case and width; None when there is none."""
    return model.objects.named([name]).get(name)


def posts_filed_under(item: Term) -> int:
    """How many posts need `item`: in what readers see, and in the newest text, unless its kind is open."""
    live = item.among(Post.objects.all())
    if item.declared.is_open:
        return live.count()  # an unknown name of a working text is simply made anew
    pks = set(live.values_list("pk", flat=True))
    working = Post.objects.unpublished() | Post.objects.changed_since_publication()
    for text in ("latest_revision__content", "next_revision__content"):
        pks |= _naming(item, working, text)
    return len(pks)


def is_seen(item: Term, *, now: datetime) -> bool:
    """Whether readers see the name of `item`, now or later without anybody doing more."""
    posts = Post.objects.seen_or_coming(now)
    coming = posts.filter(next_revision__isnull=False)
    return item.among(posts).exists() or bool(_naming(item, coming, "next_revision__content"))


def _naming(item: Term, posts: Any, text: str) -> set[int]:
    """The keys of those of `posts` that name `item`, as it is called or was, in the revision whose content is `text`."""
    kind, names = item.declared, {item.name, *item.aliases.values_list("name", flat=True)}
    column = f"{text}__{kind.field}"
    if not kind.is_many:
        return set(posts.filter(**{f"{column}__in": names}).values_list("pk", flat=True))
    named = posts.values_list("pk", column)
    return {pk for pk, value in named if not names.isdisjoint(names_in(kind, value or ()))}


def delete_named(item: Term) -> None:
    """Delete what no post is filed under. What led to its path answers 410.

    So does its own path where readers saw it even while it was empty; an empty tag's they never did.
    """
    with transaction.atomic():
        path = unquote(item.get_absolute_url())
        gone = {"kind": Address.Kind.GONE, "target": "", "reason": GONE}
        Address.objects.filter(target=path).update(**gone)
        if item.declared.has_empty_page:
            Address.objects.update_or_create(path=path, defaults=gone | {"post": None, "page": None})
        item.delete()


def merge(*, sources: Sequence[Term], into: Term, by: Actor, now: datetime) -> int:
    """Move all posts from `sources` to `into`, which is of their kind; names become aliases, paths answer 301.

    Returns how many posts carry `into` newly. Readers are not told: `updated_at` stays.
    """
    moved = 0
    with changing(kind=Kind.MERGED, actor=by, now=now) as change:
        for source in sources:
            if source.pk == into.pk:
                continue
            moved += _move_posts(source, into)
            old_path = unquote(source.get_absolute_url())
            source.aliases.update(**{into.declared.name: into})
            source.delete()
            into.take_over(source)
            keep_alias(into, source.name)
            addresses.move(old=old_path, new=unquote(into.get_absolute_url()))
        change.renamed.append(into)
    return moved


def _move_posts(source: Term, into: Term) -> int:
    """File what stands under `source` under `into`, nothing twice; gives the number of posts new to `into`."""
    kind = into.declared
    if not kind.is_many:
        return Post.objects.filter(**{kind.relation: source}).update(**{kind.relation: into})
    between, post, term = into.through()
    new = source.among(Post.objects.exclude(pk__in=into.among(Post.objects.all()).values("pk"))).count()
    rows = between._default_manager.filter(**{term: source})
    columns = {column: OuterRef(column) for column in (post, *kind.told_apart_by)}
    same = between._default_manager.filter(**{term: into.pk}, **columns)
    rows.exclude(Exists(same)).update(**{term: into.pk})
    rows.all().delete()  # what is left says nothing new
    return new


def save_page(page: Page) -> None:
    """Save a page. A public one is reachable at its path at once, and where it was before leads there;
    one that is public no more answers 410.

    Raises addresses.AddressTaken.
    """
    page.path = public_path(page.path)
    with transaction.atomic():
        page.save()
        if page.is_public:
            addresses.reserve(path=page.path, page=page)
        else:
            retire(page)


def delete_page(page: Page) -> None:
    """Delete a page; the paths it was public at answer 410."""
    with transaction.atomic():
        retire(page)
        page.delete()


def retire(page: Page) -> None:
    """Let every path at which `page` was public answer 410; one that was never public has none."""
    page.addresses.update(kind=Address.Kind.GONE, page=None, reason=GONE)
