"""Search index of a post, written in the transaction in which its text goes live."""

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
    """Let search find what has gone live by its words, and what is tagged by the new name of its tag.

    Texts in the transaction: what readers see can be found, so the act fails where that cannot be written. Names of
    tags after it; what fails there is logged, and mended by `rebuild_search`.
    """
    texts = change.texts
    if texts:
        index_many(
            [text.post for text in texts.values()], bodies={pk: text.words for pk, text in texts.items()}
        )
    for item in change.renamed:
        if isinstance(item, Tag):
            # Who publishes holds a post and waits for its tags; to hold a tag and wait for its posts is a deadlock.
            change.afterwards(_index_heads, item.pk, now=change.now)


def index_many(posts: Sequence[Post], *, bodies: Mapping[int, Indexed] | None = None) -> int:
    """Let search find `posts` by their live texts, from the end of this transaction on: three statements.

    `bodies`: by primary key, what `blog.text.grams.indexed` says of plain texts where that is known: it takes
    milliseconds. Posts whose words have not changed cost a comparison; gives the number of the others.
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
    """Write the heads of the posts with this tag anew, for it has another name: in short transactions."""
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
    """Posts with a live text that search does not know, or knows by an older version of the grams."""
    known = SearchPart.objects.filter(version=GRAMS_VERSION, kind=Kind.BODY).values("post")
    return Post.objects.with_live_revision().exclude(pk__in=known)


def rebuild(
    posts: PostQuerySet, *, afresh: bool, now: datetime, progress: Callable[[int, int], object]
) -> int:
    """Index `posts`, the newest first, in short transactions; gives their number. May be run again at any time.

    `afresh` forgets everything first; until the end search then finds only what has been done. `progress` hears how
    many are done, of how many.
    """
    if afresh:
        with changing(kind=ChangeKind.REBUILT, actor=REBUILD, now=now, note=NOTE):
            grams.clear()
    ids = list(posts.newest_first().values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        # What large columns a post has besides its plain text, search does not need.
        rows = Post.objects.filter(pk__in=ids[start : start + BATCH])
        batch = list(rows.defer(*set(LARGE_COLUMNS) - {"plain_text"}))
        bodies = {post.pk: indexed(post.plain_text) for post in batch}  # takes long: before the transaction
        with changing(kind=ChangeKind.REBUILT, actor=REBUILD, now=now, note=NOTE) as change:
            if not index_many(_unchanged(batch), bodies=bodies):
                change.nothing_changed()
        progress(min(start + BATCH, len(ids)), len(ids))
    return len(ids)


def tidy() -> None:
    """Empty what is left of the index when its table has been emptied past us, as `flush` does."""
    if not SearchPart.objects.exists():
        grams.clear()


def _unchanged(posts: Sequence[Post]) -> list[Post]:
    """Those of `posts` whose live text is still what was read; the others were indexed as they changed."""
    locked = _locked([post.pk for post in posts])
    now = set(locked.values_list("pk", "live_revision", "renderer_version"))
    return [post for post in posts if (post.pk, post.live_revision_id, post.renderer_version) in now]


def _locked(ids: Sequence[int]) -> PostQuerySet:
    """In one order, so that two who lock many wait for each other one way only."""
    return Post.objects.select_for_update().filter(pk__in=ids).order_by("pk")


def _tags_of(ids: Sequence[int]) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    rows = TaggedPost.objects.filter(content_object__in=ids).order_by("pk")
    for pk, name in rows.values_list("content_object", "tag__name"):
        names.setdefault(pk, []).append(name)
    return names


def _replace(wanted: Mapping[tuple[int, str], Indexed]) -> int:
    """Let the parts named by post and kind be `wanted`; gives how many were not so before."""
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
