"""What an export holds besides posts, brought back.

This adds what is missing and changes nothing that is there: a site that lives already keeps its own decisions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import DataError, IntegrityError, transaction

from blog import addresses, images, taxonomy
from blog.archive.assets import FOLDER, Assets
from blog.archive.export_site import SETTINGS, SETTINGS_FIELDS
from blog.models import Address, Author, Category, Collection, Page, SiteSettings, Tag
from blog.text import frontmatter, yaml_writer
from blog.text.names import public_path
from blog.text.normalise import normalise

NAMED: dict[str, type[taxonomy.Named]]
NAMED = {"categories": Category, "collections": Collection, "tags": Tag, "authors": Author}
COLUMNS = ("description", "is_news", "order", "kind", "title", "bio", "links")
"""What such a row may bring besides names and a picture."""
REFUSALS = (
    *(images.ImageRefused, addresses.AddressTaken, frontmatter.FrontMatterError),
    *(DataError, IntegrityError, LookupError, OSError, TypeError, ValueError),
)
Problem = tuple[str, str]
"""What could not be brought back, and why."""


def restore(folder: Path) -> list[Problem]:
    """Bring back images, settings, names and pages, before the posts."""
    problems: list[Problem] = []
    keep = _keeper(problems)
    for row in _rows(folder, "images", problems):
        keep(f"画像 {row.get('file')}", partial(_restore_image, folder, row))
    assets = Assets.of_library()
    keep("サイト設定", partial(_restore_settings, folder, assets))
    for name, model in NAMED.items():
        for row in _rows(folder, name, problems):
            keep(f"{name} {row.get('name')}", partial(_restore_named, model, row, assets))
    for path in _page_files(folder):
        keep(path.name, partial(_restore_page, path, assets))
    return problems


def restore_addresses(folder: Path) -> list[Problem]:
    """Bring back the addresses that belong to no post or page, after the posts: none of these loses its own."""
    problems: list[Problem] = []
    keep = _keeper(problems)
    for row in _rows(folder, "addresses", problems):
        keep(f"URL {row.get('path')}", partial(_restore_address, row))
    return problems


def _keeper(problems: list[Problem]) -> Callable[[str, Callable[[], object]], None]:
    """Does one thing whole or not at all; what cannot be is told in `problems`."""

    def keep(what: str, action: Callable[[], object]) -> None:
        try:
            with transaction.atomic():
                action()
        except ValidationError as error:
            problems.append((what, " ".join(error.messages)))
        except REFUSALS as error:
            problems.append((what, str(error)))

    return keep


def _rows(folder: Path, name: str, problems: list[Problem]) -> Iterator[dict[str, Any]]:
    path = folder / f"_data/{name}.yml"
    if not path.is_file():
        return
    try:
        rows, _ = frontmatter.load(path.read_text(encoding="utf-8"))
    except (frontmatter.FrontMatterError, UnicodeDecodeError) as error:
        problems.append((path.name, str(error)))
        return
    yield from (row for row in rows or [] if isinstance(row, dict))


def _restore_image(folder: Path, row: Mapping[str, Any]) -> None:
    name = Path(str(row["file"])).name
    path = folder / FOLDER.strip("/") / name
    if path.is_symlink():
        raise ValueError("シンボリックリンクは読みません。")
    data = path.read_bytes()
    described = {key: str(row.get(key, "")) for key in ("alt", "caption", "credit", "licence")}
    added = frontmatter.parse_date(row["added"], zone=yaml_writer.TOKYO)
    original_name = str(row.get("original_name", ""))
    decorative = bool(row.get("decorative"))
    try:
        focal_x, focal_y = (int(part) for part in row.get("focal_point") or (50, 50))
        images.put_back(
            data=data,
            digest=str(row["sha256"]),
            path=str(row["stored_as"]),
            original_hash=str(row["original_sha256"]),
            original_name=original_name,
            is_decorative=decorative,
            focal_x=focal_x,
            focal_y=focal_y,
            created_at=added,
            **described,
        )
    except images.ImageRefused:
        # Changed since it was written: an upload like any other.
        images.accept(
            upload=ContentFile(data), name=name, by=None, now=added, is_decorative=decorative, **described
        )


def _restore_settings(folder: Path, assets: Assets) -> None:
    """Only into a site whose settings nobody has touched."""
    values, _ = frontmatter.load((folder / SETTINGS).read_text(encoding="utf-8"))
    if not isinstance(values, dict):
        raise ValueError("「項目: 値」の形で書いてください。")
    site, untouched = SiteSettings.objects.get(pk=1), SiteSettings()
    if any(getattr(site, name) != getattr(untouched, name) for name in SETTINGS_FIELDS):
        return
    for name in SETTINGS_FIELDS:
        setattr(site, name, values.get(name, False if isinstance(getattr(site, name), bool) else ""))
    site.footer = assets.inward(site.footer)
    site.logo = assets.image_at(values.get("logo"))
    site.full_clean()
    site.save()


def _restore_named(model: type[taxonomy.Named], row: Mapping[str, Any], assets: Assets) -> None:
    name = str(row["name"])
    item = taxonomy.known_as(model, name)
    if item is None:
        slug = str(row.get("slug", ""))
        values = {key: row[key] for key in COLUMNS if key in row}
        if model in (Author, Collection):
            values["picture"] = assets.image_at(row.get("picture"))
        item = model(name=name, slug="" if model.objects.filter(slug=slug).exists() else slug, **values)
        item.full_clean()
        item.save()
    for alias in row.get("aliases") or ():
        if taxonomy.known_as(model, str(alias)) is None:
            taxonomy.keep_alias(item, str(alias))


def _page_files(folder: Path) -> Iterable[Path]:
    inside = (path for path in sorted(folder.rglob("*.md")) if path.is_file() and not path.is_symlink())
    return [path for path in inside if path.relative_to(folder).parts[0][0] not in "_."]


def _restore_page(path: Path, assets: Assets) -> None:
    found = frontmatter.parse(path.read_text(encoding="utf-8"))
    meta = found.meta
    where = public_path(str(meta.get("permalink", "")))
    if meta.get("layout") != "page" or Page.objects.filter(path=where).exists():
        return
    page = Page(
        path=where,
        title=str(meta.get("title", "")),
        description=str(meta.get("description", "")),
        is_public=meta.get("published") is not False,
        body=assets.inward(normalise(found.body)),
    )
    page.full_clean()
    taxonomy.save_page(page)
    for old in meta.get("redirect_from") or ():
        Address.objects.get_or_create(path=public_path(str(old)), defaults={"page": page})


def _restore_address(row: Mapping[str, Any]) -> None:
    address = Address(
        path=public_path(str(row["path"])),
        kind=str(row["kind"]),
        target=str(row.get("target", "")),
        reason=str(row.get("reason", "")),
    )
    if not Address.objects.filter(path=address.path).exists():
        address.full_clean()
        address.save()
