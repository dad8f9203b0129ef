"""Files, folders and zips as documents that can be read one by one. What must not be read is refused by name."""

from __future__ import annotations

import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from blog.archive.reader import Unreadable

SUFFIXES = {".md", ".markdown"}
PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif"}
MAX_MEMBER = 20 * 1024 * 1024
MAX_UNPACKED = 1024 * 1024 * 1024
MAX_MEMBERS = 20_000
MAX_RATIO = 200
"""Prose packs to a fifth and repeated prose to a thirtieth; a bomb to a thousandth."""


@dataclass(frozen=True)
class Source:
    """A document by its file name. `load` gives its bytes or raises Unreadable."""

    name: str
    load: Callable[[], bytes]


@dataclass(frozen=True)
class Pictures:
    """Image files by their bare names: what texts call `/assets/images/x.png` is found as `x.png`."""

    files: dict[str, Callable[[], bytes]] = field(default_factory=dict)

    @classmethod
    def of_folder(cls, folder: Path) -> Pictures:
        paths = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in PICTURES)
        return cls({nfc(path.name): path.read_bytes for path in paths if path.is_file()})

    def find(self, target: str) -> Callable[[], bytes] | None:
        return self.files.get(nfc(PurePosixPath(target).name))


def find(paths: list[Path]) -> tuple[list[Source], Pictures]:
    """The documents in files, folders and zips, and the images in the zips. Raises Unreadable for a bad zip."""
    documents: list[Source] = []
    pictures = Pictures()
    for path in paths:
        if path.is_dir():
            documents += (
                _file(found) for found in sorted(path.rglob("*")) if found.suffix.lower() in SUFFIXES
            )
        elif path.suffix.lower() == ".zip":
            members, images = unzip(path)
            documents += members
            pictures.files.update(images.files)
        else:
            documents.append(_file(path, named=True))
    return documents, pictures


def unzip(file: Path | IO[bytes]) -> tuple[list[Source], Pictures]:
    """The documents and images in a zip. Raises Unreadable when it is none, or too large unpacked.

    A member that must not be read (a path that leads outside, a link, a password, its size) fails alone.
    """
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Unreadable("zipとして読めません。圧縮し直してください。") from error
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MAX_MEMBERS:
        raise Unreadable(f"zipの中のファイルが多すぎます（{MAX_MEMBERS}個まで）。")
    if sum(member.file_size for member in members) > MAX_UNPACKED:
        raise Unreadable(f"展開すると大きすぎるzipです（{MAX_UNPACKED // 1024**2} MBまで）。")
    documents: list[Source] = []
    pictures = Pictures()
    for member in sorted(members, key=lambda member: member.filename):
        name = _member_name(member)
        path = PurePosixPath(name)
        if "__MACOSX" in path.parts or path.name.startswith("."):
            continue
        load = partial(_load, archive, member, name)
        if path.suffix.lower() in SUFFIXES:
            documents.append(Source(name, load))
        elif path.suffix.lower() in PICTURES:
            pictures.files[path.name] = load
    return documents, pictures


def nfc(name: str) -> str:
    """Names of files as everybody but a Mac writes them."""
    return unicodedata.normalize("NFC", name)


def _file(path: Path, *, named: bool = False) -> Source:
    """A file on disk. A link found in a folder is not followed: whoever fills the folder may not read the disk."""

    def load() -> bytes:
        if path.is_symlink() and not named:
            raise Unreadable("シンボリックリンクは読みません。ファイルそのものを置いてください。")
        try:
            if path.stat().st_size > MAX_MEMBER:
                raise Unreadable(f"ファイルが大きすぎます（上限 {MAX_MEMBER // 1024**2} MB）。")
            return path.read_bytes()
        except OSError as error:
            raise Unreadable(f"ファイルを開けません（{error.strerror}）。") from error

    return Source(nfc(path.name), load)


def _load(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    path = PurePosixPath(name)
    if ".." in path.parts or path.is_absolute() or "\\" in name or name[1:2] == ":":
        raise Unreadable("zipの外を指すパスです。")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Unreadable("シンボリックリンクは読みません。")
    if member.flag_bits & 1:
        raise Unreadable("パスワード付きのzipは読めません。")
    if member.file_size > MAX_MEMBER:
        raise Unreadable(f"ファイルが大きすぎます（上限 {MAX_MEMBER // 1024**2} MB）。")
    if member.file_size > MAX_RATIO * max(member.compress_size, 4096):
        raise Unreadable("圧縮率が異常なファイルです（zip爆弾の疑い）。")
    try:
        with archive.open(member) as file:
            return file.read(MAX_MEMBER + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise Unreadable("zipの中で壊れています。圧縮し直してください。") from error


def _member_name(member: zipfile.ZipInfo) -> str:
    """The name as its author saw it: archivers of macOS and Windows write UTF-8 or Shift_JIS and do not say so."""
    if member.flag_bits & 0x800:
        return nfc(member.filename)
    raw = member.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "cp932"):
        try:
            return nfc(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return nfc(member.filename)
