"""Posts as cards and in feeds, and the by-lines and tags of a post: prepared query sets, which nearly every page executes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from blog.models.post import Byline, Post
from blog.models.prepared import Prepared
from blog.models.taxonomy import Tag, TaggedPost
from blog.querysets import LARGE_COLUMNS

COLUMNS = ("title", "slug", "day", "published_at", "excerpt", "description", "reading_minutes", "noindex")
"""What a card shows, and whether machines may list it."""

_cards = Prepared(
    lambda *keys: (
        Post.objects.filter(pk__in=keys)
        .select_related("category", "hero")
        .only(*COLUMNS, "hero", "category__name", "category__slug", "category__order")
    )
)
_names = Prepared(
    lambda *keys: (
        Byline.objects.filter(post__in=keys).select_related("author").only("post", "order", "author__name")
    )
)
_credits = Prepared(lambda *keys: Byline.objects.filter(post__in=keys).select_related("author"))
_tags = Prepared(
    lambda post: Tag.objects.filter(tagged__content_object=post).order_by("tagged__pk").only("name", "slug")
)

_in_feed = Prepared(
    lambda now, *keys: (
        Post.objects.indexable(now)
        .filter(pk__in=keys)
        .defer(*set(LARGE_COLUMNS) - {"portable_html"})
        .select_related("category", "hero")
    )
)
_tag_names = Prepared(
    lambda *keys: (
        TaggedPost.objects.filter(content_object__in=keys)
        .order_by("pk")
        .values_list("content_object", "tag__name")
    )
)


def cards(keys: Sequence[int]) -> list[Post]:
    """Posts in the order of `keys`, with COLUMNS, section, hero image and the names of by-lines: two queries."""
    posts: dict[int, Post] = {post.pk: post for post in _cards.among(keys)}
    for post in posts.values():
        post.credits = []
    for credit in _names.among(posts):
        posts[credit.post_id].credits.append(credit)
    return [posts[key] for key in keys if key in posts]


def feed_posts(keys: Sequence[int], *, now: datetime) -> list[Post]:
    """Posts in the order of `keys` that are in feeds at `now`, with whole text, by-lines and names of tags: three
    queries."""
    posts: dict[int, Post] = {post.pk: post for post in _in_feed.among(keys, now)}
    for post in posts.values():
        post.credits, post.names_of_tags = [], []
    for credit in _credits.among(posts):
        posts[credit.post_id].credits.append(credit)
    for key, name in _tag_names.among(posts):
        posts[key].names_of_tags.append(name)
    return [posts[key] for key in keys if key in posts]


def tags_of(post: Post) -> list[Tag]:
    """Tags of a post: `post.tags.all()` in the editor's order, with name and slug."""
    return _tags(post.pk)


def credits_of(post: Post) -> list[Byline]:
    """By-lines of a post: `post.bylines.select_related("author")`."""
    return _credits(post.pk)
