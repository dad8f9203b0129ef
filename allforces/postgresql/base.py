"""Connection pool for PostgreSQL that survives server restarts. Why not one of the usual ones: docs/decisions/0008.

Only requests use it: `allforces/wsgi.py` adds REQUESTS to the database settings. Commands and migrations open their own
connection, without time-outs.
"""

from __future__ import annotations

import select
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import BoundedSemaphore
from time import monotonic
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, Error, OperationalError
from psycopg.pq import TransactionStatus

SECONDS_FOR_A_FREE_ONE = 2
SECONDS_FOR_A_SIGN_OF_LIFE = 1
SLOW = 0.5
"""Seconds after which a failed connection attempt means that the server does not answer (rather than refuses)."""
MAX_AGE = 600
"""Maximum age of a pooled connection in seconds: lets the server free its memory, and follows a moved host."""


@dataclass(frozen=True)
class Kept:
    connection: Connection[Any]
    since: float


class Pool:
    """Connection pool of at most `size` connections, including those in use. A new one is opened by the caller, who gets
    the error directly."""

    def __init__(self, size: int) -> None:
        self._free = BoundedSemaphore(size)
        self._idle: deque[Kept] = deque()  # last in, first out
        self._failures = 0

    def take(self, connect: Callable[[], Connection[Any]]) -> Kept:
        """Get a connection that has just been tested. Raises psycopg.Error."""
        failures = self._failures
        if not self._free.acquire(timeout=SECONDS_FOR_A_FREE_ONE):
            raise OperationalError(f"no connection was free for {SECONDS_FOR_A_FREE_ONE} seconds")
        try:
            return self._living() or self._new(connect, failures)
        except BaseException:
            self._free.release()
            raise

    def _living(self) -> Kept | None:
        with suppress(IndexError):
            kept = self._idle.pop()
            if answers(kept.connection):
                return kept
            # Connections idle for longer will hardly be better: the server was restarted, or is gone.
            kept.connection.close()
            while True:
                self._idle.pop().connection.close()
        return None

    def _new(self, connect: Callable[[], Connection[Any]], failures: int) -> Kept:
        # Fail fast if an attempt timed out while this caller was waiting, instead of timing out again.
        if self._failures != failures:
            raise OperationalError("the server takes no connections")
        begun = monotonic()
        try:
            return Kept(connect(), begun)
        except Error:
            self._failures += monotonic() - begun > SLOW  # an immediate refusal may be a single event
            raise

    def give_back(self, kept: Kept) -> None:
        """Return a connection to the pool; close it if it is old, broken or in a transaction."""
        try:
            usable = kept.connection.info.transaction_status == TransactionStatus.IDLE
            if usable and monotonic() - kept.since < MAX_AGE:
                self._idle.append(kept)  # before the release, so that there are never more than `size`
            else:
                kept.connection.close()
        finally:
            self._free.release()

    def close(self) -> None:
        """Close the idle connections."""
        with suppress(IndexError):
            while True:
                self._idle.pop().connection.close()


def answers(connection: Connection[Any]) -> bool:
    """Whether the server answers an empty statement in time. (psycopg itself would wait for ever.)"""
    server = connection.pgconn
    try:
        server.send_query(b"")
        heard = select.poll()
        heard.register(server.socket, select.POLLIN)
        while True:
            while server.is_busy():
                if not heard.poll(SECONDS_FOR_A_SIGN_OF_LIFE * 1000):
                    return False
                server.consume_input()
            if server.get_result() is None:
                return server.transaction_status == TransactionStatus.IDLE
    except Error:
        return False


_pools: dict[str, Pool] = {}


class DatabaseWrapper(base.DatabaseWrapper):
    _kept: Kept | None = None

    @property
    def requests(self) -> dict[str, int]:
        """Pool settings for requests (`settings.DATABASE_FOR_REQUESTS`); empty outside of requests."""
        found: dict[str, int] = self.settings_dict.get("REQUESTS", {})
        return found

    @property
    def kept_connections(self) -> Pool | None:
        size = self.requests.get("connections")
        return _pools.setdefault(self.alias, Pool(size)) if size else None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection[Any]:
        def connect() -> Connection[Any]:
            connection: Connection[Any] = super(DatabaseWrapper, self).get_new_connection(
                conn_params | {"autocommit": True}
            )
            for name in ("statement_timeout", "lock_timeout"):
                if seconds := self.requests.get(name):
                    connection.execute("SELECT set_config(%s, %s, false)", [name, f"{seconds}s"])
            return connection

        pool = self.kept_connections
        if pool is None:
            return connect()
        self._kept = pool.take(connect)
        return self._kept.connection

    def _close(self) -> None:
        pool, kept, self._kept = self.kept_connections, self._kept, None
        if pool and kept:
            with self.wrap_database_errors:
                pool.give_back(kept)
        else:
            super()._close()  # type: ignore[misc]  # not in the stubs
