"""Import state: snapshot of the existing posts and addresses that an import compares with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet

from blog.models import Address, Post, Revision
from blog.text.names import slugify
from blog.text.post_paths import post_path
from blog.transfer.importing.links import Table, stem_path
from blog.transfer.importing.paths import Claim, Place, place
from blog.transfer.importing.reader import DATED_STEM, Article, file_day, file_slug

State = tuple[Any, ...]


def state_of(post: Post) -> State:
    """As `Standing.state`."""
    return (post.latest_revision_id, post.live_revision_id, post.withdrawn_at, post.trashed_at)


@dataclass(frozen=True, kw_only=True)
class ExistingPost:
    """A post created by an import. `path` is "" until it is live.

    `is_untouched`: working text and live text equal the imported file, word for word.
    `state` changes with everything that an import's decisions depend on.
    """

    pk: int
    ref: str
    state: State
    published_at: datetime | None
    path: str
    is_live: bool
    is_untouched: bool
    is_withdrawn: bool
    is_trashed: bool

    def claim(self, stem: str) -> Claim | None:
        """Path claim of this post in a new import; None when it must not move (edited, withdrawn, or path set by hand)."""
        dated = DATED_STEM.fullmatch(stem)
        if not (dated and self.published_at and self.is_live and self.is_untouched) or self.is_withdrawn:
            return None
        claim = Claim(
            ref=self.ref,
            published_at=self.published_at,
            slug=slugify(dated["slug"]),
            file_day=file_day(dated["day"]),
            file_slug=file_slug(dated["slug"]),
            stands_at=self.path,
        )
        return claim if claim.is_derived else None


class ImportState:
    """Snapshot of the database at the start of an import: three queries without texts.

    `visible`: paths of the addresses that the importing actor may know of (None: all).
    """

    def __init__(self, *, ref_prefix: str = "", visible: QuerySet[Address] | None = None) -> None:
        self.ref_prefix = ref_prefix
        self.posts = {post.ref: post for post in _imported_posts()}
        columns = ("path", "kind", "post_id")
        self.addresses = list(Address.objects.values_list(*columns))
        self.visible = self.addresses if visible is None else list(visible.values_list(*columns))
        self._named = {pk for _path, _kind, pk in self.visible}
        self.by_moment: dict[datetime, list[ExistingPost]] = {}
        for post in self.posts.values():
            if post.published_at:
                self.by_moment.setdefault(post.published_at, []).append(post)

    def may_name(self, post: ExistingPost) -> bool:
        """Whether the import's report may name `post` and its path."""
        return not post.path or post.pk in self._named

    def find(self, article: Article) -> ExistingPost | None:
        """Find the post that `article` is a version of: by file name, else by a guess from its publication time."""
        return self.posts.get(self.ref_prefix + article.ref) or self.guess(article)

    def guess(self, article: Article) -> ExistingPost | None:
        """Guess the post of an `article` whose file name has no date, by publication time."""
        if self.ref_prefix + article.ref in self.posts or not may_be_guessed(article):
            return None
        same = [post for post in self.by_moment.get(article.published_at, ()) if self._is_dated(post)]
        return same[0] if len(same) == 1 else None

    def possible_duplicates(self, article: Article) -> list[ExistingPost]:
        """Possible duplicates of `article`: posts imported earlier from a file name without a date."""
        if not (DATED_STEM.fullmatch(article.ref) and article.published_at.second and article.has_date):
            return []
        same = self.by_moment.get(article.published_at, ())
        return sorted((post for post in same if not self._is_dated(post)), key=lambda post: post.ref)

    def _is_dated(self, post: ExistingPost) -> bool:
        return bool(DATED_STEM.fullmatch(post.ref.removeprefix(self.ref_prefix)))

    def places(self, claims: Iterable[Claim]) -> dict[str, Place]:
        """Assign paths to new articles; untouched imported posts in their way get a new path."""
        movable = {
            post.pk: claim
            for post in self.posts.values()
            if (claim := post.claim(post.ref.removeprefix(self.ref_prefix)))
        }
        taken = {
            path for path, kind, post in self.addresses if kind != Address.Kind.GONE and post not in movable
        }
        return place([*movable.values(), *claims], taken=taken)

    def table(self, places: Mapping[str, Place], *, hosts: Iterable[str]) -> Table:
        """Link table for the paths after the import."""
        stands = {pk: path for path, kind, pk in self.visible if pk and kind == Address.Kind.CURRENT}
        by_file: dict[str, str] = {}
        for post in filter(self.may_name, self.posts.values()):
            here = places[post.ref].path if post.ref in places else post.path
            if here:
                stands[post.pk] = here
                by_file[stem_path(post.ref.removeprefix(self.ref_prefix))] = here
        by_url = {path: stands[pk] for path, _kind, pk in self.visible if pk in stands}
        for ref, where in places.items():
            by_file[stem_path(ref.removeprefix(self.ref_prefix))] = where.path
            by_url |= dict.fromkeys(where.redirects, where.path)
        by_url |= {where.path: where.path for where in places.values()}
        by_file.pop("", None)
        own = {urlsplit(settings.SITE_URL).netloc, *hosts}
        return Table(by_file=by_file, by_url=by_url, hosts=frozenset(host.lower() for host in own if host))


def may_be_guessed(article: Article) -> bool:
    """Whether the article can be identified by its time: the file name has no date, and the time is exact to the second.

    Round times (a day, an hour, a minute) identify nothing: pipelines and people write them for many articles.
    """
    is_exact = article.has_date and bool(article.published_at.second)
    return is_exact and not DATED_STEM.fullmatch(article.ref)


def imported_revisions(posts: Iterable[int]) -> dict[int, Revision]:
    """Latest imported revision by post: the text of the file alone, not a merge."""
    found = Revision.objects.filter(post__in=list(posts), kind=Revision.Kind.IMPORT).order_by("number")
    return {revision.post_id: revision for revision in found.select_related("post")}


def _imported_posts() -> Iterable[ExistingPost]:
    rows = Post.objects.exclude(import_ref=None).values_list(
        *("pk", "import_ref", "published_at", "day", "slug", "live_revision", "withdrawn_at"),
        *("latest_revision", "latest_revision__kind", "trashed_at"),
    )
    for pk, ref, published_at, day, slug, live, withdrawn_at, latest, kind, trashed_at in rows.iterator():
        yield ExistingPost(
            pk=pk,
            ref=ref,
            state=(latest, live, withdrawn_at, trashed_at),
            published_at=published_at,
            path=post_path(day, slug) if live else "",
            is_live=live is not None,
            is_untouched=kind == Revision.Kind.IMPORT and live in (latest, None),
            is_withdrawn=withdrawn_at is not None,
            is_trashed=trashed_at is not None,
        )
