"""A process that makes as many pictures as it may, while as many requests wait as may wait."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event

from blog.public import generated_files

FOLDER = "busy"


@contextmanager
def making_pictures() -> Iterator[None]:
    """Inside, one file is being made, others wait for their turn, and there is no room for one more."""
    finished = Event()

    def make() -> bytes:
        finished.wait()
        return b""

    calls = 1 + generated_files.WAITING + 1
    with ThreadPoolExecutor(calls) as pool:
        try:
            asked = [pool.submit(generated_files.opened, f"{FOLDER}/{n}", make) for n in range(calls)]
            [refused] = wait(asked, return_when=FIRST_COMPLETED).done
            assert isinstance(refused.exception(), generated_files.Busy), (
                "the room is full with all the others"
            )
            yield
        finally:
            finished.set()
    for file in asked:
        if file is not refused:
            file.result().close()
    generated_files.forget(FOLDER)
