"""Import run: creates and updates posts from articles. Idempotent; an editor's work is never overwritten.

All files are read first, since the path or a link of one may depend on another. Then they are rendered batch by batch,
outside of transactions, and written in short ones. The order of the files does not matter: articles are sorted by date,
then by name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from blog.editorial.actors import Actor
from blog.editorial.changes import series
from blog.models import Manuscript
from blog.text.dialects import NotShown
from blog.text.findings import Code, Finding
from blog.text.markdown import Rendered, render
from blog.text.parallel import WORTH_PROCESSES, in_order, workers
from blog.transfer.importing import dialects
from blog.transfer.importing.existing_posts import ImportState
from blog.transfer.importing.library import Library
from blog.transfer.importing.plan import BATCH, Job, Loaded, Plan
from blog.transfer.importing.reader import Article, Unreadable, stem, try_to_read
from blog.transfer.importing.report import Report
from blog.transfer.importing.sources import Pictures, Source, find, zips_in
from blog.transfer.importing.visibility import Hold
from blog.transfer.importing.writer import Writer
from blog.transfer.intake.manuscripts import Manuscripts
from blog.transfer.old_site import legacy

ROUNDS = 3
"""Maximum attempts to plan an article; it is planned again when its post was changed meanwhile, or another import
created it."""
TEXTS_A_PICTURE = 10
"""How many texts take as long to render as one image to re-encode."""
Progress = Callable[[int, int, str, str], None]
"""Callback with (done, total, file, outcome)."""


def import_files(paths: list[Path], *, images_from: Path | None = None, **options: Any) -> Report:
    """Import files, folders and zips; `options` as for `import_sources`."""
    sources, pictures = find(paths)
    if images_from:
        pictures.update(Pictures.of_folder(images_from))
    report = import_sources(sources, pictures=pictures, **options)
    report.notes += (
        f"{name}: フォルダーの中のzipは読みません。取り込むなら、そのzipを指定してください。"
        for name in zips_in(paths)
    )
    return report


def import_sources(
    sources: Collection[Source],
    *,
    by: Actor,
    now: datetime,
    pictures: Pictures | None = None,
    site_url: str = "",
    as_draft: bool = False,
    future: bool = False,
    list_blocked: bool = False,
    dry_run: bool = False,
    parallel: bool = False,
    dialect: str = dialects.AUTO,
    ref_prefix: str = "",
    way: str | None = Manuscript.Way.COMMAND,
    progress: Progress = lambda done, total, name, outcome: None,
) -> Report:
    """Import documents; one that cannot be read does not stop the others.

    Outcomes: created, updated, unchanged, proposed (an editor had changed the post: their text stays, the new one is kept
    as a revision), failed. `site_url`: the old site, whose feed used URLs as guids; these guids are kept, and the site's
    well-known paths redirect.
    `as_draft`: publish nothing; new articles become drafts, new texts of live posts become proposals. Without it that
    applies only to articles that their file holds back (`blog.transfer.importing.visibility`). `future`: a future date
    schedules the post. `list_blocked`: posts with a blocking defect are in readers' lists at once. `dry_run`: write
    nothing. `parallel`: use worker processes if there are enough articles. `dialect`: of files that do not say theirs
    (`blog.transfer.importing.dialects`).
    `way`: how the manuscripts arrived (None: keep no manuscripts); `by`: who delivers them.
    """
    run = _Run(
        report=Report(),
        progress=lambda report, name, outcome: progress(len(report.entries), len(sources), name, outcome),
        manuscripts=Manuscripts(now=now, way=None if dry_run else way, by=by),
        ref_prefix=ref_prefix,
    )
    started = f"{timezone.localtime(now):%Y-%m-%d %H:%M:%S}"
    with series(note=f"{started} からの取り込み（{len(sources):,} 件）"):
        writer = Writer(
            now=now,
            site_url=site_url.rstrip("/"),
            by=by,
            manuscripts=run.manuscripts,
            list_blocked=list_blocked,
        )
        pictures = pictures or Pictures()
        is_much = len(sources) + TEXTS_A_PICTURE * len(pictures.files) >= WORTH_PROCESSES
        with workers(parallel=parallel and is_much) as executor:
            library = Library(pictures, executor=executor, now=now, dry_run=dry_run, must_store=not as_draft)
            articles = run.read(executor, sources, dialect=dialect)
            for number in range(1, ROUNDS + 1):
                plan = Plan(
                    articles,
                    state=ImportState(
                        ref_prefix=ref_prefix, visible=run.manuscripts.visible_addresses(now=now)
                    ),
                    library=library,
                    manuscripts=run.manuscripts,
                    hosts=[urlsplit(site_url).netloc],
                    as_draft=as_draft,
                    future=future,
                    dry_run=dry_run,
                )
                run.report.notes += plan.names.notes
                for source, article, problem in plan.refused:
                    run.refuse(source, article, problem)
                for source, article in plan.thrown_away:
                    run.announce(source.name, "unchanged", (*article.problems, Code.THROWN_AWAY.found()))
                if dry_run:
                    run.report_plan(plan)
                    return run.report
                articles = [(source, article) for source, article, _ in plan.later]
                articles += run.carry_out(plan, writer, executor, is_last=number == ROUNDS)
                if not articles:
                    break
        if site_url:
            legacy.write_redirects(by=by, now=now)
    return run.report


@dataclass(kw_only=True)
class _Run:
    """State of a running import, with its report. `progress` is called with (report, file, outcome)."""

    report: Report
    progress: Callable[[Report, str, str], None]
    manuscripts: Manuscripts
    ref_prefix: str

    def read(self, executor: Executor, sources: Iterable[Source], *, dialect: str) -> list[Loaded]:
        """Read the sources; unreadable files and duplicate names are reported and left out."""
        articles: dict[str, Loaded] = {}
        for source, data, found in _read(executor, sources, now=self.manuscripts.now, dialect=dialect):
            if isinstance(found, Unreadable):
                self._refuse(source.name, stem(source.name), data, [found.finding])
            elif found.ref not in articles:
                articles[found.ref] = (source, found)
                self.report.unused_keys.update(found.unused_keys)
            elif found.sha256 == articles[found.ref][1].sha256:
                self.announce(source.name, "unchanged", ())
            else:
                doubled = Code.DOUBLED.found(name=articles[found.ref][0].name)
                self._refuse(source.name, found.ref, data, [doubled])
        return list(articles.values())

    def refuse(self, source: Source, article: Article, problem: Finding) -> None:
        """Report an article that cannot be imported, and keep its manuscript."""
        data = _load(source)
        data = article.body.encode() if isinstance(data, Unreadable) else data
        self._refuse(source.name, article.ref, data, [problem, *article.problems])

    def _refuse(self, name: str, ref: str, data: bytes, problems: Sequence[Finding]) -> None:
        self.manuscripts.keep_refused(self.ref_prefix + ref, data, problems)
        self.announce(name, "failed", problems)

    def announce(
        self,
        name: str,
        outcome: str,
        problems: Iterable[Finding],
        *,
        post: int | None = None,
        holds: Iterable[Hold] = (),
        not_shown: Iterable[NotShown] = (),
    ) -> None:
        self.report.add(name, outcome, problems, post=post, holds=holds, not_shown=not_shown)
        self.progress(self.report, name, outcome)

    def report_plan(self, plan: Plan) -> None:
        """Report the plan without writing anything (`dry_run`)."""
        for job in plan.jobs():
            self._tell_of(job, post=None)
        for source, article, finding in plan.later:
            self.announce(source.name, "proposed", (*article.problems, finding))

    def carry_out(self, plan: Plan, writer: Writer, executor: Executor, *, is_last: bool) -> list[Loaded]:
        """Execute the plan; returns the articles to be planned again (none if `is_last`: they have failed then)."""
        again: list[Loaded] = []
        rendered = in_order(executor, lambda job: _rendering(executor, job), plan.jobs())
        while batch := list(islice(rendered, BATCH)):
            for job, post in writer.write(batch, is_last=is_last):
                if not isinstance(post, Finding):
                    self._tell_of(job, post=post)
                elif is_last:
                    known = job.post.pk if job.post else None
                    self.announce(job.source.name, "failed", (post, *job.problems), post=known)
                else:
                    again.append((job.source, job.article))
        return again

    def _tell_of(self, job: Job, *, post: int | None) -> None:
        self.report.notes += job.notes
        if job.route:
            self.report.routes.append(job.route)
        not_shown = job.article.text.not_shown if job.has_news else ()
        self.announce(
            job.source.name, job.outcome, job.problems, post=post, holds=job.holds, not_shown=not_shown
        )


def _rendering(executor: Executor, job: Job) -> Future[Rendered | None]:
    if job.goes_out:
        return executor.submit(render, **job.content.rendering())
    return _done(None)


def _read(
    executor: Executor, sources: Iterable[Source], *, now: datetime, dialect: str
) -> Iterator[tuple[Source, bytes, Article | Unreadable]]:
    """Read and parse each source, ordered by name."""

    def reading(loaded: tuple[Source, bytes | Unreadable]) -> Future[Article | Unreadable]:
        source, data = loaded
        if isinstance(data, Unreadable):
            return _done(data)
        options = {"now": now, "drafts": source.drafts, "dialect": dialect}
        return executor.submit(try_to_read, source.name, data, **options)

    loaded = ((source, _load(source)) for source in sorted(sources, key=lambda source: source.name))
    for (source, data), future in in_order(executor, reading, loaded):
        yield source, b"" if isinstance(data, Unreadable) else data, future.result()


def _load(source: Source) -> bytes | Unreadable:
    try:
        return source.load()
    except Unreadable as error:
        return error


def _done(value: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(value)
    return future
