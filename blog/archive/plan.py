"""What is to be done with each article, decided against what the magazine has. Writes no post."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any

from blog.archive.contents import Library, Names, content_of
from blog.archive.paths import Claim, Place, day_and_slug
from blog.archive.reader import Article
from blog.archive.report import Route
from blog.archive.sources import Source
from blog.archive.standing import House, Standing, imported_revisions, known_versions
from blog.archive.targets import Targets
from blog.content import Content
from blog.models import Manuscript, Revision
from blog.text.defects import Defect

BATCH = 25
"""Articles a transaction: an editor's save must never wait long for ours."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One article and what becomes of it. `outcome` as in `import_sources`; `goes_out`: readers will see `content`.

    `post` (its key) and `base` (what the file said last time) are None for a new article. `is_known`: this very
    version came in before. `path_is_led`: its path leads to another post so far, which gives it up. `old_paths` are to
    lead to it.
    """

    source: Source
    article: Article
    ref: str
    content: Content
    problems: tuple[Defect, ...]
    post: int | None
    base: Revision | None
    place: Place | None
    is_known: bool
    path_is_led: bool = False
    old_paths: tuple[str, ...] = ()
    outcome: str = "unchanged"
    goes_out: bool = False

    @property
    def is_debut(self) -> bool:
        return self.post is None and self.goes_out


class Plan:
    """The jobs for `articles`, in the order of publication. Sections and authors that are missing are made at once."""

    def __init__(
        self,
        articles: Collection[tuple[Source, Article]],
        *,
        house: House,
        library: Library,
        hosts: Collection[str],
        as_draft: bool,
        dry_run: bool,
    ) -> None:
        self.articles = sorted(articles, key=lambda pair: (pair[1].published_at, pair[1].ref))
        self.house, self.library, self.as_draft = house, library, as_draft
        bare = [article for _, article in self.articles]
        self.names = Names(bare, as_draft=as_draft, dry_run=dry_run)
        self.targets = Targets(house.addresses, articles=bare, now=library.now)
        self.known = known_versions(house.ref_prefix + article.ref for _, article in self.articles)
        self.places = house.places(self._claims())
        self.table = house.table(self.places, hosts=hosts)
        self.led = {path for path, _kind, _post in house.addresses}
        self.stands = {place.path for place in self.places.values()}

    def _claims(self) -> Iterator[Claim]:
        for _, article in self.articles:
            if not (self.as_draft or article.is_draft or self.house.find(article)):
                yield Claim(
                    ref=self.house.ref_prefix + article.ref,
                    published_at=article.published_at,
                    slug=article.slug,
                    file_day=article.file_day,
                    permalink=article.permalink,
                )

    def moves(self) -> Iterator[tuple[Standing, Place]]:
        """Posts that make room for a new one, and where they go."""
        for ref, post in self.house.posts.items():
            if ref in self.places and self.places[ref].path != post.path:
                yield post, self.places[ref]

    def move_notes(self) -> Iterator[str]:
        """What `moves` mean, for the operator."""
        for post, place in self.moves():
            yield f"{post.ref}: URL が {post.path} から {place.path} に変わります（後の記事がそこに立つため）。"

    def routes(self) -> Iterator[Route]:
        """The URL table: what the articles of this import answer at."""
        for _, article in self.articles:
            if place := self.places.get(self._ref(article)):
                yield Route(article.ref, place.path, place.redirect, place.was_shadowed)

    def jobs(self) -> Iterator[Job]:
        pairs = iter(self.articles)
        while batch := list(islice(pairs, BATCH)):
            posts = [self.house.find(article) for _, article in batch]
            imported = imported_revisions(post.pk for post in posts if post)
            for (source, article), post in zip(batch, posts, strict=True):
                yield self._job(source, article, post, imported.get(post.pk) if post else None)

    def _ref(self, article: Article) -> str:
        post = self.house.find(article)
        return post.ref if post else self.house.ref_prefix + article.ref

    def _job(self, source: Source, article: Article, post: Standing | None, base: Revision | None) -> Job:
        ref = self.house.ref_prefix + article.ref
        place = self.places.get(self._ref(article))
        before = Content.from_json(base.content) if base else None
        day, slug = (before.day, before.slug) if before else _day_and_slug(article, place)
        content, doubts = content_of(
            article,
            path=place.path if place else post.path if post else "",
            day=day,
            slug=slug,
            names=self.names,
            library=self.library,
            table=self.table,
            targets=self.targets,
            before=before,
        )
        goes_out = post.is_live if post else not (self.as_draft or article.is_draft)
        if article.is_blocked and goes_out:
            # Its URL must go on answering, but nobody should find it before somebody has looked at it.
            content = replace(content, noindex=True)
        known = self.known.get((ref, article.sha256), Manuscript.Outcome.FAILED)
        job = Job(
            source=source,
            article=article,
            ref=ref,
            content=content,
            problems=(*article.problems, *doubts),
            post=post.pk if post else None,
            base=base,
            place=place,
            is_known=known != Manuscript.Outcome.FAILED,
            path_is_led=bool(place and place.path in self.led),
            old_paths=tuple(
                path
                for path in (place.redirect if place else "", *article.redirect_from)
                if path and path not in self.stands
            ),
        )
        outcome = "created" if post is None else self._outcome(job, post, before)
        return replace(job, outcome=outcome, goes_out=goes_out and outcome in ("created", "updated"))

    def _outcome(self, job: Job, post: Standing, before: Content | None) -> str:
        if before == job.content or (job.is_known and (not post.is_untouched or not _is_newest(job))):
            return "unchanged"
        if not post.is_untouched or (post.is_live and (self.as_draft or post.is_withdrawn)):
            return "proposed"
        return "updated"


def _is_newest(job: Job) -> bool:
    """Whether no later version of the file came in: an old one that comes again is no news."""
    versions = Manuscript.objects.filter(ref=job.ref).order_by("-received_at", "-pk")
    return versions.values_list("sha256", flat=True).first() == job.article.sha256


def _day_and_slug(article: Article, place: Place | None) -> tuple[date | None, str]:
    """As an editor would have to set them for `place`; the day only when it is not that of publication."""
    if place is None:
        return None, article.slug
    found: Any = day_and_slug(place.path)
    own = Claim(ref="", published_at=article.published_at, slug=found[1])
    return (None if own.natural == place.path else found[0]), found[1]
