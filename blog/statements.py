"""The statements of a reader's page, written out: for these, composing SQL costs the ORM ten times its execution.

Each is equal to the query set named in its docstring (`tests/test_statements.py` compares them), runs unchanged on
SQLite and PostgreSQL, and is here because the benchmark says so (docs/decisions/0004). Everything else uses query sets.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db import connection

from blog.models import Author, Byline, Post, SiteSettings, Tag

SETTINGS = """
    SELECT *, EXISTS (SELECT 1 FROM blog_post WHERE next_at <= %s) AS update_is_due
    FROM blog_sitesettings WHERE id = 1
"""
TAGS = """
    SELECT blog_tag.id, name, slug FROM blog_tag
    JOIN blog_taggedpost ON tag_id = blog_tag.id WHERE content_object_id = %s ORDER BY blog_taggedpost.id
"""
CREDITS = """
    SELECT blog_author.*, role FROM blog_author
    JOIN blog_byline ON author_id = blog_author.id WHERE post_id = %s ORDER BY blog_byline."order"
"""
NEIGHBOUR = """
    SELECT * FROM (
        SELECT id, title, slug, day, {is_newer} AS is_newer FROM blog_post
        WHERE {published} AND (published_at, id) {compare} (%s, %s)
        ORDER BY published_at {direction}, id {direction} LIMIT 1
    ) AS side{is_newer}
"""


def current_settings(now: datetime) -> SiteSettings:
    """The settings, and in the same query whether a scheduled update waits (`update_is_due`).

    Every public page asks both questions first. `SiteSettings.objects.get()`, `Post.objects.due(now).exists()`.
    """
    return SiteSettings.objects.raw(SETTINGS, [_moment(now)])[0]


def tags_of(post: Post) -> list[Tag]:
    """`post.tags.all()` in the order in which the editor wrote them, with name and slug."""
    return list(Tag.objects.raw(TAGS, [post.pk]))


def credits_of(post: Post) -> list[Byline]:
    """`post.bylines.select_related("author")`."""
    authors: Any = Author.objects.raw(CREDITS, [post.pk])
    return [Byline(author=author, role=author.role) for author in authors]


def neighbours(post: Post, *, now: datetime) -> tuple[Post | None, Post | None]:
    """`published(now).just_after(post).first()` and `just_before`, with title, slug and day, in one query."""
    moment, published = _moment(now), _published()
    statement = " UNION ALL ".join(
        NEIGHBOUR.format(published=published, is_newer=is_newer, compare=compare, direction=direction)
        for is_newer, compare, direction in ((1, ">", "ASC"), (0, "<", "DESC"))
    )
    values = [*[moment] * published.count("%s"), _moment(post.published_at), post.pk]
    found: Any = Post.objects.raw(statement, values * 2)
    sides = {other.is_newer: other for other in found}
    return sides.get(1), sides.get(0)


@cache
def _published() -> str:
    """The condition of `PostQuerySet.published` as SQL, so that its definition stays the only one.

    Its parameters are all the moment asked about.
    """
    statement, _ = (
        Post.objects.published(datetime(2000, 1, 1, tzinfo=UTC))
        .order_by()
        .values("pk")
        .query.sql_with_params()
    )
    return statement.split(" WHERE ", 1)[1]


def _moment(moment: datetime | None) -> Any:
    """A moment as this database keeps it; raw statements get no help from fields."""
    return connection.ops.adapt_datetimefield_value(moment)
