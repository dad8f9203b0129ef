"""Manuscript records: what came in, version by version, as it arrived; for audit, and for the desk to see what is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from blog.editorial import addresses, permissions
from blog.editorial.actors import Actor, Machine, Person
from blog.models import Address, Manuscript, Post
from blog.text.findings import Finding
from blog.text.normalise import normalise
from blog.transfer.importing.reader import MAX_BYTES, Article, try_to_read

KEPT = ("received_at", "way", "sender", "machine", "post", "outcome", "problems", "is_blocking", "source")


@dataclass(frozen=True)
class Taken:
    """A version of a file that came in before: what was told of it, and its post (a key; None when that is gone)."""

    problems: tuple[Finding, ...]
    post: int | None
    is_newest: bool


def known_versions(refs: Iterable[str]) -> dict[tuple[str, str], Taken]:
    """The versions of these files that were taken before, by (ref, sha256)."""
    rows = list(
        _taken(ref__in=list(refs))
        .order_by("received_at", "pk")
        .values_list("ref", "sha256", "problems", "post")
    )
    newest = {ref: sha256 for ref, sha256, *_ in rows}
    return {
        (ref, sha256): Taken(tuple(map(Finding.from_json, problems)), post, newest[ref] == sha256)
        for ref, sha256, problems, post in rows
    }


def newest_article(ref: str, *, now: datetime) -> Article | None:
    """What the file said when it was taken last; None when it never was, or cannot be read any more."""
    newest = _taken(ref=ref).order_by("-received_at", "-pk").values_list("source", flat=True).first()
    found = try_to_read(ref, newest.encode(), now=now) if newest else None
    return found if isinstance(found, Article) else None


def _taken(**which: Any) -> Any:
    return Manuscript.objects.filter(**which).exclude(outcome=Manuscript.Outcome.FAILED)


class Manuscripts:
    """The manuscripts of one import: how they came, and who brings them. `way` None keeps none."""

    def __init__(self, *, now: datetime, way: str | None, by: Actor) -> None:
        self.now, self.way, self.by = now, way, by

    @property
    def are_brought_by_hand(self) -> bool:
        """Whether a person brings them who looks at the answer."""
        return isinstance(self.by, Person)

    def title_for_sender(self, pk: int) -> str:
        """The title of a post; "" when it is not for those who sent these. (Whoever runs commands sees everything.)"""
        post = Post.objects.only("working_title").filter(pk=pk).first()
        return post.working_title if post and permissions.may_know_title(self.by, post) else ""

    def visible_addresses(self, *, now: datetime) -> QuerySet[Address] | None:
        """The addresses that the sender may know of; None when nothing is a secret."""
        return addresses.known_to(self.by, now=now) if self.are_brought_by_hand else None

    def new(
        self,
        ref: str,
        sha256: str,
        *,
        source: bytes | str,
        outcome: str,
        problems: Sequence[Finding],
        post: int | None = None,
    ) -> Manuscript:
        """The row for one version, not stored yet. `source` is kept as far as it decodes, `post` is a key."""
        if isinstance(source, bytes):
            source = normalise(source[:MAX_BYTES].decode("utf-8", "replace"))
        return Manuscript(
            ref=ref[:200],
            sha256=sha256,
            received_at=self.now,
            way=self.way or "",
            sender=self.by.user,
            machine=self.by.token if isinstance(self.by, Machine) else None,
            post_id=post,
            outcome=outcome,
            source=source,
            **_told(problems),
        )

    def keep(self, taken: Sequence[Manuscript]) -> None:
        """Store versions that were taken; one that failed before and comes again keeps its row."""
        if self.way:
            Manuscript.objects.bulk_create(
                taken, update_conflicts=True, unique_fields=("ref", "sha256"), update_fields=KEPT
            )

    def keep_failed(self, failed: Manuscript) -> None:
        """Store a version that failed, unless it was taken once: a post came of it, and its row says so."""
        if self.way:
            manuscripts = Manuscript.objects.filter(ref=failed.ref, sha256=failed.sha256)
            values = {name: getattr(failed, name) for name in KEPT}
            if not manuscripts.filter(outcome=Manuscript.Outcome.FAILED).update(**values):
                Manuscript.objects.bulk_create([failed], ignore_conflicts=True)

    def keep_refused(self, ref: str, data: bytes, problems: Sequence[Finding]) -> None:
        """Store what could not even be tried; `data` as it came."""
        digest = hashlib.sha256(data).hexdigest()
        outcome = Manuscript.Outcome.FAILED
        self.keep_failed(self.new(ref, digest, source=data, outcome=outcome, problems=problems))

    def tell_anew(self, ref: str, sha256: str, problems: Sequence[Finding]) -> None:
        """Say what is wrong with a version that was taken before, now that other articles have come or gone."""
        if self.way:
            Manuscript.objects.filter(ref=ref, sha256=sha256).update(**_told(problems))


def _told(problems: Sequence[Finding]) -> dict[str, Any]:
    return {
        "problems": [problem.to_json() for problem in problems],
        "is_blocking": any(problem.is_blocking for problem in problems),
    }
