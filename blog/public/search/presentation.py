"""Search result page: hits with highlighted words, facets, and fallbacks when nothing is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, DateTimeField, Exists, F, IntegerField, OuterRef, Subquery, Value
from django.db.models.expressions import RawSQL
from django.utils import timezone

from blog.models import Post, Tag, TaggedPost
from blog.models.raw_sql import joined
from blog.public.search.expansion import ExpandedQuery
from blog.public.search.matching import FILTERS, SearchPage, narrowed
from blog.text.grams import fold, pieces
from blog.text.query import Query
from blog.text.snippets import LENGTH, PhrasePiece, Piece, in_phrases, marked, snippet

NEAR_TAGS = 6
POPULAR_TAGS = 12
NEWEST = 5
RECENT = 1000
"""Number of newest posts in which tags are counted."""
TAG = Tag.declared.parameter
ALIKE = 0.4
"""Minimum Dice coefficient of character pairs for two words to be similar."""


_TAGS = """
    SELECT {joined} FROM blog_tag JOIN blog_taggedpost ON tag_id = blog_tag.id WHERE content_object_id = blog_post.id
"""


@dataclass(frozen=True)
class Hit:
    """Search hit. `tags`: those with a word that is in neither the title nor the snippet."""

    post: Post
    title: list[PhrasePiece]
    snippet: list[Piece]
    tags: list[list[Piece]]


def hits(found: SearchPage) -> list[Hit]:
    """Load the posts of a result page, with highlighted titles, snippets and tags: two queries."""
    posts = (
        Post.objects.filter(pk__in=found.ids)
        .for_cards()
        .defer(None)
        .defer("body", "body_html", "portable_html", "toc")
    )
    # By-lines take the second query already; prefetched tags would take a third.
    posts = posts.annotate(tag_names=RawSQL(_TAGS.format(joined=joined("name", by="\n")), ()))  # noqa: S611
    by_id = {post.pk: post for post in posts}
    return [_hit(by_id[pk], found.words) for pk in found.ids if pk in by_id]


def _hit(post: Post, words: Sequence[tuple[str, ...]]) -> Hit:
    text = f"{post.excerpt}\n{post.plain_text}"
    shown = snippet(text, words) or [Piece((post.excerpt or post.plain_text)[:LENGTH], False)]
    every = {word for group in words for word in group}
    seen = [fold(post.title), fold("".join(piece.text for piece in shown))]
    unseen = {
        word
        for group in words
        if not any(other in part for other in group for part in seen)
        for word in group
    }
    names = sorted(filter(None, (getattr(post, "tag_names", "") or "").split("\n")))
    tags = [marked(name, every) for name in names if any(word in fold(name) for word in unseen)]
    return Hit(post, in_phrases(marked(post.title, every)), shown, tags)


@dataclass
class Facets:
    """Facets with published posts. `terms`: (slug, name) by parameter, of kinds chosen from a list. `tags`: with their
    count among the newest posts; readers type them."""

    terms: dict[str, list[tuple[str, str]]]
    years: list[int] = field(default_factory=list)
    tags: list[tuple[str, str, int]] = field(default_factory=list)


CHOSEN = {parameter: model for parameter, model in FILTERS.items() if not model.declared.is_open}
"""Kinds with few enough terms for a list of all."""


def facets(*, now: datetime, with_tags: bool) -> Facets:
    """Load the facets in one query. Tags only on request, counted in the newest posts: counting in all takes long."""
    public = Post.objects.listed(now)
    oldest = public.order_by("published_at").values("published_at")[:1]
    nothing = Value(None, output_field=DateTimeField())
    number = IntegerField()
    # UNION needs equal columns: kind, slug, name, a number to sort by, and when the magazine began.
    parts: list[Any] = []
    for parameter, model in CHOSEN.items():
        terms = model.objects.filter(Exists(public.filter(**{model.declared.relation: OuterRef("pk")})))
        rank = F("order") if "order" in model.declared.columns else Value(0, number)
        since = nothing if parts else Subquery(oldest)
        parts.append(terms.order_by().values_list(Value(parameter), "slug", "name", rank, since))
    if with_tags:
        tags = Tag.objects.filter(Exists(public.filter(tagged__tag=OuterRef("pk")))).order_by()
        parts.append(tags.values_list(Value(TAG), "slug", "name", Value(0, number), nothing))
        recent = TaggedPost.objects.filter(content_object__in=public.newest_first().values("pk")[:RECENT])
        counted = recent.order_by().values("tag").annotate(number=Count("pk"))
        parts.append(counted.values_list(Value(TAG), "tag__slug", "tag__name", "number", nothing))
    first, *others = parts
    rows: Any = first.union(*others, all=True)
    found, this_year = Facets({parameter: [] for parameter in CHOSEN}), timezone.localtime(now).year
    tags_found: dict[str, tuple[str, str, int]] = {}
    for kind, slug, name, rank, since in sorted(rows, key=lambda row: (row[0], row[3], row[2])):
        if kind == TAG:
            tags_found[slug] = (slug, name, rank)  # the number follows the nought
        else:
            found.terms[kind].append((slug, name))
        if since:
            found.years = list(range(this_year, timezone.localtime(since).year - 1, -1))
    found.tags = list(tags_found.values())
    return found


@dataclass
class Fallbacks:
    """Suggestions for a search without hits. `fewer`: queries with one word less that seem to find something."""

    fewer: list[str]
    near: list[tuple[str, str]]
    popular: list[tuple[str, str]]
    newest: list[Post]


def fallbacks(query: Query, known: Facets, *, now: datetime) -> Fallbacks:
    """Compute fallbacks in one query. Shorter queries are tested by grams alone: no text is read."""
    public = Post.objects.listed(now)
    shorter: dict[str, str] = {}
    newest = public.newest_first().only("title", "slug", "day", "published_at")
    if len(query.wanted) > 1:
        for number, word in enumerate(query.wanted):
            others = [(other.text,) for other in query.wanted if other != word]
            some = narrowed(public, ExpandedQuery(others, [(other.text,) for other in query.unwanted]))
            newest = newest.annotate(**{f"finds_{number}": Exists(some)})
            shorter[f"finds_{number}"] = query.without(word)
    posts = list(newest[:NEWEST])
    fewer = [text for name, text in shorter.items() if posts and getattr(posts[0], name)]
    popular = sorted(known.tags, key=lambda tag: -tag[2])[:POPULAR_TAGS]
    near = near_tags(query, known.tags)
    return Fallbacks(
        fewer, near, [(slug, name) for slug, name, _ in popular if (slug, name) not in near], posts
    )


def near_tags(query: Query, tags: Sequence[tuple[str, str, int]]) -> list[tuple[str, str]]:
    """Similar tags: the name contains a query word, is contained in one, or shares many character pairs; nearest
    first."""
    ranked = []
    for slug, name, count in tags:
        folded = fold(name)
        score = max((_likeness(word.text, folded) for word in query.wanted), default=0.0)
        if score >= ALIKE:
            ranked.append((-score, -count, slug, name))
    return [(slug, name) for _, _, slug, name in sorted(ranked)[:NEAR_TAGS]]


def _likeness(one: str, other: str) -> float:
    if one in other or (len(other) > 1 and other in one):
        return 1.0
    here, there = set(pieces(one)), set(pieces(other))
    return 2 * len(here & there) / (len(here) + len(there))
