"""Batch lookup of terms, images and addresses by the names in a set of contents."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from blog.editorial import addresses
from blog.editorial.content_fields import IMAGES
from blog.models import Address, Image, Term
from blog.models.term import TermKind
from blog.text.names import tag_key

if TYPE_CHECKING:
    from blog.editorial.content import Content

Kind = TypeVar("Kind", bound=Term)


class ContentLookups:
    """Rows that `contents` refer to, keyed by the names used there; unknown names are absent.

    Each kind is queried on first use: as many queries for a hundred contents as for one.
    """

    def __init__(self, contents: Collection[Content]) -> None:
        self.contents = contents
        self._terms: dict[type[Term], dict[str, Any]] = {}

    def terms(self, model: type[Kind]) -> dict[str, Kind]:
        """Terms of `model`, keyed by the names in the contents, current or former; open kinds are keyed by `tag_key`."""
        if model not in self._terms:
            kind, rows = model.declared, model.objects
            values = (getattr(content, kind.field) for content in self.contents)
            names = {name for value in values for name in names_in(kind, value)}
            self._terms[model] = rows.by_key(set(map(tag_key, names))) if kind.is_open else rows.named(names)
        return self._terms[model]

    @cached_property
    def images(self) -> dict[str, Image]:
        """Images by hash."""
        hashes = {getattr(content, name) for content in self.contents for name in IMAGES}
        return Image.objects.by_hash(hashes - {""})

    @cached_property
    def addresses(self) -> dict[str, Address]:
        """Existing addresses by path, for the public paths of the contents."""
        return addresses.at({content.path for content in self.contents} - {""})


def names_in(kind: TermKind, value: Any) -> Iterator[str]:
    """Term names in `value`: the value of this kind's field, from a `Content` or from its JSON."""
    for entry in value if kind.is_many else (value,):
        if not kind.entry:
            yield entry
        else:
            yield entry[kind.entry] if isinstance(entry, dict) else getattr(entry, kind.entry)
