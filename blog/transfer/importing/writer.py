"""Import writer: writes posts through `publishing`, their redirects, and the manuscripts as received."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, DataError, IntegrityError, OperationalError

from blog.editorial import addresses, publishing, taxonomy
from blog.editorial.actors import IMPORT, Actor
from blog.editorial.changes import Kind, together
from blog.editorial.content import Content
from blog.models import TERMS, Manuscript, Post, Revision
from blog.text.findings import Code, Finding
from blog.text.markdown import Rendered
from blog.text.post_paths import day_and_slug
from blog.transfer.importing.existing_posts import ExistingPost, state_of
from blog.transfer.importing.paths import Place
from blog.transfer.importing.plan import Job
from blog.transfer.importing.reader import Unreadable
from blog.transfer.intake.manuscripts import Manuscripts

logger = logging.getLogger("blog.transfer.importing")


class MovedOn(Exception):
    """The post was changed after the import was planned; the article has to be planned again."""

    def __init__(self) -> None:
        super().__init__("取り込みのあいだに記事が書き換えられました。もう一度取り込んでください。")


Refused = (
    *(publishing.NotReady, publishing.WrongState, publishing.EditConflict),
    *(addresses.AddressTaken, MovedOn, PermissionDenied, DataError, IntegrityError),
)
"""Exceptions that concern a single file. Other database errors mean that the database is unavailable: the import ends."""
DEADLOCK = "40P01"
"""SQLSTATE of a deadlock in PostgreSQL: the transaction has to be repeated."""
Written = int | Exception | None
"""Primary key of a job's post, or the reason why there is none."""


class Writer:
    """Writes all changes of an import except images and terms. `by`: who delivers; `IMPORT` publishes.

    `list_blocked`: posts that a defect keeps out of readers' lists are listed as they are.
    """

    def __init__(
        self, *, now: datetime, site_url: str, by: Actor, manuscripts: Manuscripts, list_blocked: bool = False
    ) -> None:
        self.now, self.site_url, self.by, self.manuscripts = now, site_url, by, manuscripts
        self.list_blocked = list_blocked

    def write(
        self, batch: Sequence[tuple[Job, Future[Rendered | None]]], *, is_last: bool
    ) -> list[tuple[Job, int | Finding | None]]:
        """Write one batch in one transaction; a refused job leaves nothing but new tags, and does not stop the others.

        Returns for each job the key of its post, or why it was refused. `is_last`: a refused job has failed, since it will
        not be planned again.
        """
        rendered = [(job, _result(future)) for job, future in batch]  # may block, so before the transaction
        try:
            written = self._write_all(rendered)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != DEADLOCK:
                raise
            written = [(job, MovedOn()) for job, _ in rendered]
        if is_last:
            self._keep_failed(written)
        return [(job, _refusal(post) if isinstance(post, Exception) else post) for job, post in written]

    def _keep_failed(self, written: Iterable[tuple[Job, Written]]) -> None:
        for job, error in written:
            if isinstance(error, Exception):
                self.manuscripts.keep_failed(self._manuscript(job, _refusal(error)))
            if isinstance(error, DatabaseError):  # its text is about tables and columns, not for editors
                logger.warning("the database refused a file: %s", error)

    def _write_all(
        self, batch: Sequence[tuple[Job, Rendered | Exception | None]]
    ) -> list[tuple[Job, Written]]:
        written: list[tuple[Job, Written]] = []
        manuscripts = []
        with self._savepoint():
            # Create all new tags first: two concurrent imports that create them in different orders would deadlock.
            for model in (model for model in TERMS if model.declared.is_open):
                texts = [job.content for job, _ in batch if job.goes_out]
                names = [name for text in texts for name in getattr(text, model.declared.field)]
                taxonomy.make_open(model, names, by=self.by, now=self.now)
            # Jobs that displace a post come later: that post may be in this batch too.
            posts = self._publish_new(
                [
                    (job, text)
                    for job, text in batch
                    if job.is_new_post and isinstance(text, Rendered) and not job.moves
                ]
            )
            for job, text in batch:
                post = posts[job.ref] if job.ref in posts else self._write(job, text)
                written.append((job, post))
                if isinstance(post, Exception):
                    continue
                if not job.is_known:
                    manuscripts.append(self._manuscript(job, post))
                elif job.is_reported_anew:
                    self.manuscripts.tell_anew(job.ref, job.article.sha256, job.problems)
            self.manuscripts.keep(manuscripts)
            known = [job.post.pk for job, _ in batch if job.post and job.outcome == "unchanged"]
            publishing.block_anew(known, by=IMPORT, now=self.now)
            if self.list_blocked:
                keys = [post for _, post in written if isinstance(post, int)]
                for blocked in Post.objects.blocked(self.now).filter(pk__in=keys).order_by("pk"):
                    publishing.settle(post=blocked, by=IMPORT, now=self.now)
        return written

    def _publish_new(self, new_posts: Sequence[tuple[Job, Rendered]]) -> dict[str, Written]:
        """Publish new articles, by `Job.ref`: in bulk, or one by one if the bulk is refused."""
        if not new_posts:
            return {}
        try:
            with self._savepoint():
                return self._publish_together(new_posts)
        except Refused as error:
            if len(new_posts) == 1:
                return {new_posts[0][0].ref: error}
            return {
                ref: post for new_post in new_posts for ref, post in self._publish_new([new_post]).items()
            }

    def _publish_together(self, new_posts: Sequence[tuple[Job, Rendered]]) -> dict[str, Written]:
        jobs = [job for job, _ in new_posts]
        for job in jobs:
            self._make_room(job.moves)
        guids = self._guids(jobs)
        freed = [job.place.path for job in jobs if job.place and job.path_redirects]
        addresses.remove_redirects(freed, by=self.by, now=self.now)
        posts = publishing.publish_new(
            [
                publishing.NewPost(
                    content=job.content,
                    rendered=rendered,
                    at=job.article.published_at,
                    updated_at=self._announced_at(job, job.article.published_at),
                    import_ref=job.ref,
                    uuid=_identity(job),
                    guid=guids[job.ref],
                )
                for job, rendered in new_posts
            ],
            by=self.by,
            now=self.now,
            kind=Revision.Kind.IMPORT,
        )
        old_paths: dict[str, Post] = {}
        for job, post in zip(jobs, posts, strict=True):
            for path in job.old_paths:
                old_paths.setdefault(path, post)
        addresses.add_redirects(old_paths, by=self.by, now=self.now)
        return {job.ref: post.pk for job, post in zip(jobs, posts, strict=True)}

    def _make_room(self, moves: Iterable[tuple[ExistingPost, Place]]) -> None:
        """Move displaced posts to their new paths: a later article has taken the path, as on the old site."""
        for existing, place in moves:
            post = _as_decided(existing)
            day, slug = day_and_slug(place.path) or (post.day, post.slug)
            content = replace(Content.from_json(post.working.content), day=day, slug=slug)
            revision = publishing.import_revision(
                post=post, content=content, by=self.by, now=self.now, base=post.working
            )
            self._publish(post, revision)
            addresses.remove_redirects([existing.path], by=self.by, now=self.now)

    def _savepoint(self) -> AbstractContextManager[None]:
        """Transaction and `Change` of a block; nested, a savepoint whose rollback leaves the outer block intact."""
        return together(kind=Kind.IMPORTED, actor=self.by, now=self.now)

    def _publish(
        self,
        post: Post,
        revision: Revision,
        rendered: Rendered | None = None,
        *,
        announced_at: datetime | None = None,
    ) -> Post:
        """Publish `revision` in place of the live one. A scheduled post keeps its time."""
        return publishing.publish(
            revision=revision,
            by=IMPORT,
            now=self.now,
            at=None if post.was_public(self.now) else post.published_at,
            announce=False,
            announced_at=announced_at,
            rendered=rendered,
        )

    def _write(self, job: Job, text: Rendered | Exception | None) -> Written:
        """Execute one job; returns the key of its post."""
        if isinstance(text, Exception):
            return text
        if job.outcome == "unchanged":
            return job.post.pk if job.post else None
        if job.is_new_post and text:
            return self._publish_new([(job, text)])[job.ref]
        try:
            with self._savepoint():
                return (self._change(job, job.post, text) if job.post else self._create(job)).pk
        except Refused as error:
            return error

    def _change(self, job: Job, existing: ExistingPost, rendered: Rendered | None) -> Post:
        post = _as_decided(existing)
        if job.has_news:
            revision = publishing.import_revision(
                post=post, content=job.content, by=self.by, now=self.now, base=job.base
            )
            if job.goes_out:
                announced_at = self._announced_at(job, post.published_at)
                post = self._publish(post, revision, rendered, announced_at=announced_at)
            elif job.outcome == "proposed" and revision.pk != post.latest_revision_id and not post.trashed_at:
                publishing.submit(revision=revision, by=self.by)
        if job.old_paths:
            addresses.add_redirects(dict.fromkeys(job.old_paths, post), by=self.by, now=self.now)
        return post

    def _create(self, job: Job) -> Post:
        return publishing.create(
            content=job.content,
            by=self.by,
            now=self.now,
            kind=Revision.Kind.IMPORT,
            import_ref=job.ref,
            uuid=_identity(job),
            guid=self._guids([job])[job.ref],
        )

    def _guids(self, jobs: Sequence[Job]) -> dict[str, str]:
        """Feed guid of each article: that of the old site's feed, if the old site ever showed it."""
        old = {}
        for job in jobs:
            if self.site_url and job.place and not job.place.was_shadowed:
                old[job.ref] = f"{self.site_url}{quote(job.place.path)}"
        taken = set(Post.objects.filter(guid__in=old.values()).values_list("guid", flat=True)) if old else ()
        free = {ref: guid for ref, guid in old.items() if guid not in taken}
        return {job.ref: free.get(job.ref) or _identity(job).urn for job in jobs}

    def _announced_at(self, job: Job, published_at: datetime | None) -> datetime | None:
        announced_at = job.article.announced_at
        return (
            announced_at
            if announced_at and published_at and published_at < announced_at <= self.now
            else None
        )

    def _manuscript(self, job: Job, post: int | Finding | None) -> Manuscript:
        """Manuscript row for the file version of `job`, which is kept even when it changes nothing.

        `post`: the post's key, or why it could not be written.
        """
        known = job.post.pk if job.post else None
        refusal, pk = (post, known) if isinstance(post, Finding) else (None, post)
        outcome = Manuscript.Outcome.FAILED if refusal else job.outcome
        if outcome == "unchanged":
            outcome = Manuscript.Outcome.UPDATED
        problems = [refusal, *job.problems] if refusal else list(job.problems)
        source: bytes | str
        try:
            source = job.source.load()
        except Unreadable:  # removed in the meantime
            source = job.content.body
        return self.manuscripts.new(
            job.ref, job.article.sha256, source=source, outcome=outcome, problems=problems, post=pk
        )


def _as_decided(existing: ExistingPost) -> Post:
    """Lock the post and check that it is unchanged since planning. Raises MovedOn."""
    post = Post.objects.select_for_update().filter(pk=existing.pk).first()
    if post is None or state_of(post) != existing.state:
        raise MovedOn
    return post


def _identity(job: Job) -> uuid.UUID:
    """UUID from the file name, so that an import into another empty database gives the same post."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"import:{job.ref}")


def _result(future: Future[Rendered | None]) -> Rendered | Exception | None:
    try:
        return future.result()
    except (RecursionError, ValueError) as error:
        return Unreadable(f"本文を表示用に変換できません: {error}")


def _refusal(error: Exception) -> Finding:
    if isinstance(error, Unreadable):
        return error.finding
    is_technical = isinstance(error, DatabaseError)
    sentence = "データベースに保存できない値があります。" if is_technical else str(error)
    return Code.REFUSED.found(reason=sentence)
