"""Store of kept answers: bounded by bytes, least recently used go first, all at once when an epoch ends."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from sys import getsizeof
from threading import Event, Lock

from blog.public.page_cache.answers import Answer
from blog.public.page_cache.declaration import Kept
from blog.public.page_cache.freshness import Epoch

Key = tuple[str, ...]
"""Scheme, host and path, and in normal form the query."""

WAIT = 5
"""Seconds for which a request waits for another that renders the same page; then it renders it itself."""


class Store:
    """Answers by key, and for each path what its view has declared. All methods may be called by many threads."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.bytes = 0
        self.epoch: Epoch | None = None
        self._lock = Lock()
        self._items: OrderedDict[Key, tuple[Answer | Kept, int]] = OrderedDict()
        self._rendering: dict[Key, Event] = {}

    def get(self, epoch: Epoch, key: Key) -> Answer | Kept | None:
        with self._lock:
            if not self._is_now(epoch) or key not in self._items:
                return None
            self._items.move_to_end(key)
            return self._items[key][0]

    def put(self, epoch: Epoch, key: Key, item: Answer | Kept) -> None:
        """Keep `item`, or count it anew when it has grown by an encoding."""
        size = size_of(key, item)
        with self._lock:
            if not self._is_now(epoch) or size > self.limit:
                return
            _, before = self._items.pop(key, (None, 0))
            self._items[key] = item, size
            self.bytes += size - before
            while self.bytes > self.limit:
                _, (_, freed) = self._items.popitem(last=False)
                self.bytes -= freed

    def _is_now(self, epoch: Epoch) -> bool:
        """Whether `epoch` is the newest that a request has seen. The first request of a new one empties the store."""
        if self.epoch is None or epoch.serial > self.epoch.serial:
            self.epoch, self.bytes = epoch, 0
            self._items.clear()
        return epoch is self.epoch

    @contextmanager
    def rendering(self, epoch: Epoch, key: Key) -> Iterator[bool]:
        """Let one request at a time in (True); others wait until it has finished, and are to look again (False)."""
        mine = (str(epoch.serial), *key)
        with self._lock:
            other = self._rendering.get(mine)
            if other is None:
                self._rendering[mine] = finished = Event()
        if other:
            other.wait(WAIT)
            yield False
            return
        try:
            yield True
        finally:
            with self._lock:
                del self._rendering[mine]
            finished.set()


def size_of(key: Key, item: Answer | Kept) -> int:
    size = 300 + sum(getsizeof(part) for part in key)  # with the places in the table
    return size + (item.size if isinstance(item, Answer) else 0)
