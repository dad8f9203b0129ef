"""An export back into the magazine. Files of ours are taken at their word: nothing is cleaned, resolved or renamed.

Posts that are missing come back whole: identity, moments, old addresses, withdrawal. A post that is here already is
never overwritten: a file that says something else becomes a proposal for the desk.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from blog import addresses, publishing, related
from blog.archive import exporter, restore_site
from blog.archive.assets import Assets
from blog.archive.paths import day_and_slug
from blog.archive.reader import Unreadable
from blog.archive.report import Report
from blog.archive.sources import find
from blog.archive.work import WORTH_PROCESSES, in_order, workers
from blog.content import Content, Credit
from blog.models import Address, Byline, Post, Revision
from blog.text import frontmatter
from blog.text.defects import Defect
from blog.text.markdown import Rendered, render
from blog.text.names import public_path
from blog.text.yaml_writer import TOKYO

REFUSALS = (
    *(frontmatter.FrontMatterError, publishing.NotReady, publishing.WrongState, publishing.EditConflict),
    *(addresses.AddressTaken, DataError, IntegrityError, LookupError, OSError, TypeError, ValueError),
    *(Unreadable, RecursionError),
)


def restore(
    folder: Path,
    *,
    now: datetime,
    report: Report,
    parallel: bool = False,
    progress: Callable[[int, int, str, str], None] = lambda done, total, name, outcome: None,
) -> list[Path]:
    """Bring the export in `folder` back: everything that is missing here. `report` is told what became of each file.

    `parallel` renders in other processes when they are worth starting.
    Gives the files in `_posts` and `_drafts` that no export wrote: the importer reads them.
    """
    for what, reason in restore_site.restore(folder):
        report.fail(what, Defect("restore", reason))
    assets = Assets.of_library()
    strangers: list[Path] = []
    paths = list(_post_files(folder))
    known = set(Post.objects.values_list("uuid", flat=True))
    with workers(parallel=parallel and len(paths) >= WORTH_PROCESSES) as executor:
        written = (_read(path, assets) for path in paths)
        rendered = in_order(executor, lambda one: _rendering(executor, one, known), written)
        for done, (one, rendering) in enumerate(rendered, start=1):
            name, outcome = one.path.name, "failed"
            if one.is_strange:
                strangers.append(one.path)
                continue
            try:
                with transaction.atomic():
                    outcome = _restore_post(one, rendering.result(), now=now)
                report.add(name, outcome)
            except REFUSALS as error:
                report.fail(name, Defect("restore", str(error)))
            progress(done, len(paths), name, outcome)
    for what, reason in restore_site.restore_addresses(folder):
        report.fail(what, Defect("restore", reason))
    related.rebuild()
    return strangers


def _post_files(folder: Path) -> Iterator[Path]:
    for name in ("_posts", "_drafts"):
        yield from (path for path in sorted((folder / name).glob("*.md")) if not path.is_symlink())


@dataclass(frozen=True)
class Written:
    """A file of an export and what it says, or why that cannot be understood."""

    path: Path
    meta: Mapping[str, Any]
    content: Content = field(default_factory=Content)
    problem: Exception | None = None

    @property
    def is_strange(self) -> bool:
        """Whether no export wrote it."""
        return not self.problem and "uuid" not in self.meta

    @property
    def uuid(self) -> UUID:
        return UUID(str(self.meta["uuid"]))

    @property
    def is_public(self) -> bool:
        """Whether readers saw it, now withdrawn or not."""
        return self.meta.get("published") is not False or bool(self.meta.get("withdrawn"))


def _read(path: Path, assets: Assets) -> Written:
    meta: Mapping[str, Any] = {}
    try:
        [source], _ = find([path])
        document = frontmatter.parse(source.load().decode("utf-8-sig"))
        meta = document.meta
        if "uuid" not in meta:
            return Written(path, meta)
        return Written(path, meta, content_of(meta, assets.inward(document.body), assets))
    except REFUSALS as error:
        return Written(path, meta, problem=error)


def _rendering(executor: Executor, one: Written, known: Collection[UUID]) -> Future[Rendered | None]:
    """What `publish` needs for a post that will be live; nothing for the others."""
    nothing: Future[Rendered | None] = Future()
    nothing.set_result(None)
    try:
        is_wanted = one.content.title and one.is_public and one.uuid not in known
        return executor.submit(render, **one.content.rendering()) if is_wanted else nothing
    except ValueError:  # its uuid is none
        return nothing


def _restore_post(one: Written, rendered: Rendered | None, *, now: datetime) -> str:
    if one.problem:
        raise one.problem
    meta, content, uuid = one.meta, one.content, one.uuid
    if post := Post.objects.filter(uuid=uuid).select_related("live_revision", "latest_revision").first():
        return _propose(post, content, now=now)
    identity = {"uuid": uuid, "guid": _text(meta, "guid"), "import_ref": _text(meta, "import_ref") or None}
    post = publishing.create(content=content, by=None, now=now, kind=Revision.Kind.RESTORE, **identity)
    withdrawn = meta.get("withdrawn")
    if not one.is_public:
        return "created"
    at = _moment(meta["date"])
    publishing.publish(revision=post.working, by=None, now=now, at=at, rendered=rendered)
    post.refresh_from_db()
    if told := meta.get("last_modified_at"):
        post.updated_at = _moment(told)
        post.save(update_fields=["updated_at"])
    for old in _names(meta.get("redirect_from")):
        path = public_path(old)
        if owner := addresses.owner(path, besides=post):
            raise addresses.AddressTaken(f"{path} は{owner}が使っています。")
        Address.objects.get_or_create(path=path, defaults={"post": post, "kind": Address.Kind.MOVED})
    if withdrawn:
        when = _moment(withdrawn["date"])
        publishing.withdraw(post=post, by=None, now=now, reason=str(withdrawn["reason"]), at=when)
    return "created"


def _propose(post: Post, content: Content, *, now: datetime) -> str:
    tags = exporter.current_tags()
    known = [exporter.working_content(post, tags)]
    if live := post.live_revision:
        known.append(exporter.live_content(post, live, tags))
    if any(_comparable(version, post) == _comparable(content, post) for version in known):
        return "unchanged"
    revision = publishing.save(
        post=post, content=content, by=None, now=now, base=None, kind=Revision.Kind.IMPORT
    )
    publishing.submit(revision=revision, by=None)
    return "proposed"


def _comparable(content: Content, post: Post) -> Content:
    """Without what a file says otherwise than an editor: the path of a live post, the last line's end, our own keys."""
    return replace(
        content.normalised(),
        day=content.day or post.day,
        slug=content.slug or post.slug,
        extra={key: value for key, value in content.extra.items() if key not in KEYS},
        body=content.body.strip("\n"),
    )


def content_of(meta: Mapping[str, Any], body: str, assets: Assets) -> Content:
    """The content that `exporter.front_matter` wrote. What stands below `uuid`, and unknown keys, are `extra`."""
    keys = list(meta)
    ours = {key: meta[key] for key in keys[: keys.index("uuid") + 1]}
    categories = _names(ours.get("categories"))
    credits = ours.get("authors", ours.get("author"))
    hero, image = assets.image_at(ours.get("hero")), assets.image_at(ours.get("image"))
    day, slug = _day_and_slug(ours)
    return Content(
        title=_text(ours, "title"),
        slug=slug,
        day=day,
        category=categories[0] if categories else "",
        collection=_text(ours, "series"),
        tags=tuple(_names(ours.get("tags"))),
        bylines=tuple(
            _credit(item) for item in (credits if isinstance(credits, list) else [credits]) if item
        ),
        hero=hero.hash if hero else "",
        share_image=image.hash if image else "",
        related=tuple(_names(ours.get("related"))),
        excerpt=_text(ours, "excerpt"),
        description=_text(ours, "description"),
        disclosure=_text(ours, "disclosure"),
        canonical_url=_text(ours, "canonical_url"),
        noindex=ours.get("robots") == "noindex",
        featured=ours.get("featured") is True,
        extra={key: value for key, value in meta.items() if key not in ours or key not in KEYS},
        body=body,
    ).normalised()


KEYS = {
    *(
        "layout",
        "title",
        "date",
        "categories",
        "series",
        "tags",
        "author",
        "authors",
        "excerpt",
        "description",
        "image",
    ),
    *("hero", "permalink", "slug", "redirect_from", "canonical_url", "robots", "sitemap", "featured"),
    *("disclosure", "related", "published", "last_modified_at", "withdrawn", "guid", "import_ref", "uuid"),
}


def _day_and_slug(meta: Mapping[str, Any]) -> tuple[date | None, str]:
    """As in the permalink; the day of publication is left to the post, which a later date may move."""
    found = day_and_slug(public_path(_text(meta, "permalink")))
    if found is None:
        return None, _text(meta, "slug")
    day, slug = found
    published = timezone.localdate(_moment(meta["date"])) if meta.get("date") else None
    return (None if day == published else day), slug


def _credit(item: Any) -> Credit:
    if isinstance(item, dict):
        return Credit(str(item["name"]), Byline.Role(item.get("role", Byline.Role.WRITER)).value)
    return Credit(str(item))


def _moment(value: Any) -> datetime:
    return frontmatter.parse_date(value, zone=TOKYO)


def _text(meta: Mapping[str, Any], key: str) -> str:
    return "" if meta.get(key) is None else str(meta[key])


def _names(value: Any) -> list[str]:
    return [str(item) for item in (value if isinstance(value, list) else [value]) if item is not None]
