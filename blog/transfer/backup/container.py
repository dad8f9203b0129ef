"""Backup file format: a zip with a manifest that lists every member and its checksum."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipExtFile, ZipFile, ZipInfo

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.utils import validate_file_name
from django.utils import timezone

FORMAT = "allforces-backup"
VERSION = 1
MANIFEST = "manifest.json"
MAX_MANIFEST = 64 << 20
"""Maximum size of the manifest in bytes, since it is read into memory: 200 bytes per image, enough for 300,000."""
CHUNK = 1 << 20
# zipfile raises these for a file that starts like a zip and is damaged further on.
DAMAGE = (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


class Refused(Exception):
    """The backup or restore was refused and nothing changed; str() says why and what to do."""


@dataclass
class Manifest:
    """Manifest of a backup. `members`: SHA-256 (hex) and size in bytes of each; `tables`: row count of each."""

    created_at: str
    database: str
    django: str
    migrations: dict[str, list[str]]
    tables: dict[str, int] = field(default_factory=dict)
    members: dict[str, list[Any]] = field(default_factory=dict)
    format: str = FORMAT
    version: int = VERSION


def rows_name(table: str) -> str:
    return f"rows/{table}.jsonl"


def media_name(stored: str) -> str:
    return f"media/{stored}"


class Writer:
    """Streaming writer of a backup into an open zip, member by member; call `finish()` last."""

    def __init__(self, archive: ZipFile, manifest: Manifest, *, now: datetime) -> None:
        self.zip = archive
        self.manifest = manifest
        self.date_time = timezone.localtime(now).timetuple()[:6]

    def add(self, name: str, chunks: Iterable[bytes], *, compress: bool) -> int:
        """Write one member; returns the number of chunks."""
        digest, size, count = hashlib.sha256(), 0, 0
        with self._member(name, compress=compress) as out:
            for chunk in chunks:
                out.write(chunk)
                digest.update(chunk)
                size += len(chunk)
                count += 1
        self.manifest.members[name] = [digest.hexdigest(), size]
        return count

    def finish(self) -> None:
        with self._member(MANIFEST, compress=True) as out:
            out.write(json.dumps(asdict(self.manifest), ensure_ascii=False, indent=1).encode())

    def _member(self, name: str, *, compress: bool) -> IO[bytes]:
        info = ZipInfo(name, self.date_time)
        info.compress_type = ZIP_DEFLATED if compress else ZIP_STORED
        info.external_attr = 0o600 << 16
        return self.zip.open(info, "w", force_zip64=True)


class Reader:
    """Reader of a verified backup: complete, with valid checksums and a known format."""

    def __init__(self, archive: ZipFile, manifest: Manifest) -> None:
        self.zip = archive
        self.manifest = manifest

    @property
    def identity(self) -> str:
        """SHA-256 of all checksums: the same for a copy of the file under another name."""
        return hashlib.sha256(json.dumps(self.manifest.members, sort_keys=True).encode()).hexdigest()

    @property
    def media(self) -> list[str]:
        """Storage names of the media files."""
        prefix = media_name("")
        return [name.removeprefix(prefix) for name in self.manifest.members if name.startswith(prefix)]

    def open(self, name: str) -> BufferedReader:
        """Open a member for reading, buffered: zipfile itself is slow on long lines."""
        return BufferedReader(cast(ZipExtFile, self.zip.open(name)), CHUNK)


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """Open the backup at `path` and verify every checksum. Raises Refused."""
    try:
        archive = ZipFile(path)
    except OSError as error:
        raise Refused(f"{path} を開けません（{error.strerror}）。") from error
    except DAMAGE as error:
        raise Refused(f"{path} はバックアップではないか、途中で切れています。") from error
    with archive:
        manifest = _manifest(path, archive)
        if len(archive.namelist()) != len(manifest.members) + 1:
            raise Refused(f"{path} は壊れています（ファイルの数が目録と違います）。")
        for name, (digest, size) in manifest.members.items():
            _verify(path, archive, name, digest, size)
        yield Reader(archive, manifest)


def _manifest(path: Path, archive: ZipFile) -> Manifest:
    if MANIFEST not in archive.namelist():
        raise Refused(f"{path} はこの編集システムのバックアップではありません。")
    if archive.getinfo(MANIFEST).file_size > MAX_MANIFEST:
        raise Refused(f"{path} の目録（{MANIFEST}）が大きすぎます。")
    try:
        found = json.loads(archive.read(MANIFEST))
        if found["format"] != FORMAT:
            raise Refused(f"{path} はこの編集システムのバックアップではありません。")
        if found["version"] > VERSION:
            raise Refused(f"{path} は新しい版のプログラムで作られています。プログラムを更新してください。")
        manifest = Manifest(**found)
        sound = (
            isinstance(manifest.migrations, dict)
            and all(isinstance(name, str) for names in manifest.migrations.values() for name in names)
            and all(isinstance(size, int) for _, size in manifest.members.values())
        )
    except (*DAMAGE, KeyError, TypeError, AttributeError) as error:
        raise Refused(f"{path} の目録（{MANIFEST}）を読めません。") from error
    expected = {rows_name(table) for table in manifest.tables}
    if not sound or expected != {name for name in manifest.members if not _is_media(name)}:
        raise Refused(f"{path} の目録（{MANIFEST}）が正しくありません。")
    return manifest


def _is_media(name: str) -> bool:
    """Whether `name` is a media file whose path stays inside the media folder."""
    stored = name.removeprefix(media_name(""))
    try:
        validate_file_name(stored, allow_relative_path=True)
    except SuspiciousFileOperation:
        return False
    return stored != name


def _verify(path: Path, archive: ZipFile, name: str, digest: str, size: int) -> None:
    found, length = hashlib.sha256(), 0
    try:
        with archive.open(name) as member:
            while length <= size and (chunk := member.read(CHUNK)):
                found.update(chunk)
                length += len(chunk)
    except (*DAMAGE, KeyError) as error:
        raise Refused(f"{path} は壊れています（{name}）。") from error
    if (found.hexdigest(), length) != (digest, size):
        raise Refused(f"{path} は壊れています（{name} の検査値が違います）。")
