"""Freshness of kept pages: what the process knows of the content version and the next moment, 200 ms old at most."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
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

REFRESH, MAX_AGE = 0.1, 0.2
"""Seconds after which the database is asked again, while requests go on with what is known; and after which they wait. Both
count from the moment at which it was asked. Of the 250 ms within which readers have a page, the rest is for rendering."""
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
    """Time in which no public answer changes: one content version, from `start` to before the next moment (`end`).

    `withdrawal_at`: next planned withdrawal; until then, copies may be shown while the database is away. `serial`: of two
    epochs of a process, the later has the greater one, whatever their versions.
    """

    version: int
    start: datetime
    end: datetime
    withdrawal_at: datetime | None = None
    serial: int = field(default_factory=lambda: next(_serials))


def read(last: Epoch | None) -> Epoch:
    """Read the version, and the next moment where `last` is over. The version comes first: what is read later is not
    older than it."""
    now, version = timezone.now(), ContentVersion.objects.current()
    if last and last.version == version and last.start <= now < last.end:
        return last
    return Epoch(version, now, next_moment(now=now), Post.objects.next_withdrawal(now))


class Freshness:
    """Knowledge of a process. One thread asks the database, on a connection of its own, for all requests: however many
    there are, they hold no connection."""

    def __init__(
        self, read: Callable[[Epoch | None], Epoch] = read, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._read, self._clock = read, clock
        self._lock = Lock()
        self._thread = _new_thread()
        self._epoch: Epoch | None = None
        self._known_at = 0.0  # when the question was asked that `_epoch` answers
        self._asked: Future[Epoch] | None = None
        self._asked_at = 0.0
        self._is_away = False

    def current(self) -> Epoch | None:
        """Return the epoch of now; None when nothing may be kept: it has just ended, or the database is away and a
        withdrawal has come."""
        with self._lock:
            self._take_in()
            if self._is_older_than(REFRESH) and self._asked is None and not self._has_just_failed():
                self._asked_at = self._clock()
                self._asked = self._thread.submit(self._ask, self._epoch)
            if not self._is_older_than(MAX_AGE):
                return self._unless_over()
            asked = self._asked
            patience = self._asked_at + (PATIENCE_AWAY if self._is_away else PATIENCE) - self._clock()
        if asked:
            with suppress(TimeoutError):
                asked.exception(max(0.0, patience))
        with self._lock:
            self._take_in()
            if asked and asked is self._asked:
                self._note(f"nothing heard for {PATIENCE} s")
            if not self._is_older_than(MAX_AGE):
                return self._unless_over()
            return self._copies() if self._is_away else None

    def _unless_over(self) -> Epoch | None:
        return self._epoch if self._epoch and self._epoch.start <= timezone.now() < self._epoch.end else None

    def _copies(self) -> Epoch | None:
        """The last epoch that was known, whose pages may stand in while the database is away."""
        epoch, now = self._epoch, timezone.now()
        if epoch is None or now < epoch.start or (epoch.withdrawal_at and epoch.withdrawal_at <= now):
            return None
        return epoch

    def forget(self) -> None:
        """Forget everything, because this process has just changed something: the next request asks the database."""
        with self._lock:
            self._epoch = self._asked = None

    def close(self) -> None:
        """Close the thread and its connection."""
        self._thread.submit(_close)
        self._thread.shutdown()

    def _is_older_than(self, seconds: float) -> bool:
        epoch, now = self._epoch, timezone.now()
        if epoch is None or self._clock() - self._known_at > seconds:
            return True
        # A moment in the past is a scheduled update that somebody has to apply: no reason to ask at every request.
        return now < epoch.start or epoch.start < epoch.end <= now

    def _has_just_failed(self) -> bool:
        return self._is_away and self._clock() - self._asked_at < REFRESH

    def _take_in(self) -> None:
        """Take in what the thread has found."""
        asked = self._asked
        if asked and asked.done():
            self._asked = None
            if error := asked.exception():  # whatever it is: a fault here must not cost readers the page
                self._note(" ".join(str(error).split()) or type(error).__name__)
            else:
                self._epoch, self._known_at = asked.result(), self._asked_at
                self._note("")
        elif asked and self._clock() - self._asked_at > GIVE_UP:
            self._asked = None
            self._thread.shutdown(wait=False)  # it ends when its connection does
            self._thread = _new_thread()

    def _ask(self, last: Epoch | None) -> Epoch:
        try:
            _check()
            return self._read(last)
        except Error:  # such as a server that has been restarted
            _close()
            _check()
            return self._read(last)

    def _note(self, problem: str) -> None:
        """Log that the database is away, and that it is back; once each."""
        was_away, self._is_away = self._is_away, bool(problem)
        if problem and not was_away:
            logger.error("content version unknown, kept pages stand in: %s", problem)
        elif was_away and not problem:
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
