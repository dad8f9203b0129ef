"""Freshness of kept pages: what the process knows of the content version and the next moment, 100 ms old at most."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.utils import timezone

from blog.models import ContentVersion, Post
from blog.public.moments import next_moment

logger = logging.getLogger(__name__)

MAX_AGE = 0.1
"""Seconds for which an answer of the database counts, from the moment at which it was asked. Of the 250 ms within which
readers have a page, the rest is for asking and rendering."""
PATIENCE, PATIENCE_AWAY = 1.0, 0.1
"""Seconds for which requests wait for an answer of the database; and while it is known to be away. A busy machine is no
outage: whoever is too impatient shows old pages there."""
GIVE_UP = 5
"""Seconds after which a database that says nothing is asked again, on another connection."""
RECONNECT_AFTER = 600
"""Maximum age of the connection in seconds, as of those of the pool for requests."""
_serials = itertools.count(1)


@dataclass(frozen=True, eq=False)
class Epoch:
    """Time in which no public answer changes: one content version, from `begin` to before the next moment (`until`).

    `withdrawal`: next planned withdrawal; until then, copies may be shown while the database is away. `serial`: of two
    epochs of a process, the later has the greater one, whatever their versions.
    """

    version: int
    begin: datetime
    until: datetime
    withdrawal: datetime | None = None
    serial: int = field(default_factory=lambda: next(_serials))


def read(last: Epoch | None) -> Epoch:
    """Read the version, and the next moment where `last` is over. The version comes first: what is read later is not
    older than it."""
    now, version = timezone.now(), ContentVersion.objects.current()
    if last and last.version == version and last.begin <= now < last.until:
        return last
    return Epoch(version, now, next_moment(now=now), Post.objects.next_withdrawal(now))


class Freshness:
    """Knowledge of a process. One thread asks the database, on a connection of its own, and all requests wait for its
    answer: however many there are, they hold no connection."""

    def __init__(
        self, read: Callable[[Epoch | None], Epoch] = read, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._read, self._clock = read, clock
        self._lock = Lock()
        self._thread = _new_thread()
        self._asked: Future[Epoch] | None = None
        self._asked_at = 0.0
        self._last: Epoch | None = None
        self._is_away = False

    def current(self) -> Epoch | None:
        """Return the epoch of now; None when nothing may be kept: it has just ended, or the database is away and a
        withdrawal has come."""
        with self._lock:
            if self._asked is None or self._is_over(self._asked):
                self._asked, self._asked_at = self._thread.submit(self._ask, self._last), self._clock()
            patience = PATIENCE_AWAY if self._is_away else PATIENCE
            asked, left = self._asked, self._asked_at + patience - self._clock()
        try:
            epoch = asked.result(max(0.0, left))
        except Exception as error:  # a fault here must not cost readers the page
            self._note(error)
            last, now = self._last, timezone.now()
            is_valid = last and last.begin <= now and (last.withdrawal is None or now < last.withdrawal)
            return last if is_valid else None
        with self._lock:
            if asked is self._asked:  # else it was forgotten meanwhile
                self._last = epoch
        self._note(None)
        return epoch if epoch.begin <= timezone.now() < epoch.until else None

    def forget(self) -> None:
        """Forget everything, because this process has just changed something: the next request asks the database."""
        with self._lock:
            self._asked = self._last = None

    def close(self) -> None:
        """Close the thread and its connection."""
        self._thread.submit(_close)
        self._thread.shutdown()

    def _is_over(self, asked: Future[Epoch]) -> bool:
        age = self._clock() - self._asked_at
        if not asked.done():
            if age > GIVE_UP:
                self._thread.shutdown(wait=False)  # it ends when the connection does
                self._thread = _new_thread()
            return age > GIVE_UP
        if age > MAX_AGE:
            return True
        epoch, now = None if asked.exception() else asked.result(), timezone.now()
        # A moment in the past is a scheduled update that somebody has to apply: no reason to ask at every request.
        return bool(epoch and (now < epoch.begin or epoch.begin < epoch.until <= now))

    def _ask(self, last: Epoch | None) -> Epoch:
        try:
            _check()
            return self._read(last)
        except Error:  # such as a server that has been restarted
            _close()
            _check()
            return self._read(last)

    def _note(self, error: Exception | None) -> None:
        """Log that the database is away, and that it is back; once each."""
        was_away, self._is_away = self._is_away, error is not None
        if error and not was_away:
            what = str(error) or f"nothing heard for {PATIENCE} s"
            logger.error("content version unknown, kept pages stand in: %s", " ".join(what.split()))
        elif was_away and not error:
            logger.warning("content version known again")


def _new_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="page-cache")


def _check() -> None:
    """Prepare the thread's connection: outside of the requests' pool, and not for ever the same."""
    connection: Any = connections[DEFAULT_DB_ALIAS]
    connection.settings_dict = connection.settings_dict | {"REQUESTS": {}, "CONN_MAX_AGE": RECONNECT_AFTER}
    connection.close_if_unusable_or_obsolete()


def _close() -> None:
    connections[DEFAULT_DB_ALIAS].close()
