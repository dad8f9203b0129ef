"""From a Markdown file with front matter to an `Article`. No database."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

from blog.text import frontmatter
from blog.text.names import slugify, unique_names
from blog.text.normalise import one_line

TOKYO = ZoneInfo("Asia/Tokyo")
MAX_BYTES = 5 * 1024 * 1024
DATED_STEM = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})-(?P<slug>.+)")


class Unreadable(Exception):
    """The file cannot become an article; `line` is where, str() says why."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True, kw_only=True)
class Article:
    """One document of the archive, cleaned of what its tools left in the front matter; the body is as it came.

    `ref` (the file's stem) is its identity: a newer version of the same file is the same article.
    """

    ref: str
    title: str
    slug: str
    published_at: datetime
    category: str
    tags: tuple[str, ...]
    authors: tuple[str, ...]
    excerpt: str = ""
    description: str = ""
    hero: str = ""
    canonical_url: str = ""
    noindex: bool = False
    featured: bool = False
    is_draft: bool = False
    body: str = ""
    warnings: tuple[str, ...] = field(default=(), compare=False)


def read(name: str, data: bytes) -> Article:
    """The article in the file called `name`. Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"ファイルが大きすぎます（上限 {MAX_BYTES // 1024**2} MB）。")
    try:
        source = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            "UTF-8 ではありません。UTF-8 で保存し直してください。", data[: error.start].count(b"\n") + 1
        ) from error
    try:
        document = frontmatter.parse(source)
    except frontmatter.FrontMatterError as error:
        raise Unreadable(str(error), error.line) from error
    meta, warnings = document.meta, list(document.warnings)
    ref = PurePath(name).stem
    dated = DATED_STEM.fullmatch(ref)
    title = frontmatter.clean_title(_text(meta, "title"))
    if not title:
        raise Unreadable("title がありません。")
    categories = _names(meta, "categories")
    if len(categories) != 1:
        warnings.append(f"categories は1つにします（{len(categories)} 個ありました）。")
    return Article(
        ref=ref,
        title=title,
        slug=slugify(dated["slug"] if dated else title),
        published_at=_moment(meta.get("date") or (dated and dated["day"])),
        category=categories[0] if categories else "",
        tags=unique_names(_names(meta, "tags")),
        authors=_names(meta, "authors") or _names(meta, "author"),
        excerpt=frontmatter.strip_heading_marks(one_line(_text(meta, "excerpt"))),
        description=frontmatter.strip_heading_marks(one_line(_text(meta, "description"))),
        hero=PurePath(_text(meta, "hero")).name,
        canonical_url=_text(meta, "canonical_url"),
        noindex="noindex" in _text(meta, "robots") or meta.get("sitemap") is False,
        featured=bool(meta.get("featured")),
        is_draft=meta.get("published") is False,
        body=document.body,
        warnings=tuple(warnings),
    )


def _moment(value: Any) -> datetime:
    if not value:
        raise Unreadable("date がありません。")
    try:
        return frontmatter.parse_date(value, zone=TOKYO)
    except ValueError as error:
        raise Unreadable(str(error)) from error


def _text(meta: dict[str, Any], key: str) -> str:
    value = meta.get(key)
    return "" if value is None else str(value).strip()


def _names(meta: dict[str, Any], key: str) -> tuple[str, ...]:
    """A list of names; one bare name is a list of one."""
    value = meta.get(key)
    values = value if isinstance(value, list) else [value]
    return tuple(name for item in values if item is not None and (name := one_line(str(item))))
