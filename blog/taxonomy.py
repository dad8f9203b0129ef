"""Sections, tags, authors and pages at work: what a new name, a new path or a merge does to the public paths."""

from __future__ import annotations

from urllib.parse import unquote

from django.db import transaction

from blog import addresses
from blog.models import Address, Alias, Author, Category, Page, Tag, TaggedPost
from blog.text.names import public_path

Named = Category | Tag | Author
KINDS = {Category: "category", Tag: "tag", Author: "author"}


def save_named(item: Named) -> None:
    """Save a section, tag or author. An old name stays as an alias, an old path answers 301."""
    with transaction.atomic():
        before = type(item)._default_manager.filter(pk=item.pk).first() if item.pk else None
        item.save()
        if before is None:
            return
        if before.name != item.name:
            keep_alias(item, before.name)
        addresses.move(old=unquote(before.get_absolute_url()), new=unquote(item.get_absolute_url()))


def keep_alias(item: Named, name: str) -> None:
    """Let `name` mean `item` from now on, in imports and old revisions too."""
    alias = Alias(name=name, **{KINDS[type(item)]: item})
    alias.clean()
    Alias.objects.update_or_create(
        **{f"{KINDS[type(item)]}__isnull": False},
        key=alias.key,
        defaults={"name": name, KINDS[type(item)]: item},
    )


def merge_tags(*, sources: list[Tag], into: Tag) -> int:
    """Move all posts from `sources` to `into`; their names become aliases, their paths answer 301.

    Returns how many posts carry `into` newly. Readers are not told: `updated_at` stays.
    """
    added = 0
    with transaction.atomic():
        for source in sources:
            if source.pk == into.pk:
                continue
            have = TaggedPost.objects.filter(tag=into).values("content_object")
            moving = TaggedPost.objects.filter(tag=source)
            added += moving.exclude(content_object__in=have).update(tag=into)
            moving.all().delete()
            old_path = unquote(source.get_absolute_url())
            source.aliases.update(tag=into)
            source.delete()
            keep_alias(into, source.name)
            addresses.move(old=old_path, new=unquote(into.get_absolute_url()))
    return added


def save_page(page: Page) -> None:
    """Save a page; a public one is reachable at its path at once, and where it was before leads there.

    Raises addresses.AddressTaken.
    """
    page.path = public_path(page.path)
    with transaction.atomic():
        page.save()
        if page.is_public:
            addresses.reserve(path=page.path, page=page)
        else:
            Address.objects.filter(page=page, kind=Address.Kind.CURRENT).delete()
