"""Related posts chosen by similarity, computed when a text goes live (docs/decisions/0007)."""

from __future__ import annotations

from collections.abc import Callable, Container
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from blog.editorial.actors import REBUILD
from blog.editorial.changes import Kind, OpenChange, changing
from blog.models import Post, Similarity, TaggedPost
from blog.querysets import PostQuerySet
from blog.text.similarity import Corpus, Described, words

KEPT = 16
"""Stored related posts per post; readers see those that are published and not elsewhere on the page."""
NEWEST = 500
"""A new post is compared with this many of the newest posts,"""
MAX_WITH_ITS_TAGS = 500
"""and this many that share its rarest tags."""
BATCH = 100
DAY = 86400.0


def follow(change: OpenChange) -> None:
    """Recompute related posts of texts that have gone live.

    In the transaction, so that pages never show related posts of an older text; if it fails, the action fails. Imports
    and restores, perhaps thousands of posts, are compared once at the end by `rebuild`, whose failure is logged and can
    be repaired with `rebuild_related`. A rerendered text has the same words, so nothing changes. After a merge of tags,
    counts are corrected by the next text or by `rebuild_related`.
    """
    if change.kind in (Kind.IMPORTED, Kind.RESTORED):
        if change.texts:
            change.afterwards(rebuild, once=True, now=change.now)
    elif change.kind != Kind.RERENDERED:
        for text in change.texts.values():
            relate(text.post)


def relate(post: Post) -> None:
    """Compute the related posts of `post`, which goes live in this transaction, and the posts to which it is related.

    Six statements and about 30 ms, independent of the number of posts.
    """
    counts = dict(TaggedPost.objects.values_list("tag").annotate(Count("pk")).order_by())
    corpus = _corpus(Post.objects.filter(pk__in=_comparable(post, counts)), counts)
    pairs = {}
    for other, likeness in corpus.nearest(post.pk, KEPT):
        pairs[post.pk, other] = corpus.strength(other, likeness)
        pairs[other, post.pk] = corpus.strength(post.pk, likeness)
    _replace(Similarity.objects.filter(Q(post=post) | Q(other=post)), pairs)


def rebuild(*, now: datetime, progress: Callable[[int, int], object] = lambda done, total: None) -> int:
    """Recompute the related posts of every post, in short transactions; returns the number of posts.

    May be run again at any time. `progress` is called with (done, total).
    """
    counts = dict(TaggedPost.objects.values_list("tag").annotate(Count("pk")).order_by())
    corpus = _corpus(Post.objects.with_live_revision(), counts)
    keys = list(corpus.texts)
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        pairs = {
            (key, other): corpus.strength(other, likeness)
            for key in batch
            for other, likeness in corpus.nearest(key, KEPT)
        }
        with changing(kind=Kind.REBUILT, actor=REBUILD, now=now, note="関連記事") as change:
            # Posts published meanwhile are not in the corpus: their rows stay.
            if not _replace(Similarity.objects.filter(post__in=batch), pairs, among=corpus.texts):
                change.nothing_changed()
        progress(start + len(batch), len(keys))
    return len(keys)


def _comparable(post: Post, counts: dict[int, int]) -> set[int]:
    """Ids of `post` and of a bounded number of posts that may be similar."""
    passed = Post.objects.with_live_revision()
    found = {post.pk, *passed.newest_first().values_list("pk", flat=True)[:NEWEST]}
    # A tag that was merged into another since the count is treated as the rarest.
    tags = {tag: counts.get(tag, 1) for tag in post.tagged.values_list("tag", flat=True)}
    room = MAX_WITH_ITS_TAGS
    rare = [tag for tag in sorted(tags, key=tags.__getitem__) if (room := room - tags[tag]) >= 0]
    return found.union(TaggedPost.objects.filter(tag__in=rare).values_list("content_object", flat=True))


def _corpus(posts: PostQuerySet, counts: dict[int, int]) -> Corpus:
    tags: dict[int, set[int]] = {}
    tagged = TaggedPost.objects.filter(content_object__in=posts.order_by().values("pk"))
    for post, tag in tagged.values_list("content_object", "tag"):
        tags.setdefault(post, set()).add(tag)
    texts = (
        Described(
            key=key,
            section=section,
            tags=frozenset(tags.get(key, ())),
            words=words(title, excerpt),
            day=published_at.timestamp() / DAY,
        )
        for key, section, title, excerpt, published_at in posts.values_list(
            "pk", "category", "title", "excerpt", "published_at"
        )
        if published_at is not None  # never None with a live revision
    )
    return Corpus(texts, tag_counts=counts, total=Post.objects.with_live_revision().count())


def _replace(
    old: QuerySet[Similarity], pairs: dict[tuple[int, int], float], *, among: Container[int] | None = None
) -> bool:
    """Replace the rows `old` by `pairs`; with `among`, only rows whose two posts are both in it. Returns whether any differ.

    Rows are locked and written in one fixed order, so that concurrent writers cannot deadlock.
    """
    rows = old.select_for_update().order_by("pk").values_list("pk", "post", "other", "strength")
    stored = {
        (post, other): (pk, strength)
        for pk, post, other, strength in rows
        if among is None or (post in among and other in among)
    }
    gone = [pk for both, (pk, strength) in stored.items() if pairs.get(both) != strength]
    new = [
        Similarity(post_id=post, other_id=other, strength=strength)
        for (post, other), strength in sorted(pairs.items())
        if stored.get((post, other), (None, None))[1] != strength
    ]
    Similarity.objects.filter(pk__in=gone).delete()
    # Another transaction may have just compared the same two.
    Similarity.objects.bulk_create(new, ignore_conflicts=True)
    return bool(gone or new)
