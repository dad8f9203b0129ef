"""Related posts when nobody has chosen any: computed when a text goes live (docs/decisions/0007)."""

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
"""For a post; a reader sees those of them that are published and stand nowhere else on the page."""
NEWEST = 500
"""The posts that a new one is compared with: so many of the newest,"""
OF_ITS_TAGS = 500
"""and so many with its rarest tags."""
BATCH = 100
DAY = 86400.0


def follow(change: OpenChange) -> None:
    """Work out anew what stands beside texts that have gone live.

    In the transaction, so that pages never show what stood beside another text; where it fails, the act fails. What
    comes in from elsewhere, perhaps thousands of posts, is compared once at the end of all of it: `rebuild`, whose failure
    is logged and mended by the command of that name. What was only rendered anew is like the others as it was before; and
    how much tags that were merged have in common, the next text or `rebuild_related` finds out.
    """
    if change.kind in (Kind.IMPORTED, Kind.RESTORED):
        if change.texts:
            change.afterwards(rebuild, once=True, now=change.now)
    elif change.kind != Kind.RERENDERED:
        for text in change.texts.values():
            relate(text.post)


def relate(post: Post) -> None:
    """Work out what stands beside `post`, which goes live in this transaction, and beside what it stands.

    Six statements and some 30 ms, however many posts there are.
    """
    counts = dict(TaggedPost.objects.values_list("tag").annotate(Count("pk")).order_by())
    corpus = _corpus(Post.objects.filter(pk__in=_comparable(post, counts)), counts)
    pairs = {}
    for other, likeness in corpus.nearest(post.pk, KEPT):
        pairs[post.pk, other] = corpus.strength(other, likeness)
        pairs[other, post.pk] = corpus.strength(post.pk, likeness)
    _replace(Similarity.objects.filter(Q(post=post) | Q(other=post)), pairs)


def rebuild(*, now: datetime, progress: Callable[[int, int], object] = lambda done, total: None) -> int:
    """Work out what stands beside every post, in short transactions; gives the number of posts.

    May be run again at any time. `progress` hears how many are done, of how many.
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
        with changing(kind=Kind.REBUILT, actor=REBUILD, now=now, note="関連記事"):
            # What was published meanwhile is not in the corpus, and stays.
            _replace(Similarity.objects.filter(post__in=batch), pairs, among=corpus.texts)
        progress(start + len(batch), len(keys))
    return len(keys)


def _comparable(post: Post, counts: dict[int, int]) -> set[int]:
    """The ids of `post` and of a bounded number of others that it may be like."""
    passed = Post.objects.with_live_revision()
    found = {post.pk, *passed.newest_first().values_list("pk", flat=True)[:NEWEST]}
    # A tag that somebody has merged into another since they were counted is as rare as can be.
    tags = {tag: counts.get(tag, 1) for tag in post.tagged.values_list("tag", flat=True)}
    room = OF_ITS_TAGS
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
        if published_at is not None  # of what the desk has passed it never is
    )
    return Corpus(texts, tag_counts=counts, total=Post.objects.with_live_revision().count())


def _replace(
    old: QuerySet[Similarity], pairs: dict[tuple[int, int], float], *, among: Container[int] | None = None
) -> None:
    """Let `pairs` be in the place of `old`, or of those rows of it whose two posts are `among` these.

    Rows are locked and written in one order, so that two who do so at once wait for each other one way only.
    """
    rows = old.select_for_update().order_by("pk").values_list("pk", "post", "other")
    gone = [pk for pk, *both in rows if among is None or all(post in among for post in both)]
    Similarity.objects.filter(pk__in=gone).delete()
    Similarity.objects.bulk_create(
        (
            Similarity(post_id=post, other_id=other, strength=strength)
            for (post, other), strength in sorted(pairs.items())
        ),
        ignore_conflicts=True,  # somebody has just compared the same two
    )
