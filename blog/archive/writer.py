"""Writes what was decided: posts by `publishing`, their old paths, and the manuscripts as they came."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.db import DataError, IntegrityError, transaction

from blog import addresses, publishing
from blog.archive.paths import Place, day_and_slug
from blog.archive.plan import Job
from blog.archive.reader import MAX_BYTES, Unreadable
from blog.archive.standing import Standing
from blog.content import Content
from blog.models import MachineToken, Manuscript, Post, Revision
from blog.text.defects import Defect
from blog.text.markdown import Rendered
from blog.text.normalise import normalise

Refused = (
    publishing.NotReady,
    publishing.WrongState,
    addresses.AddressTaken,
    PermissionDenied,
    *(DataError, IntegrityError),
)
"""What belongs to one file. Other errors of the database say that it does not work: they end the import."""
KEPT = ("received_at", "way", "sender", "machine", "post", "outcome", "problems", "is_blocking", "source")


class Writer:
    """Everything that an import changes, but images and names. `way` None keeps no manuscripts."""

    def __init__(
        self, *, now: datetime, site_url: str, way: str | None, sender: Any, machine: MachineToken | None
    ) -> None:
        self.now, self.site_url = now, site_url
        self.way, self.sender, self.machine = way, sender, machine

    def make_room(self, moves: Iterable[tuple[Standing, Place]]) -> None:
        """Let posts whose path a later article has move to theirs, as on the site they come from."""
        for standing, place in moves:
            with transaction.atomic():
                post = Post.objects.select_related("latest_revision").get(pk=standing.pk)
                day, slug = day_and_slug(place.path) or (post.day, post.slug)
                content = replace(Content.from_json(post.working.content), day=day, slug=slug)
                revision = self._save(post, content, base=post.working)
                publishing.publish(revision=revision, by=None, now=self.now, tell_readers=False)
                addresses.release([standing.path])

    def write(self, batch: Sequence[tuple[Job, Future[Rendered | None]]]) -> list[tuple[Job, str | Defect]]:
        """Write one batch in one transaction; a job that fails leaves nothing and does not stop the others."""
        done = [(job, _result(future)) for job, future in batch]  # before the transaction: this may wait
        outcomes: list[tuple[Job, str | Defect]] = []
        manuscripts = []
        with transaction.atomic():
            posts = self._publish_new(
                [(job, text) for job, text in done if job.is_debut and isinstance(text, Rendered)]
            )
            for job, text in done:
                post = posts[job.ref] if job.ref in posts else self._write(job, text)
                defect = post if isinstance(post, Defect) else None
                outcomes.append((job, defect or job.outcome))
                if defect or not job.is_known:
                    manuscripts.append(self._manuscript(job, post))
            self._keep(manuscripts)
        return outcomes

    def keep_failure(self, ref: str, data: bytes, problem: Defect) -> None:
        """Keep what came in and could not be read, as far as it decodes."""
        digest = hashlib.sha256(data).hexdigest()
        values = {"outcome": Manuscript.Outcome.FAILED, "source": _text(data)}
        self._keep([self._row(ref[:200], digest, [problem], **values)])

    def _publish_new(self, debuts: Sequence[tuple[Job, Rendered]]) -> dict[str, int | Defect]:
        """The posts of new articles that go out, by `Job.ref`: all at once, or when one is refused each by itself."""
        if not debuts:
            return {}
        try:
            with transaction.atomic():
                return self._publish_together(debuts)
        except Refused as error:
            if len(debuts) == 1:
                return {debuts[0][0].ref: _refusal(error)}
            return {ref: post for debut in debuts for ref, post in self._publish_new([debut]).items()}

    def _publish_together(self, debuts: Sequence[tuple[Job, Rendered]]) -> dict[str, int | Defect]:
        jobs = [job for job, _ in debuts]
        guids = self._guids(jobs)
        addresses.release([job.place.path for job in jobs if job.place and job.path_is_led])
        posts = publishing.publish_new(
            [
                publishing.Debut(
                    content=job.content,
                    rendered=rendered,
                    at=job.article.published_at,
                    updated_at=self._told_at(job, job.article.published_at),
                    import_ref=job.ref,
                    uuid=_identity(job),
                    guid=guids[job.ref],
                )
                for job, rendered in debuts
            ],
            by=self.sender,
            now=self.now,
            kind=Revision.Kind.IMPORT,
        )
        old_paths: dict[str, Post] = {}
        for job, post in zip(jobs, posts, strict=True):
            for path in job.old_paths:
                old_paths.setdefault(path, post)
        addresses.lead(old_paths)
        return {job.ref: post.pk for job, post in zip(jobs, posts, strict=True)}

    def _write(self, job: Job, text: Rendered | Defect | None) -> int | Defect | None:
        """Do `job`; gives the key of its post."""
        if isinstance(text, Defect) or job.outcome == "unchanged":
            return text if isinstance(text, Defect) else job.post
        try:
            with transaction.atomic():
                return (self._create(job) if job.post is None else self._change(job, job.post, text)).pk
        except Refused as error:
            return _refusal(error)

    def _change(self, job: Job, pk: int, rendered: Rendered | None) -> Post:
        post = Post.objects.get(pk=pk)
        if job.outcome == "proposed":
            self._propose(post, job)
            return post
        revision = self._save(post, job.content, base=job.base)
        if job.goes_out:
            post = publishing.publish(
                revision=revision, by=None, now=self.now, tell_readers=False, rendered=rendered
            )
            if told_at := self._told_at(job, post.published_at):
                post.updated_at = told_at
                post.save(update_fields=["updated_at"])
        return post

    def _create(self, job: Job) -> Post:
        return publishing.create(
            content=job.content,
            by=self.sender,
            now=self.now,
            kind=Revision.Kind.IMPORT,
            import_ref=job.ref,
            uuid=_identity(job),
            guid=self._guids([job])[job.ref],
        )

    def _guids(self, jobs: Sequence[Job]) -> dict[str, str]:
        """What feeds call each article: what they called it so far, if the old site ever showed it."""
        old = {}
        for job in jobs:
            if self.site_url and job.place and not job.place.was_shadowed:
                old[job.ref] = f"{self.site_url}{quote(job.place.path)}"
        taken = set(Post.objects.filter(guid__in=old.values()).values_list("guid", flat=True)) if old else ()
        free = {ref: guid for ref, guid in old.items() if guid not in taken}
        return {job.ref: free.get(job.ref) or _identity(job).urn for job in jobs}

    def _told_at(self, job: Job, published_at: datetime | None) -> datetime | None:
        told_at = job.article.told_at
        return told_at if told_at and published_at and published_at < told_at <= self.now else None

    def _propose(self, post: Post, job: Job) -> None:
        try:
            revision = self._save(post, job.content, base=job.base)
        except publishing.EditConflict as conflict:
            # The desk chooses: the editor's words are one revision back, and readers still see what was live.
            note = "届いた原稿が編集者の版と食い違っています。"
            revision = self._save(post, conflict.merged, base=conflict.theirs, note=note)
        if not revision.is_approved:
            publishing.submit(revision=revision, by=self.sender)

    def _save(self, post: Post, content: Content, *, base: Revision | None, note: str = "") -> Revision:
        return publishing.save(
            post=post,
            content=content,
            by=self.sender,
            now=self.now,
            base=base,
            kind=Revision.Kind.IMPORT,
            note=note,
        )

    def _manuscript(self, job: Job, post: int | Defect | None) -> Manuscript:
        """The row for the version that `job` brought. A file that says nothing new still is a version of its own.

        `post`: its key, or why it could not be written.
        """
        defect, pk = (post, job.post) if isinstance(post, Defect) else (None, post)
        outcome = Manuscript.Outcome.FAILED if defect else job.outcome
        if outcome == "unchanged":
            outcome = Manuscript.Outcome.UPDATED
        problems = [defect, *job.problems] if defect else list(job.problems)
        try:
            source = _text(job.source.load())
        except Unreadable:  # taken away in the meantime
            source = job.content.body
        return self._row(job.ref, job.article.sha256, problems, outcome=outcome, post_id=pk, source=source)

    def _row(self, ref: str, sha256: str, problems: Sequence[Defect], **values: Any) -> Manuscript:
        return Manuscript(
            ref=ref,
            sha256=sha256,
            received_at=self.now,
            way=self.way or "",
            sender=self.sender,
            machine=self.machine,
            problems=[problem.to_json() for problem in problems],
            is_blocking=any(problem.blocking for problem in problems),
            **values,
        )

    def _keep(self, manuscripts: list[Manuscript]) -> None:
        """Store manuscripts; a version that failed before and comes again keeps its row."""
        if self.way:
            Manuscript.objects.bulk_create(
                manuscripts, update_conflicts=True, unique_fields=("ref", "sha256"), update_fields=KEPT
            )


def _identity(job: Job) -> uuid.UUID:
    """Made of the file's name, so that a second import into an empty database gives the same post."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"import:{job.ref}")


def _result(future: Future[Rendered | None]) -> Rendered | Defect | None:
    try:
        return future.result()
    except (RecursionError, ValueError) as error:
        return Defect("rendering", f"本文を表示用に変換できません: {error}", None, blocking=True)


def _refusal(error: Exception) -> Defect:
    return Defect("refused", str(error), None, blocking=True)


def _text(data: bytes) -> str:
    return normalise(data[:MAX_BYTES].decode("utf-8", "replace"))
