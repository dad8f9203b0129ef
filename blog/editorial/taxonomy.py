"""Taxonomy terms and fixed pages: save, rename, merge and delete, with their redirects and 410s."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from django.db.models import Exists, OuterRef

from blog.editorial import addresses
from blog.editorial.actors import Actor
from blog.editorial.changes import Kind, changing
from blog.editorial.lookups import names_in
from blog.models import Address, Alias, Page, Post, Term
from blog.text.names import public_path, tag_key

GONE = "このページは廃止しました。"


def save_named(item: Term, *, by: Actor, now: datetime) -> None:
    """Save a term. When renamed, the old name becomes an alias and the old path answers 301."""
    with changing(kind=Kind.TERM, actor=by, now=now, note=_called(item)) as change:
        before = type(item)._default_manager.filter(pk=item.pk).first() if item.pk else None
        item.save()
        if before is None:
            return
        if before.name != item.name:
            change.note = f"{_called(before)}→「{item.name}」"
            item.aliases.filter(name=item.name).delete()  # it goes by this name again
            _keep_alias(item, before.name)
            change.renamed.append(item)
        addresses.move(old=unquote(before.get_absolute_url()), new=unquote(item.get_absolute_url()))


def make_named(model: type[Term], name: str, *, by: Actor, now: datetime, **values: Any) -> Any:
    """Get or create the term of `model` with exactly this name; `values` are for a new one."""
    with changing(kind=Kind.TERM, actor=by, now=now) as change:
        item, is_new = model.objects.get_or_create(name=name, defaults=values)
        change.note = _called(item)
        if not is_new:
            change.nothing_changed()
    return item


def make_open(model: type[Term], names: Iterable[str], *, by: Actor, now: datetime) -> list[Any]:
    """Get or create terms of `model`, an open kind, by `names`."""
    names = list(names)
    with changing(kind=Kind.TERM, actor=by, now=now) as change:
        known = model.objects.by_key({tag_key(name) for name in names} - {""})
        before = len(known)
        found: list[Any] = model.objects.for_names(names, known=known)
        if len(known) == before:
            change.nothing_changed()
    return found


def save_aliases(
    item: Term, *, saved: Iterable[Alias], deleted: Iterable[Alias], by: Actor, now: datetime
) -> None:
    """Save and delete aliases of `item`: search uses those of tags, old paths those of sections."""
    with changing(kind=Kind.TERM, actor=by, now=now, note=_called(item)) as change:
        gone, kept = list(deleted), list(saved)
        for alias in gone:
            alias.delete()
        for alias in kept:
            alias.save()
        if not (gone or kept):
            change.nothing_changed()


def keep_alias(item: Term, name: str, *, by: Actor, now: datetime) -> None:
    """Make `name` an alias of `item`, also for imports and old revisions; another term loses it."""
    with changing(kind=Kind.TERM, actor=by, now=now, note=f"{_called(item)}、別名「{name}」"):
        _keep_alias(item, name)


def _keep_alias(item: Term, name: str) -> None:
    column = item.declared.name
    alias = Alias(name=name, **{column: item})
    alias.clean()
    Alias.objects.filter(**{f"{column}__isnull": False}, key=alias.key).delete()
    alias.save()


def known_as(model: type[Term], name: str) -> Any:
    """Find the term of `model` by current or former name, ignoring case and width; None when there is none."""
    return model.objects.named([name]).get(name)


def posts_filed_under(item: Term) -> int:
    """Count the posts that use `item`: in the live text and, unless its kind is open, in the newest and scheduled text."""
    live = item.among(Post.objects.all())
    if item.declared.is_open:
        return live.count()  # an unknown name in a working text is created again
    pks = set(live.values_list("pk", flat=True))
    working = Post.objects.unpublished() | Post.objects.changed_since_publication()
    for text in ("latest_revision__content", "next_revision__content"):
        pks |= _naming(item, working, text)
    return len(pks)


def is_seen(item: Term, *, now: datetime) -> bool:
    """Whether readers see the name of `item` on posts, now or at a scheduled time."""
    posts = Post.objects.seen_or_coming(now)
    coming = posts.filter(next_revision__isnull=False)
    return item.among(posts).exists() or bool(_naming(item, coming, "next_revision__content"))


def _naming(item: Term, posts: Any, text: str) -> set[int]:
    """Keys of the `posts` whose content at the lookup `text` names `item`, by its current name or an alias."""
    kind, names = item.declared, {item.name, *item.aliases.values_list("name", flat=True)}
    column = f"{text}__{kind.field}"
    if not kind.is_many:
        return set(posts.filter(**{f"{column}__in": names}).values_list("pk", flat=True))
    named = posts.values_list("pk", column)
    return {pk for pk, value in named if not names.isdisjoint(names_in(kind, value or ()))}


def delete_named(item: Term, *, by: Actor, now: datetime) -> None:
    """Delete an unused term. Redirects to its path answer 410.

    Its own path answers 410 if its kind has a page even without posts; the page of a tag without posts never existed.
    """
    with changing(kind=Kind.TERM, actor=by, now=now, note=f"{_called(item)}を削除"):
        path = unquote(item.get_absolute_url())
        gone = {"kind": Address.Kind.GONE, "target": "", "reason": GONE}
        Address.objects.filter(target=path).update(**gone)
        if item.declared.has_empty_page:
            Address.objects.update_or_create(path=path, defaults=gone | {"post": None, "page": None})
        item.delete()


def merge(*, sources: Sequence[Term], into: Term, by: Actor, now: datetime) -> int:
    """Merge `sources` into the term `into` of the same model: posts move, names become aliases, paths answer 301.

    Returns how many posts carry `into` newly. Not announced to readers: `updated_at` stays.
    """
    moved = 0
    with changing(kind=Kind.MERGED, actor=by, now=now) as change:
        for source in sources:
            if source.pk == into.pk:
                continue
            change.concerns(_filed_under(source))
            moved += _move_posts(source, into)
            old_path = unquote(source.get_absolute_url())
            source.aliases.update(**{into.declared.name: into})
            source.delete()
            into.take_over(source)
            _keep_alias(into, source.name)
            addresses.move(old=old_path, new=unquote(into.get_absolute_url()))
        change.renamed.append(into)
        change.note = f"{'、'.join(_called(source) for source in sources)}→「{into.name}」"
    return moved


def _called(item: Term) -> str:
    """Label of `item` in the history."""
    return f"{item.label}「{item.name}」"


def _filed_under(item: Term) -> Iterable[Post]:
    """Live and scheduled posts with `item`, for the history. Not locked: publishing locks a post and waits for its tags,
    so locking posts while holding a tag could deadlock."""
    posts = item.among(Post.objects.with_live_revision()).order_by("pk")
    return posts.distinct().only("live_revision", "day", "slug")


def _move_posts(source: Term, into: Term) -> int:
    """Move posts from `source` to `into` without duplicates; returns the number of posts new to `into`."""
    kind = into.declared
    if not kind.is_many:
        posts = Post.objects.filter(**{kind.relation: source})
        # In the order in which everybody locks posts (`changes`): an UPDATE has none, and met a rerendering in a deadlock.
        keys = list(posts.select_for_update().order_by("pk").values_list("pk", flat=True))
        return Post.objects.filter(pk__in=keys).update(**{kind.relation: into})
    between, post, term = into.through()
    new = source.among(Post.objects.exclude(pk__in=into.among(Post.objects.all()).values("pk"))).count()
    rows = between._default_manager.filter(**{term: source})
    columns = {column: OuterRef(column) for column in (post, *kind.told_apart_by)}
    same = between._default_manager.filter(**{term: into.pk}, **columns)
    rows.exclude(Exists(same)).update(**{term: into.pk})
    rows.all().delete()  # the rest are duplicates
    return new


def save_page(page: Page, *, by: Actor, now: datetime) -> None:
    """Save a fixed page. A public page is served at its path at once, and its previous path redirects there; a page that is
    no longer public answers 410.

    Raises `addresses.AddressTaken`.
    """
    page.path = public_path(page.path)
    with changing(kind=Kind.PAGE, actor=by, now=now, note=f"「{page.title}」{page.path}"):
        page.save()
        if page.is_public:
            addresses.reserve(path=page.path, page=page)
        else:
            retire(page)


def delete_page(page: Page, *, by: Actor, now: datetime) -> None:
    """Delete a fixed page; the paths where it was public answer 410."""
    with changing(kind=Kind.PAGE, actor=by, now=now, note=f"「{page.title}」{page.path} を削除"):
        retire(page)
        page.delete()


def retire(page: Page) -> None:
    """Make every public path of `page`, current or former, answer 410; a page that was never public has none."""
    page.addresses.update(kind=Address.Kind.GONE, page=None, reason=GONE)
