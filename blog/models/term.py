"""Base of what posts are filed under: the columns that all kinds of terms share, and how each kind declares itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from django.apps import apps
from django.db import models
from django.urls import reverse

from blog.text.names import slugify

if TYPE_CHECKING:
    from blog.querysets import PostQuerySet


@dataclass(frozen=True, kw_only=True)
class TermKind:
    """Declaration of a kind of term: what pages, feeds, sitemaps, search, merges, imports and exports ask of it."""

    # Its names
    name: str
    """URL name of a term's page, and the column of `Alias`."""
    plural: str
    """URL name of the list of all; name of the file in an export."""
    prefix: str
    """First part of the paths of both."""

    # Posts
    relation: str
    """What `Post` calls it: a foreign key, or with `is_many` a relation to many."""
    field: str
    """What `Content` calls it: a name, or a tuple of names."""
    is_many: bool = False
    is_open: bool = False
    """A name that nobody knows becomes a new term when a text with it goes live. `key` is what tells such terms apart."""
    is_on_every_post: bool = False
    """No post goes live without."""
    entry: str = ""
    """Where the entries of `field` say more than a name: their attribute that is the name."""
    told_apart_by: tuple[str, ...] = ()
    """Where a post may carry a term several times: the columns by which the rows between the two differ."""

    # Files
    columns: tuple[str, ...] = ()
    """What an export says of a term besides its names."""

    # Readers and machines
    has_empty_page: bool = False
    """Whether the page answers while no published post carries the term. Else its name alone would tell what is being written."""
    has_most_used_first: bool = False
    """The order of the list of all; else it is the model's."""
    feed: str = ""
    """URL name of its feed; empty: it has none."""
    feed_path: str = ""
    """Route of its feed."""
    has_feed_formats: bool = False
    """Whether `feed_path` ends in a format: one for each of `blog.public.feeds.FORMATS`."""
    parameter: str = ""
    """Of a search that is narrowed to a term; empty: none is."""
    sitemap: str = ""
    """The sitemap that lists its pages; kinds may share one."""
    indexed_from: int = 1
    """With fewer posts a page shows nothing that the post does not: it is read, and not to be found."""


class Through(NamedTuple):
    """The model between posts and the terms of a kind, and its columns for the two."""

    model: Any
    post: str
    term: str


class Term(models.Model):
    """What posts are filed under: a section, a tag, an author. The kinds are named in `blog.models.taxonomy.TERMS`."""

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
        # Not super(): taggit's TagBase.save() knows nothing of our slugs and retries in a nested transaction.
        models.Model.save(self, *args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse(f"blog:{self.declared.name}", args=[self.slug])

    @staticmethod
    def slug_of(name: str) -> str:
        return slugify(name)

    @property
    def label(self) -> str:
        """What such a term is called before its name."""
        return str(self._meta.verbose_name)

    @property
    def heading(self) -> str:
        """Its name as the title of its page and feed."""
        return self.name

    @property
    def about(self) -> str:
        """What its page and feed say of it."""
        return self.description

    def among(self, posts: PostQuerySet) -> PostQuerySet:
        """Those of `posts` that carry this term, each once."""
        return posts.filter(**{self.declared.relation: self})

    def take_over(self, other: Self) -> None:
        """Take what `other`, which has just been merged into this one, had besides names and posts."""

    @classmethod
    def in_full(cls) -> Any:
        """All terms of the kind, with their pictures where they have some."""
        return cls._default_manager.select_related(*({"picture"} & {*cls.declared.columns}))

    @classmethod
    def through(cls) -> Through:
        """Of a kind of which a post may carry many."""
        return _through(cls)


@cache
def _through(term: type[Term]) -> Through:
    post = apps.get_model("blog", "Post")
    between = getattr(post, term.declared.relation).through
    columns = {column.related_model: column.name for column in between._meta.fields}
    return Through(between, columns[post], columns[term])


def free_slug(model: type[models.Model], wanted: str, pk: int | None) -> str:
    """`wanted`, or the first of `wanted-2`, `wanted-3`, … that no other row has."""
    wanted = (wanted or "x")[:70]
    taken = set(
        model._default_manager.exclude(pk=pk).filter(slug__startswith=wanted).values_list("slug", flat=True)
    )
    slug, number = wanted, 2
    while slug in taken:
        slug, number = f"{wanted}-{number}", number + 1
    return slug
