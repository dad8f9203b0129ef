"""Articles into posts. Running twice changes nothing; an editor's work is never overwritten.

All files are read first, for the path or a link of one may depend on another. Then, batch by batch, they are rendered
outside of transactions and written in short ones. The order of the files decides nothing: articles are taken by
date, then by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from blog.archive import legacy
from blog.archive.contents import Library
from blog.archive.plan import BATCH, Job, Plan
from blog.archive.reader import Article, Unreadable, stem
from blog.archive.report import Report
from blog.archive.sources import Pictures, Source, find
from blog.archive.standing import House
from blog.archive.work import WORTH_PROCESSES, in_order, try_to_read, workers
from blog.archive.writer import Writer
from blog.models import MachineToken, Manuscript
from blog.text.defects import Defect
from blog.text.markdown import Rendered, render

Progress = Callable[[int, int, str, str], None]
"""Called with (done, of how many, file, outcome)."""


def import_files(paths: list[Path], *, images_from: Path | None = None, **options: Any) -> Report:
    """Import files, folders and zips; `options` as for `import_sources`."""
    sources, pictures = find(paths)
    if images_from:
        pictures = Pictures(pictures.files | Pictures.of_folder(images_from).files)
    return import_sources(sources, pictures=pictures, **options)


def import_sources(
    sources: list[Source],
    *,
    now: datetime,
    pictures: Pictures | None = None,
    site_url: str = "",
    as_draft: bool = False,
    dry_run: bool = False,
    parallel: bool = False,
    ref_prefix: str = "",
    way: str | None = Manuscript.Way.COMMAND,
    sender: Any = None,
    machine: MachineToken | None = None,
    progress: Progress = lambda done, total, name, outcome: None,
) -> Report:
    """Import documents; one that cannot be read never stops the rest.

    Outcomes: created, updated, unchanged, proposed (an editor had changed the post: their work stands, the new text
    waits as a revision), failed. `site_url`: the old site, whose feed named articles by URL; their guids stay,
    and its well-known paths lead on.
    `as_draft`: nothing goes out, new articles become drafts and new texts of live posts proposals. `dry_run` writes
    nothing. `parallel` uses other processes when they are worth starting. `way`, `sender`, `machine`: how the manuscripts came, and for whom; `way` None keeps none.
    """
    report = Report()

    def tell(name: str, outcome: str) -> None:
        progress(report.counts.total(), len(sources), name, outcome)

    writer = Writer(
        now=now,
        site_url=site_url.rstrip("/"),
        way=None if dry_run else way,
        sender=sender,
        machine=machine,
    )
    with workers(parallel=parallel and len(sources) >= WORTH_PROCESSES) as executor:
        articles: dict[str, tuple[Source, Article]] = {}
        for source, data, problem in _read(executor, sources, articles):
            report.fail(source.name, problem)
            writer.keep_failure(ref_prefix + stem(source.name), data, problem)
            tell(source.name, "failed")
        plan = Plan(
            articles.values(),
            house=House(ref_prefix=ref_prefix),
            library=Library(pictures or Pictures(), now=now, dry_run=dry_run, must_store=not as_draft),
            hosts=[urlsplit(site_url).netloc],
            as_draft=as_draft,
            dry_run=dry_run,
        )
        report.notes += [*plan.names.notes, *plan.move_notes()]
        report.routes += plan.routes()
        if dry_run:
            for job in plan.jobs():
                report.add(job.source.name, job.outcome, job.problems)
                tell(job.source.name, job.outcome)
            return report
        writer.make_room(plan.moves())
        rendered = in_order(executor, lambda job: _rendering(executor, job), plan.jobs())
        while batch := list(islice(rendered, BATCH)):
            for job, outcome in writer.write(batch):
                if isinstance(outcome, Defect):
                    report.fail(job.source.name, outcome)
                    tell(job.source.name, "failed")
                else:
                    report.add(job.source.name, outcome, job.problems)
                    tell(job.source.name, outcome)
    if site_url:
        legacy.write_redirects()
    return report


def _rendering(executor: Executor, job: Job) -> Future[Rendered | None]:
    if job.goes_out:
        return executor.submit(render, **job.content.rendering())
    return _done(None)


def _read(
    executor: Executor, sources: Iterable[Source], articles: dict[str, tuple[Source, Article]]
) -> Iterator[tuple[Source, bytes, Defect]]:
    """Fill `articles` by ref, and yield what cannot be read. Of two files with one name the first by path counts."""

    def reading(loaded: tuple[Source, bytes | Unreadable]) -> Future[Article | Unreadable]:
        source, data = loaded
        return (
            _done(data) if isinstance(data, Unreadable) else executor.submit(try_to_read, source.name, data)
        )

    loaded = ((source, _load(source)) for source in sorted(sources, key=lambda source: source.name))
    for (source, data), future in in_order(executor, reading, loaded):
        found = future.result()
        content = b"" if isinstance(data, Unreadable) else data
        if isinstance(found, Unreadable):
            yield source, content, found.defect
        elif found.ref in articles:
            other = articles[found.ref][0].name
            yield (
                source,
                content,
                Defect("doubled", f"同じ名前のファイルがほかにもあります: {other}", None, True),
            )
        else:
            articles[found.ref] = (source, found)


def _load(source: Source) -> bytes | Unreadable:
    try:
        return source.load()
    except Unreadable as error:
        return error


def _done(value: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(value)
    return future
