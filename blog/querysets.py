"""Query sets of posts and terms. The only module that filters posts by visibility."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, TruncMonth

from blog.text.names import tag_key

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from blog.models import Byline, Category, Post, Tag  # noqa: F401  Post is named in strings only

Row = TypeVar("Row", bound=models.Model)

LARGE_COLUMNS = (
    *("body", "body_html", "toc", "plain_text"),
    *("collection", "live_at", "featured_at", "next_try_at", "next_attempts", "next_error"),
    *("dialect", "settled", "next_settled", "begins_with_excerpt", "portable_html"),
)
"""Columns that lists do not load: the texts, and columns that a later migration put after them (SQLite appends
columns)."""


class PostQuerySet(models.QuerySet["Post"]):
    """Query set of posts, in the desk's words. Moments are aware datetimes; `now` is always an argument."""

    # What readers see

    def published(self, now: datetime) -> PostQuerySet:
        """Published posts at `now`, which answer at their URL: the only definition of "published" on the site."""
        return self.filter(published_q(now))

    def listed(self, now: datetime) -> PostQuerySet:
        """Published posts in readers' lists, searches and links of other pages: without those that a defect blocks."""
        return self.filter(listed_q(now))

    def indexable(self, now: datetime) -> PostQuerySet:
        """Listed posts that machines may list too, in feeds and sitemaps: without noindex."""
        return self.filter(indexable_q(now))

    def featured(self, now: datetime, *, since: datetime) -> PostQuerySet:
        """Listed posts that an editor has featured since `since`; the last featured first."""
        return self.listed(now).filter(featured_at__gte=since).order_by("-featured_at", "-pk")

    def ever_published(self, now: datetime) -> PostQuerySet:
        """Posts that readers have ever seen, withdrawn since or not."""
        return self.filter(live_revision__isnull=False, published_at__lte=now)

    def ever_listed(self, now: datetime) -> PostQuerySet:
        """Posts ever published that no defect blocks now, withdrawn since or not."""
        return self.ever_published(now).filter(is_blocked=False)

    def last_changes(self, now: datetime) -> dict[str, models.Subquery]:
        """Moments of the last visible change of these posts, as expressions, of which the latest counts: a planned
        withdrawal, or a write, announced or not, backdated or not. (A scheduled publication has its own date.)"""
        moments: dict[str, Any] = {
            # (`ever_published` excludes no row here, but lets the database use the lists' index instead of reading all
            # rows.)
            "left": self.ever_published(now).withdrawn(now).order_by("-withdrawn_at").values("withdrawn_at"),
            "written": self.filter(live_at__lte=now).order_by("-live_at").values("live_at"),
        }
        return {name: models.Subquery(found[:1]) for name, found in moments.items()}

    def first_changes(self, after: datetime) -> dict[str, models.Subquery]:
        """Moments of the first visible change of these posts after a moment, as expressions: a publication, an
        announced update, a withdrawal, a write. Future ones are caused by the clock alone."""
        live = self.with_live_revision()
        moments: dict[str, tuple[PostQuerySet, Any]] = {
            "comes": (live, F("published_at")),
            "is_news": (live, announced_at()),
            "leaves": (live, F("withdrawn_at")),
            "is_written": (self, F("live_at")),
        }
        return {
            name: models.Subquery(
                posts.alias(moment=at).filter(moment__gt=after).order_by("moment").values_list(at)[:1]
            )
            for name, (posts, at) in moments.items()
        }

    def next_withdrawal(self, after: datetime) -> datetime | None:
        """Moment of the next planned withdrawal of a post after a moment."""
        leaving = self.with_live_revision().filter(withdrawn_at__gt=after).order_by("withdrawn_at")
        return leaving.values_list("withdrawn_at", flat=True).first()

    def next_tries(self) -> PostQuerySet:
        """Live posts with a scheduled update, the next to be tried first; it may be due already."""
        return self.filter(next_try_at__isnull=False).order_by("next_try_at", "pk")

    def announced_by_month(self) -> list[tuple[datetime, datetime]]:
        """Months of publication, newest first: (first moment of the month, latest announcement of its posts)."""
        months = self.annotate(month=TruncMonth("published_at")).values("month")
        return list(
            months.annotate(announced=models.Max(announced_at()))
            .order_by("-month")
            .values_list("month", "announced")
        )

    def dated(self, start: datetime, end: datetime) -> PostQuerySet:
        """Posts with `published_at` from `start` to before `end`: an index range."""
        return self.filter(published_at__gte=start, published_at__lt=end)

    def counted(self, start: datetime, end: datetime, *, nth: int) -> dict[str, Any]:
        """Count posts dated from `start` to before `end` (`count`). Also the moments of the last post `before`, the
        first one `after`, and the `nth` one after (None: there is none)."""
        after = self.filter(published_at__gte=end).in_reading_order().values("published_at")
        return self.aggregate(
            count=models.Count("pk", filter=Q(published_at__gte=start, published_at__lt=end)),
            before=models.Max("published_at", filter=Q(published_at__lt=start)),
            after=models.Min("published_at", filter=Q(published_at__gte=end)),
            nth=models.Max(models.Subquery(after[nth - 1 : nth])),
        )

    def newest_first(self) -> PostQuerySet:
        """Order of every list; posts of the same moment are ordered by primary key."""
        return self.order_by("-published_at", "-pk")

    def first_announced(self) -> datetime | None:
        """Oldest announcement among these posts, each counted with its latest."""
        return self.order_by(announced_at()).values_list(announced_at(), flat=True).first()

    def last_announced_first(self) -> PostQuerySet:
        """Order of feeds: an announced update counts like a new post."""
        return self.order_by(announced_at().desc(), "-pk")

    def in_reading_order(self) -> PostQuerySet:
        """Order of a collection: by publication, oldest first."""
        return self.order_by("published_at", "pk")

    def numbered(self, now: datetime) -> PostQuerySet:
        """Annotate `number`, a post's position in its collection. Withdrawn parts keep their number."""
        before = Q(published_at__lt=OuterRef("published_at")) | Q(
            published_at=OuterRef("published_at"), pk__lte=OuterRef("pk")
        )
        parts = self.model.objects.ever_listed(now).filter(before, collection=OuterRef("collection"))
        counted = parts.order_by().values("collection").annotate(count=models.Count("pk")).values("count")
        return self.annotate(number=models.Subquery(counted))

    def for_cards(self) -> PostQuerySet:
        """Posts for lists: without text columns, with what a card shows, in a fixed number of queries."""
        return (
            self.newest_first()
            .defer(*LARGE_COLUMNS)
            .select_related("category", "hero")
            .prefetch_related(_credits())
        )

    def just_after(self, post: Any) -> PostQuerySet:
        """Posts newer than `post` in the order of the lists, nearest first."""
        later = Q(published_at__gt=post.published_at) | Q(published_at=post.published_at, pk__gt=post.pk)
        return self.filter(later).order_by("published_at", "pk")

    def just_before(self, post: Any) -> PostQuerySet:
        """Posts older than `post` in the order of the lists, nearest first."""
        earlier = Q(published_at__lt=post.published_at) | Q(published_at=post.published_at, pk__lt=post.pk)
        return self.filter(earlier).newest_first()

    # What the desk sees

    def scheduled(self, now: datetime) -> PostQuerySet:
        """Scheduled posts (「予約」): released by the desk, with `published_at` in the future."""
        return (
            self.not_trashed()
            .filter(live_revision__isnull=False, published_at__gt=now)
            .exclude(withdrawn_q(now))
        )

    def going_out_before(self, at: datetime, *, now: datetime) -> PostQuerySet:
        """Scheduled posts that will be published before `at`, the next first."""
        return self.scheduled(now).filter(published_at__lt=at).order_by("published_at", "pk")

    def withdrawn(self, now: datetime) -> PostQuerySet:
        return self.not_trashed().filter(withdrawn_q(now), live_revision__isnull=False)

    def unpublished(self) -> PostQuerySet:
        """Posts never released for publication: being written, waiting for review, or approved."""
        return self.not_trashed().filter(live_revision__isnull=True)

    def with_live_revision(self) -> PostQuerySet:
        """Posts ever released by the desk: public, scheduled and withdrawn ones."""
        return self.filter(live_revision__isnull=False)

    def seen_or_coming(self, now: datetime) -> PostQuerySet:
        """Public and scheduled posts: what readers see, or will see without further action."""
        return self.not_trashed().with_live_revision().exclude(withdrawn_q(now))

    def blocked(self, now: datetime) -> PostQuerySet:
        """Public and scheduled posts that no list shows, for a defect that nobody has settled (「要確認」)."""
        return self.filter(is_blocked=True).exclude(withdrawn_q(now))

    def changed_since_publication(self) -> PostQuerySet:
        """Posts with unpublished changes (「未公開の変更あり」): live, with a newer revision that readers do not see."""
        return (
            self.not_trashed().filter(live_revision__isnull=False).exclude(latest_revision=F("live_revision"))
        )

    def filed_under(self, category: Category) -> PostQuerySet:
        """Posts of a section: by their live section, else by the section of the newest revision."""
        names = {category.name, *category.aliases.values_list("name", flat=True)}
        working = Q(live_revision__isnull=True, latest_revision__content__category__in=names)
        return self.filter(Q(category=category) | working)

    def not_trashed(self) -> PostQuerySet:
        """Posts outside the bin."""
        return self.filter(trashed_at__isnull=True)

    def trashed(self) -> PostQuerySet:
        return self.filter(trashed_at__isnull=False)

    def due(self, now: datetime) -> PostQuerySet:
        """Live posts whose scheduled update is due and may be tried (again) by now; the longest waiting first."""
        return self.filter(next_try_at__lte=now).order_by("next_try_at", "pk")

    def failing(self) -> PostQuerySet:
        """Live posts whose scheduled update has failed so far."""
        return self.filter(failing_q())

    def written_by(self, user: User) -> PostQuerySet:
        """Posts that `user` began, is assigned to, or has saved a revision of."""
        own = self.model.objects.filter(pk=OuterRef("pk"), revisions__by=user)
        return self.filter(Q(created_by=user) | Q(assignee=user) | Exists(own))


def _credits() -> models.Prefetch[str, models.QuerySet[Byline]]:
    """Prefetch by-lines with their authors in one query instead of two."""
    return models.Prefetch("bylines", apps.get_model("blog", "Byline").objects.select_related("author"))


def published_q(now: datetime, prefix: str = "") -> Q:
    """Condition of `published()`, for counts over a relation (`prefix` such as "posts__")."""
    return Q(
        **{f"{prefix}live_revision__isnull": False, f"{prefix}published_at__lte": now},
    ) & (Q(**{f"{prefix}withdrawn_at__isnull": True}) | Q(**{f"{prefix}withdrawn_at__gt": now}))


def listed_q(now: datetime, prefix: str = "") -> Q:
    """Condition of `listed()`, likewise."""
    return published_q(now, prefix) & Q(**{f"{prefix}is_blocked": False})


def indexable_q(now: datetime, prefix: str = "") -> Q:
    """Condition of `indexable()`, likewise."""
    return listed_q(now, prefix) & Q(**{f"{prefix}noindex": False})


def withdrawn_q(now: datetime) -> Q:
    return Q(withdrawn_at__lte=now)


def failing_q() -> Q:
    return Q(next_try_at__isnull=False) & ~Q(next_error="")


def announced_at(prefix: str = "") -> Coalesce:
    """SQL expression of `Post.last_announced_at`."""
    return Coalesce(f"{prefix}updated_at", f"{prefix}published_at")


class TermFacts(NamedTuple):
    """Number of a term's posts in readers' lists, and the latest announcement of those that machines may list too."""

    listed: int
    announced: datetime | None


class TermQuerySet(models.QuerySet[Row]):
    """Query set of terms of one kind: lookup by name, and counts of their posts in readers' lists."""

    posts_relation = "posts__"

    def with_counts(self, now: datetime) -> Self:
        """Annotate `listed_count`: as many posts as the term's list holds."""
        condition = listed_q(now, self.posts_relation)
        counted = self.posts_relation.removesuffix("__")
        return self.annotate(listed_count=models.Count(counted, filter=condition, distinct=True))

    def in_use(self, now: datetime) -> Self:
        """Terms with at least one post in readers' lists, in the model's order, which Django forgets when it groups."""
        order: Any = self.model._meta.ordering
        return self.with_counts(now).filter(listed_count__gt=0).order_by(*order)

    def facts(self, now: datetime) -> dict[int, TermFacts]:
        """Facts of all terms in use, by primary key. One query over the posts alone, at a tenth of the price of
        `with_counts`."""
        model: Any = self.model
        if model.declared.is_many:
            through = model.through()
            rows, term = through.model._default_manager, through.term
            prefix, post = f"{through.post}__", through.post
        else:
            rows, term, prefix, post = (
                apps.get_model("blog", "Post").objects,
                model.declared.relation,
                "",
                "pk",
            )
        found = rows.filter(listed_q(now, prefix), **{f"{term}__isnull": False}).order_by().values_list(term)
        counted = found.annotate(
            count=models.Count(post, distinct=bool(model.declared.told_apart_by)),
            announced=models.Max(announced_at(prefix), filter=Q(**{f"{prefix}noindex": False})),
        )
        return {key: TermFacts(count, announced) for key, count, announced in counted}

    def named(self, names: Iterable[str]) -> dict[str, Any]:
        """Find terms by current name or alias, in any case and width; returns them by the names given, without unknown
        ones.

        One query when every name is spelled as stored, up to three more for the others.
        """
        names = set(names) - {""}
        found: dict[str, Any]
        found = {row.name: row for row in self.filter(name__in=names)} if names else {}  # type: ignore[attr-defined]  # each has a name
        missing = {name: tag_key(name) for name in names if name not in found}
        if missing:
            keys = set(missing.values())
            once: Any = self.filter(aliases__key__in=keys).annotate(alias_key=F("aliases__key"))
            today = {pk: key for pk, name in self.values_list("pk", "name") if (key := tag_key(name)) in keys}
            known = {row.alias_key: row for row in once}
            known |= {today[row.pk]: row for row in (self.filter(pk__in=today) if today else ())}
            found |= {name: known[key] for name, key in missing.items() if key in known}
        return found


class TagQuerySet(TermQuerySet["Tag"]):
    """Query set of tags by typed names: `AI`, `ＡＩ` and `ai` are one tag, an alias is its tag."""

    def for_names(self, names: Iterable[str], *, known: dict[str, Tag] | None = None) -> list[Tag]:
        """Get or create the tags for `names`, in their order and without repeats; new tags are created in the order of
        keys.

        `known`: an earlier result of `by_key`; new tags are added to it.
        """
        keys: dict[str, str] = {}
        for name in names:
            keys.setdefault(tag_key(name), name)
        keys.pop("", None)
        known = self.by_key(keys) if known is None else known
        # In one fixed order: two imports that create the same tags at once would otherwise deadlock.
        for key in sorted(keys.keys() - known.keys()):
            known[key] = self.get_or_create(key=key, defaults={"name": " ".join(keys[key].split())})[0]
        return list({known[key].pk: known[key] for key in keys}.values())

    def named(self, names: Iterable[str]) -> dict[str, Tag]:
        """Find tags by name, as for other terms but by key alone: two queries."""
        keys = {name: tag_key(name) for name in names}
        known = self.by_key({*keys.values()} - {""})
        return {name: known[key] for name, key in keys.items() if key in known}

    def by_key(self, keys: Iterable[str]) -> dict[str, Tag]:
        """Find tags by key, aliases included: two queries for any number of keys."""
        keys = list(keys)
        found = {tag.key: tag for tag in self.filter(key__in=keys)}
        aliases = self.filter(aliases__key__in=keys).annotate(alias_key=F("aliases__key"))
        return {tag.alias_key: tag for tag in aliases} | found

    def most_used_in(self, posts: Iterable[int]) -> Self:
        """Tags of `posts` (ids), the most frequent first."""
        used = self.filter(tagged__content_object__in=posts)
        return used.annotate(uses=models.Count("tagged")).order_by("-uses", "name")
