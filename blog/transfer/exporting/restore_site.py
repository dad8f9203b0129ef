"""Restore of an export's site data other than posts.

Adds what is missing and never changes existing rows: a site in use keeps its own settings.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.base import ContentFile
from django.db import DataError, IntegrityError

from blog.editorial import addresses, images, site_settings, taxonomy
from blog.editorial.actors import RESTORE
from blog.editorial.changes import Kind, together
from blog.models import TERMS, Address, Page, SiteSettings, Term
from blog.text import frontmatter
from blog.transfer.exporting.export_site import SETTINGS, SETTINGS_FIELDS
from blog.transfer.exporting.exported import (
    NOT_UNDERSTOOD,
    OVERSIGHTS,
    decoded,
    moment,
    names,
    needed,
    path_of,
    text,
)
from blog.transfer.importing import visibility
from blog.transfer.importing.assets import FOLDER, Assets
from blog.transfer.importing.plan import BATCH
from blog.transfer.importing.reader import Unreadable

logger = logging.getLogger("blog.transfer.importing")

REFUSALS = (images.ImageRefused, addresses.AddressTaken, frontmatter.FrontMatterError, Unreadable)
NOT_STORED = "データベースに保存できない値があります（長すぎる値、ほかにもある値など）。"
Problem = tuple[str, str]
"""(item that could not be restored, reason)."""


def restore(folder: Path, *, now: datetime) -> list[Problem]:
    """Restore images, settings, terms and pages; call it before the posts are restored."""
    problems: list[Problem] = []
    keep = _keeper(problems, now=now)
    for row in _rows(folder, "images", problems):
        keep(f"画像 {row.get('file')}", partial(_restore_image, folder, row))
    assets = Assets.of_library()
    keep("サイト設定", partial(_restore_settings, folder, assets, now=now))
    for model in TERMS:
        name = model.declared.plural
        rows = _rows(folder, name, problems)
        while batch := list(islice(rows, BATCH)):
            with together(kind=Kind.RESTORED, actor=RESTORE, now=now):
                for row in batch:
                    keep(f"{name} {row.get('name')}", partial(_restore_term, model, row, assets, now=now))
    for path in _page_files(folder):
        keep(path.name, partial(_restore_page, path, assets, now=now))
    return problems


def restore_addresses(folder: Path, *, now: datetime) -> list[Problem]:
    """Restore redirects and 410s without post or page; after the posts, so that these get their own paths first."""
    problems: list[Problem] = []
    keep = _keeper(problems, now=now)
    rows = _rows(folder, "addresses", problems)
    while batch := list(islice(rows, BATCH)):
        with together(kind=Kind.RESTORED, actor=RESTORE, now=now):
            for row in batch:
                keep(f"URL {row.get('path')}", partial(_restore_address, row, now=now))
    return problems


def _keeper(problems: list[Problem], *, now: datetime) -> Callable[[str, Callable[[], object]], None]:
    """Function that runs one step in a transaction and adds a failure to `problems`."""

    def keep(what: str, action: Callable[[], object]) -> None:
        try:
            with together(kind=Kind.RESTORED, actor=RESTORE, now=now):
                action()
        except ValidationError as error:
            problems.append((what, _words(error)))
        except REFUSALS as error:
            problems.append((what, str(error)))
        except OSError as error:
            problems.append((what, f"ファイルを開けません（{error.strerror}）。"))
        except (DataError, IntegrityError) as error:
            logger.warning("the database refused %s: %s", what, error)
            problems.append((what, NOT_STORED))
        except OVERSIGHTS:
            logger.exception("%s cannot be read", what)
            problems.append((what, NOT_UNDERSTOOD))

    return keep


def _words(error: ValidationError) -> str:
    """Messages of a ValidationError, each with its key."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(
        message if key == NON_FIELD_ERRORS else f"{key}: {message}"
        for key, messages in error.message_dict.items()
        for message in messages
    )


def _rows(folder: Path, name: str, problems: list[Problem]) -> Iterator[dict[str, Any]]:
    path = folder / f"_data/{name}.yml"
    if not path.is_file():
        return
    try:
        rows, _ = frontmatter.load(decoded(path.read_bytes()))
        if not isinstance(rows, list | None):
            raise Unreadable("「- 項目: 値」の並びで書いてください。")
    except (frontmatter.FrontMatterError, Unreadable) as error:
        problems.append((path.name, str(error)))
        return
    for number, row in enumerate(rows or (), start=1):
        if isinstance(row, dict):
            yield row
        else:
            problems.append((f"{path.name} の {number} 番目", "「項目: 値」の形で書いてください。"))


def _restore_image(folder: Path, row: Mapping[str, Any]) -> None:
    name = Path(needed(row, "file")).name
    path = folder / FOLDER.strip("/") / name
    if path.is_symlink():
        raise Unreadable("シンボリックリンクは読みません。")
    data = path.read_bytes()
    described = {key: text(row, key) for key in ("alt", "caption", "credit", "licence")}
    added = moment(row, "added")
    if added is None:
        raise Unreadable("added がありません。書き足してください。")
    original_name = text(row, "original_name")
    decorative = bool(row.get("decorative"))
    focal_x, focal_y = _focal_point(row)
    try:
        images.restore_exported(
            data=data,
            digest=needed(row, "sha256"),
            path=needed(row, "stored_as"),
            original_hash=needed(row, "original_sha256"),
            original_name=original_name,
            is_decorative=decorative,
            focal_x=focal_x,
            focal_y=focal_y,
            created_at=added,
            **described,
        )
    except images.ImageRefused:
        # Changed since the export: treat it as an upload.
        images.accept(
            upload=ContentFile(data), name=name, by=RESTORE, now=added, is_decorative=decorative, **described
        )


def _focal_point(row: Mapping[str, Any]) -> tuple[int, int]:
    match row.get("focal_point", [50, 50]):
        case [int(x), int(y)]:
            return x, y
    raise Unreadable("focal_point は [50, 50] のように、左と上からの割合で書いてください。")


def _restore_settings(folder: Path, assets: Assets, *, now: datetime) -> None:
    """Restore the site settings, if they are still the defaults."""
    values, _ = frontmatter.load(decoded((folder / SETTINGS).read_bytes()))
    if not isinstance(values, dict):
        raise Unreadable("「項目: 値」の形で書いてください。")
    site, untouched = SiteSettings.objects.current(now), SiteSettings()
    if any(getattr(site, name) != getattr(untouched, name) for name in SETTINGS_FIELDS):
        return
    found = {
        name: values.get(name, False if isinstance(getattr(site, name), bool) else "")
        for name in SETTINGS_FIELDS
    }
    found |= {"footer": assets.inward(found["footer"]), "logo": assets.image_at(values.get("logo"))}
    site_settings.save(site, by=RESTORE, now=now, **found)


def _restore_term(model: type[Term], row: Mapping[str, Any], assets: Assets, *, now: datetime) -> None:
    name = needed(row, "name")
    item = taxonomy.known_as(model, name)
    if item is None:
        slug = text(row, "slug")
        values = {key: row[key] for key in model.declared.columns if key in row}
        if "picture" in values:
            values["picture"] = assets.image_at(values["picture"])
        item = model(name=name, slug="" if model.objects.filter(slug=slug).exists() else slug, **values)
        item.full_clean()
        taxonomy.save_named(item, by=RESTORE, now=now)
    for alias in names(row, "aliases"):
        if taxonomy.known_as(model, alias) is None:
            taxonomy.keep_alias(item, alias, by=RESTORE, now=now)


def _page_files(folder: Path) -> Iterable[Path]:
    inside = (path for path in sorted(folder.rglob("*.md")) if path.is_file() and not path.is_symlink())
    return [path for path in inside if path.relative_to(folder).parts[0][0] not in "_."]


def _restore_page(path: Path, assets: Assets, *, now: datetime) -> None:
    found = frontmatter.parse(decoded(path.read_bytes()))
    meta = found.meta
    if meta.get("layout") != "page":
        return
    where = path_of("permalink", needed(meta, "permalink"))
    if Page.objects.filter(path=where).exists():
        return
    page = Page(
        path=where,
        title=text(meta, "title"),
        description=text(meta, "description"),
        is_public=not visibility.holds(meta, now=now),
        body=assets.inward(found.body),
    )
    page.full_clean()
    taxonomy.save_page(page, by=RESTORE, now=now)
    moved = (Address(path=path_of("redirect_from", old), page=page) for old in names(meta, "redirect_from"))
    addresses.add_missing(moved, by=RESTORE, now=now)


def _restore_address(row: Mapping[str, Any], *, now: datetime) -> None:
    address = Address(
        path=path_of("path", needed(row, "path")),
        kind=needed(row, "kind"),
        target=text(row, "target"),
        reason=text(row, "reason"),
    )
    if not Address.objects.filter(path=address.path).exists():
        address.full_clean()
        addresses.add_missing([address], by=RESTORE, now=now)
