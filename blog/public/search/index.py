"""Search index updates, written in the transaction in which a text goes live."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from blog.editorial.actors import REBUILD
from blog.editorial.changes import Kind as ChangeKind
from blog.editorial.changes import OpenChange, changing
from blog.models import Post, SearchPart, Tag, TaggedPost
from blog.public.search import grams
from blog.querysets import LARGE_COLUMNS, PostQuerySet
from blog.text.grams import GRAMS_VERSION, Indexed, indexed

BATCH = 50
NOTE = "検索の索引"
Kind = SearchPart.Kind


def follow(change: OpenChange) -> None:
    """Index texts that have gone live, and reindex posts of a renamed tag.

    Texts are indexed in the transaction: what readers see can be found, so the action fails when the index cannot be
    written. Tag names are indexed after it; a failure there is logged, and repaired by `rebuild_search`.
    """
    texts = change.texts
    if texts:
        index_many(
            [text.post for text in texts.values()], bodies={pk: text.words for pk, text in texts.items()}
        )
    for item in change.renamed:
        if isinstance(item, Tag):
            # After the transaction: publishing locks a post and then its tags, so locking a tag and then its posts
            # could deadlock.
            change.afterwards(_index_heads, item.pk, now=change.now)


def index_many(posts: Sequence[Post], *, bodies: Mapping[int, Indexed] | None = None) -> int:
    """Index the live texts of `posts` in this transaction: three statements. Returns the number of changed posts.

    `bodies`: results of `blog.text.grams.indexed` by primary key, where already computed (it takes milliseconds). Posts
    whose words have not changed cost only a comparison.
    """
    bodies = bodies or {}
    wanted: dict[tuple[int, str], Indexed] = {}
    tags = _tags_of([post.pk for post in posts])
    for post in posts:
        wanted[post.pk, Kind.HEAD] = indexed(post.title, *tags.get(post.pk, ()))
        wanted[post.pk, Kind.LEAD] = indexed(post.excerpt)
        wanted[post.pk, Kind.BODY] = bodies.get(post.pk) or indexed(post.plain_text)
    return _replace(wanted)


def _index_heads(tag: int, *, now: datetime) -> None:
    """Reindex the heads of the posts with a renamed tag, in short transactions."""
    tagged = Post.objects.with_live_revision().filter(tagged__tag=tag).order_by("pk")
    ids = list(tagged.values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        with changing(kind=ChangeKind.REBUILT, actor=REBUILD, now=now, note=NOTE) as change:
            posts = _locked(ids[start : start + BATCH]).with_live_revision().values_list("pk", "title")
            titles = dict(posts)
            tags = _tags_of(list(titles))
            heads: dict[tuple[int, str], Indexed] = {
                (pk, Kind.HEAD): indexed(title, *tags.get(pk, ())) for pk, title in titles.items()
            }
            if not _replace(heads):
                change.nothing_changed()


def outdated() -> PostQuerySet:
    """Posts whose live text is not indexed, or with an older version of the grams."""
    known = SearchPart.objects.filter(version=GRAMS_VERSION, kind=Kind.BODY).values("post")
    return Post.objects.with_live_revision().exclude(pk__in=known)


def rebuild(
    posts: PostQuerySet, *, afresh: bool, now: datetime, progress: Callable[[int, int], object]
) -> int:
    """Index `posts`, newest first, in short transactions; returns their number. May be run again at any time.

    `afresh` empties the index first: until the end, search finds only what has been indexed. `progress` is called with
    (done, total).
    """
    if afresh:
        with changing(kind=ChangeKind.REBUILT, actor=REBUILD, now=now, note=NOTE):
            grams.clear()
    ids = list(posts.newest_first().values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        # Of the large columns, search needs the plain text only.
        rows = Post.objects.filter(pk__in=ids[start : start + BATCH])
        batch = list(rows.defer(*set(LARGE_COLUMNS) - {"plain_text"}))
        bodies = {post.pk: indexed(post.plain_text) for post in batch}  # slow: before the transaction
        with changing(kind=ChangeKind.REBUILT, actor=REBUILD, now=now, note=NOTE) as change:
            if not index_many(_unchanged(batch), bodies=bodies):
                change.nothing_changed()
        progress(min(start + BATCH, len(ids)), len(ids))
    return len(ids)


def tidy() -> None:
    """Clear leftover grams when the index table was emptied by other means, such as `flush`."""
    if not SearchPart.objects.exists():
        grams.clear()


def _unchanged(posts: Sequence[Post]) -> list[Post]:
    """Filter `posts` whose live text is still the one that was read; the others were indexed when they changed."""
    locked = _locked([post.pk for post in posts])
    now = set(locked.values_list("pk", "live_revision", "renderer_version"))
    return [post for post in posts if (post.pk, post.live_revision_id, post.renderer_version) in now]


def _locked(ids: Sequence[int]) -> PostQuerySet:
    """Lock posts in one fixed order, so that concurrent transactions cannot deadlock."""
    return Post.objects.select_for_update().filter(pk__in=ids).order_by("pk")


def _tags_of(ids: Sequence[int]) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    rows = TaggedPost.objects.filter(content_object__in=ids).order_by("pk")
    for pk, name in rows.values_list("content_object", "tag__name"):
        names.setdefault(pk, []).append(name)
    return names


def _replace(wanted: Mapping[tuple[int, str], Indexed]) -> int:
    """Replace the parts identified by post and kind with `wanted`; returns how many have changed."""
    ids = {pk for pk, _ in wanted}
    kept = set()
    old = []
    for part in SearchPart.objects.filter(post__in=ids, kind__in={kind for _, kind in wanted}):
        key = (part.post_id, part.kind)
        if part.version == GRAMS_VERSION and part.text == wanted[key].text:
            kept.add(key)
        elif key in wanted:
            old.append(part.pk)
    if old:
        SearchPart.objects.filter(pk__in=old).delete()
    new = [
        (SearchPart(post_id=pk, kind=kind, version=GRAMS_VERSION, text=text.text), text)
        for (pk, kind), text in wanted.items()
        if (pk, kind) not in kept
    ]
    if new:
        grams.write(new)
    return len(new)
