"""Link rewriting of an import: the archive names articles by file, readers need them by public path."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from blog.text.names import public_path
from blog.text.normalise import one_line
from blog.text.scan import Place, Scan

MAX_RELATED = 10


@dataclass(frozen=True, kw_only=True)
class Table:
    """What a link may mean. `by_file` has file-name paths, `by_url` everything that answers, with the path of now.

    `hosts`: whose absolute links are our own (with their port, lower case).
    """

    by_file: Mapping[str, str]
    by_url: Mapping[str, str]
    hosts: Collection[str] = field(default=frozenset())

    def find(self, url: str, *, url_first: bool = False) -> str | None:
        """The path that `url` means: by file name, then by live URL. None for what is no link to a post of ours."""
        path = self.own_path(url)
        if path is None:
            return None
        named, live = self.by_file.get(path.lower()), self.by_url.get(path)
        return (live or named) if url_first else (named or live)

    def own_path(self, url: str) -> str | None:
        """The path in a URL of this site, as `Address` stores paths; None for the URLs of others."""
        try:
            parts = urlsplit(url)
            foreign = parts.netloc.lower() not in self.hosts if parts.netloc else not url.startswith("/")
            return None if foreign or parts.scheme not in ("", "http", "https") else public_path(parts.path)
        except ValueError:
            return None


@dataclass(frozen=True)
class Loose:
    """A link of ours that means no post: what may answer at `path` is for others to say. `line` counts from 1."""

    url: str
    path: str
    line: int


def present(url: str, table: Table, *, url_first: bool = False) -> str | None:
    """The URL of now of a link to a post; None for any other.

    `url_first`: the text was written with live URLs (an export of ours), which may equal another's file name.
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
    """The public paths of related posts: each once, without `own`, in order, at most MAX_RELATED."""
    return tuple(dict.fromkeys(path for path in paths if path and path != own))[:MAX_RELATED]


def name_of(item: Any) -> str:
    """The stem or URL by which an entry of `related_articles` names its article."""
    return one_line(str(item.get("slug", item) if isinstance(item, dict) else item))


def find_named(name: str, table: Table) -> str | None:
    """The path of the article that `name_of` gave."""
    return table.find(stem_path(name) or name)


def stem_path(ref: str) -> str:
    """The path that a file's stem `2026-01-02-x` stands for; "" when it has no date."""
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})-(.+)", ref.lower())
    return f"/{match[1]}/{match[2]}/{match[3]}/{match[4].rstrip('-')}/" if match else ""
