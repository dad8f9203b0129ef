"""Query sets: what is visible, and to whom. The only module that filters posts on visibility."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar

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
)
"""What lists do without: the texts, and what a later migration has put behind them (SQLite adds columns at the end)."""


class PostQuerySet(models.QuerySet["Post"]):
    """Posts, in the words of the desk. Moments are aware datetimes; `now` is always an argument."""

    # What readers see

    def published(self, now: datetime) -> PostQuerySet:
        """What readers may see at `now`: the one definition of "published" of the whole site."""
        return self.filter(published_q(now))

    def featured(self, now: datetime, *, since: datetime) -> PostQuerySet:
        """Published posts that an editor has featured, not before `since`; what was featured last first."""
        return self.published(now).filter(featured_at__gte=since).order_by("-featured_at", "-pk")

    def listed(self, now: datetime) -> PostQuerySet:
        """Published posts that machines may list too (feeds, sitemaps): without noindex."""
        return self.published(now).filter(noindex=False)

    def ever_published(self, now: datetime) -> PostQuerySet:
        """What readers have ever seen, withdrawn since or not."""
        return self.filter(live_revision__isnull=False, published_at__lte=now)

    def last_changes(self, now: datetime) -> dict[str, models.Subquery]:
        """When what readers see of these posts last changed, as expressions, of which the latest counts: by a withdrawal
        that had been planned, or by a write, told or not, dated back or not. (What comes by itself has its date.)"""
        moments: dict[str, Any] = {
            # (`ever_published` says nothing more, and lets the index of the lists answer: all rows would be read else.)
            "left": self.ever_published(now).withdrawn(now).order_by("-withdrawn_at").values("withdrawn_at"),
            "written": self.filter(live_at__lte=now).order_by("-live_at").values("live_at"),
        }
        return {name: models.Subquery(found[:1]) for name, found in moments.items()}

    def first_changes(self, after: datetime) -> dict[str, models.Subquery]:
        """When the first thing after a moment happens to what readers see of these posts, as expressions: one comes, one is
        news, one leaves, one is written. What is still to happen does so by the clock alone."""
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

    def next_tries(self) -> PostQuerySet:
        """Live posts with a scheduled update, the one first that is tried first: its hour may have come already."""
        return self.filter(next_try_at__isnull=False).order_by("next_try_at", "pk")

    def announced_by_month(self) -> list[tuple[datetime, datetime]]:
        """(First moment of a month of publication, when readers were last told of its posts), newest first."""
        months = self.annotate(month=TruncMonth("published_at")).values("month")
        return list(
            months.annotate(announced=models.Max(announced_at()))
            .order_by("-month")
            .values_list("month", "announced")
        )

    def dated(self, start: datetime, end: datetime) -> PostQuerySet:
        """Posts with a moment of publication from `start` to before `end`: a range of the index."""
        return self.filter(published_at__gte=start, published_at__lt=end)

    def counted(self, start: datetime, end: datetime, *, nth: int) -> dict[str, Any]:
        """`count`: how many posts are dated from `start` to before `end`. The moments of the last one `before`, of the
        first one `after`, and of the `nth` one after (None: there is none)."""
        after = self.filter(published_at__gte=end).in_reading_order().values("published_at")
        return self.aggregate(
            count=models.Count("pk", filter=Q(published_at__gte=start, published_at__lt=end)),
            before=models.Max("published_at", filter=Q(published_at__lt=start)),
            after=models.Min("published_at", filter=Q(published_at__gte=end)),
            nth=models.Max(models.Subquery(after[nth - 1 : nth])),
        )

    def newest_first(self) -> PostQuerySet:
        """The order of every list; equal moments fall back on the row's age."""
        return self.order_by("-published_at", "-pk")

    def first_announced(self) -> datetime | None:
        """When readers were last told of the one of these posts of which they have heard nothing for longest."""
        return self.order_by(announced_at()).values_list(announced_at(), flat=True).first()

    def last_announced_first(self) -> PostQuerySet:
        """The order of feeds: an update that readers are told of is as new as a post."""
        return self.order_by(announced_at().desc(), "-pk")

    def in_reading_order(self) -> PostQuerySet:
        """The order of a collection: as its parts came out."""
        return self.order_by("published_at", "pk")

    def numbered(self, now: datetime) -> PostQuerySet:
        """Annotate `number`, which part of its collection a post is. A part that was withdrawn keeps its number."""
        before = Q(published_at__lt=OuterRef("published_at")) | Q(
            published_at=OuterRef("published_at"), pk__lte=OuterRef("pk")
        )
        parts = self.model.objects.ever_published(now).filter(before, collection=OuterRef("collection"))
        counted = parts.order_by().values("collection").annotate(count=models.Count("pk")).values("count")
        return self.annotate(number=models.Subquery(counted))

    def for_cards(self) -> PostQuerySet:
        """Rows for lists: no text columns, and what a card shows in a fixed number of queries."""
        return (
            self.newest_first()
            .defer(*LARGE_COLUMNS)
            .select_related("category", "hero")
            .prefetch_related(_credits())
        )

    def for_feed(self) -> PostQuerySet:
        """Rows for feeds: whole texts, by-lines and tags in a fixed number of queries."""
        return (
            self.last_announced_first()
            .defer("body", "toc", "plain_text")
            .select_related("category", "hero")
            .prefetch_related(_credits(), "tags")  # type: ignore[misc]  # taggit has no types
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
        """「予約」: what the desk has passed and the clock has not."""
        return (
            self.not_trashed()
            .filter(live_revision__isnull=False, published_at__gt=now)
            .exclude(withdrawn_q(now))
        )

    def going_out_before(self, at: datetime, *, now: datetime) -> PostQuerySet:
        """Of the scheduled posts those that readers will see before `at`, the next first."""
        return self.scheduled(now).filter(published_at__lt=at).order_by("published_at", "pk")

    def withdrawn(self, now: datetime) -> PostQuerySet:
        return self.not_trashed().filter(withdrawn_q(now), live_revision__isnull=False)

    def unpublished(self) -> PostQuerySet:
        """Never passed for publication: being written, waiting for review, or approved."""
        return self.not_trashed().filter(live_revision__isnull=True)

    def with_live_revision(self) -> PostQuerySet:
        """What the desk has ever passed for readers: public, scheduled and withdrawn posts."""
        return self.filter(live_revision__isnull=False)

    def seen_or_coming(self, now: datetime) -> PostQuerySet:
        """What readers see, and what they will see without anybody doing more: public and scheduled posts."""
        return self.not_trashed().with_live_revision().exclude(withdrawn_q(now))

    def changed_since_publication(self) -> PostQuerySet:
        """「未公開の変更あり」: live, with a newer revision that readers do not see."""
        return (
            self.not_trashed().filter(live_revision__isnull=False).exclude(latest_revision=F("live_revision"))
        )

    def filed_under(self, category: Category) -> PostQuerySet:
        """Posts of a section: of the one they are live in, else of the one that they are written for."""
        names = {category.name, *category.aliases.values_list("name", flat=True)}
        working = Q(live_revision__isnull=True, latest_revision__content__category__in=names)
        return self.filter(Q(category=category) | working)

    def not_trashed(self) -> PostQuerySet:
        """Everything outside the bin."""
        return self.filter(trashed_at__isnull=True)

    def trashed(self) -> PostQuerySet:
        return self.filter(trashed_at__isnull=False)

    def due(self, now: datetime) -> PostQuerySet:
        """Live posts whose scheduled update has come due, and may be tried (again) by now; the longest waiting first."""
        return self.filter(next_try_at__lte=now).order_by("next_try_at", "pk")

    def failing(self) -> PostQuerySet:
        """Live posts whose scheduled update could not be made so far."""
        return self.filter(failing_q())

    def written_by(self, user: User) -> PostQuerySet:
        """Posts that `user` began, is assigned to, or has saved a revision of."""
        own = self.model.objects.filter(pk=OuterRef("pk"), revisions__by=user)
        return self.filter(Q(created_by=user) | Q(assignee=user) | Exists(own))


def _credits() -> models.Prefetch[str, models.QuerySet[Byline]]:
    """By-lines with their authors in one query instead of two."""
    return models.Prefetch("bylines", apps.get_model("blog", "Byline").objects.select_related("author"))


def published_q(now: datetime, prefix: str = "") -> Q:
    """`published()` as a condition, for counts over a relation (`prefix` such as "posts__")."""
    return Q(
        **{f"{prefix}live_revision__isnull": False, f"{prefix}published_at__lte": now},
    ) & (Q(**{f"{prefix}withdrawn_at__isnull": True}) | Q(**{f"{prefix}withdrawn_at__gt": now}))


def withdrawn_q(now: datetime) -> Q:
    return Q(withdrawn_at__lte=now)


def failing_q() -> Q:
    return Q(next_try_at__isnull=False) & ~Q(next_error="")


def announced_at(prefix: str = "") -> Coalesce:
    """`Post.last_told_at` as an expression."""
    return Coalesce(f"{prefix}updated_at", f"{prefix}published_at")


class TermQuerySet(models.QuerySet[Row]):
    """Terms of one kind: by their names, and with how many published posts they have."""

    posts_relation = "posts__"

    def with_counts(self, now: datetime) -> Self:
        """Annotate `published_count`."""
        condition = published_q(now, self.posts_relation)
        counted = self.posts_relation.removesuffix("__")
        return self.annotate(published_count=models.Count(counted, filter=condition, distinct=True))

    def indexable(self, now: datetime) -> Self:
        """Only those with posts that machines may list; annotate `listed_count` and `last_announced_at`."""
        prefix = self.posts_relation
        condition = published_q(now, prefix) & Q(**{f"{prefix}noindex": False})
        counted = models.Count(prefix.removesuffix("__"), filter=condition, distinct=True)
        announced = models.Max(announced_at(prefix), filter=condition)
        return self.annotate(listed_count=counted, last_announced_at=announced).filter(listed_count__gt=0)

    def in_use(self, now: datetime) -> Self:
        """Only those with at least one published post."""
        return self.with_counts(now).filter(published_count__gt=0)

    def named(self, names: Iterable[str]) -> dict[str, Any]:
        """Terms by the names asked for: what they are called now or were once, in any case and width. Unknown names are absent.

        One query where every name is as it stands, up to three more for the others.
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
    """Tags by what people type: `AI`, `ＡＩ` and `ai` are one tag, an alias is its tag."""

    def for_names(self, names: Iterable[str], *, known: dict[str, Tag] | None = None) -> list[Tag]:
        """Tag objects for `names` in their order, without doubles; unknown names become new tags, in the order of keys.

        `known`: what `by_key` said of them already; new tags are added to it.
        """
        keys: dict[str, str] = {}
        for name in names:
            keys.setdefault(tag_key(name), name)
        keys.pop("", None)
        known = self.by_key(keys) if known is None else known
        # Two imports that make the same tags at once would wait for each other, if each had an order of its own.
        for key in sorted(keys.keys() - known.keys()):
            known[key] = self.get_or_create(key=key, defaults={"name": " ".join(keys[key].split())})[0]
        return list({known[key].pk: known[key] for key in keys}.values())

    def named(self, names: Iterable[str]) -> dict[str, Tag]:
        """As of other terms, but by their keys alone: two queries."""
        keys = {name: tag_key(name) for name in names}
        known = self.by_key({*keys.values()} - {""})
        return {name: known[key] for name, key in keys.items() if key in known}

    def by_key(self, keys: Iterable[str]) -> dict[str, Tag]:
        """Known tags by key, aliases included: two queries for any number of keys."""
        keys = list(keys)
        found = {tag.key: tag for tag in self.filter(key__in=keys)}
        aliases = self.filter(aliases__key__in=keys).annotate(alias_key=F("aliases__key"))
        return {tag.alias_key: tag for tag in aliases} | found

    def most_used_in(self, posts: Iterable[int]) -> Self:
        """The tags of `posts` (ids), those of most of them first."""
        used = self.filter(tagged__content_object__in=posts)
        return used.annotate(uses=models.Count("tagged")).order_by("-uses", "name")
