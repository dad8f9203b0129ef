"""Watched folder: new files are imported as drafts. Files are only read, never changed or removed."""

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
"""Size of a file in bytes and its modification time in nanoseconds."""


class Folder:
    """State of a watched folder. A file is ready when two scans in a row found it unchanged: it is no longer being written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: dict[Path, Stamp] = {}
        self.done: dict[Path, Stamp] = {}

    def look(self) -> list[Path]:
        """Scan the folder; returns the files that are ready and not marked done, sorted by name."""
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
    """Scan `path` every `every` seconds until interrupted. Logs a line for each imported file.

    Files imported before, in this run or another, are recognised by their content and skipped without a log line.
    """
    folder = Folder(path)
    while True:
        for found in folder.look():
            try:
                _take(found, now=now())
            except DatabaseError:
                logger.exception("%s: the database does not answer; tried again at the next look", found.name)
                close_old_connections()  # the next scan opens a new one
                continue
            except Exception:
                # It runs unattended: a file that fails must not stop the next ones.
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
    """Stamp of a regular file; None for anything else: symbolic links could expose other files."""
    try:
        status = path.lstat()
    except OSError:
        return None  # removed since the folder was listed
    return (status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None
