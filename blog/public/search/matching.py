"""Search matching and ranking: grams preselect, a substring test decides; titles and tags rank first, then the
newest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from blog.models import TERMS, Post, SearchPart, Term
from blog.public.search.expansion import ExpandedQuery, alternatives
from blog.public.search.grams import posts_with
from blog.querysets import PostQuerySet
from blog.text.grams import is_exact
from blog.text.names import tag_key
from blog.text.query import Query

PAGE_SIZE = 20
MOST_COUNTED = 1000
"""Maximum number of hits that are counted and can be paged through."""
CANDIDATES = 2000
"""Maximum number of posts, newest first, whose text is read when grams alone cannot decide."""


FILTERS = {model.declared.parameter: model for model in TERMS if model.declared.parameter}
"""Search filters: kinds of terms by the name of their query parameter."""


@dataclass(frozen=True)
class Filters:
    """Search filters: `terms`, slugs by parameter (names too for open kinds), and year of publication. Empty means
    any."""

    terms: Mapping[str, str] = field(default_factory=dict)
    year: int | None = None

    def __bool__(self) -> bool:
        return bool(any(self.terms.values()) or self.year)

    def apply(self, posts: PostQuerySet) -> PostQuerySet:
        for parameter, slug in self.terms.items():
            if slug:
                posts = _carrying(posts, FILTERS[parameter], slug)
        if self.year:
            posts = posts.dated(_new_year(self.year), _new_year(self.year + 1))
        return posts


def _carrying(posts: PostQuerySet, model: type[Term], slug: str) -> PostQuerySet:
    kind = model.declared
    if not kind.is_many:
        return posts.filter(**{f"{kind.relation}__slug": slug})
    through = model.through()
    called = Q(**{f"{through.term}__slug": slug})
    if kind.is_open:
        called |= Q(**{f"{through.term}__key": tag_key(slug)})
    return posts.filter(Exists(through.model.objects.filter(called, **{through.post: OuterRef("pk")})))


@dataclass(frozen=True)
class SearchPage:
    """Page of search results: primary keys in order.

    `count`: number of known hits; `at_least`: there may be more. `words`: folded words to highlight, grouped by
    alternatives.
    """

    ids: list[int]
    count: int
    at_least: bool
    pages: int
    words: Sequence[tuple[str, ...]] = ()


def search(*, query: Query, filters: Filters, page: int, now: datetime) -> SearchPage:
    """Search the published posts: every wanted word of `query` (or an alternative of it) and no unwanted one.

    A query without a wanted word finds nothing. `page` counts from 1; a page beyond the last is empty. Two statements.
    """
    if not query.wanted:
        return SearchPage([], 0, False, 1)
    meant = alternatives(query)
    hits, at_least = _hits(filters.apply(Post.objects.listed(now)), meant)
    at_least = at_least or len(hits) > MOST_COUNTED
    hits = hits[:MOST_COUNTED]
    return SearchPage(
        ids=hits[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        count=len(hits),
        at_least=at_least,
        pages=max(1, -(-len(hits) // PAGE_SIZE)),
        words=meant.wanted,
    )


def narrowed(posts: PostQuerySet, meant: ExpandedQuery) -> PostQuerySet:
    """Preselect `posts` by grams: all wanted words may occur, and no unwanted word surely does."""
    for words in meant.wanted:
        posts = posts.filter(pk__in=posts_with(_telling(words)))
    for words in meant.unwanted:
        if sure := list(filter(is_exact, words)):
            posts = posts.exclude(pk__in=posts_with(sure))
    return posts


def _telling(words: Sequence[str]) -> list[str]:
    """Drop words that contain another of `words`: データセンター is in no text without データセンタ."""
    return [word for word in words if not any(other in word for other in words if other != word)]


def _hits(posts: PostQuerySet, meant: ExpandedQuery) -> tuple[list[int], bool]:
    """Return hits in order, one more than `MOST_COUNTED` at most; and whether some candidates were not read."""
    in_head = Q()
    for words in meant.wanted:
        in_head &= _in_head(words)
    candidates = (
        narrowed(posts, meant)
        .annotate(tier=Case(When(in_head, then=0), default=1, output_field=IntegerField()))
        .order_by("tier", "-published_at", "-pk")
        .values_list("pk", "tier")
    )
    test, values = _test(meant)
    if not test:
        return [pk for pk, _ in candidates[: MOST_COUNTED + 1]], False
    return _tested(candidates[: CANDIDATES + 1], test, values)


def _in_head(words: Sequence[str]) -> Q:
    words = _telling(words)
    found = Q(pk__in=posts_with(words, heads_only=True))
    if all(map(is_exact, words)):
        return found
    holds = Q()
    for word in words:
        holds |= Q(GreaterThan(StrIndex("text", Value(word)), 0))
    return found & Q(Exists(SearchPart.objects.filter(holds, post=OuterRef("pk"), kind=SearchPart.Kind.HEAD)))


def _test(meant: ExpandedQuery) -> tuple[str, list[str]]:
    """SQL condition on the candidates `first` for words that grams have not decided, with its parameters; empty when
    none is left. Each database searches texts in the way that is fastest there."""
    groups = [("", words) for words in map(_telling, meant.wanted) if not all(map(is_exact, words))]
    unsure = ([word for word in words if not is_exact(word)] for words in meant.unwanted)
    groups += [("NOT ", words) for words in map(_telling, unsure) if words]
    if connection.vendor == "sqlite":
        holds = "holds(CAST(text AS BLOB), CAST(%s AS BLOB))"
        condition = "EXISTS (SELECT 1 FROM blog_searchpart WHERE post_id = first.id AND ({}))"
        test = "{}"
    else:  # fetches a text once for all words; the parts are joined by what no word holds (`blog.text.grams.BREAK`)
        holds = "strpos(text, %s) > 0"
        condition = "({})"
        whole = "SELECT string_agg(text, chr(10)) AS text FROM blog_searchpart WHERE post_id = first.id"
        test = f"(SELECT {{}} FROM ({whole}) AS whole)"  # noqa: S608
    conditions = [
        negation + condition.format(" OR ".join([holds] * len(words))) for negation, words in groups
    ]
    values = [word for _, words in groups for word in words]
    return test.format(" AND ".join(conditions)) if conditions else "", values


def _tested(candidates: QuerySet[Any, Any], test: str, values: list[str]) -> tuple[list[int], bool]:
    """Filter the first `CANDIDATES` by `test`, in order; also return whether more are left to test. Raw SQL, because
    only limits in subqueries keep the texts of the others unread."""
    inner, parameters = candidates.query.sql_with_params()
    statement = f"""
        WITH candidate (id, tier) AS ({inner}),
        hit AS (SELECT id FROM (SELECT id FROM candidate LIMIT %s) AS first WHERE {test} LIMIT %s)
        SELECT id FROM hit UNION ALL SELECT NULL FROM (SELECT 1 FROM candidate LIMIT 1 OFFSET %s) AS unread
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, CANDIDATES, *values, MOST_COUNTED + 1, CANDIDATES])
        found = [pk for (pk,) in cursor.fetchall()]
    return [pk for pk in found if pk], None in found


def _new_year(year: int) -> datetime:
    return timezone.make_aware(datetime(year, 1, 1))
