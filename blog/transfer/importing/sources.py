"""Import sources: documents and images in files, folders and zips. Unsafe entries are refused by name."""

from __future__ import annotations

import lzma
import os
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import takewhile
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, NoReturn

from blog.editorial import images
from blog.transfer.exporting.export_site import MARK, SETTINGS
from blog.transfer.importing.reader import MAX_BYTES, Unreadable, too_large
from blog.transfer.importing.visibility import drafts_folder

SUFFIXES = {".md", ".markdown"}
PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif"}
MAX_UNPACKED = 1024 * 1024 * 1024
MAX_MEMBERS = 20_000
MAX_RATIO = 200
"""Maximum compression ratio of a zip: prose compresses to 1/5, repeated prose to 1/30, a zip bomb to 1/1000."""
Load = Callable[[], bytes]
NO_ZIP = (zipfile.BadZipFile, struct.error, OSError, ValueError, NotImplementedError, OverflowError)


@dataclass(frozen=True)
class Source:
    """A document to import. `load` returns its bytes or raises Unreadable. `drafts`: result of `drafts_folder`."""

    name: str
    load: Load
    drafts: str = ""


@dataclass(frozen=True)
class Pictures:
    """Image files by bare file name, each with its path in the folder or zip: `/assets/images/x.png` in a text may be
    `x.png` or `images/x.png` there."""

    files: dict[str, list[tuple[PurePosixPath, Load]]] = field(default_factory=dict)

    @classmethod
    def of_folder(cls, folder: Path) -> Pictures:
        pictures = cls()
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in PICTURES and path.is_file():
                pictures.add(str(path.relative_to(folder)), _file(path, named=True).load)
        return pictures

    def add(self, name: str, load: Load) -> None:
        path = PurePosixPath(nfc(name))
        self.files.setdefault(path.name, []).append((path, load))

    def update(self, others: Pictures) -> None:
        for name, files in others.files.items():
            self.files.setdefault(name, []).extend(files)

    def find(self, target: str) -> Load | None:
        """Loader of the image at `target`; None when there is none.

        Among images of one name the folders in `target` decide. If they are still ambiguous and differ in content, the
        loader raises Unreadable: a wrong image is worse than none.
        """
        wanted = PurePosixPath(nfc(target))
        files = self.files.get(wanted.name, [])
        if len(files) <= 1:
            return files[0][1] if files else None
        likeness = {path: _likeness(path, wanted) for path, _ in files}
        most = max(likeness.values())
        return partial(_only_one, [file for file in files if likeness[file[0]] == most])


def _likeness(path: PurePosixPath, wanted: PurePosixPath) -> tuple[int, bool]:
    """Number of equal trailing parts of two paths, and whether these are all parts of `path`."""
    pairs = zip(reversed(path.parts), reversed(wanted.parts), strict=False)
    same = len([*takewhile(lambda pair: pair[0] == pair[1], pairs)])
    return same, same == len(path.parts)


def _only_one(files: list[tuple[PurePosixPath, Load]]) -> bytes:
    data = files[0][1]()
    if any(load() != data for _, load in files[1:]):
        paths = "、".join(str(path) for path, _ in files[:4])
        raise Unreadable(
            f"同じ名前の画像が{len(files)}つあります（{paths}）。フォルダーの名前まで書いてください。"
        )
    return data


def find(paths: list[Path]) -> tuple[list[Source], Pictures]:
    """Find the documents in files, folders and zips, and the images in the zips.

    A folder or zip that cannot be opened becomes a document that fails with the reason; the others are still found.
    The order of `paths` does not matter. Names are paths within the folder or zip, full paths where two are equal.
    """
    found: list[tuple[Path, Source]] = []
    pictures = Pictures()
    for path in sorted(set(paths)):
        if path.is_dir():
            found += [(path, document) for document in _inside(path)]
        elif path.suffix.lower() == ".zip":
            try:
                members, images_inside = unzip(path)
            except Unreadable as error:
                found.append((path.parent, failing(path.name, error)))
                continue
            found += [(path, document) for document in members]
            pictures.update(images_inside)
        else:
            found.append((path.parent, _file(path, named=True)))
    times = Counter(document.name for _, document in found)
    return [
        replace(
            document,
            name=nfc(f"{path}/{document.name}") if times[document.name] > 1 else document.name,
            drafts=drafts_folder(document.name, root=_root(path)),
        )
        for path, document in found
    ], pictures


def _root(path: Path) -> Path:
    """Absolute path of a folder or zip, without resolving symbolic links."""
    root = Path(os.path.abspath(path))
    return root.with_suffix("") if root.suffix.lower() == ".zip" else root


def zips_in(paths: list[Path]) -> list[str]:
    """Zip files inside the folders of `paths`. They are not opened: a site may offer zips as downloads."""
    folders = [path for path in sorted(set(paths)) if path.is_dir()]
    return [nfc(str(path.relative_to(folder))) for folder in folders for path in _files(folder, {".zip"}, [])]


def is_hidden(path: PurePath) -> bool:
    """Whether `path`, relative to its folder or zip, is hidden: `.git`, `._x.md`, …"""
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts if part != "..")


def failing(name: str, error: Unreadable) -> Source:
    """Document that raises `error` when it is loaded."""

    def load() -> NoReturn:
        raise error

    return Source(nfc(name), load)


def _inside(folder: Path) -> Iterator[Source]:
    unopened: list[OSError] = []
    for path in _files(folder, SUFFIXES, unopened):
        yield replace(_file(path), name=nfc(str(path.relative_to(folder))))
    for error in unopened:
        reason = f"フォルダーを開けません（{error.strerror}）。"
        yield failing(str(Path(error.filename).relative_to(folder.parent)), Unreadable(reason))


def _files(folder: Path, suffixes: Collection[str], unopened: list[OSError]) -> list[Path]:
    found = []
    for place, inside, names in os.walk(folder, onerror=unopened.append):
        inside[:] = [name for name in inside if not is_hidden(PurePath(name))]
        found += [Path(place, name) for name in names if not is_hidden(PurePath(name))]
    return sorted(path for path in found if path.suffix.lower() in suffixes)


def unzip(file: Path | IO[bytes]) -> tuple[list[Source], Pictures]:
    """Find the documents and images in a zip. Raises Unreadable if it is invalid, too large unpacked, or a zipped export.

    An unsafe member (path traversal, symbolic link, encryption, size, nested zip) fails by itself.
    """
    try:
        archive = zipfile.ZipFile(file)
    except PermissionError as error:
        raise Unreadable(f"ファイルを開けません（{error.strerror}）。") from error
    except NO_ZIP as error:
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
        if is_hidden(path):
            continue
        load = partial(_load, archive, member, name)
        if path.suffix.lower() in SUFFIXES:
            documents.append(Source(name, load, drafts_folder(name)))
        elif path.suffix.lower() in PICTURES:
            pictures.add(name, load)
        elif f"/{name}".endswith(f"/{SETTINGS}") and _is_mark(load):
            raise Unreadable(
                "書き出した雑誌のzipです。展開して、_data のあるフォルダーを import_posts で取り込んでください。"
            )
        elif path.suffix.lower() == ".zip":
            documents.append(failing(name, Unreadable("zipの中のzipは読みません。別に取り込んでください。")))
    return documents, pictures


def _is_mark(load: Callable[[], bytes]) -> bool:
    """Whether this file marks an export, whose posts would be imported as new ones with new identities."""
    try:
        return load().startswith(MARK.encode())
    except Unreadable:
        return False


def nfc(name: str) -> str:
    """Normalise a file name to NFC (macOS uses NFD); bytes that are not UTF-8 are escaped as `\\udcff`."""
    return unicodedata.normalize("NFC", name.encode("utf-8", "backslashreplace").decode())


def _file(path: Path, *, named: bool = False) -> Source:
    """Source for a file on disk. Symbolic links found in a folder are not followed: they could expose other files."""

    def load() -> bytes:
        try:
            if path.name != path.name.encode("utf-8", "replace").decode():
                raise Unreadable("ファイル名がUTF-8ではありません。名前を付け直してください。")
            if path.is_symlink() and not named:
                raise Unreadable("シンボリックリンクは読みません。ファイルそのものを置いてください。")
            if not path.exists():
                raise Unreadable("ファイルがありません。")
            if not path.is_file():  # a device or a pipe may be endless
                raise Unreadable("ふつうのファイルではありません。")
            with path.open("rb") as file:
                return _bounded(file, path.name, size=path.stat().st_size)
        except OSError as error:
            raise Unreadable(f"ファイルを開けません（{error.strerror}）。") from error

    return Source(nfc(path.name), load)


def _bounded(file: IO[bytes], name: str, *, size: int) -> bytes:
    """Read `file` completely, with a size limit, since the declared `size` may be wrong. Raises Unreadable beyond it."""
    limit = images.MAX_IMAGE_BYTES if PurePosixPath(name).suffix.lower() in PICTURES else MAX_BYTES
    if size > limit or len(data := file.read(limit + 1)) > limit:
        raise too_large(limit)
    return data


def _load(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    path = PurePosixPath(name)
    if ".." in path.parts or path.is_absolute() or "\\" in name or name[1:2] == ":":
        raise Unreadable("zipの外を指すパスです。")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Unreadable("シンボリックリンクは読みません。")
    if member.flag_bits & 1:
        raise Unreadable("パスワード付きのzipは読めません。")
    if member.file_size > MAX_RATIO * max(member.compress_size, 4096):
        raise Unreadable("圧縮率が異常なファイルです（zip爆弾の疑い）。")
    try:
        with archive.open(member) as file:
            return _bounded(file, name, size=member.file_size)
    except (*NO_ZIP, zlib.error, lzma.LZMAError, EOFError, RuntimeError) as error:
        raise Unreadable("zipの中で壊れています。圧縮し直してください。") from error


def _member_name(member: zipfile.ZipInfo) -> str:
    """Decode a member's name: archivers of macOS and Windows write UTF-8 or Shift_JIS without declaring it."""
    if member.flag_bits & 0x800:
        return nfc(member.filename)
    raw = member.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "cp932"):
        try:
            return nfc(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return nfc(member.filename)
