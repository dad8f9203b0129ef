"""Online backup: written while the site is in use."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO
from zipfile import ZipFile

import django
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from blog.models import Image
from blog.models.snapshot import snapshot
from blog.transfer.backup import tables
from blog.transfer.backup.container import CHUNK, Manifest, Refused, Writer, media_name, rows_name

PART = ".allforces-backup-"
"""File name prefix of an incomplete backup."""


def back_up(
    path: Path, *, now: datetime, force: bool = False, say: Callable[[str], object] = lambda sentence: None
) -> list[str]:
    """Back up the whole magazine to `path`, atomically and with mode 0600.

    `say` is called for each table. Returns the names of media files that the storage has lost. Raises Refused, OSError.
    """
    path = path.absolute()
    if path.exists() and not force:
        raise Refused(f"{path} はもうあります。--force で置き換えます。")
    if path.resolve().is_relative_to(Path(settings.MEDIA_ROOT).resolve()):
        raise Refused("画像のフォルダーは読者に見えます。バックアップはほかの場所に置いてください。")
    if not tables.is_migrated():
        raise Refused("データベースがこのプログラムと合いません。先に manage.py migrate を実行してください。")
    _tidy(path.parent)
    file, part = _begin(path.parent)
    try:
        with file:
            with ZipFile(file, "w") as archive:
                lost = _write(Writer(archive, _manifest(now), now=now), say)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        Path(part).unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)  # so that the name survives a power cut too
    os.close(folder)
    return lost


def _begin(folder: Path) -> tuple[IO[bytes], str]:
    """Create a locked file with a unique name, so that concurrent runs never write into one file."""
    while True:
        handle, part = tempfile.mkstemp(prefix=PART, suffix=".part", dir=folder)
        file = os.fdopen(handle, "wb")
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.path.exists(part):
            return file, part
        file.close()  # another run removed it as stale before it was locked


def _tidy(folder: Path) -> None:
    """Remove the files of killed runs in `folder`. A running backup holds the lock of its file."""
    for left in folder.glob(f"{PART}*.part"):
        with suppress(OSError), left.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


def _manifest(now: datetime) -> Manifest:
    return Manifest(
        created_at=timezone.localtime(now).isoformat(timespec="seconds"),
        database=connection.vendor,
        django=django.get_version(),
        migrations=tables.migrations(),
    )


def _write(writer: Writer, say: Callable[[str], object]) -> list[str]:
    with snapshot():
        for model in tables.tables():
            label = tables.label(model)
            count = writer.add(rows_name(label), tables.lines(model), compress=True)
            writer.manifest.tables[label] = count
            say(f"{label}: {count:,} 行")
        names = list(Image.objects.order_by("pk").values_list("file", flat=True))
    # A stored image never changes, so images can be read after the transaction, when no writer waits any more.
    lost = [name for name in names if not _add_file(writer, name)]
    say(f"画像: {len(names) - len(lost):,} ファイル")
    writer.finish()
    return lost


def _add_file(writer: Writer, name: str) -> bool:
    try:
        file = default_storage.open(name)
    except FileNotFoundError:
        return False
    with file:
        writer.add(media_name(name), iter(partial(file.read, CHUNK), b""), compress=False)
    return True
