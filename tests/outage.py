"""Servers that are away, for tests of what happens then: no address in here is one where something works."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from django.db import connection


@contextmanager
def refusing() -> Iterator[int]:
    """A port on which connections are refused as long as the block lasts."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # ours, and nobody listens
        yield held.getsockname()[1]


@contextmanager
def silent() -> Iterator[int]:
    """A port on which connections are taken and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        yield listener.getsockname()[1]


@contextmanager
def database_at(port: int) -> Iterator[None]:
    """The site's database is at `port`; SQLite has no ports, it finds no folder there."""
    connection.close()
    settings, before = connection.settings_dict, dict(connection.settings_dict)
    if connection.vendor == "postgresql":
        settings.update(HOST="127.0.0.1", PORT=port)
    else:
        settings.update(NAME=f"{before['NAME']}.{port}/there-is-no-folder.sqlite3")
    try:
        yield
    finally:
        connection.close()
        settings.update(before)


@contextmanager
def database_away() -> Iterator[None]:
    with refusing() as port, database_at(port):
        yield


@contextmanager
def locked_by_another(table: str) -> Iterator[None]:
    """Somebody else keeps `table` for themselves, and we wait for a moment only, as `DB_LOCK_TIMEOUT` says in life."""
    if connection.vendor == "postgresql":
        other: Any = connection.copy()
        with other.cursor() as cursor, connection.cursor() as ours:
            ours.execute("SET lock_timeout = '10ms'")
            cursor.execute("BEGIN")
            cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            try:
                yield
            finally:
                other.connection.rollback()
                other.close()
                connection.close()
    else:
        with (
            closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as writer,
            connection.cursor() as ours,
        ):
            ours.execute("PRAGMA busy_timeout = 10")
            writer.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                writer.rollback()
                connection.close()
