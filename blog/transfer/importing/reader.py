"""Article reader: from the bytes of a Markdown file with front matter to an `Article`. No database."""

from __future__ import annotations

import hashlib
import logging
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from blog.editorial.content_fields import FIELDS
from blog.editorial.content_kinds import Kind
from blog.text import frontmatter
from blog.text.defects import find_defects
from blog.text.dialects import DIALECTS
from blog.text.findings import Code, Finding
from blog.text.names import MAX_SLUG, is_visible, parse_tags, public_path, slugify, unique_names
from blog.text.normalise import one_line
from blog.text.places import Scan
from blog.text.post_paths import day_and_slug
from blog.text.scan import scan
from blog.transfer.importing import dialects, values, visibility
from blog.transfer.importing.paths import TOKYO
from blog.transfer.importing.visibility import Hold

logger = logging.getLogger("blog.transfer.importing")

MAX_BYTES = frontmatter.MAX_FILE
DATED_STEM = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})-(?P<slug>.+)")
HEEDED_EXTRA = {"layout", "last_modified_at", "pillar", "comparison", "raw_title"}
"""Keys that are kept as `extra` although they have a meaning here, or were added by the reader."""
HEEDED_ROBOTS = {"noindex", "index", "follow", "all"}


class Unreadable(Exception):
    """The file cannot become an article; `line` is where, str() says why."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.line = line

    @property
    def finding(self) -> Finding:
        return Code.UNREADABLE.found(reason=self, line=self.line)


@dataclass(frozen=True, kw_only=True)
class Article:
    """One document of the archive, cleaned of what its tools left in the front matter; `text`, the body, is as it came.

    `ref` (the file's stem) is its identity: a newer version of the same file is the same article. `permalink` and
    `redirect_from` are paths as `Address` stores them. `related` holds what the file says: stems, URLs, or tables with
    one as `slug`. `published_at`: for what is not for readers and has no date (`has_date` False), when it was read.
    `announced_at`: when readers were last told of something new. `holds`: why it is not for readers; empty when it is.
    `terms`: the names of its section, its tags and so on, by the field of `Content`. `fields`: what it says of others,
    likewise.
    `dialect`: of the body; `has_dialect`: it is certain, not a guess that an earlier version of the file may contradict.
    `body_line`: where the body begins in the file, from 1.
    """

    ref: str
    sha256: str
    title: str
    slug: str
    published_at: datetime
    has_date: bool = True
    file_day: date | None = None
    file_slug: str = ""
    terms: dict[str, tuple[str, ...]]
    hero: str = ""
    image: str = ""
    canonical_url: str = ""
    permalink: str = ""
    redirect_from: tuple[str, ...] = ()
    related: tuple[Any, ...] = ()
    announced_at: datetime | None = None
    noindex: bool = False
    fields: dict[str, Any] = field(default_factory=dict)
    holds: tuple[Hold, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)
    dialect: str
    has_dialect: bool
    text: Scan
    body_line: int = 1
    problems: tuple[Finding, ...] = ()

    @property
    def body(self) -> str:
        return self.text.source

    @property
    def unused_keys(self) -> set[str]:
        """Front-matter keys that have no meaning here; they are kept for the export."""
        return self.extra.keys() - HEEDED_EXTRA

    def like(self, dialect: str) -> Article:
        """The article in the dialect of its earlier version, unless its own is certain."""
        if self.has_dialect or dialect == self.dialect:
            return self
        text = scan(self.body, title=self.title, dialect=DIALECTS[dialect])
        return replace(self, dialect=dialect, text=text)


def stem(name: str) -> str:
    """A file's identity: its name without folder and suffix, NFC."""
    return unicodedata.normalize("NFC", PurePath(name).stem)


def too_large(limit: int) -> Unreadable:
    """`limit` in bytes."""
    return Unreadable(f"ファイルが大きすぎます（上限 {limit // 1024**2} MB）。")


def read(name: str, data: bytes, *, now: datetime, drafts: str = "", dialect: str = dialects.AUTO) -> Article:
    """The article in the file called `name`. Raises Unreadable.

    `drafts`: the folder of drafts that the file lies in, if it does. `dialect`: which is asked for
    (`blog.transfer.importing.dialects`).
    """
    if len(data) > MAX_BYTES:
        raise too_large(MAX_BYTES)
    try:
        source = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            "UTF-8 ではありません。UTF-8 で保存し直してください。", data[: error.start].count(b"\n") + 1
        ) from error
    try:
        document = frontmatter.parse(source)
    except frontmatter.FrontMatterError as error:
        raise Unreadable(error.message, error.line) from error
    document = replace(document, meta=values.in_known_names(document.meta))
    findings = list(document.findings)

    def announce(code: Code, key: str, /, **words: object) -> None:
        findings.append(code.found(line=document.line_of(key), field=key, key=key, **words))

    meta = values.sound(document.meta, announce)
    terms = _terms(meta)
    meta |= {
        FIELDS[name].key or name: [*names] for name, names in terms.items() if FIELDS[name].kind is Kind.TERMS
    }
    ref = stem(name)
    if len(ref) > 190:
        raise Unreadable("ファイル名が長すぎます（190字まで）。")
    dated = DATED_STEM.fullmatch(ref)
    if long := values.too_long(meta):
        raise Unreadable(long[1], document.line_of(long[0]))
    title = frontmatter.clean_title(values.text(meta, "title"))
    if not title:
        why = "".join(
            found.message for found in findings if found.code == Code.NOT_TEXT and found.field == "title"
        )
        raise Unreadable(f"title がありません。{why}", document.line_of("title"))
    if not is_visible(title):
        raise Unreadable("title に、目に見える文字がありません。", document.line_of("title"))
    slug = _slug(dated["slug"] if dated else "", title, ref, findings)
    published_at, undated = _published_at(document, dated["day"] if dated else "")
    holds = _holds(document, published_at, now=now, drafts=drafts)
    if undated and not holds:
        raise undated
    if undated and document.meta.get("date"):
        findings.append(Code.DATE.found(reason=undated, line=undated.line))
    _tell_unheeded(meta, announce)
    fields = _fields(meta)
    dialect, has_dialect = dialects.dialect_of(document.meta, dialect)
    body = scan(document.body, title=title, dialect=DIALECTS[dialect])
    found = find_defects(
        body,
        title=title,
        slug=slug,
        description=fields["description"],
        tags=terms["tags"],
        body_line=document.body_line,
    )
    return Article(
        ref=ref,
        sha256=hashlib.sha256(data).hexdigest(),
        title=title,
        slug=slug,
        published_at=published_at or now,
        has_date=published_at is not None,
        file_day=file_day(dated["day"]) if dated else None,
        file_slug=file_slug(dated["slug"]) if dated else "",
        terms=terms,
        hero=values.text(meta, "hero"),
        image=values.text(meta, "image"),
        canonical_url=values.text(meta, "canonical_url")[: FIELDS["canonical_url"].limit],
        permalink=_permalink(meta, announce),
        redirect_from=tuple(
            path
            for name in values.names(meta, "redirect_from")
            if (path := _as_path("redirect_from", name, announce))
        ),
        related=tuple(
            values.plain(item)
            for key in ("related", "related_articles")
            for item in values.items(meta.get(key))
            if item
        ),
        announced_at=_announced_at(meta, announce),
        noindex="noindex" in _robots(meta) or meta.get("sitemap") is False,
        fields=fields,
        holds=holds,
        extra=_extra(document.meta, title, terms=terms, without=visibility.flags(document.meta, now=now)),
        dialect=dialect,
        has_dialect=has_dialect,
        text=body,
        body_line=document.body_line,
        problems=(*found, *findings),
    )


def _fields(meta: dict[str, Any]) -> dict[str, Any]:
    """What is said as it is meant, of fields that nothing here or in `contents` knows better."""
    found: dict[str, Any] = {}
    for name, declared in FIELDS.items():
        match declared.kind:
            case Kind.LINE if declared.key and name != "title":
                found[name] = frontmatter.strip_heading_marks(one_line(values.text(meta, declared.key)))
            case Kind.TEXT if declared.key:
                found[name] = values.text(meta, declared.key)
            case Kind.FLAG if declared.key:
                found[name] = bool(meta.get(declared.key))
    if "featured" not in meta:  # what the old site had instead, and other readers of an export may know
        found["featured"] = bool(meta.get("pillar") or meta.get("comparison"))
    return found


def _tell_unheeded(meta: dict[str, Any], announce: values.Tell) -> None:
    """Tell of what the front matter asks for and the magazine has no place for."""
    first, *others = _categories(meta) or ("",)
    if others or not first:
        unused = f"使いません: {'、'.join(others)}" if others else "ありませんでした"
        announce(Code.CATEGORIES, "categories" if "categories" in meta else "category", unused=unused)
    if (layout := meta.get("layout") or "post") != "post":
        announce(Code.LAYOUT, "layout", layout=str(layout)[:40])
    if unheeded := "、".join(sorted(_robots(meta) - HEEDED_ROBOTS)):
        announce(Code.ROBOTS, "robots", unheeded=unheeded[:60])


def _extra(
    meta: dict[str, Any], title: str, *, terms: dict[str, tuple[str, ...]], without: Collection[str]
) -> dict[str, Any]:
    """What the article itself does not say: keys of others, and values of ours of which it keeps only a part."""
    nothing = {
        FIELDS[name].key for name, names in terms.items() if FIELDS[name].kind is Kind.TERM and not names
    }
    said = values.KEYS.keys() - nothing | set(without)
    said -= {dialects.KEY} if meta.get(dialects.KEY) not in dialects.BY_NAME else set()
    said -= {"robots"} if _robots(meta) - HEEDED_ROBOTS else set()
    extra = {key: values.plain(value) for key, value in meta.items() if key not in said}
    raw = values.text(meta, "title")
    return extra | ({"raw_title": raw} if raw != title and "raw_title" not in extra else {})


def _categories(meta: dict[str, Any]) -> tuple[str, ...]:
    return values.names(meta, "categories", "category")


def _robots(meta: dict[str, Any]) -> set[str]:
    return {word for name in values.names(meta, "robots") for word in name.lower().replace(",", " ").split()}


def _terms(meta: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The names of terms, by the field of `Content`."""
    found: dict[str, tuple[str, ...]] = {}
    for name, declared in FIELDS.items():
        keys = tuple(filter(None, (declared.key, *declared.aliases)))
        match declared.kind:
            case Kind.TERM_IN_LIST:
                found[name] = values.names(meta, *keys)[:1]
            case Kind.TERM:
                # Other generators put numbers and tables under this key, which are kept as they are.
                said = (one_line(meta[key]) for key in keys if isinstance(meta.get(key), str))
                found[name] = tuple(filter(None, said))[:1]
            case Kind.TERMS:
                found[name] = _many(values.names(meta, *keys))
            case Kind.CREDITS:
                found[name] = values.names(meta, *keys)
    return found


def _slug(named: str, title: str, ref: str, findings: list[Finding]) -> str:
    """From what the file's name says, else from the title; where neither has a letter, the same for the file always."""
    if slug := slugify(named) or slugify(title):
        return slug
    slug = hashlib.sha256(ref.encode()).hexdigest()[:8]
    findings.append(Code.NO_SLUG.found(slug=slug))
    return slug


def _many(said: Iterable[str]) -> tuple[str, ...]:
    """As if each were typed into the form, where `AI, 投資` is two, without those that nobody could see."""
    names = (name for text in said for name in parse_tags(text))
    return unique_names(name for name in names if is_visible(name))


def _announced_at(meta: dict[str, Any], announce: values.Tell) -> datetime | None:
    value = meta.get("last_modified_at")
    try:
        return frontmatter.parse_date(value, zone=TOKYO) if value else None
    except ValueError as error:
        announce(Code.LAST_MODIFIED, "last_modified_at", reason=error)
        return None


def _permalink(meta: dict[str, Any], announce: values.Tell) -> str:
    path = _as_path("permalink", values.text(meta, "permalink"), announce) if meta.get("permalink") else ""
    parts = day_and_slug(path)
    if parts and len(parts[1]) > MAX_SLUG:
        announce(Code.BAD_PATH, "permalink", path=f"{path[:60]}…", reason=Code.LONG_SLUG.sentence)
        return ""
    if path and not (parts and slugify(parts[1]) == parts[1]):
        announce(Code.PERMALINK_FORM, "permalink", path=path)
        return ""
    return path


def _as_path(key: str, text: str, announce: values.Tell) -> str:
    try:
        return public_path(text)
    except ValueError as error:
        announce(Code.BAD_PATH, key, path=text[:60], reason=error)
        return ""


def file_day(text: str) -> date | None:
    """The day at the start of a file's name, if there is one in the calendar."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def file_slug(named: str) -> str:
    """The slug of a file's name as other generators publish it: dots and a hyphen at its end stay; "" if it equals ours."""
    slug = named.lower()
    try:
        public_path(slug)
    except ValueError:
        return ""
    return "" if slug == slugify(named, limit=120) else slug


def _published_at(document: frontmatter.Document, file_day: str) -> tuple[datetime | None, Unreadable | None]:
    """The article's date, or why it has none: a draft needs none yet."""
    value, line = document.meta.get("date") or file_day, document.line_of("date")
    if not value:
        return None, Unreadable("date がありません。", line)
    try:
        return frontmatter.parse_date(value, zone=TOKYO), None
    except ValueError as error:
        return None, Unreadable(f"{_date_key(document)}は{error}", line)


def _date_key(document: frontmatter.Document) -> str:
    return "date" if document.meta.get("date") else "ファイル名の日付"


def _holds(
    document: frontmatter.Document, at: datetime | None, *, now: datetime, drafts: str
) -> tuple[Hold, ...]:
    found = visibility.holds(document.meta, now=now, at=at, at_key=_date_key(document), drafts=drafts)
    return tuple(replace(hold, line=document.line_of(hold.key) if hold.key else None) for hold in found)


def try_to_read(name: str, data: bytes, **options: Any) -> Article | Unreadable:
    """`read`, with its refusal as a value: it crosses processes with its line."""
    try:
        return read(name, data, **options)
    except Unreadable as error:
        return error
    except RecursionError:
        return Unreadable("入れ子が深すぎます。")
    except Exception:  # files come from outside: what nobody has thought of must not end the others' import
        logger.exception("%s cannot be read", name)
        return Unreadable("読み取れません。サーバーのログに理由があります。")
