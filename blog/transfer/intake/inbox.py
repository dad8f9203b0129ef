"""Inbox of the desk: what people and machines bring comes in as drafts, and each document gets its answer."""

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
from blog.transfer.importing.importer import import_sources
from blog.transfer.importing.sources import SUFFIXES, Pictures, Source, nfc


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What became of one document. `outcome`: created, updated, unchanged, proposed or failed.

    For a document that failed the `problems` say why.
    """

    name: str
    outcome: str
    problems: tuple[Finding, ...] = ()
    post: Post | None = None

    @property
    def is_blocking(self) -> bool:
        return any(problem.is_blocking for problem in self.problems)


def file_name(sent: str) -> str:
    """The bare name of a Markdown file that somebody sent; empty when it is none."""
    name = nfc(PurePosixPath(sent.replace("\\", "/")).name)
    return name if name.isprintable() and PurePosixPath(name).suffix.lower() in SUFFIXES else ""


def document(name: str, data: bytes) -> Source:
    """A document at hand."""
    return Source(name, lambda: data)


def refused(name: str, sentence: str) -> Arrival:
    """The answer to something that is not even looked into."""
    return Arrival(name=name, outcome="failed", problems=(Code.REFUSED.found(reason=sentence),))


def receive(
    documents: Sequence[Source],
    *,
    way: str,
    by: Actor,
    now: datetime,
    pictures: Pictures | None = None,
) -> list[Arrival]:
    """Take in `documents` as drafts; nothing goes out, and one that cannot be read never stops the rest.

    The same version of a file again changes nothing. Over a post that is public or that an editor has changed, a new
    version becomes a proposal. What `by` may not edit stays as it is, and is not shown to them.
    """
    report = import_sources(
        documents,
        now=now,
        as_draft=True,
        way=way,
        by=by,
        pictures=pictures,
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
