"""Cache backends for the sign-in limits: Redis, with the database as fallback."""

from __future__ import annotations

import base64
import logging
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from time import monotonic
from typing import Any

from django.core.cache import caches
from django.core.cache.backends import db, redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.db import connections, router
from django.utils import timezone

logger = logging.getLogger(__name__)

PAUSE = 30
"""Seconds before a failed Redis is tried again (default of the option `pause`)."""


class DatabaseCache(db.DatabaseCache):
    """Database cache that raises when the database cannot write. Django's reports "key exists" instead, which allauth
    takes for too many attempts (429).
    """

    _table: str

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._store(key, value, timeout, version, only_expired=False)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._store(key, value, timeout, version, only_expired=True)

    def _store(self, key: str, value: Any, timeout: Any, version: int | None, *, only_expired: bool) -> bool:
        key = self.make_and_validate_key(key, version=version)
        seconds = self.get_backend_timeout(timeout)
        expires = datetime.max if seconds is None else datetime.fromtimestamp(seconds, tz=UTC)
        text = base64.b64encode(pickle.dumps(value, self.pickle_protocol)).decode("ascii")
        alias = router.db_for_write(self.cache_model_class)
        operations, now = connections[alias].ops, timezone.now().replace(microsecond=0)
        table, adapted = operations.quote_name(self._table), operations.adapt_datetimefield_value
        statement = f"""
            INSERT INTO {table} (cache_key, value, expires) VALUES (%s, %s, %s)
            ON CONFLICT (cache_key) DO UPDATE SET value = excluded.value, expires = excluded.expires
        """  # noqa: S608  # our own table name
        values = [key, text, adapted(expires.replace(microsecond=0))]
        if only_expired:
            statement += f" WHERE {table}.expires < %s"
            values.append(adapted(now))
        with connections[alias].cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM {table}")  # noqa: S608
            if (count := cursor.fetchone()[0]) > self._max_entries:
                self._cull(alias, cursor, now, count)  # type: ignore[attr-defined]  # not in the stubs
            cursor.execute(statement, values)
            written: int = cursor.rowcount
            return written == 1


class Redis:
    """Circuit breaker for a Redis server, shared by all threads of the process; a failure is logged once."""

    def __init__(self, *, pause: float) -> None:
        self._pause, self._lock, self._away_until = pause, Lock(), 0.0

    def works(self, prove: Callable[[], object]) -> bool:
        """Whether to use Redis. After a failure and the pause, one caller tries `prove`, while the others use the fallback."""
        with self._lock:
            if not self._away_until:
                return True
            if monotonic() < self._away_until:
                return False
            self._away_until = monotonic() + self._pause
        prove()
        with self._lock:
            self._away_until = 0.0
        logger.warning("Redis works again")
        return True

    def failed(self, error: Exception) -> None:
        with self._lock:
            is_news, self._away_until = not self._away_until, monotonic() + self._pause
        if is_news:
            logger.error("Redis does not work, the database stands in: %s", error)


_known: dict[str, Redis] = {}


def _with_reserve(name: str) -> Callable[..., Any]:
    """Cache method `name` with fallback: of the Redis backend, or of the cache `reserve` while Redis fails."""

    def method(self: RedisCache, *args: Any, **kwargs: Any) -> Any:
        try:
            if self.state.works(self.prove):
                return getattr(super(RedisCache, self), name)(*args, **kwargs)
        except self.error as error:
            self.state.failed(error)
        return getattr(caches["reserve"], name)(*args, **kwargs)

    return method


class RedisCache(redis.RedisCache):
    """Redis cache that falls back to the cache `reserve` while Redis refuses, hangs (for a second) or is full."""

    _options: dict[str, Any]

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._options = {"socket_timeout": 1, "socket_connect_timeout": 1, **self._options}
        pause = self._options.pop("pause", PAUSE)  # our own option; the others are the client's
        self.state = _known.setdefault(server, Redis(pause=pause))

    @property
    def error(self) -> type[Exception]:
        from redis import RedisError  # imported only where Redis is used

        return RedisError

    def prove(self) -> None:
        """Raise unless Redis can be written to: a full one still answers reads."""
        self._cache.set(self.make_key("proof"), 1, 1)

    add, get, set, touch, delete = map(_with_reserve, ("add", "get", "set", "touch", "delete"))
    get_many, set_many, delete_many = map(_with_reserve, ("get_many", "set_many", "delete_many"))
    has_key, incr, clear = map(_with_reserve, ("has_key", "incr", "clear"))


def redis_problem() -> str:
    """Reason why the configured Redis cannot be used; empty when it can, or when none is configured."""
    cache = caches.create_connection("default")
    if isinstance(cache, RedisCache):
        try:
            cache.prove()
        except Exception as error:  # also a missing package: the site starts without Redis
            return str(error) or type(error).__name__
    return ""
