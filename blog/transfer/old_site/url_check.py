"""URL check: whether every path of a list (sitemap or text file) still answers. No database access."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree

from django.utils.encoding import iri_to_uri

REDIRECTS = (301, 302, 303, 307, 308)
MAX_DEPTH = 2
"""Maximum sitemap depth: an index lists sitemaps, not further indexes (https://www.sitemaps.org/protocol.html#index)."""


class NotAList(Exception):
    """The file is neither a sitemap nor a list of paths; str() says why."""


@dataclass(frozen=True)
class Answer:
    """Response to one request: HTTP status (0: no response) and redirect location."""

    status: int
    location: str = ""


@dataclass(frozen=True)
class Verdict:
    """Result of the check of `path`: `target` is the redirect's location, `ends` the status there.

    `ends` is 0 when the redirect leaves the site; `problem` is empty when the path is fine, as far as this site can tell.
    """

    path: str
    status: int
    target: str = ""
    ends: int = 0
    problem: str = ""

    @property
    def leaves(self) -> bool:
        """Whether the redirect leads to another site, which is not checked."""
        return self.status in REDIRECTS and not self.ends and not self.problem

    def __str__(self) -> str:
        parts = [_shown(self.path), "→", str(self.status), _shown(self.target)]
        parts += [self.problem and f"[{self.problem}]", "[サイトの外]" if self.leaves else ""]
        return " ".join(part for part in parts if part)


Ask = Callable[[str], Answer]


def paths_in(file: Path, *, depth: int = 1) -> list[str]:
    """Read the unique paths (with query, percent-encoded) from a sitemap, a sitemap index with its sitemaps beside it, or a
    text file with one path or URL per line (`#` begins a comment). The hosts of URLs are ignored.

    Raises NotAList.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise NotAList(f"{file} を読めません（UTF-8のファイルを指定してください）。") from error
    if not text.lstrip().startswith("<"):
        lines = (line.strip() for line in text.splitlines())
        return _unique(line for line in lines if line and not line.startswith("#"))
    if "<!DOCTYPE" in text:
        raise NotAList(f"{file} には DOCTYPE があります。サイトマップにはないものなので読みません。")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314  no DOCTYPE, so no entities to expand
    except ElementTree.ParseError as error:
        raise NotAList(f"{file} をXMLとして読めません: {error}") from error
    locations = [(element.text or "").strip() for element in root.iterfind("{*}*/{*}loc")]
    if not root.tag.endswith("sitemapindex"):
        return _unique(locations)
    if depth == MAX_DEPTH:
        raise NotAList(f"{file} はサイトマップの索引の中の索引です。")
    parts = [file.with_name(unquote(urlsplit(location).path).rpartition("/")[2]) for location in locations]
    if missing := [part.name for part in parts if not part.is_file()]:
        raise NotAList(f"{file} が指す {'、'.join(missing)} を、同じフォルダーに置いてください。")
    return _unique(path for part in parts for path in paths_in(part, depth=depth + 1))


def _unique(locations: Iterable[str]) -> list[str]:
    try:
        return list(dict.fromkeys(path_of(location) for location in locations))
    except ValueError as error:
        raise NotAList(f"URLとして読めない行があります: {error}") from error


def path_of(location: str) -> str:
    """Path and query of a path or URL, percent-encoded as browsers send them."""
    parts = urlsplit(location)
    path = f"/{parts.path.lstrip('/')}"
    return iri_to_uri(f"{path}?{parts.query}" if parts.query else path)


def judge(path: str, *, ask: Ask, hosts: frozenset[str]) -> Verdict:
    """Request `path`, follow one redirect if it stays on the site's `hosts`, and judge the result."""
    first = ask(path)
    if first.status not in REDIRECTS:
        problem = "" if first.status in (200, 410) else _words(first.status)
        return Verdict(path, first.status, problem=problem)
    target = urlsplit(urljoin(path, first.location))
    if target.netloc and target.netloc not in hosts:
        return Verdict(path, first.status, first.location)
    inside = path_of(target.geturl())
    ends = ask(inside).status
    if ends in REDIRECTS:
        problem = "転送が2回以上になります"
    else:
        problem = "" if ends in (200, 410) else f"転送先が{_words(ends)}"
    return Verdict(path, first.status, inside, ends, problem)


def _shown(path: str) -> str:
    """Decoded `path` for display, or unchanged if it contains characters unsafe in a terminal."""
    decoded = unquote(path)
    return decoded if decoded.isprintable() else path


def _words(status: int) -> str:
    return {0: "答えがありません", 404: "見つかりません"}.get(status, f"エラー（{status}）")
