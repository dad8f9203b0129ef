"""What texts name, as rows of the database: looked up once, for one text or for a whole batch."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models
from django.db.models import F

from blog.editorial import addresses
from blog.editorial.content_fields import IMAGES
from blog.models import Address, Author, Category, Image, Tag
from blog.models import Collection as Series
from blog.text.names import tag_key

if TYPE_CHECKING:
    from blog.editorial.content import Content

Row = TypeVar("Row", bound=models.Model)


class ContentLookups:
    """The rows that `contents` name, by the words they use; what the magazine does not know is absent.

    Each kind is asked for when it is needed first: as many queries for a hundred contents as for one.
    """

    def __init__(self, contents: Collection[Content]) -> None:
        self.contents = contents

    @cached_property
    def categories(self) -> dict[str, Category]:
        """By name, of now or once."""
        return by_name(Category, (content.category for content in self.contents))

    @cached_property
    def collections(self) -> dict[str, Series]:
        """By name, of now or once."""
        return by_name(Series, (content.collection for content in self.contents))

    @cached_property
    def authors(self) -> dict[str, Author]:
        """By name, of now or once."""
        credits = (credit for content in self.contents for credit in content.bylines)
        return by_name(Author, (credit.author for credit in credits))

    @cached_property
    def tags(self) -> dict[str, Tag]:
        """By `tag_key`."""
        return Tag.objects.by_key({tag_key(name) for content in self.contents for name in content.tags})

    @cached_property
    def images(self) -> dict[str, Image]:
        """By hash."""
        hashes = {getattr(content, name) for content in self.contents for name in IMAGES}
        return Image.objects.by_hash(hashes - {""})

    @cached_property
    def addresses(self) -> dict[str, Address]:
        """By path: what answers already where the contents are to stand."""
        return addresses.at({content.path for content in self.contents} - {""})


def by_name(model: type[Row], names: Iterable[str]) -> dict[str, Row]:
    """Rows by the names asked for: what they are called now or were once, in any case and width. Unknown names are absent.

    One query where every name is as it stands, up to three more for the others.
    """
    names = set(names) - {""}
    rows: Any = model._default_manager
    found = {row.name: row for row in rows.filter(name__in=names)} if names else {}
    missing = {name: tag_key(name) for name in names if name not in found}
    if missing:
        keys = set(missing.values())
        once = rows.filter(aliases__key__in=keys).annotate(alias_key=F("aliases__key"))
        today = {pk: key for pk, name in rows.values_list("pk", "name") if (key := tag_key(name)) in keys}
        known = {row.alias_key: row for row in once}
        known |= {today[row.pk]: row for row in (rows.filter(pk__in=today) if today else ())}
        found |= {name: known[key] for name, key in missing.items() if key in known}
    return found
