"""Process pool for reading and rendering many texts, and for re-encoding their images, used when there are enough."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any, TypeVar

WORTH_PROCESSES = 40
"""Minimum number of files for extra processes, which take a second to start."""
MAX_PROCESSES = 4
"""Maximum number of worker processes: the parent, which writes, cannot keep more busy."""
AHEAD = 60
"""Maximum number of tasks in flight: enough to keep every process busy, few enough for constant memory."""

Task = TypeVar("Task")
Result = TypeVar("Result")


def workers(*, parallel: bool) -> Executor:
    """Create an executor of worker processes, or of this process alone. Use it as a context manager."""
    if not parallel or multiprocessing.current_process().daemon:  # a daemon may have no children
        return InlineExecutor()
    # Not forked: a copy of this process would hold its database connections.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(
        min(os.cpu_count() or 1, MAX_PROCESSES), mp_context=context, initializer=_end_with_parent
    )


def _end_with_parent() -> None:
    """End this worker when its parent dies: a killed parent cannot stop its workers."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent:
            parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def in_order(
    executor: Executor, submit: Callable[[Task], Future[Result]], tasks: Iterable[Task]
) -> Iterator[tuple[Task, Future[Result]]]:
    """Yield each task with its result, in the order of the tasks, with a bounded number in flight."""
    ahead = 0 if isinstance(executor, InlineExecutor) else AHEAD
    waiting: deque[tuple[Task, Future[Result]]] = deque()
    for task in tasks:
        waiting.append((task, submit(task)))
        if len(waiting) > ahead:
            yield waiting.popleft()
    yield from waiting


class InlineExecutor(Executor):
    """Executor that runs each task at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future
