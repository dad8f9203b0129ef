"""N-gram lookup in the search index: the one part in which SQLite and PostgreSQL differ.

SQLite: a contentless FTS5 table (`content=''`) without positions (`detail=none`), whose rowid is the primary key of a
`SearchPart`. Its rows cannot be deleted, so a key is never reused; rows without a part match nothing, until a rebuild
empties the table. PostgreSQL: `text[]` with a GIN index, queried by database functions that can use only an index:
without them, PostgreSQL reads the grams of all articles for a common word. Migrations 0006 and 0010 create both; no
trigger fills them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import contains
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL

from blog.models import SearchPart
from blog.text.grams import Indexed, pieces


def prepare(*, connection: Any, **_: object) -> None:
    """Register the SQL function `holds(text, word)`, on bytes, for the signal `connection_created`.

    Python searches bytes six times as fast as SQLite's own `instr` searches characters.
    """
    if connection.vendor == "sqlite":
        connection.connection.create_function("holds", 2, contains, deterministic=True)


def write(parts: Sequence[tuple[SearchPart, Indexed]]) -> None:
    """Store new `parts` with their grams."""
    if connection.vendor == "sqlite":
        SearchPart.objects.bulk_create([part for part, _ in parts])
        statement = "INSERT INTO blog_searchgrams (rowid, grams) VALUES (%s, %s)"
        rows: list[tuple[Any, ...]] = [(part.pk, text.grams) for part, text in parts]
    else:
        statement = (
            "INSERT INTO blog_searchpart (post_id, kind, version, text, grams)"
            " VALUES (%s, %s, %s, %s, string_to_array(%s, ' '))"
        )
        rows = [(part.post_id, part.kind, part.version, part.text, text.grams) for part, text in parts]
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def clear() -> None:
    """Delete all parts and grams."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("INSERT INTO blog_searchgrams (blog_searchgrams) VALUES ('delete-all')")
    SearchPart.objects.all().delete()


def posts_with(words: Iterable[str], *, heads_only: bool = False) -> RawSQL:
    """Subquery of the ids of posts with a part (or head) that has all grams of at least one of the folded `words`.

    It contains every post with one of the words, and no other when `is_exact` holds for each word.
    """
    wanted = [pieces(word) for word in words]
    if connection.vendor == "sqlite":
        match = " OR ".join("(" + " AND ".join(map(_quoted, grams)) + ")" for grams in wanted)
        found = "SELECT rowid FROM blog_searchgrams WHERE blog_searchgrams MATCH %s"
        kind = " AND kind = 'head'" if heads_only else ""
        return RawSQL(f"SELECT post_id FROM blog_searchpart WHERE id IN ({found}){kind}", [match])  # noqa: S608, S611
    function = "blog_heads_with" if heads_only else "blog_posts_with"
    return RawSQL(" UNION ALL ".join([f"SELECT {function}(%s::text[])"] * len(wanted)), wanted)  # noqa: S611


def _quoted(gram: str) -> str:
    return '"' + gram.replace('"', '""') + '"'
