"""Cache backends for the sign-in limits: in Redis, and in the database when Redis is away."""

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
"""Seconds for which a Redis that failed is not asked again, unless the option `pause` says otherwise."""


class DatabaseCache(db.DatabaseCache):
    """Django's, but a database that cannot write is an error. Django answers "somebody was faster", which allauth
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
        """  # noqa: S608  # a name of ours
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
    """Whether a Redis works, known to all threads of the process and told once."""

    def __init__(self, *, pause: float) -> None:
        self._pause, self._lock, self._away_until = pause, Lock(), 0.0

    def works(self, prove: Callable[[], object]) -> bool:
        """After a failure and a pause, one caller finds out by `prove`, while the others do without."""
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
    """The method `name` of Redis' backend, or of the database's while Redis does not work."""

    def method(self: RedisCache, *args: Any, **kwargs: Any) -> Any:
        try:
            if self.state.works(self.prove):
                return getattr(super(RedisCache, self), name)(*args, **kwargs)
        except self.error as error:
            self.state.failed(error)
        return getattr(caches["reserve"], name)(*args, **kwargs)

    return method


class RedisCache(redis.RedisCache):
    """Django's, with the cache `reserve` for as long as Redis refuses, hangs (a second is enough) or is full."""

    _options: dict[str, Any]

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._options = {"socket_timeout": 1, "socket_connect_timeout": 1, **self._options}
        pause = self._options.pop("pause", PAUSE)  # ours; the others are the client's
        self.state = _known.setdefault(server, Redis(pause=pause))

    @property
    def error(self) -> type[Exception]:
        from redis import RedisError  # not imported where nobody uses it

        return RedisError

    def prove(self) -> None:
        """Raise unless Redis can be written to: one that is full answers readers well."""
        self._cache.set(self.make_key("proof"), 1, 1)

    add, get, set, touch, delete = map(_with_reserve, ("add", "get", "set", "touch", "delete"))
    get_many, set_many, delete_many = map(_with_reserve, ("get_many", "set_many", "delete_many"))
    has_key, incr, clear = map(_with_reserve, ("has_key", "incr", "clear"))


def redis_problem() -> str:
    """Why the Redis that the settings name cannot be used; empty when it can, or when they name none."""
    cache = caches.create_connection("default")
    if isinstance(cache, RedisCache):
        try:
            cache.prove()
        except Exception as error:  # a package that is missing, too: the site starts without Redis
            return str(error) or type(error).__name__
    return ""
