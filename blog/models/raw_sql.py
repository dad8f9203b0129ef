"""Raw SQL of reader pages, for what would be several query sets and so several round trips to the database.

Each is equal to the query sets named in its docstring (`tests/models/test_raw_sql.py` compares them), runs unchanged on
SQLite and PostgreSQL, and is here because of what it saves (docs/decisions/0004 says how much). All other code uses query
sets, where it matters prepared ones (`blog.models.prepared`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Exists, QuerySet, Subquery, TextField
from django.db.models.expressions import RawSQL

from blog.models import ContentVersion, Post, SiteSettings
from blog.models.prepared import Prepared

PAGE_LINES = """
    (SELECT {joined} FROM (
        SELECT title || ' | ' || path AS line FROM blog_page WHERE is_public AND path <> '/' ORDER BY path
    ) AS public_pages)
"""
NEIGHBOUR = """
    SELECT * FROM (
        SELECT id, title, slug, day, '{place}' AS place, 0 AS number FROM blog_post
        WHERE {listed} AND {among} AND (published_at, id) {compare} (%s, %s)
        ORDER BY published_at {direction}, id {direction} LIMIT 1
    ) AS {place}
"""
NUMBER = """
    SELECT id, title, slug, day, 'itself' AS place, (
        SELECT COUNT(*) FROM blog_post WHERE {ever_listed} AND collection_id = %s AND (published_at, id) <= (%s, %s)
    ) AS number FROM blog_post WHERE id = %s
"""
BESIDE = """
    SELECT * FROM (
        SELECT blog_post.id, title, slug, day, published_at, '' AS asked, strength FROM blog_similarity
        JOIN blog_post ON blog_post.id = other_id WHERE blog_similarity.post_id = %s AND {listed}
        ORDER BY strength DESC, blog_post.id LIMIT %s
    ) AS alike
"""
CHOSEN = """
    SELECT blog_post.id, title, slug, day, published_at, path AS asked, 0 AS strength FROM blog_post
    JOIN blog_address ON blog_address.post_id = blog_post.id WHERE path IN ({paths})
        AND kind <> 'held' AND {listed}  -- what is held for an update is a secret yet
"""
HOME_PAGE = """
    SELECT 0, {joined} FROM (
        SELECT id FROM blog_post WHERE {listed} ORDER BY published_at DESC, id DESC LIMIT %s
    ) AS newest
    UNION ALL
    SELECT -1, (
        SELECT CAST(id AS text) FROM blog_post WHERE {listed} AND featured_at >= %s
        ORDER BY featured_at DESC, blog_post.id DESC LIMIT 1  -- `id` alone is the text, to PostgreSQL
    )
    UNION ALL
    SELECT section.id, (SELECT {joined} FROM (
        SELECT id FROM blog_post WHERE {listed} AND category_id = section.id
        ORDER BY published_at DESC, id DESC LIMIT %s
    ) AS of_section) FROM blog_category AS section
"""


LINK = ("id", "title", "slug", "day")
"""What a link to a post shows and needs."""


class HomePageKeys(NamedTuple):
    """Post ids for the home page: the post featured last (0: none), the newest, and the newest of each section."""

    featured: int
    newest: list[int]
    by_section: dict[int, list[int]]


class Neighbours(NamedTuple):
    """Neighbours of a post in the magazine and in its collection, of which it is part `number` (0: in none)."""

    newer: Post | None = None
    older: Post | None = None
    following: Post | None = None
    preceding: Post | None = None
    number: int = 0


def _settings(now: datetime) -> QuerySet[SiteSettings]:
    text = PAGE_LINES.format(joined=joined("line", "\n"))
    lines: RawSQL = RawSQL(text, (), output_field=TextField())  # noqa: S611  # a constant of this module
    columns: dict[str, Any] = {
        "update_is_due": Exists(Post.objects.due(now).order_by()),
        "content_version": Subquery(ContentVersion.objects.filter(pk=1).values("number")),
        "page_lines": lines,
    }
    return SiteSettings.objects.filter(pk=1).select_related("logo").annotate(**columns)


_current = Prepared(_settings)


def current_settings(now: datetime) -> SiteSettings:
    """Site settings for every public page (`SiteSettings.objects.current`), in one query: with logo, public pages, the
    content version, and whether an update is due (`Post.objects.due(now).exists()`)."""
    found: SiteSettings
    for found in _current(now):
        return found
    raise SiteSettings.DoesNotExist


def neighbours(post: Post, *, now: datetime) -> Neighbours:
    """Neighbours of a post, in one query.

    `listed(now).just_after(post).first()` and `just_before`, with title, slug and day; the same within its
    collection, and `numbered(now)`, which a post that is in no list has not.
    """
    place = [_adapted(post.published_at), post.pk]
    parts = [_neighbour("newer", now, place), _neighbour("older", now, place)]
    if post.collection_id is not None:
        parts.append(_neighbour("following", now, place, collection=post.collection_id))
        parts.append(_neighbour("preceding", now, place, collection=post.collection_id))
        seen, values = _condition("ever_listed", now)
        parts.append((NUMBER.format(ever_listed=seen), [*values, post.collection_id, *place, post.pk]))
    statement = " UNION ALL ".join(statement for statement, _ in parts)
    found = _links(statement, [value for _, values in parts for value in values], LINK)
    rows = {place: other for other, place, _ in found}
    number = next((number for _, place, number in found if place == "itself"), 0)
    rows.pop("itself", None)
    return Neighbours(**rows, number=0 if post.is_blocked else number)


def beside(
    post: int | None, *, paths: Sequence[str], most: int, now: datetime
) -> tuple[list[Post], list[Post]]:
    """Related posts in one query: those at the chosen `paths`, in their order, and the `most` most similar to the post.

    `listed(now).filter(addresses__path__in=paths)` and `listed(now)` of its `similarities`, the strongest first,
    with title, slug, day and moment.
    """
    listed, moments = _condition("listed", now)
    parts: list[tuple[str, list[Any]]] = [(BESIDE.format(listed=listed), [post, *moments, most])]
    if paths:
        marks = ", ".join(["%s"] * len(paths))
        parts.append((CHOSEN.format(paths=marks, listed=listed), [*paths, *moments]))
    statement = " UNION ALL ".join(statement for statement, _ in parts)
    found = _links(statement, [value for _, values in parts for value in values], (*LINK, "published_at"))
    there = {path: other for other, path, _ in found if path}
    alike = sorted((-strength, other.pk, other) for other, path, strength in found if not path)
    return [there[path] for path in paths if path in there], [other for _, _, other in alike]


def home_page_keys(now: datetime, *, newest: int, each: int, featured_since: datetime) -> HomePageKeys:
    """Post ids for the home page, in one query, newest first.

    `listed(now).newest_first()`, and the same for each section: the `newest` and the `each` newest of them. (A
    window function would read every post.) And the first of `featured(now, since=featured_since)`.
    """
    listed, values = _condition("listed", now)
    statement = HOME_PAGE.format(listed=listed, joined=joined("CAST(id AS text)", ","))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, newest, *values, _adapted(featured_since), *values, each])
        found = {section: [int(pk) for pk in pks.split(",")] for section, pks in cursor.fetchall() if pks}
    return HomePageKeys(found.pop(-1, [0])[0], found.pop(0, []), found)


def database_size() -> int:
    """Size of the database in bytes."""
    is_file = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
            if is_file
            else "SELECT pg_database_size(current_database())"
        )
        return int(cursor.fetchone()[0])


def _links(statement: str, values: list[Any], columns: tuple[str, ...]) -> list[tuple[Post, Any, Any]]:
    """Execute a statement for these columns of posts and two more. (`raw` works out its columns anew each time.)"""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    reading, width = _reading(columns), len(columns)
    found = []
    for row in rows:
        cells = []
        for index, column, functions in reading:
            cell = row[index]
            for function in functions:
                cell = function(cell, column, connection)
            cells.append(cell)
        found.append((Post.from_db(DEFAULT_DB_ALIAS, columns, cells), *row[width:]))
    return found


@cache
def _reading(columns: tuple[str, ...]) -> list[tuple[int, Any, list[Any]]]:
    """How `from_db` wants these columns: the position of each in a row, in the model's order, and the database's
    converters with the column that they are told."""
    found = []
    for field in Post._meta.concrete_fields:
        if field.attname in columns:
            column = field.get_col(Post._meta.db_table)
            functions = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
            found.append((columns.index(field.attname), column, functions))
    return found


def _neighbour(
    side: str, now: datetime, place: list[Any], *, collection: int | None = None
) -> tuple[str, list[Any]]:
    compare, direction = (">", "ASC") if side in ("newer", "following") else ("<", "DESC")
    listed, values = _condition("listed", now)
    among, which = ("collection_id = %s", [collection]) if collection else ("TRUE", [])
    statement = NEIGHBOUR.format(place=side, listed=listed, among=among, compare=compare, direction=direction)
    return statement, [*values, *which, *place]


def _condition(name: str, now: datetime) -> tuple[str, list[Any]]:
    condition = _compiled(name)
    return condition, [_adapted(now)] * condition.count("%s")


@cache
def _compiled(name: str) -> str:
    """Compile the condition of `PostQuerySet.listed` or `ever_listed` to SQL, so that it is defined only once.

    All of its parameters are the moment `now`.
    """
    posts = getattr(Post.objects, name)(datetime(2000, 1, 1, tzinfo=UTC))
    statement, _ = posts.order_by().values("pk").query.sql_with_params()
    condition: str = statement.split(" WHERE ", 1)[1]
    return condition


def joined(column: str, by: str) -> str:
    """SQL aggregate that joins the values of a text column; the databases have different names for it."""
    return f"{'group_concat' if connection.vendor == 'sqlite' else 'string_agg'}({column}, '{by}')"


def _adapted(at: datetime | None) -> Any:
    """Adapt a datetime to the database; raw statements get no help from model fields."""
    return connection.ops.adapt_datetimefield_value(at)
