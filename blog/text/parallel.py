"""Process pool for reading and rendering many texts, on all processors when it is worth starting them."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any, TypeVar

WORTH_PROCESSES = 40
"""Files from which on other processes pay: they take a second to start."""
MAX_PROCESSES = 4
"""The parent, which writes, keeps no more than these busy."""
AHEAD = 60
"""Tasks that wait at once: enough to keep every process busy, few enough to keep memory flat."""

Task = TypeVar("Task")
Result = TypeVar("Result")


def workers(*, parallel: bool) -> Executor:
    """Processes of their own, or this one. Use as a context manager."""
    if not parallel or multiprocessing.current_process().daemon:  # a daemon may have no children
        return InlineExecutor()
    # Not forked: a copy of this process would hold its database connections.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(
        min(os.cpu_count() or 1, MAX_PROCESSES), mp_context=context, initializer=_end_with_parent
    )


def _end_with_parent() -> None:
    """Let this worker die with the process that started it: killed, that one can no longer say that work is over."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent:
            parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def in_order(
    executor: Executor, submit: Callable[[Task], Future[Result]], tasks: Iterable[Task]
) -> Iterator[tuple[Task, Future[Result]]]:
    """Each task with its result, in the order of the tasks; a few are always under way."""
    ahead = 0 if isinstance(executor, InlineExecutor) else AHEAD
    waiting: deque[tuple[Task, Future[Result]]] = deque()
    for task in tasks:
        waiting.append((task, submit(task)))
        if len(waiting) > ahead:
            yield waiting.popleft()
    yield from waiting


class InlineExecutor(Executor):
    """An executor that works at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future
