"""Inbox: uploaded or delivered documents become drafts, with a result for each document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from blog.editorial import permissions
from blog.editorial.actors import Actor
from blog.models import Post
from blog.querysets import LARGE_COLUMNS
from blog.text.findings import Code, Finding
from blog.transfer.importing import dialects
from blog.transfer.importing.importer import import_sources
from blog.transfer.importing.sources import SUFFIXES, Pictures, Source, nfc


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Result of the intake of one document. `outcome`: created, updated, unchanged, proposed or failed.

    For a failed document `problems` say why.
    """

    name: str
    outcome: str
    problems: tuple[Finding, ...] = ()
    post: Post | None = None

    @property
    def is_blocking(self) -> bool:
        return any(problem.is_blocking for problem in self.problems)


def file_name(sent: str) -> str:
    """Bare file name of an uploaded Markdown file; empty if it is none."""
    name = nfc(PurePosixPath(sent.replace("\\", "/")).name)
    return name if name.isprintable() and PurePosixPath(name).suffix.lower() in SUFFIXES else ""


def document(name: str, data: bytes) -> Source:
    """Source for a document whose bytes are in memory."""
    return Source(name, lambda: data)


def refused(name: str, sentence: str) -> Arrival:
    """Result for a file that was rejected without being opened."""
    return Arrival(name=name, outcome="failed", problems=(Code.REFUSED.found(reason=sentence),))


def receive(
    documents: Sequence[Source],
    *,
    way: str,
    by: Actor,
    now: datetime,
    pictures: Pictures | None = None,
    dialect: str = dialects.OF_TODAY,
) -> list[Arrival]:
    """Import `documents` as drafts; nothing is published, and one that cannot be read does not stop the others.

    The same version of a file again changes nothing. For a post that is public or was changed by an editor, a new version
    becomes a proposal. Posts that `by` may not edit are neither changed nor revealed. `dialect`: of documents that do not
    say theirs.
    """
    report = import_sources(
        documents,
        now=now,
        as_draft=True,
        way=way,
        by=by,
        pictures=pictures,
        dialect=dialect,
    )
    posts = Post.objects.defer(*LARGE_COLUMNS).in_bulk([entry.post for entry in report.entries if entry.post])
    arrivals = []
    for entry in report.entries:
        post = posts.get(entry.post)
        arrivals.append(
            Arrival(
                name=entry.name,
                outcome=entry.outcome,
                problems=entry.problems,
                post=post if post and permissions.may_edit(by, post) else None,
            )
        )
    return sorted(arrivals, key=lambda arrival: arrival.name)
