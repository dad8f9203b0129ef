"""Modes of the files that hold unpublished texts, password hashes and keys: for the user alone who runs the site.

What the program makes is private whatever the umask. What is there already is closed where it is ours and others may read
it; bits of the group alone stay, since whoever lets nginx deliver images gives them by hand (docs/operations.md).
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import connection

OTHERS = stat.S_IRWXO
FILE, FOLDER = 0o600, 0o700
DATABASE_SUFFIXES = ("", "-wal", "-shm", "-journal")
"""SQLite gives the files beside a database the mode of the database."""


def make_folder(path: Path) -> None:
    """Make the folder, and those above it that are missing. Raises OSError."""
    if not path.parent.exists():
        make_folder(path.parent)
    try:
        path.mkdir(FOLDER)
    except FileExistsError:
        if not path.is_dir():
            raise
    else:
        path.chmod(FOLDER)  # the umask may have taken more


def make_database(path: Path) -> None:
    """Make the SQLite file `path`, empty, where its folder is there, or close the one that is there."""
    with suppress(OSError):  # SQLite says itself what is wrong
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE))
        except FileExistsError:
            close_database(path)


def close_database(path: Path) -> None:
    for suffix in DATABASE_SUFFIXES:
        close(path.with_name(path.name + suffix), FILE)


def close(path: Path, mode: int) -> None:
    """Set `mode` where others may do something with a file or folder of ours; links are not followed."""
    with suppress(OSError):
        found = path.lstat()
        is_ours = found.st_uid == os.geteuid() and not stat.S_ISLNK(found.st_mode)
        if is_ours and found.st_mode & OTHERS:
            path.chmod(mode)


def close_data() -> None:
    """Close what there is of the site's own files; DATA_DIR itself only where nothing else is in it."""
    data, media = Path(settings.DATA_DIR), Path(settings.MEDIA_ROOT)
    ours = {".env", media.name, settings.LEGACY_ROOT and settings.LEGACY_ROOT.name}
    if connection.vendor == "sqlite":
        database = Path(connection.settings_dict["NAME"])
        close_database(database)
        ours |= {database.name + suffix for suffix in DATABASE_SUFFIXES}
    close(settings.BASE_DIR / ".env", FILE)
    close(media, FOLDER)
    with suppress(OSError):
        if ours.issuperset(path.name for path in data.iterdir()):
            close(data, FOLDER)
