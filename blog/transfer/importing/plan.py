"""Import plan: what is to be done with each article, decided against what the magazine has. Writes no post."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from blog.editorial import publishing
from blog.editorial.content import Content
from blog.editorial.content_kinds import Credit
from blog.editorial.lookups import ContentLookups
from blog.models import Address, Revision
from blog.text.findings import Code, Finding
from blog.text.post_paths import day_and_slug
from blog.transfer.importing import import_warnings
from blog.transfer.importing.contents import Names, content_of
from blog.transfer.importing.existing_posts import (
    ExistingPost,
    ImportState,
    imported_revisions,
    may_be_guessed,
)
from blog.transfer.importing.library import Library
from blog.transfer.importing.paths import TOKYO, Claim, Place, as_set
from blog.transfer.importing.reader import DATED_STEM, Article
from blog.transfer.importing.report import Route
from blog.transfer.importing.sources import Source
from blog.transfer.importing.targets import Targets
from blog.transfer.importing.visibility import Hold
from blog.transfer.intake.manuscripts import Manuscripts, Taken, known_versions, newest_article

BATCH = 20
"""Articles a transaction: an editor's save must never wait long for ours. So many rows of posts, of up to 49 columns each,
Django gives SQLite in one statement (999 values)."""
Loaded = tuple[Source, Article]


@dataclass(frozen=True, kw_only=True)
class Job:
    """One article and what becomes of it. `outcome` as in `import_sources`; `has_news`: its text is not what the file said
    last; `goes_out`: readers will see it.

    `post` and `base` (what the file said last time) are None for a new article. `holds`: why it is or stays a draft, as
    far as its file says so. `is_known`: this very version was
    taken before, with the same problems unless `is_reported_anew`. `moves`: posts that leave their path for it, and where
    they go, in this order. `path_redirects`: its path leads to another post so far, which gives it up. `old_paths` are to
    lead to it.
    """

    source: Source
    article: Article
    ref: str
    content: Content
    problems: tuple[Finding, ...]
    post: ExistingPost | None
    base: Revision | None
    place: Place | None
    holds: tuple[Hold, ...]
    is_known: bool
    is_reported_anew: bool
    moves: tuple[tuple[ExistingPost, Place], ...]
    path_redirects: bool
    old_paths: tuple[str, ...]
    outcome: str
    has_news: bool
    goes_out: bool

    @property
    def is_new_post(self) -> bool:
        return self.post is None and self.goes_out

    @property
    def route(self) -> Route | None:
        """Its line of the URL table."""
        place = self.place
        if place is None:
            return None
        return Route(self.article.ref, place.path, next(iter(place.redirects), ""), place.was_shadowed)

    @property
    def notes(self) -> Iterator[str]:
        """What it means for other posts."""
        for post, place in self.moves:
            yield f"{post.ref}: URL が {post.path} から {place.path} に変わります（後の記事がそこに立つため）。"


class Plan:
    """The jobs for `articles`, in the order of publication. Sections and authors that are missing are made at once.

    `refused`: articles that cannot come in or go out as they are; they get no place and move nobody. No more do those
    `thrown_away`: versions whose post somebody has discarded. `later`: those that seem to be versions of others in
    `articles`, with what the desk is told of it; they are decided when those are in.
    """

    def __init__(
        self,
        articles: Collection[Loaded],
        *,
        state: ImportState,
        library: Library,
        manuscripts: Manuscripts,
        hosts: Collection[str],
        as_draft: bool,
        future: bool,
        dry_run: bool,
    ) -> None:
        self.state, self.library, self.manuscripts = state, library, manuscripts
        self.as_draft, self.future = as_draft, future
        self.known = known_versions(state.ref_prefix + article.ref for _, article in articles)
        self.articles: list[Loaded] = []
        self.refused: list[tuple[Source, Article, Finding]] = []
        self.thrown_away: list[Loaded] = []
        self.later: list[tuple[Source, Article, Finding]] = []
        self._sort_out(sorted(articles, key=lambda pair: (pair[1].published_at, pair[1].ref)))
        bare = [article for _, article in self.articles]
        shown = [] if as_draft else [article for article in bare if not self._holds(article)]
        self.names = Names(bare, shown=shown, now=library.now, dry_run=dry_run)
        self.targets = Targets(state.visible, articles=bare, now=library.now)
        self.places = state.places(self._claim(article) for article in bare if self._is_new_post(article))
        self.table = state.table(self.places, hosts=hosts)
        self.kinds = {path: kind for path, kind, _post in state.addresses}
        self.stands = {place.path for place in self.places.values()}
        self.leaving = {
            post.path: (post, self.places[ref])
            for ref, post in state.posts.items()
            if ref in self.places and self.places[ref].path != post.path
        }

    def _sort_out(self, articles: Collection[Loaded]) -> None:
        by_moment: dict[datetime, list[str]] = {}
        for _, article in articles:
            if DATED_STEM.fullmatch(article.ref) and self._is_new_post(article):
                by_moment.setdefault(article.published_at, []).append(article.ref)
        for source, article in articles:
            possible_duplicates = by_moment.get(article.published_at, [])
            if may_be_guessed(article) and len(possible_duplicates) == 1 and not self.state.find(article):
                self.later.append((source, article, import_warnings.guessed(possible_duplicates[0])))
            elif self._is_thrown_away(article):
                self.thrown_away.append((source, article))
            elif defect := self._refusal(article):
                self.refused.append((source, article, defect))
            else:
                self.articles.append((source, article))

    def _holds(self, article: Article) -> tuple[Hold, ...]:
        """Why readers may not be shown `article`, as far as its file says so.

        A date to come is no reason where the desk has scheduled the post for that moment or a later one, nor in an import
        that schedules (`future`).
        """
        post = self.state.find(article)
        at = post.published_at if post and post.is_live else None
        is_scheduled = self.future or (at is not None and at >= article.published_at)
        return tuple(hold for hold in article.holds if not (hold.is_schedule and is_scheduled))

    def _is_new_post(self, article: Article) -> bool:
        is_new = not (self.state.find(article) or self._is_thrown_away(article))
        return is_new and not (self.as_draft or self._holds(article))

    def _taken(self, article: Article) -> Taken | None:
        return self.known.get((self.state.ref_prefix + article.ref, article.sha256))

    def _is_thrown_away(self, article: Article) -> bool:
        """Whether this very version was discarded. Only a person brings it back: machines and folders repeat themselves."""
        taken = self._taken(article)
        is_gone = taken is not None and taken.post is None and not self.state.find(article)
        return is_gone and not self.manuscripts.are_brought_by_hand

    def _claim(self, article: Article) -> Claim:
        return Claim(
            ref=self.state.ref_prefix + article.ref,
            published_at=article.published_at,
            slug=article.slug,
            file_day=article.file_day,
            file_slug=article.file_slug,
            permalink=article.permalink,
        )

    def _may_change(self, post: ExistingPost, article: Article) -> bool:
        """Whether `article` may be what readers of `post` see next, without anybody looking at it."""
        is_ours = post.is_live and post.is_untouched and not post.is_withdrawn
        return is_ours and not (self.as_draft or self._holds(article))

    def _refusal(self, article: Article) -> Finding | None:
        """Why `article` cannot come in, or go out if it is to, as far as it is its own fault."""
        if defect := self._namesake(article):
            return defect
        post = self.state.find(article)
        if post and (self.state.guess(article) or not self._may_change(post, article)):
            return None
        if not (post or self._is_new_post(article)):
            return None
        own = (article.published_at.astimezone(TOKYO).date(), article.slug)
        day, slug = day_and_slug(post.path if post else article.permalink) or own
        text = Content(
            title=article.title,
            slug=slug,
            day=day,
            category=next(iter(article.terms["category"]), ""),
            bylines=(Credit(""),),  # what nobody signs, the house signs
            body=article.body,
        )
        problems = publishing.check_text(text)
        return Code.REFUSED.found(reason=publishing.NotReady(problems)) if problems else None

    def _namesake(self, article: Article) -> Finding | None:
        """A name without a day (memo.md) is soon given twice: another title and another date are another article."""
        ref = self.state.ref_prefix + article.ref
        post = self.state.posts.get(ref)
        if post is None or DATED_STEM.fullmatch(article.ref) or self._taken(article):
            return None
        said = newest_article(ref, now=self.library.now)
        if said is None or said.title == article.title or said.published_at == article.published_at:
            return None
        return import_warnings.namesake(article.ref, self.manuscripts.title_for_sender(post.pk))

    def jobs(self) -> Iterator[Job]:
        self.library.expect(article for _, article in self.articles)
        pairs = iter(self.articles)
        while batch := list(islice(pairs, BATCH)):
            posts = [self.state.find(article) for _, article in batch]
            imported = imported_revisions(post.pk for post in posts if post)
            said = {pk: Content.from_json(revision.content) for pk, revision in imported.items()}
            known = ContentLookups(said.values())
            for (source, article), post in zip(batch, posts, strict=True):
                base = imported.get(post.pk) if post else None
                before = said[base.post_id].in_names_of_today(known) if base else None
                yield self._job(source, article, post, base, before)

    def _job(
        self,
        source: Source,
        article: Article,
        post: ExistingPost | None,
        base: Revision | None,
        before: Content | None,
    ) -> Job:
        if before:
            article = article.like(before.dialect)
        ref = self.state.ref_prefix + article.ref
        place = self.places.get(post.ref if post else ref)
        # A draft has no place yet: it remembers the path that its file asks for.
        at = article.published_at if article.has_date else None
        asked = as_set(place.path if place else article.permalink, published_at=at)
        day, slug = (before.day, before.slug) if before else asked or (None, article.slug)
        content, problems = content_of(
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
        is_seen = post.is_live if post else self._is_new_post(article)
        taken = self._taken(article) if post else None  # what is brought back is new
        has_news = content != before
        old_paths = self._old_paths(article, post, place, is_known=taken is not None)
        outcome = "created"
        if post and has_news:
            outcome = self._outcome(article, post, taken)
        elif post:
            outcome = "updated" if old_paths else "unchanged"
        findings = (*article.problems, *problems, *self._unheeded(article, post, place))
        if has_news and outcome == "unchanged" and taken and not taken.is_newest:
            findings = (*findings, Code.OLD_VERSION.found())
        return Job(
            source=source,
            article=article,
            ref=ref,
            content=content,
            problems=findings,
            post=post,
            base=base,
            place=place,
            holds=() if post and post.is_live else self._holds(article),
            is_known=taken is not None,
            is_reported_anew=taken is not None and taken.problems != findings,
            moves=() if post else self._moves(place),
            path_redirects=bool(place and place.path in self.kinds),
            old_paths=old_paths,
            outcome=outcome,
            has_news=has_news,
            goes_out=has_news and is_seen and outcome in ("created", "updated"),
        )

    def _outcome(self, article: Article, post: ExistingPost, taken: Taken | None) -> str:
        """What becomes of a text that is not what the file said last."""
        if self.state.guess(article):
            return "unchanged" if taken else "proposed"
        if taken and not (post.is_untouched and taken.is_newest):
            return "unchanged"
        if self._may_change(post, article) or (post.is_untouched and not post.is_live):
            return "updated"
        return "proposed"

    def _moves(self, place: Place | None) -> tuple[tuple[ExistingPost, Place], ...]:
        """Who leaves for the article at `place`: the post that stands there, whoever stands where that one goes, …"""
        moves = []
        while place and place.path in self.leaving:
            moves.append(self.leaving[place.path])
            place = moves[-1][1]
        return tuple(reversed(moves))

    def _leads(self, article: Article, post: ExistingPost | None) -> bool:
        """Whether old paths that `article` names may lead to its post: readers see it, or are about to."""
        if post is None:
            return self._is_new_post(article)
        is_heard = post.is_live and not (post.is_withdrawn or self.state.guess(article))
        return is_heard and not (self.as_draft or self._holds(article))

    def _old_paths(
        self, article: Article, post: ExistingPost | None, place: Place | None, *, is_known: bool
    ) -> tuple[str, ...]:
        if post and (is_known or not self._leads(article, post)):
            return ()
        said = (path for path in article.redirect_from if not self.targets.is_ours(path))
        wanted = [*(place.redirects if place and not post else ()), *said]
        free = (None, Address.Kind.GONE) if post else (*Address.Kind, None)
        return tuple(path for path in wanted if path not in self.stands and self.kinds.get(path) in free)

    def _unheeded(
        self, article: Article, post: ExistingPost | None, place: Place | None
    ) -> Iterator[Finding]:
        """What the front matter asks for and the magazine does not do."""
        may_name = self.state.may_name
        for duplicate in self.state.possible_duplicates(article):
            yield import_warnings.duplicate(duplicate.ref if may_name(duplicate) else "")
        if post and self.state.guess(article):
            yield import_warnings.guessed(post.ref if may_name(post) else "")
            return
        yield from import_warnings.of_state(article, post, holds=self._holds(article), as_draft=self.as_draft)
        yield from import_warnings.of_paths(
            article,
            path=place.path if place else post.path if post and may_name(post) else "",
            ours=[*filter(self.targets.is_ours, article.redirect_from)],
            leads=self._leads(article, post),
        )
