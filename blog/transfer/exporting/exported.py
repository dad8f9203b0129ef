"""Parser of an exported post file, the inverse of `exporter.front_matter`; nothing is cleaned.

An edit that cannot be parsed raises Unreadable, with a sentence that names the key and says what to do.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from blog.editorial import content_kinds
from blog.editorial.content import Content
from blog.editorial.content_fields import FIELDS, ContentField
from blog.editorial.content_kinds import Credit, Kind
from blog.models import Byline
from blog.text import frontmatter
from blog.text.names import public_path
from blog.text.yaml_writer import TOKYO
from blog.transfer.exporting import edited
from blog.transfer.exporting.keys import KEYS
from blog.transfer.importing import dialects, visibility
from blog.transfer.importing.assets import Assets
from blog.transfer.importing.paths import as_set
from blog.transfer.importing.reader import Unreadable
from blog.transfer.importing.sources import find
from blog.transfer.importing.values import items, plain
from blog.transfer.importing.visibility import Hold

logger = logging.getLogger("blog.transfer.importing")

NOBODY = UUID(int=0)
NOT_UNDERSTOOD = "読み取れません。サーバーのログに理由があります。"

OVERSIGHTS = (ArithmeticError, LookupError, TypeError, ValueError)
"""Exceptions for unforeseen values in a file; they must not end the restore of the other files."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file of an export with its parsed content, or the problem that prevents parsing.

    `is_strange`: not written by an export; the other attributes are unset. `is_public`: was published, even if withdrawn.
    `imported`: what is left in `content` of the text as it once was imported, if it has been edited since. `holds`:
    reasons, added to the file since the export, to keep it from readers. `announced_at`: time of the last announced
    update. `moved`: paths that redirect to it. `withdrawn`: (time, reason). `settled`: as in `Post`. `is_blocked`: None where it does not say.
    """

    path: Path
    is_strange: bool = False
    uuid: UUID = NOBODY
    guid: str = ""
    import_ref: str = ""
    content: Content = field(default_factory=Content)
    imported: Content | None = None
    is_public: bool = False
    holds: tuple[Hold, ...] = ()
    published_at: datetime | None = None
    announced_at: datetime | None = None
    moved: tuple[str, ...] = ()
    withdrawn: tuple[datetime, str] | None = None
    settled: tuple[dict[str, str], ...] = ()
    is_blocked: bool | None = None
    problem: Exception | None = None


def read(path: Path, assets: Assets, *, now: datetime) -> Written:
    try:
        [source], _ = find([path])
        # No size limit as for manuscripts (64 KB of YAML): an export must be able to read its own JSON.
        document = frontmatter.parse(decoded(source.load()), limit=frontmatter.MAX_FILE)
        if "uuid" not in document.meta:
            return Written(path=path, is_strange=True)
        return _written(path, document.meta, assets.inward(document.body), assets, now=now)
    except (frontmatter.FrontMatterError, Unreadable) as error:
        return Written(path=path, problem=error)
    except RecursionError:
        return Written(path=path, problem=Unreadable("入れ子が深すぎます。"))
    except OVERSIGHTS:
        logger.exception("%s cannot be read", path)
        return Written(path=path, problem=Unreadable(NOT_UNDERSTOOD))


def _written(path: Path, meta: Mapping[str, Any], body: str, assets: Assets, *, now: datetime) -> Written:
    keys = list(meta)
    ours = {key: meta[key] for key in keys[: keys.index("uuid") + 1]}
    # Keys after `uuid` are `Content.extra`, whatever their names.
    extra = {key: plain(value) for key, value in meta.items() if key not in ours or key not in KEYS}
    withdrawn = _withdrawal(ours)
    holds = visibility.holds(
        ours, now=now, drafts=visibility.drafts_folder(f"{path.parent.name}/{path.name}")
    )
    is_public = withdrawn is not None or not holds
    published_at = moment(ours, "date")
    if is_public and published_at is None:
        raise Unreadable("date がありません。公開日時を書いてください。")
    content = _content(ours, extra, body, assets, published_at=published_at)
    return Written(
        path=path,
        uuid=_uuid(ours),
        guid=text(ours, "guid"),
        import_ref=text(ours, "import_ref"),
        content=content,
        imported=_imported(ours, content, assets),
        is_public=is_public,
        holds=() if is_public or ours.get("published") is False else holds,
        published_at=published_at,
        announced_at=moment(ours, "last_modified_at"),
        moved=tuple(path_of("redirect_from", old) for old in names(ours, "redirect_from")),
        withdrawn=withdrawn,
        settled=tuple(_settled(item) for item in items(ours.get("settled")) if item),
        is_blocked=_flag(ours, "blocked"),
    )


def _content(
    ours: Mapping[str, Any],
    extra: dict[str, Any],
    body: str,
    assets: Assets,
    *,
    published_at: datetime | None,
) -> Content:
    day, slug = _day_and_slug(ours, published_at)
    declared = {one.name: _value(one, ours, assets) for one in FIELDS.values() if one.key}
    return Content(
        **declared,
        slug=slug,
        day=day,
        noindex=ours.get("robots") == "noindex",
        dialect=_dialect(ours),
        extra=extra,
        body=body,
    )


def _value(declared: ContentField, ours: Mapping[str, Any], assets: Assets) -> Any:
    """Value of a field in the file, from the key that `exporter` writes."""
    key = declared.key or ""
    match declared.kind:
        case Kind.TERM_IN_LIST:
            return next(iter(names(ours, key)), "")
        case Kind.TERMS | Kind.PATHS:
            return content_kinds.from_json(declared.kind, names(ours, key))
        case Kind.CREDITS:
            return tuple(_credit(item) for item in items(ours.get(key, ours.get("author"))) if item)
        case Kind.IMAGE:
            image = assets.image_at(ours.get(key))
            return image.hash if image else ""
        case Kind.FLAG:
            return ours.get(key) is True
    return content_kinds.from_json(declared.kind, text(ours, key))


def _dialect(ours: Mapping[str, Any]) -> str:
    said = ours.get(dialects.KEY)
    if said is not None and said not in dialects.BY_NAME:
        raise Unreadable(f"dialect は {'、'.join(dialects.BY_NAME)} のどれかにしてください: {str(said)[:40]}")
    return dialects.dialect_of(ours)[0]


def _imported(ours: Mapping[str, Any], content: Content, assets: Assets) -> Content | None:
    parts = ours.get(edited.KEY)
    if not parts:
        return None
    if not isinstance(parts, dict):
        raise Unreadable('edited は {"lines": [行], "fields": [欄]} の形にしてください。')
    return edited.as_imported(content, {key: names(parts, key) for key in ("lines", "fields")}, assets)


def _day_and_slug(ours: Mapping[str, Any], published_at: datetime | None) -> tuple[date | None, str]:
    """Day and slug from the permalink; no day if it is the day of publication, which may still change."""
    permalink = text(ours, "permalink")
    if not permalink:
        return None, text(ours, "slug")
    found = as_set(path_of("permalink", permalink), published_at=published_at)
    if found is None:
        raise Unreadable(f"permalink は /年/月/日/スラッグ/ の形にしてください: {permalink[:60]}")
    return found


def _credit(item: Any) -> Credit:
    if not isinstance(item, dict):
        return Credit(_one("authors", item))
    role = item.get("role", Byline.Role.WRITER)
    if role not in Byline.Role.values:
        known = "、".join(Byline.Role.values)
        raise Unreadable(f"authors の role「{role}」はありません。{known} のどれかにしてください。")
    return Credit(needed(item, "name", of="authors の "), role)


def _flag(ours: Mapping[str, Any], key: str) -> bool | None:
    said = ours.get(key)
    if said is not None and not isinstance(said, bool):
        raise Unreadable(f"{key} は true か false にしてください: {str(said)[:40]}")
    return said


def _settled(item: Any) -> dict[str, str]:
    if not isinstance(item, dict):
        raise Unreadable("settled は code、by、at の組の並びにしてください。")
    return {key: needed(item, key, of="settled の ") for key in ("code", "by", "at")}


def _withdrawal(ours: Mapping[str, Any]) -> tuple[datetime, str] | None:
    value = ours.get("withdrawn")
    if not value:
        return None
    at = moment(value, "date", of="withdrawn の ") if isinstance(value, dict) else None
    if at is None:
        raise Unreadable('withdrawn は {"date": 日時, "reason": 理由} の形にしてください。')
    return at, needed(value, "reason", of="withdrawn の ")


def _uuid(ours: Mapping[str, Any]) -> UUID:
    try:
        return UUID(text(ours, "uuid"))
    except ValueError as error:
        raise Unreadable(
            "uuid を読めません。書き出したときの値に戻すか、新しい原稿なら uuid の行を消してください。"
        ) from error


def decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"{line}行目：UTF-8 ではありません。UTF-8 で保存し直してください。") from error


def moment(values: Mapping[str, Any], key: str, *, of: str = "") -> datetime | None:
    """Parse the date and time under `key`; None when absent. `of`: the enclosing key, for the error message."""
    value = values.get(key)
    if value is None:
        return None
    try:
        found = frontmatter.parse_date(value, zone=TOKYO)
        found.astimezone(TOKYO)  # overflows in the last hours of the year 9999
    except (ValueError, OverflowError) as error:
        sentence = "日時として読めません。2026-11-20 09:00:00 +0900 のように書いてください"
        raise Unreadable(f"{of}{key} を{sentence}: {str(value)[:40]}") from error
    return found


def needed(values: Mapping[str, Any], key: str, *, of: str = "") -> str:
    found = text(values, key, of=of)
    if not found:
        raise Unreadable(f"{of}{key} がありません。書き足してください。")
    return found


def text(values: Mapping[str, Any], key: str, *, of: str = "") -> str:
    """String under `key`; "" when absent."""
    return _one(f"{of}{key}", values.get(key))


def names(values: Mapping[str, Any], key: str) -> list[str]:
    """List of strings under `key`; a single string is a list of one."""
    return [_one(key, item) for item in items(values.get(key)) if item is not None]


def path_of(key: str, value: str) -> str:
    try:
        return public_path(value)
    except ValueError as error:
        raise Unreadable(f"{key} の {value[:60]} を直してください。{error}") from error


def _one(key: str, value: Any) -> str:
    if isinstance(value, bool | list | dict):
        raise Unreadable(f"{key} に文字でない値があります。引用符で囲んでください: {str(value)[:40]}")
    return "" if value is None else str(value)
