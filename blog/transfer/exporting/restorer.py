"""Restore of exported posts. Exported files are restored verbatim: nothing is cleaned, resolved or renamed.

Missing posts are restored completely: identity, times, old addresses, withdrawal. An existing post is never overwritten:
a file that differs becomes a proposal, a revision for editors to review.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError

from blog.editorial import addresses, publishing
from blog.editorial.actors import RESTORE
from blog.editorial.changes import Kind, series, together
from blog.editorial.content import Content, merge
from blog.editorial.content_fields import LABELS
from blog.models import Post, Revision
from blog.text import yaml_writer
from blog.text.findings import Code
from blog.text.frontmatter import FrontMatterError
from blog.text.markdown import Rendered, render
from blog.text.parallel import WORTH_PROCESSES, in_order, workers
from blog.text.pictures import picture_urls, with_picture_urls
from blog.transfer.exporting import exporter, restore_site
from blog.transfer.exporting.exported import Written, read
from blog.transfer.exporting.keys import KEYS
from blog.transfer.importing import import_warnings
from blog.transfer.importing.assets import Assets
from blog.transfer.importing.plan import BATCH
from blog.transfer.importing.reader import Unreadable
from blog.transfer.importing.report import Report

logger = logging.getLogger("blog.transfer.importing")

REFUSALS = (
    *(FrontMatterError, Unreadable, addresses.AddressTaken, publishing.NotReady, publishing.WrongState),
)
"""Exceptions that concern a single file; their text is a message for its owner."""


def restore(
    folder: Path,
    *,
    now: datetime,
    report: Report,
    parallel: bool = False,
    progress: Callable[[int, int, str, str], None] = lambda done, total, name, outcome: None,
) -> list[Path]:
    """Restore what is missing here from the export in `folder`. `report` gets the outcome of each file.

    `parallel` renders in worker processes if there are enough posts.
    Returns the files in `_posts` and `_drafts` that no export wrote, for the importer.
    """
    with series(note=f"書き出したフォルダー {folder.name}"):
        for what, reason in restore_site.restore(folder, now=now):
            report.fail(what, Code.RESTORE.found(reason=reason))
        assets = Assets.of_library()
        strangers: list[Path] = []
        paths = list(_post_files(folder))
        known = set(Post.objects.values_list("uuid", flat=True))
        done = 0
        with workers(parallel=parallel and len(paths) >= WORTH_PROCESSES) as executor:
            written = (read(path, assets, now=now) for path in paths)
            rendered = in_order(executor, lambda one: _rendering(executor, one, known), written)
            while batch := [(one, _result(future)) for one, future in islice(rendered, BATCH)]:
                strangers += (one.path for one, _ in batch if one.is_strange)
                # Times, old paths and withdrawals belong to the texts: one change, which is not announced.
                with together(kind=Kind.RESTORED, actor=RESTORE, now=now):
                    outcomes = [
                        (one, _restored(one, text, now=now, report=report))
                        for one, text in batch
                        if not one.is_strange
                    ]
                for one, outcome in outcomes:
                    progress(done := done + 1, len(paths), one.path.name, outcome)
        for what, reason in restore_site.restore_addresses(folder, now=now):
            report.fail(what, Code.RESTORE.found(reason=reason))
    return strangers


def _restored(one: Written, text: Rendered | Unreadable | None, *, now: datetime, report: Report) -> str:
    """Restore one file in a transaction; returns the outcome."""
    name = one.path.name
    try:
        with together(kind=Kind.RESTORED, actor=RESTORE, now=now):
            outcome = _restore_post(one, text, now=now)
    except REFUSALS as error:
        report.fail(name, Code.RESTORE.found(reason=error))
        return "failed"
    except (DataError, IntegrityError) as error:
        logger.warning("the database refused %s: %s", name, error)
        report.fail(name, Code.RESTORE.found(reason=_whose(one) or restore_site.NOT_STORED))
        return "failed"
    holds = one.holds if outcome == "created" else ()
    report.add(name, outcome, map(import_warnings.held, holds), holds=holds)
    return outcome


def _post_files(folder: Path) -> Iterator[Path]:
    for name in ("_posts", "_drafts"):
        yield from (path for path in sorted((folder / name).glob("*.md")) if not path.is_symlink())


def _rendering(executor: Executor, one: Written, known: Collection[UUID]) -> Future[Rendered | None]:
    """Start rendering a post that will be live, as `publish` needs it; None as result for the others."""
    if one.content.title and one.is_public and one.uuid not in known:
        return executor.submit(render, **one.content.rendering(imported=one.imported))
    nothing: Future[Rendered | None] = Future()
    nothing.set_result(None)
    return nothing


def _restore_post(one: Written, text: Rendered | Unreadable | None, *, now: datetime) -> str:
    if one.problem:
        raise one.problem
    if post := Post.objects.select_for_update().filter(uuid=one.uuid).first():
        return _propose(post, one.content, now=now)
    identity: dict[str, Any] = {
        "uuid": one.uuid,
        "guid": one.guid,
        "import_ref": one.import_ref or None,
        "settled": list(one.settled),
    }
    came, kind = one.imported or one.content, Revision.Kind.RESTORE
    post = publishing.create(content=came, by=RESTORE, now=now, kind=kind, **identity)
    revision = post.working
    if one.imported:
        revision = publishing.save(post=post, content=one.content, by=RESTORE, now=now, base=None, kind=kind)
    if not one.is_public:
        return "created"
    if isinstance(text, Unreadable):
        raise text
    post = publishing.publish(
        revision=revision,
        by=RESTORE,
        now=now,
        at=one.published_at,
        announced_at=one.announced_at,
        featured_at=one.published_at,  # not in the file; and an import is no editor's choice
        rendered=text,
        is_blocked=one.is_blocked,
    )
    for path in one.moved:
        if owner := addresses.owner(path, besides=post, by=RESTORE):
            raise addresses.AddressTaken(
                f"redirect_from の {path} は{owner}が使っています。どちらかから消してください。"
            )
    addresses.add_redirects(dict.fromkeys(one.moved, post), by=RESTORE, now=now)
    if one.withdrawn:
        at, reason = one.withdrawn
        publishing.withdraw(post=post, by=RESTORE, now=now, reason=reason, at=at)
    return "created"


def _result(rendering: Future[Rendered | None]) -> Rendered | Unreadable | None:
    try:
        return rendering.result()  # may block, so before the transaction
    except (RecursionError, ValueError) as error:
        return Unreadable(f"本文を表示用に変換できません: {error}")


def _whose(one: Written) -> str:
    """Description of another post that uses a unique value of this one (path, guid, …); "" when none does."""
    for key, value in (("guid", one.guid), ("import_ref", one.import_ref)):
        if value and (other := Post.objects.filter(**{key: value}).exclude(uuid=one.uuid).first()):
            return f"{key} の {value} は記事「{other.working_title}」のものです。写したファイルなら、この行を消してください。"
    return ""


def _propose(post: Post, content: Content, *, now: datetime) -> str:
    """Propose a file that differs from its post to the editors: verbatim, and merged into the working text."""
    known = exporter.current_names()
    working = exporter.saved_content(post.working, known)
    live = exporter.live_content(post, post.live_revision, known) if post.live_revision else working
    # Not IMPORT, which marks the text of a manuscript: this is the editors' own text from an export.
    proposed = post.revisions.filter(kind=Revision.Kind.RESTORE).order_by("number").last()
    before = exporter.saved_content(proposed, known) if proposed else working
    # The file names no host: its pictures are written as in the texts that are there.
    urls = picture_urls(live.body) | picture_urls(working.body)
    content = replace(content, body=with_picture_urls(content.body, urls.get))
    said, worked, shown, last = (_comparable(one, post) for one in (content, working, live, before))
    if said in (worked, shown, last):
        return "unchanged"
    theirs = post.working.number
    revision = _save(post, content, now=now, kind=Revision.Kind.RESTORE)
    if worked != shown:
        # The file is the live text with changes: only these changes are merged into the working text.
        merged, conflicts = merge(shown, said, worked)
        changes = {name: getattr(merged, name) for name in shown.diff(said)}
        if "extra" in changes:
            changes["extra"] = content.extra
        note = f"書き出したファイルの変更を、第{theirs}版に合わせました。"
        if conflicts:
            labels = "、".join(LABELS[name] for name in conflicts)
            note = f"{labels}が第{theirs}版と食い違うところは、書き出したファイルのとおりにしました。"
        revision = _save(post, replace(working, **changes), now=now, kind=Revision.Kind.MERGE, note=note)
    publishing.submit(revision=revision, by=RESTORE)
    return "proposed"


def _save(post: Post, content: Content, *, now: datetime, kind: str, note: str = "") -> Revision:
    return publishing.save(post=post, content=content, by=RESTORE, now=now, base=None, kind=kind, note=note)


def _comparable(content: Content, post: Post) -> Content:
    """Content without what always differs between file and database: path of a live post, final newline, our own keys.

    Other keys are compared in their written form, since databases store large numbers differently.
    """
    return replace(
        content,
        day=content.day or post.day,
        slug=content.slug or post.slug,
        extra={key: yaml_writer.value(value) for key, value in content.extra.items() if key not in KEYS},
        body=content.body.strip("\n"),
    )
