"""Sections, collections, tags, authors and pages at work: what a new name, a new path or a merge does to the public paths."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from django.db.models import Exists, OuterRef

from blog.editorial import addresses
from blog.editorial.changes import Kind, changing
from blog.editorial.lookups import by_name
from blog.models import Address, Alias, Author, Byline, Category, Collection, Page, Post, Tag, TaggedPost
from blog.text.names import public_path, tag_key

Named = Category | Collection | Tag | Author
KINDS = {Category: "category", Collection: "collection", Tag: "tag", Author: "author"}
GONE = "このページは廃止しました。"


def save_named(item: Named, *, by: Any, now: datetime) -> None:
    """Save something that posts are filed under. An old name stays as an alias, an old path answers 301."""
    with changing(kind=Kind.TERM, actor=by, now=now, note=_called(item)) as change:
        before = type(item).objects.filter(pk=item.pk).first() if item.pk else None
        item.save()
        if before is None:
            return
        if before.name != item.name:
            change.note = f"{_called(before)}→「{item.name}」"
            item.aliases.filter(name=item.name).delete()  # it goes by this name again
            _keep_alias(item, before.name)
            change.renamed.append(item)
        addresses.move(old=unquote(before.get_absolute_url()), new=unquote(item.get_absolute_url()))


def make_named(model: type[Named], name: str, *, by: Any, now: datetime, **values: Any) -> Named:
    """The one of `model` with this very name, made with `values` where there is none."""
    item: Named
    with changing(kind=Kind.TERM, actor=by, now=now) as change:
        item, is_new = model.objects.get_or_create(name=name, defaults=values)
        change.note = _called(item)
        if not is_new:
            change.nothing_changed()
    return item


def make_tags(names: Iterable[str], *, by: Any, now: datetime) -> list[Tag]:
    """The tags that go by `names`; unknown ones are made."""
    names = list(names)
    with changing(kind=Kind.TERM, actor=by, now=now) as change:
        known = Tag.objects.by_key({tag_key(name) for name in names} - {""})
        before = len(known)
        tags = Tag.objects.for_names(names, known=known)
        if len(known) == before:
            change.nothing_changed()
    return tags


def save_aliases(
    item: Named, *, saved: Iterable[Alias], deleted: Iterable[Alias], by: Any, now: datetime
) -> None:
    """Let `item` go by other names than so far: readers search by those of tags, and old paths know those of sections."""
    with changing(kind=Kind.TERM, actor=by, now=now, note=_called(item)) as change:
        gone, kept = list(deleted), list(saved)
        for alias in gone:
            alias.delete()
        for alias in kept:
            alias.save()
        if not (gone or kept):
            change.nothing_changed()


def keep_alias(item: Named, name: str, *, by: Any, now: datetime) -> None:
    """Let `name` mean `item` from now on, in imports and old revisions too."""
    with changing(kind=Kind.TERM, actor=by, now=now, note=f"{_called(item)}、別名「{name}」"):
        _keep_alias(item, name)


def _keep_alias(item: Named, name: str) -> None:
    alias = Alias(name=name, **{KINDS[type(item)]: item})
    alias.clean()
    Alias.objects.filter(**{f"{KINDS[type(item)]}__isnull": False}, key=alias.key).delete()
    alias.save()


def known_as(model: type[Named], name: str) -> Named | None:
    """The one of `model` that goes by `name`, or did once, in any case and width."""
    if model is Tag:
        key = tag_key(name)
        return Tag.objects.by_key([key]).get(key)
    return by_name(model, [name]).get(name)


def posts_filed_under(item: Named) -> int:
    """How many posts need `item`: in what readers see, or for all but tags in the newest text."""
    if isinstance(item, Tag):
        tagged: int = item.tagged.count()
        return tagged  # an unknown tag of a working text is simply made anew
    kind = KINDS[type(item)]
    live = Post.objects.filter(**{"authors" if isinstance(item, Author) else kind: item})
    pks = set(live.values_list("pk", flat=True))
    names = {item.name, *item.aliases.values_list("name", flat=True)}
    working = Post.objects.unpublished() | Post.objects.changed_since_publication()
    for text in ("latest_revision__content", "next_revision__content"):
        if not isinstance(item, Author):
            pks.update(working.filter(**{f"{text}__{kind}__in": names}).values_list("pk", flat=True))
        else:
            for pk, bylines in working.values_list("pk", f"{text}__bylines"):
                if any(credit["author"] in names for credit in bylines or ()):
                    pks.add(pk)
    return len(pks)


def is_seen(item: Named, *, now: datetime) -> bool:
    """Whether readers see the name of `item`, now or later without anybody doing more."""
    posts, kind = Post.objects.seen_or_coming(now), KINDS[type(item)]
    if posts.filter(**{"authors" if isinstance(item, Author) else kind: item}).exists():
        return True
    names = {item.name, *item.aliases.values_list("name", flat=True)}
    coming = posts.filter(next_revision__isnull=False).values_list("next_revision__content", flat=True)
    if isinstance(item, Author):
        return any(credit["author"] in names for content in coming for credit in content["bylines"])
    return any(content[kind] in names for content in coming)


def delete_named(item: Named, *, by: Any, now: datetime) -> None:
    """Delete what no post is filed under. What led to its path answers 410.

    So does a section's own path, which readers saw even while it was empty; an empty tag's they never did.
    """
    with changing(kind=Kind.TERM, actor=by, now=now, note=f"{_called(item)}を削除"):
        path = unquote(item.get_absolute_url())
        gone = {"kind": Address.Kind.GONE, "target": "", "reason": GONE}
        Address.objects.filter(target=path).update(**gone)
        if isinstance(item, Category):
            Address.objects.update_or_create(path=path, defaults=gone | {"post": None, "page": None})
        item.delete()


def merge(*, sources: Sequence[Named], into: Named, by: Any, now: datetime) -> int:
    """Move all posts from `sources` to `into`, which is of their kind; names become aliases, paths answer 301.

    Returns how many posts carry `into` newly. Readers are not told: `updated_at` stays.
    """
    moved = 0
    with changing(kind=Kind.MERGED, actor=by, now=now) as change:
        for source in sources:
            if source.pk == into.pk:
                continue
            change.concerns(_filed_under(source))
            moved += _move_posts(source, into)
            old_path = unquote(source.get_absolute_url())
            source.aliases.update(**{KINDS[type(into)]: into})
            source.delete()
            if isinstance(source, Author) and source.user_id:
                Author.objects.filter(pk=into.pk, user=None).update(user=source.user_id)
            _keep_alias(into, source.name)
            addresses.move(old=old_path, new=unquote(into.get_absolute_url()))
        change.renamed.append(into)
        change.note = f"{'、'.join(_called(source) for source in sources)}→「{into.name}」"
    return moved


def _called(item: Named) -> str:
    """What the history calls `item`."""
    return f"{item._meta.verbose_name}「{item.name}」"


def _filed_under(item: Named) -> Iterable[Post]:
    """The posts in which readers see or will see `item`: for the history. They are not locked: who publishes holds a post
    and waits for its tags, so to hold a tag and wait for its posts would be a deadlock."""
    through = {Category: "category", Collection: "collection", Tag: "tagged__tag", Author: "bylines__author"}
    posts = Post.objects.with_live_revision().filter(**{through[type(item)]: item}).order_by("pk")
    return posts.distinct().only("live_revision", "day", "slug")


def _move_posts(source: Named, into: Named) -> int:
    """File what stands under `source` under `into`, nothing twice; gives the number of posts new to `into`."""
    if isinstance(source, Category | Collection):
        kind = KINDS[type(source)]
        return Post.objects.filter(**{kind: source}).update(**{kind: into})
    if isinstance(source, Tag):
        have = TaggedPost.objects.filter(tag=into).values("content_object")
        moved: int = TaggedPost.objects.filter(tag=source).exclude(content_object__in=have).update(tag=into)
        TaggedPost.objects.filter(tag=source).delete()
        return moved
    new = Post.objects.filter(bylines__author=source).exclude(bylines__author=into.pk).distinct().count()
    credits = Byline.objects.filter(author=source)
    same = Byline.objects.filter(author=into.pk, post=OuterRef("post"), role=OuterRef("role"))
    credits.exclude(Exists(same)).update(author=into.pk)
    credits.all().delete()  # what is left says nothing new
    return new


def save_page(page: Page, *, by: Any, now: datetime) -> None:
    """Save a page. A public one is reachable at its path at once, and where it was before leads there;
    one that is public no more answers 410.

    Raises addresses.AddressTaken.
    """
    page.path = public_path(page.path)
    with changing(kind=Kind.PAGE, actor=by, now=now, note=f"「{page.title}」{page.path}"):
        page.save()
        if page.is_public:
            addresses.reserve(path=page.path, page=page)
        else:
            retire(page)


def delete_page(page: Page, *, by: Any, now: datetime) -> None:
    """Delete a page; the paths it was public at answer 410."""
    with changing(kind=Kind.PAGE, actor=by, now=now, note=f"「{page.title}」{page.path} を削除"):
        retire(page)
        page.delete()


def retire(page: Page) -> None:
    """Let every path at which `page` was public answer 410; one that was never public has none."""
    page.addresses.update(kind=Address.Kind.GONE, page=None, reason=GONE)
