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
                addresses.release(standing.path)

    def write(self, batch: Sequence[tuple[Job, Future[Rendered | None]]]) -> list[tuple[Job, str | Defect]]:
        """Write one batch in one transaction; a job that fails leaves nothing and does not stop the others."""
        done = [(job, *_result(future)) for job, future in batch]  # before the transaction: this may wait
        outcomes: list[tuple[Job, str | Defect]] = []
        manuscripts = []
        with transaction.atomic():
            for job, rendered, defect in done:
                post = job.post
                if not defect and job.outcome != "unchanged":
                    try:
                        with transaction.atomic():
                            post = self._write(job, rendered).pk
                    except Refused as error:
                        defect = Defect("refused", str(error), None, blocking=True)
                outcomes.append((job, defect or job.outcome))
                if defect or not job.is_known:
                    manuscripts.append(self._manuscript(job, post, defect))
            self._keep(manuscripts)
        return outcomes

    def keep_failure(self, ref: str, data: bytes, problem: Defect) -> None:
        """Keep what came in and could not be read, as far as it decodes."""
        digest = hashlib.sha256(data).hexdigest()
        values = {"outcome": Manuscript.Outcome.FAILED, "source": _text(data)}
        self._keep([self._row(ref[:200], digest, [problem], **values)])

    def _write(self, job: Job, rendered: Rendered | None) -> Post:
        if job.post is None:
            return self._create(job, rendered)
        post = Post.objects.get(pk=job.post)
        if job.outcome == "proposed":
            self._propose(post, job)
            return post
        revision = self._save(post, job.content, base=job.base)
        if job.goes_out:
            post = publishing.publish(
                revision=revision, by=None, now=self.now, tell_readers=False, rendered=rendered
            )
            self._tell(post, job)
        return post

    def _create(self, job: Job, rendered: Rendered | None) -> Post:
        # Made of the file's name, so that a second import into an empty database gives the same post.
        identity = uuid.uuid5(uuid.NAMESPACE_URL, f"import:{job.ref}")
        post = publishing.create(
            content=job.content,
            by=self.sender,
            now=self.now,
            kind=Revision.Kind.IMPORT,
            import_ref=job.ref,
            uuid=identity,
            guid=self._guid(job) or identity.urn,
        )
        if job.goes_out:
            if job.place and job.path_is_led:
                addresses.release(job.place.path)
            post = publishing.publish(
                revision=post.working, by=None, now=self.now, at=job.article.published_at, rendered=rendered
            )
            self._tell(post, job)
            self._lead(post, job)
        return post

    def _guid(self, job: Job) -> str:
        """What feeds have called it so far; nothing for an article that the old site never showed."""
        if not self.site_url or not job.place or job.place.was_shadowed:
            return ""
        guid = f"{self.site_url}{quote(job.place.path)}"
        return "" if Post.objects.filter(guid=guid).exists() else guid

    def _tell(self, post: Post, job: Job) -> None:
        told_at = job.article.told_at
        if told_at and post.published_at and post.published_at < told_at <= self.now:
            post.updated_at = told_at
            post.save(update_fields=["updated_at"])

    def _lead(self, post: Post, job: Job) -> None:
        """Let the old paths lead to `post`, as far as nobody else has them."""
        paths = (job.place.redirect if job.place else "", *job.article.redirect_from)
        for path in filter(None, paths):
            if path != post.path and not addresses.owner(path, besides=post):
                addresses.lead(path=path, post=post)

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

    def _manuscript(self, job: Job, post: int | None, defect: Defect | None) -> Manuscript:
        """The row for the version that `job` brought. A file that says nothing new still is a version of its own."""
        outcome = Manuscript.Outcome.FAILED if defect else job.outcome
        if outcome == "unchanged":
            outcome = Manuscript.Outcome.UPDATED
        problems = [defect, *job.problems] if defect else list(job.problems)
        try:
            source = _text(job.source.load())
        except Unreadable:  # taken away in the meantime
            source = job.content.body
        return self._row(job.ref, job.article.sha256, problems, outcome=outcome, post_id=post, source=source)

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


def _result(future: Future[Rendered | None]) -> tuple[Rendered | None, Defect | None]:
    try:
        return future.result(), None
    except (RecursionError, ValueError) as error:
        return None, Defect("rendering", f"本文を表示用に変換できません: {error}", None, blocking=True)


def _text(data: bytes) -> str:
    return normalise(data[:MAX_BYTES].decode("utf-8", "replace"))
