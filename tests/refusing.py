"""A database that refuses one thing, as a full disk, a bug or a foreign hand would have it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def refusing(event: str, table: str, condition: str) -> Iterator[None]:
    """Inside, the database refuses `event` (such as "INSERT") on rows of `table` for which `condition` holds (of NEW)."""
    body, function = "BEGIN SELECT RAISE(ABORT, 'refused by a trigger'); END", ""
    if connection.vendor == "postgresql":
        body = "EXECUTE FUNCTION refuse()"
        function = """
            SET CONSTRAINTS ALL IMMEDIATE;
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'refused by a trigger'; END $$
        """
    with connection.cursor() as cursor:
        if function:
            cursor.execute(function)
        cursor.execute(
            f"CREATE TRIGGER refused BEFORE {event} ON {table} FOR EACH ROW WHEN ({condition}) {body}"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            if function:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; DROP FUNCTION refuse CASCADE")
            else:
                cursor.execute("DROP TRIGGER refused")
