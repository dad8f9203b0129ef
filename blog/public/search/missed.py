"""Searches without results, for the desk: words and a day, nothing about the reader."""

from __future__ import annotations

import logging
import re
from datetime import date

from django.db import DatabaseError, connection

from blog.models import MissedSearch
from blog.text.grams import fold
from blog.text.query import Query

logger = logging.getLogger(__name__)

MAX_ROWS = 1000
# Not stored, since they may identify a person: e-mail addresses, telephone and card numbers.
_PERSONAL = re.compile(r"@|(?:\d[\s-]?){6}")
_COUNT = """
    INSERT INTO blog_missedsearch (query, count, last_day) SELECT %s, 1, %s
    WHERE (SELECT COUNT(*) FROM blog_missedsearch) < %s OR EXISTS (SELECT 1 FROM blog_missedsearch WHERE query = %s)
    ON CONFLICT (query) DO UPDATE SET count = blog_missedsearch.count + 1, last_day = excluded.last_day
"""


def note(query: Query, *, today: date) -> None:
    """Count a query without results, unless only its own excluded words left nothing.

    A busy or read-only database costs the reader nothing.
    """
    if query.unwanted:
        return
    words = fold(" ".join(word.typed for word in query.wanted))
    longest: int = MissedSearch._meta.get_field("query").max_length or 0
    if not words or len(words) > longest or query.was_cut or _PERSONAL.search(words):
        return
    try:
        with _impatient(), connection.cursor() as cursor:
            cursor.execute(_COUNT, [words, today, MAX_ROWS, words])
            if cursor.rowcount == 0:
                _make_room()
    except DatabaseError:
        logger.info("a search without hits was not counted: the database is busy")


def _make_room() -> None:
    """Delete the half of a full list that was searched for longest ago."""
    oldest = MissedSearch.objects.order_by("last_day", "count").values_list("pk", flat=True)[: MAX_ROWS // 2]
    MissedSearch.objects.filter(pk__in=list(oldest)).delete()


class _impatient:
    """Context manager in which writes do not wait for locks."""

    def __enter__(self) -> None:
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            self.before = connection.connection.execute("PRAGMA busy_timeout").fetchone()[0]
            connection.connection.execute("PRAGMA busy_timeout = 0")

    def __exit__(self, *_: object) -> None:
        if connection.vendor == "sqlite":
            connection.connection.execute(f"PRAGMA busy_timeout = {int(self.before)}")
