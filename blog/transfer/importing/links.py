"""Link rewriting of an import: links to file names become links to public paths."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from blog.text.names import public_path
from blog.text.normalise import one_line
from blog.text.places import Place, Scan

MAX_RELATED = 10


@dataclass(frozen=True, kw_only=True)
class Table:
    """Link targets. `by_file`: file-name path (as from `file_path`) → current path; `by_url`: every path that answers → current path.

    `hosts`: hosts (lower case, with port) whose absolute links count as internal.
    """

    by_file: Mapping[str, str]
    by_url: Mapping[str, str]
    hosts: Collection[str] = field(default=frozenset())

    def find(self, url: str, *, url_first: bool = False) -> str | None:
        """Resolve `url` to a current path, by file name, then by live URL; None for a link to anything but our posts."""
        path = self.own_path(url)
        if path is None:
            return None
        named, live = self.by_file.get(file_path(path)), self.by_url.get(path)
        return (live or named) if url_first else (named or live)

    def own_path(self, url: str) -> str | None:
        """Path of an internal URL, as `Address` stores paths; None for external URLs."""
        try:
            parts = urlsplit(url)
            foreign = parts.netloc.lower() not in self.hosts if parts.netloc else not url.startswith("/")
            return None if foreign or parts.scheme not in ("", "http", "https") else public_path(parts.path)
        except ValueError:
            return None


@dataclass(frozen=True)
class Loose:
    """An internal link that leads to no post; something else may answer at `path`. `line` counts from 1."""

    url: str
    path: str
    line: int


def present(url: str, table: Table, *, url_first: bool = False) -> str | None:
    """Current URL of a link to a post; None for any other link.

    `url_first`: the text uses live URLs (our export), which may equal the file name of another article.
    """
    path = table.find(url, url_first=url_first)
    if not path:
        return None
    parts = urlsplit(url)
    return urlunsplit(("", "", path, parts.query, parts.fragment))


def loose(text: Scan, table: Table) -> tuple[Loose, ...]:
    """Where each path of ours first stands in `text` that means no post."""
    found: dict[str, Loose] = {}
    places: list[Place] = [*text.links, *text.images]
    for place in sorted(places, key=lambda place: place.start):
        own = table.own_path(place.url)
        if own and not table.find(place.url):
            found.setdefault(place.url, Loose(place.url, own, place.line))
    return tuple(found.values())


def related(paths: Iterable[str | None], *, own: str) -> tuple[str, ...]:
    """Paths of related posts: unique, without `own`, in order, at most `MAX_RELATED`."""
    return tuple(dict.fromkeys(path for path in paths if path and path != own))[:MAX_RELATED]


def name_of(item: Any) -> str:
    """File stem or URL in an entry of `related_articles`."""
    return one_line(str(item.get("slug", item) if isinstance(item, dict) else item))


def find_named(name: str, table: Table) -> str | None:
    """Resolve the result of `name_of` to a current path."""
    return table.find(stem_path(name) or name)


def stem_path(ref: str) -> str:
    """Path from a file stem like `2026-01-02-x`, as from `file_path`; "" when it has no date."""
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})-(.+)", ref)
    return file_path(f"/{match[1]}/{match[2]}/{match[3]}/{match[4]}/") if match else ""


def file_path(path: str) -> str:
    """Form in which paths of file names are compared: lower case, without hyphens at the end, which generators drop."""
    return re.sub(r"-+/$", "/", path.lower())
