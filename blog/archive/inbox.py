"""The desk's inbox: what people and machines bring comes in as drafts, and each document gets its answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from blog import desk
from blog.archive.importer import import_sources
from blog.archive.reader import Unreadable, stem
from blog.archive.sources import SUFFIXES, Pictures, Source, failing, nfc
from blog.models import MachineToken, Manuscript, Post
from blog.text.defects import Defect


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What became of one document. `outcome`: created, updated, unchanged, proposed or failed.

    `problems` are as in `Manuscript`; for a document that failed they say why.
    """

    name: str
    outcome: str
    problems: list[dict[str, Any]] = field(default_factory=list)
    post: Post | None = None

    @property
    def is_blocking(self) -> bool:
        return any(problem["blocking"] for problem in self.problems)


def file_name(sent: str) -> str:
    """The bare name of a Markdown file that somebody sent; empty when it is none."""
    name = nfc(PurePosixPath(sent.replace("\\", "/")).name)
    return name if name.isprintable() and PurePosixPath(name).suffix.lower() in SUFFIXES else ""


def document(name: str, data: bytes) -> Source:
    """A document at hand."""
    return Source(name, lambda: data)


def refused(name: str, sentence: str) -> Arrival:
    """The answer to something that is not even looked into."""
    return Arrival(
        name=name, outcome="failed", problems=[Defect("refused", sentence, blocking=True).to_json()]
    )


def receive(
    documents: Sequence[Source],
    *,
    way: str,
    now: datetime,
    sender: Any = None,
    machine: MachineToken | None = None,
    pictures: Pictures | None = None,
) -> list[Arrival]:
    """Take in `documents` as drafts; nothing goes out, and one that cannot be read never stops the rest.

    The same version of a file again changes nothing. Over a post that is public or that an editor has changed, a new
    version becomes a proposal. What `sender` may not edit stays as it is, and is not shown to them.
    """
    outcomes: dict[str, str] = {}
    documents = [_held(source) for source in documents]
    report = import_sources(
        documents,
        now=now,
        as_draft=True,
        way=way,
        sender=sender,
        machine=machine,
        pictures=pictures,
        progress=lambda done, total, name, outcome: outcomes.update({name: outcome}),
    )
    # Of twins the first by name came in.
    by_name = sorted(documents, key=lambda source: source.name, reverse=True)
    names = {_version(source): source.name for source in by_name}
    arrivals = []
    for manuscript in _manuscripts(names):
        name = names[manuscript.ref, manuscript.sha256]
        post, problems = manuscript.post, manuscript.problems
        if name in report.failures and manuscript.outcome != Manuscript.Outcome.FAILED:
            # Its row tells of the time when it was taken.
            problems = [Defect("refused", report.failures[name], blocking=True).to_json()]
        arrivals.append(
            Arrival(
                name=name,
                outcome="failed" if manuscript.outcome == Manuscript.Outcome.FAILED else outcomes[name],
                problems=problems,
                post=post if post and (sender is None or desk.may_edit(sender, post)) else None,
            )
        )
    return sorted(arrivals, key=lambda arrival: arrival.name)


def _held(source: Source) -> Source:
    """`source` as it is now: a file that changes while it comes in must not be two things."""
    try:
        return document(source.name, source.load())
    except Unreadable as error:
        return failing(source.name, error)


def _version(source: Source) -> tuple[str, str]:
    """What the importer keeps a document as; what cannot be loaded counts as empty."""
    try:
        data = source.load()
    except Unreadable:
        data = b""
    return stem(source.name)[:200], sha256(data).hexdigest()


def _manuscripts(versions: Collection[tuple[str, str]]) -> Iterable[Manuscript]:
    """The stored rows of these versions."""
    rows = Manuscript.objects.filter(ref__in=[ref for ref, _ in versions]).defer("source")
    return [row for row in rows.select_related("post") if (row.ref, row.sha256) in versions]
