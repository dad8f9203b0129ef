"""Batch lookup of the sections, tags, authors and images that contents name."""

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
    """The rows that `contents` name, by the words they use; what the magazine does not know is absent.

    Each kind is asked for when it is needed first: as many queries for a hundred contents as for one.
    """

    def __init__(self, contents: Collection[Content]) -> None:
        self.contents = contents
        self._terms: dict[type[Term], dict[str, Any]] = {}

    def terms(self, model: type[Kind]) -> dict[str, Kind]:
        """Those of `model` by the names that the contents use, of now or once; those of an open kind by `tag_key`."""
        if model not in self._terms:
            kind, rows = model.declared, model.objects
            values = (getattr(content, kind.field) for content in self.contents)
            names = {name for value in values for name in names_in(kind, value)}
            self._terms[model] = rows.by_key(set(map(tag_key, names))) if kind.is_open else rows.named(names)
        return self._terms[model]

    @cached_property
    def images(self) -> dict[str, Image]:
        """By hash."""
        hashes = {getattr(content, name) for content in self.contents for name in IMAGES}
        return Image.objects.by_hash(hashes - {""})

    @cached_property
    def addresses(self) -> dict[str, Address]:
        """By path: what answers already where the contents are to stand."""
        return addresses.at({content.path for content in self.contents} - {""})


def names_in(kind: TermKind, value: Any) -> Iterator[str]:
    """The names of terms of this kind in `value`, which is its field of a `Content` or of what is stored of one."""
    for entry in value if kind.is_many else (value,):
        if not kind.entry:
            yield entry
        else:
            yield entry[kind.entry] if isinstance(entry, dict) else getattr(entry, kind.entry)
