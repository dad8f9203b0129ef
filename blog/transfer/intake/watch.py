"""Watched folder: what appears there comes in as drafts. Files are only read."""

from __future__ import annotations

import logging
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError, close_old_connections

from blog.editorial.actors import IMPORT
from blog.models import Manuscript
from blog.transfer.importing import sources
from blog.transfer.intake import inbox

logger = logging.getLogger(__name__)

Stamp = tuple[int, int]
"""A file's size in bytes and the time of its last change in nanoseconds."""


class Folder:
    """What has been seen in a folder. A file is ready when two looks in a row found it the same: nobody writes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: dict[Path, Stamp] = {}
        self.done: dict[Path, Stamp] = {}

    def look(self) -> list[Path]:
        """The files that are ready and have not been marked done, in the order of their names."""
        before, self.seen = self.seen, {}
        for path in sorted(self.path.rglob("*")):
            hidden = sources.is_hidden(path.relative_to(self.path))
            wanted = path.suffix.lower() in sources.SUFFIXES and not hidden
            if wanted and (stamp := _stamp(path)):
                self.seen[path] = stamp
        return [path for path, stamp in self.seen.items() if before.get(path) == stamp != self.done.get(path)]

    def mark_done(self, path: Path) -> None:
        self.done[path] = self.seen[path]


def watch(path: Path, *, every: float, now: Callable[[], datetime], sleep: Callable[[float], object]) -> None:
    """Look into `path` every `every` seconds until somebody interrupts. Logs a line for each file that came in.

    What came in before, in this run or another, is known by its content and passed over in silence.
    """
    folder = Folder(path)
    while True:
        for found in folder.look():
            try:
                _take(found, now=now())
            except DatabaseError:
                logger.exception("%s: the database does not answer; tried again at the next look", found.name)
                close_old_connections()  # the next look gets a new one
                continue
            except Exception:
                # Nobody sits beside it: whatever one file does, the next ones must still come in.
                logger.exception("%s: not taken in", found.name)
            folder.mark_done(found)
        sleep(every)


def _take(path: Path, *, now: datetime) -> None:
    [document] = sources.find([path])[0]
    [arrival] = inbox.receive([document], way=Manuscript.Way.FOLDER, by=IMPORT, now=now)
    if arrival.outcome == "unchanged":
        return
    problems = " ".join(problem.message for problem in arrival.problems)
    level = logging.WARNING if arrival.is_blocking else logging.INFO
    logger.log(level, "%s: %s %s", arrival.name, arrival.outcome, problems)


def _stamp(path: Path) -> Stamp | None:
    """None for what is no plain file: whoever fills the folder may not read the disk through a link in it."""
    try:
        status = path.lstat()
    except OSError:
        return None  # gone since the folder was listed
    return (status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None
