"""Generated files: created by the first request, then kept in the media storage; they can be recreated at any time.

Backups and exports leave them out. Works with any Django storage; a file must appear whole, which only a local folder
does not ensure by itself.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage, storages

logger = logging.getLogger(__name__)

PATIENCE = 4.0
"""Seconds that a request waits for its turn, unless its caller allows less."""
WAITING = 8
"""Maximum number of waiting requests: each holds a thread that pages need too."""

# One at a time per process: image encoding must not take the processors away from pages.
_turn = threading.Semaphore(1)
_room = threading.Semaphore(1 + WAITING)


class Busy(Exception):
    """Raised when too many files are being generated at once; a later request may succeed."""


def opened(path: str, make: Callable[[], bytes], *, patience: float = PATIENCE) -> File[bytes]:
    """Open the file at `path` of the media storage; `make` generates its content when it does not exist.

    Raises Busy, at the latest after `patience` seconds of waiting for others, and whatever `make` raises. If the
    storage cannot be written, the file is generated for each request.
    """
    with suppress(FileNotFoundError):
        return default_storage.open(path)
    with _held(_room, timeout=0), _held(_turn, timeout=patience):
        with suppress(FileNotFoundError):  # another request may have generated it meanwhile
            return default_storage.open(path)
        data = make()
        try:
            _keep(path, data)
        except OSError:
            logger.exception("%s could not be kept", path)
    return ContentFile(data)


@contextmanager
def _held(semaphore: threading.Semaphore, *, timeout: float) -> Iterator[None]:
    if not semaphore.acquire(timeout=timeout):
        raise Busy
    try:
        yield
    finally:
        semaphore.release()


def forget(folder: str, *, keep: Collection[str] = ()) -> None:
    """Delete the files in `folder` of the media storage except those named in `keep`."""
    try:
        names = default_storage.listdir(folder)[1]
    except FileNotFoundError:
        return
    for name in names:
        if name not in keep:
            default_storage.delete(f"{folder}/{name}")
    if not keep:
        with suppress(OSError):  # another request may be writing a file
            default_storage.delete(folder)


def _keep(path: str, data: bytes) -> None:
    storage = storages["default"]
    if not isinstance(storage, FileSystemStorage):  # an object store never shows part of an object
        storage.save(path, ContentFile(data))
        return
    place = Path(storage.path(path))
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{uuid4().hex}")
    try:
        part.write_bytes(data)
        part.chmod(settings.FILE_UPLOAD_PERMISSIONS)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
