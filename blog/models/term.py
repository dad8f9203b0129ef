"""Base of taxonomy terms: the columns that all kinds share, and the declaration of a kind."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self
from urllib.parse import quote

from django.apps import apps
from django.db import models

from blog.models.prepared import Prepared
from blog.text.names import slugify
from blog.text.post_paths import UNQUOTED

if TYPE_CHECKING:
    from blog.querysets import PostQuerySet


@dataclass(frozen=True, kw_only=True)
class TermKind:
    """Declaration of a kind of term for pages, feeds, sitemaps, search, merges, imports and exports."""

    # Its names
    name: str
    """URL name of a term's page, and the column of `Alias`."""
    plural: str
    """URL name of the list of all terms, and name of the file in an export."""
    prefix: str
    """First segment of the paths of both."""

    # Posts
    relation: str
    """Field of `Post`: a foreign key, or with `is_many` a many-to-many relation."""
    field: str
    """Field of `Content`: a name, or a tuple of names."""
    is_many: bool = False
    is_open: bool = False
    """Whether an unknown name becomes a new term when a text with it goes live. `key` identifies such terms."""
    is_on_every_post: bool = False
    """Whether every live post must have one."""
    entry: str = ""
    """Attribute with the name, where the entries of `field` are more than names."""
    told_apart_by: tuple[str, ...] = ()
    """Columns that distinguish a post's several rows with the same term, where that is allowed."""

    # Files
    columns: tuple[str, ...] = ()
    """Columns that an export writes besides the names."""

    # Readers and machines
    has_empty_page: bool = False
    """Whether the page exists without published posts. Otherwise its name alone could reveal unpublished work."""
    has_most_used_first: bool = False
    """Whether the list of all terms puts the most used first; else it has the model's order."""
    feed: str = ""
    """URL name of the term's feed; empty: no feed."""
    feed_path: str = ""
    """Route of the term's feed."""
    has_feed_formats: bool = False
    """Whether `feed_path` ends in a format, one of `blog.public.feeds.FORMATS`."""
    parameter: str = ""
    """Query parameter that filters a search by this kind; empty: no filter."""
    sitemap: str = ""
    """Sitemap with the pages of this kind; kinds may share one."""
    indexed_from: int = 1
    """Minimum number of posts for a page to be indexed: with fewer it shows nothing that the posts do not."""


class Through(NamedTuple):
    """Through model between posts and the terms of a kind, and its columns for the two."""

    model: Any
    post: str
    term: str


class Term(models.Model):
    """Taxonomy term, such as a section, a tag or an author. `blog.models.taxonomy.TERMS` lists the kinds."""

    declared: ClassVar[TermKind]

    name = models.CharField("名前", max_length=60, unique=True)
    slug = models.SlugField(
        "スラッグ",
        max_length=80,
        unique=True,
        allow_unicode=True,
        blank=True,
        help_text="空欄なら名前から作ります。",
    )
    description = models.TextField("説明", blank=True)

    if TYPE_CHECKING:
        objects: Any
        """Of each kind: a `TermQuerySet`, or one with more."""
        aliases: Any
        """Rows of `Alias`, which has a column for each kind."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.slug = self.slug or free_slug(type(self), self.slug_of(self.name), self.pk)
        # Not super(): taggit's TagBase.save() ignores our slugs and retries in a nested transaction.
        models.Model.save(self, *args, **kwargs)

    def get_absolute_url(self) -> str:
        """Path of the term's page, percent-encoded: as `reverse` has it, at a tenth of its price (a list shows forty)."""
        return f"/{self.declared.prefix}/{quote(self.slug, safe=UNQUOTED)}/"

    @staticmethod
    def slug_of(name: str) -> str:
        return slugify(name)

    @property
    def label(self) -> str:
        """Label of the kind, shown before the name."""
        return str(self._meta.verbose_name)

    @property
    def heading(self) -> str:
        """Title of the term's page and feed."""
        return self.name

    @property
    def about(self) -> str:
        """Description of the term for its page and feed."""
        return self.description

    def among(self, posts: PostQuerySet) -> PostQuerySet:
        """Filter `posts` by this term, each post once."""
        return posts.filter(**{self.declared.relation: self})

    def take_over(self, other: Self) -> None:
        """Take over the data of `other`, just merged into this term, besides its names and posts."""

    @classmethod
    def in_full(cls) -> Any:
        """All terms of the kind, with their pictures prefetched where they have some."""
        return cls._default_manager.select_related(*({"picture"} & {*cls.declared.columns}))

    @classmethod
    def by_slug(cls, slug: str) -> Any:
        """Term with the slug, as `in_full` has it; None when there is none."""
        return next(iter(_by_slug(cls)(slug)), None)

    @classmethod
    def through(cls) -> Through:
        """Through model of a kind with `is_many`."""
        return _through(cls)


@cache
def _by_slug(term: type[Term]) -> Prepared:
    return Prepared(lambda slug: term.in_full().filter(slug=slug).order_by())


@cache
def _through(term: type[Term]) -> Through:
    post = apps.get_model("blog", "Post")
    between = getattr(post, term.declared.relation).through
    columns = {column.related_model: column.name for column in between._meta.fields}
    return Through(between, columns[post], columns[term])


def free_slug(model: type[models.Model], wanted: str, pk: int | None) -> str:
    """Return the first free slug of `wanted`, `wanted-2`, `wanted-3`, …"""
    wanted = (wanted or "x")[:70]
    taken = set(
        model._default_manager.exclude(pk=pk).filter(slug__startswith=wanted).values_list("slug", flat=True)
    )
    slug, number = wanted, 2
    while slug in taken:
        slug, number = f"{wanted}-{number}", number + 1
    return slug
