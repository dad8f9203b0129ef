"""Export of site data other than posts: settings, images, terms, pages and addresses."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.storage import default_storage

from blog.models import TERMS, Address, Image, Page, SiteSettings, Term
from blog.text import yaml_writer
from blog.transfer.importing.assets import Assets

SETTINGS = "_data/site.yml"
MARK = "# Written by export_posts. By this line import_posts knows an export from any other Jekyll site.\n"
"""First line of the settings file (`SETTINGS`), by which an import recognises an export."""
SETTINGS_FIELDS = (
    *("name", "tagline", "description", "publisher", "contact", "menu", "footer"),
    *("publishers", "four_eyes", "allow_indexing", "allow_ai_search", "allow_ai_training", "crawlers"),
    *("google_verification", "bing_verification"),
)
CONFIG_FILE = "_config.yml"
CONFIG = """\
# Written by export_posts: enough for Jekyll 4 to build the posts at the addresses they have.
title: {name}
url: {url}
timezone: Asia/Tokyo
permalink: /:year/:month/:day/:title/
future: false
# Add jekyll-redirect-from to the plugins and the old addresses lead on too.
defaults:
  - scope: {{path: ""}}
    values: {{render_with_liquid: false}}
"""
Rows = list[dict[str, Any]]


def is_export(folder: Path) -> bool:
    try:
        with (folder / SETTINGS).open("rb") as file:
            return file.read(len(MARK)) == MARK.encode()
    except OSError:
        return False


def export_around(path: Path) -> Path | None:
    """Folder of the export that contains `path` or lies in it; None for none. Its posts must not be imported as new files."""
    return next(filter(is_export, (*path.resolve().parents, *sorted(path.glob("*/")))), None)


def write(folder: Path, *, assets: Assets, now: datetime) -> dict[str, int]:
    """Write everything but the posts into `folder`; returns the number of each."""
    site = SiteSettings.objects.current(now)
    address = urlsplit(settings.SITE_URL)
    config = CONFIG.format(
        name=yaml_writer.value(site.name), url=yaml_writer.value(f"{address.scheme}://{address.netloc}")
    )
    write_text(folder / CONFIG_FILE, config)
    values = {name: getattr(site, name) for name in SETTINGS_FIELDS}
    values |= {"footer": assets.outward(site.footer), "logo": assets.path_of(site.logo)}
    write_text(folder / SETTINGS, MARK + yaml_writer.block(present(values)))
    tables: dict[str, Rows] = {
        "images": _image_rows(folder, assets),
        **{
            model.declared.plural: [
                _term(item, assets) for item in model.in_full().prefetch_related("aliases")
            ]
            for model in TERMS
        },
        "addresses": [
            present({"path": row.path, "kind": row.kind, "target": row.target, "reason": row.reason})
            for row in Address.objects.filter(post=None, page=None)
        ],
    }
    for name, rows in tables.items():
        # Sorted here: databases sort Japanese differently.
        rows.sort(key=lambda row: next(iter(row.values())))
        write_text(folder / f"_data/{name}.yml", yaml_writer.rows(rows))
    return {name: len(rows) for name, rows in tables.items()} | {"pages": _write_pages(folder, assets)}


def _term(item: Term, assets: Assets) -> dict[str, Any]:
    """Front matter of a term: names and non-empty columns; flags only where they differ from the default."""
    aliases = sorted(alias.name for alias in item.aliases.all())
    values = {name: getattr(item, name) for name in item.declared.columns}
    if "picture" in values:
        values["picture"] = assets.path_of(values["picture"])
    flags = {name: value for name, value in values.items() if isinstance(value, bool)}
    usual = type(item)()
    unusual = {name: flag for name, flag in flags.items() if flag != getattr(usual, name)}
    said = {name: value for name, value in values.items() if name not in flags}
    return present({"name": item.name, "slug": item.slug, "aliases": aliases} | said) | unusual


def _image_rows(folder: Path, assets: Assets) -> Rows:
    rows = []
    for image in Image.objects.order_by("pk"):
        target = folder / assets.path_of(image).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with default_storage.open(image.name) as source, target.open("wb") as copy:
                shutil.copyfileobj(source, copy)
        except FileNotFoundError:
            assets.lost.append(image.name)
            target.unlink(missing_ok=True)
        rows.append(
            present(
                {
                    "file": target.name,
                    "sha256": image.hash,
                    "stored_as": image.name,
                    "added": image.created_at,
                    "original_name": image.original_name,
                    "original_sha256": image.original_hash,
                    "alt": image.alt,
                    "decorative": image.is_decorative,
                    "caption": image.caption,
                    "credit": image.credit,
                    "licence": image.licence,
                    "focal_point": [image.focal_x, image.focal_y],
                }
            )
        )
    return rows


def _write_pages(folder: Path, assets: Assets) -> int:
    used: set[str] = set()
    for page in sorted(Page.objects.prefetch_related("addresses"), key=lambda page: page.path):
        meta = {
            "layout": "page",
            "title": page.title,
            "description": page.description,
            "permalink": page.path,
            "redirect_from": moved_paths(page),
            "published": None if page.is_public else False,
        }
        # Jekyll ignores file names that begin like these; the permalink holds the real path.
        segments = [file_name(segment.lstrip("_.")) or "index" for segment in page.path.strip("/").split("/")]
        name = unused("/".join(segments), used)
        write_text(folder / f"{name}.md", document(said(meta), assets.outward(page.body)))
    return len(used)


def document(meta: Mapping[str, Any], body: str) -> str:
    """Text of a Markdown file: front matter and the unchanged body, with a final newline."""
    body = body.lstrip("\n")
    ended = body if not body or body.endswith("\n") else f"{body}\n"
    return f"---\n{yaml_writer.block(meta)}---\n" + (f"\n{ended}" if ended else "")


def present(values: Mapping[str, Any]) -> dict[str, Any]:
    """Drop empty values."""
    return {key: value for key, value in values.items() if value not in (None, "", [], False)}


def said(values: Mapping[str, Any]) -> dict[str, Any]:
    """Drop absent values, but keep False."""
    return {key: value for key, value in values.items() if value is not None and value != "" and value != []}


def moved_paths(thing: Any) -> list[str]:
    """Paths that redirect to a post or page, whose `addresses` must be prefetched."""
    return sorted(row.path for row in thing.addresses.all() if row.kind == Address.Kind.MOVED)


def file_name(text: str) -> str:
    """Safe file name from `text`: no slash, and short enough for every file system together with its extension."""
    return text.replace("/", "-").encode()[:200].decode(errors="ignore").strip()


def unused(name: str, used: set[str]) -> str:
    """Unique name: `name`, or the first of `name-2`, `name-3`, … that is not in `used`; adds it to `used`."""
    free, number = name, 2
    while free in used:
        free, number = f"{name}-{number}", number + 1
    used.add(free)
    return free


def write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
