"""Exporter: writes the magazine as files that Jekyll can build and `import_posts` can restore. Output is reproducible.

A live post is written with its live text, a draft with its last saved text. Revisions, logins and the trash are not
exported; a backup has them.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from blog.editorial import content_kinds
from blog.editorial.content import Content
from blog.editorial.content_fields import FIELDS, ContentField
from blog.editorial.content_kinds import Credit, Kind
from blog.editorial.imported_texts import imported_texts
from blog.models import TERMS, Alias, Byline, Post, Revision, Term
from blog.models.snapshot import snapshot
from blog.text import yaml_writer
from blog.text.names import slugify, tag_key
from blog.transfer.exporting import export_site as site
from blog.transfer.exporting.edited import edited_parts
from blog.transfer.exporting.keys import KEYS
from blog.transfer.importing import dialects
from blog.transfer.importing.assets import Assets

NEW, LEAVING, OLD = ".export.new", ".export.leaving", ".export.old"
"""Working folders inside the target: the export being written; the previous one while it is moved away; and the latter's
name once all of it has been moved, after which the new export is put in place."""
ONE = tuple(model for model in TERMS if not model.declared.is_many)
MANY = tuple(model for model in TERMS if model.declared.is_many and not model.declared.entry)
"""Term models with several plain names per post: tags. (By-lines have a role too.)"""
NamesOfToday = dict[type[Term], dict[str, str]]
CHUNK = 100
"""Posts read at a time."""
DATED = re.compile(r"\d{4}-\d{2}-\d{2}-.+")


class NotEmpty(Exception):
    """The target folder contains something that an export must not replace; str() says what to do."""


@dataclass
class Exported:
    """Export result: number of items written by kind, and messages about those that could not be written."""

    counts: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)


def export(folder: Path, *, now: datetime, force: bool = False) -> Exported:
    """Export the magazine as of `now` into `folder`, atomically: after a failure the folder is as before.

    `force` replaces an earlier export; names that begin with a dot (`.git`) stay. Raises NotEmpty, OSError.
    """
    folder = folder.resolve()
    if folder.exists() and not folder.is_dir():
        raise NotEmpty(f"{folder} はフォルダーではありません。")
    folder.mkdir(parents=True, exist_ok=True)
    _settle(folder)
    if _shown(folder) and not site.is_export(folder):
        raise NotEmpty(f"{folder} は空のフォルダーでも、前に書き出したフォルダーでもありません。")
    if _shown(folder) and not force:
        raise NotEmpty(f"{folder} には前に書き出したものがあります。--force で置き換えます。")
    new = folder / NEW
    try:
        new.mkdir()
        with snapshot():
            assets = Assets.of_library()
            report = Exported(Counter(site.write(new, assets=assets, now=now)))
            for path, text in _files(assets, report, now=now):
                site.write_text(new / path, text)
        leaving = folder / LEAVING
        leaving.mkdir()
        _move(folder, leaving)
        leaving.rename(folder / OLD)
    finally:
        _settle(folder)
    report.warnings += (f"画像 {name} のファイルが見つかりません。" for name in assets.lost)
    return report


def _settle(folder: Path) -> None:
    """Commit the new export if the old one has been moved away completely; else roll back.

    Also completes an interrupted run. Works only inside `folder`, which may be a mount point or the only writable place.
    """
    if (folder / OLD).exists():
        _move(folder / NEW, folder)
    else:
        _move(folder / LEAVING, folder)
    for left in (NEW, LEAVING, OLD):
        shutil.rmtree(folder / left, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    for path in _shown(source):
        path.rename(target / path.name)


def _shown(folder: Path) -> list[Path]:
    """Entries of `folder` except those whose names begin with a dot; none if it does not exist."""
    return [path for path in folder.glob("*") if not path.name.startswith(".")]


def _files(assets: Assets, report: Exported, *, now: datetime) -> Iterator[tuple[str, str]]:
    """Path and text of the file of each post."""
    stems, known = _stems(), current_names()
    posts = (
        Post.objects.not_trashed()
        .order_by("pk")
        .defer("body", "body_html", "toc", "plain_text")
        .select_related(*(model.declared.relation for model in ONE))
        .select_related("hero", "share_image", "live_revision", "latest_revision")
        .prefetch_related("bylines__author", "addresses", *(model.declared.relation for model in MANY))
    )
    rows = posts.iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        imported = imported_texts(post.live_revision or post.working for post in chunk)
        for post in chunk:
            live = post.live_revision
            content = live_content(post, live, known) if live else saved_content(post.working, known)
            came = imported.get((live or post.working).pk)
            meta = front_matter(post, content, assets, now=now, imported=came)
            report.counts["posts" if live else "drafts"] += 1
            folder = "_posts" if live else "_drafts"
            yield f"{folder}/{stems[post.pk]}.md", site.document(meta, assets.outward(content.body))


def front_matter(
    post: Post, content: Content, assets: Assets, *, now: datetime, imported: Content | None
) -> dict[str, Any]:
    """Front matter of a post's file, in the order in which it is written.

    `uuid` marks an exported file, which is restored unchanged; keys after it are `Content.extra`. `dialect` is written for
    all that once was imported, since older programs exported that without it. `imported` as in `Content.render`.
    """
    is_live, is_withdrawn = post.live_revision_id is not None, post.is_withdrawn(now)
    declared = {
        one.key: _value(one, getattr(content, one.name), assets) for one in FIELDS.values() if one.key
    }
    meta = declared | {
        "layout": "post",
        "date": post.published_at,
        "permalink": content.path or None,
        "slug": content.slug if not (content.day and content.slug) else None,
        "redirect_from": site.moved_paths(post),
        "robots": "noindex" if content.noindex else None,
        "sitemap": False if content.noindex else None,
        "published": False if is_withdrawn or not is_live else None,
        "last_modified_at": post.updated_at,
        "withdrawn": _withdrawal(post),
        "settled": post.settled or None,
        "blocked": post.is_blocked if is_live and _may_be_blocked(post, content) else None,
        "guid": post.guid if post.guid != post.uuid.urn else None,
        "import_ref": post.import_ref,
        "dialect": dialects.written(content.dialect) if content.dialect or post.import_ref else None,
        "edited": edited_parts(content, imported, assets),
        "uuid": str(post.uuid),
    }
    match content.bylines:
        case (Credit(author=name, role=Byline.Role.WRITER),):  # the usual case
            meta |= {"author": name, "authors": None}
    said = site.said({key: meta.get(key) for key in KEYS})
    return said | {key: value for key, value in content.extra.items() if key not in said}


def _may_be_blocked(post: Post, content: Content) -> bool:
    """Whether it must be said of a live post if lists show it: where a restore would not find the same by itself."""
    return post.is_blocked or bool(content.blocking_defects(besides=post.settled_codes))


def _value(declared: ContentField, value: Any, assets: Assets) -> Any:
    """Front-matter value of a field."""
    match declared.kind:
        case Kind.TERM_IN_LIST:
            return [value] if value else None
        case Kind.CREDITS:
            return [
                credit.author
                if credit.role == Byline.Role.WRITER
                else {"name": credit.author, "role": credit.role}
                for credit in value
            ]
        case Kind.IMAGE:
            return assets.path_of(value)
        case Kind.FLAG:
            return value or None
    return content_kinds.as_json(declared.kind, value)


def _withdrawal(post: Post) -> dict[str, str] | None:
    if post.withdrawn_at is None:
        return None
    return {"date": yaml_writer.moment(post.withdrawn_at), "reason": post.withdrawn_reason}


def live_content(post: Post, live: Revision, known: NamesOfToday) -> Content:
    """Content of the live revision, with the current names of its terms."""
    content = saved_content(live, known)
    one = {model.declared.field: getattr(post, model.declared.relation) for model in ONE}
    terms: dict[str, Any] = {field: term.name if term else "" for field, term in one.items()}
    terms |= {model.declared.field: _in_order(model, post, content) for model in MANY}
    return replace(
        content,
        slug=post.slug,
        day=post.day,
        **terms,
        bylines=tuple(Credit(credit.author.name, credit.role) for credit in post.bylines.all()),
        hero=post.hero.hash if post.hero else "",
        share_image=post.share_image.hash if post.share_image else "",
    )


def _in_order(model: type[Term], post: Post, content: Content) -> tuple[str, ...]:
    """Names of the terms of `post`, in the order of `content`."""
    said = getattr(content, model.declared.field)
    carried = (term.name for term in getattr(post, model.declared.relation).all())
    return tuple(sorted(carried, key=lambda name: (said.index(name) if name in said else len(said), name)))


def saved_content(revision: Revision, known: NamesOfToday) -> Content:
    """Content of `revision`, with the current names of many-valued terms."""
    content = Content.from_json(revision.content)
    renewed: dict[str, Any] = {}
    for model, names in known.items():
        said = getattr(content, model.declared.field)
        renewed[model.declared.field] = tuple(dict.fromkeys(names.get(tag_key(name), name) for name in said))
    return replace(content, **renewed)


def current_names() -> NamesOfToday:
    """Current names of many-valued terms, by the key of every current or former name."""
    found = {}
    for model in MANY:
        column = model.declared.name
        aliases = Alias.objects.exclude(**{column: None}).values_list("key", f"{column}__name")
        found[model] = dict(aliases) | {
            tag_key(name): name for name in model.objects.values_list("name", flat=True)
        }
    return found


def _stems() -> dict[int, str]:
    """Unique file stems by post: that of its imported file, else day and slug."""
    columns = ("pk", "uuid", "import_ref", "live_revision", "day", "slug", "working_title")
    posts = Post.objects.not_trashed().values_list(*columns, "latest_revision__content__slug")
    rows = [
        (_own_stem(ref, is_live=live is not None), str(uuid), _made_stem(day, slug or draft, title, uuid), pk)
        for pk, uuid, ref, live, day, slug, title, draft in posts
    ]
    used: set[str] = set()
    # Posts with an imported name keep it. The order of the others must survive a restore, which primary keys do not.
    rows.sort(key=lambda row: (not row[0], row[1]))
    return {pk: site.unused(own or made, used) for own, _, made, pk in rows}


def _own_stem(ref: str | None, *, is_live: bool) -> str:
    """File stem from `import_ref` without its prefix; "" for a live post without a date in it, which Jekyll requires."""
    stem = site.file_name((ref or "").rpartition(":")[2])
    return stem if DATED.fullmatch(stem) or not is_live else ""


def _made_stem(day: date | None, slug: str, title: str, uuid: UUID) -> str:
    name = site.file_name(slug or slugify(title)) or str(uuid)
    return f"{day:%Y-%m-%d}-{name}" if day else name
