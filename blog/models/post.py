"""Post and by-line models. Their transitions are in `blog.editorial.publishing`."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.safestring import SafeString
from taggit.managers import TaggableManager

from blog.models.taxonomy import Author, Category, Collection, TaggedPost
from blog.querysets import PostQuerySet, announced_at
from blog.text.names import MAX_SLUG
from blog.text.post_paths import post_path, post_url
from blog.text.sanitise import stored_html

if TYPE_CHECKING:
    from blog.models.revision import Revision


class Post(models.Model):  # type: ignore[django-manager-missing]  # taggit has no types
    """Post: one article, from its first draft to its withdrawal.

    Four groups of columns, separated by who writes them: *identity* never changes; *live content* is what
    readers see and is written only by `Content.write_columns`; *live state* says from when and until when they see
    it; *working state* repeats facts of the latest revision for the desk's lists.
    """

    class Stage(models.TextChoices):
        WRITING = "writing", "執筆中"
        REVIEW = "review", "校閲待ち"
        APPROVED = "approved", "校閲済"
        RETURNED = "returned", "差し戻し"

    # Identity
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    guid = models.CharField("フィードのID", max_length=500, unique=True, editable=False)
    # NULL, not "": posts written here have none, and only NULLs may repeat under a unique constraint.
    import_ref = models.CharField(  # noqa: DJ001
        "取り込み元", max_length=200, unique=True, null=True, editable=False
    )
    created_at = models.DateTimeField("作成日時", editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        verbose_name="作成者",
        related_name="+",
    )

    # Working state
    working_title = models.CharField("タイトル", max_length=200, editable=False)
    stage = models.CharField("段階", max_length=8, choices=Stage, default=Stage.WRITING, editable=False)
    latest_revision = models.ForeignKey(
        "blog.Revision", models.RESTRICT, null=True, editable=False, related_name="+"
    )
    modified_at = models.DateTimeField("最終保存", editable=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name="担当",
        related_name="assigned_posts",
    )
    next_revision = models.ForeignKey(
        "blog.Revision", models.RESTRICT, null=True, editable=False, related_name="+"
    )
    next_at = models.DateTimeField("更新の予約", null=True, editable=False)
    trashed_at = models.DateTimeField("ゴミ箱に入れた日時", null=True, editable=False)

    # Live state
    live_revision = models.ForeignKey(
        "blog.Revision", models.RESTRICT, null=True, editable=False, related_name="+"
    )
    published_at = models.DateTimeField("公開日時", null=True, editable=False)
    updated_at = models.DateTimeField("読者に伝えた更新日時", null=True, editable=False)
    withdrawn_at = models.DateTimeField("取り下げ日時", null=True, editable=False)
    withdrawn_reason = models.CharField("取り下げの理由", max_length=200, blank=True, editable=False)
    # The live text has a blocking defect that nobody has settled: it answers at its URL and is in no list.
    is_blocked = models.BooleanField("一覧に出ない", default=False, editable=False)

    # Live content
    title = models.CharField("タイトル", max_length=200, blank=True, editable=False)
    slug = models.CharField("スラッグ", max_length=MAX_SLUG, blank=True, editable=False)
    day = models.DateField("URLの日付", null=True, editable=False)
    category = models.ForeignKey(
        Category, models.RESTRICT, null=True, editable=False, verbose_name="カテゴリ", related_name="posts"
    )
    collection = models.ForeignKey(
        Collection,
        models.RESTRICT,
        null=True,
        editable=False,
        verbose_name="連載・特集",
        related_name="posts",
    )
    hero = models.ForeignKey(
        "blog.Image", models.RESTRICT, null=True, editable=False, verbose_name="主画像", related_name="+"
    )
    share_image = models.ForeignKey(
        "blog.Image", models.RESTRICT, null=True, editable=False, verbose_name="共有画像", related_name="+"
    )
    related = models.JSONField("関連記事のパス", default=list, editable=False)
    noindex = models.BooleanField("検索エンジンに載せない", default=False, editable=False)
    canonical_url = models.URLField("正規URL", max_length=500, blank=True, editable=False)
    excerpt = models.TextField("リード", blank=True, editable=False)
    description = models.TextField("検索結果向けの説明", blank=True, editable=False)
    disclosure = models.TextField("読者への開示", blank=True, editable=False)
    authors = models.ManyToManyField(Author, through="blog.Byline", related_name="posts")
    # taggit orders the tags of one post by itself, but prefetched ones only when told to.
    tags = TaggableManager(
        through=TaggedPost, blank=True, verbose_name="タグ", related_name="posts", ordering=["tagged__pk"]
    )

    # Derived from the live text when it goes live. Large columns come last: SQLite reads a row from its start.
    characters = models.PositiveIntegerField("文字数", default=0, editable=False)
    reading_minutes = models.PositiveSmallIntegerField("読了時間（分）", default=1, editable=False)
    renderer_version = models.PositiveSmallIntegerField(default=0, editable=False)
    toc = models.JSONField(default=list, editable=False)
    plain_text = models.TextField(editable=False, blank=True)
    body_html = models.TextField(editable=False, blank=True)
    body = models.TextField("本文", editable=False, blank=True)
    # Here because migrations add columns after the texts: read these from their indexes.
    live_at = models.DateTimeField("読者に見えるものを最後に変えた日時", null=True, editable=False)
    featured_at = models.DateTimeField("注目された日時", null=True, editable=False)
    # Blocking defects that somebody has settled (「このまま載せる」): [{"code", "by" (a name), "at"}].
    settled = models.JSONField("このまま載せると決めたこと", default=list, editable=False)
    # What will be settled when the scheduled update goes live, likewise.
    next_settled = models.JSONField("予約した更新をこのまま載せると決めたこと", default=list, editable=False)
    # The page shows no lead then: it would say the same twice. Derived like the HTML.
    begins_with_excerpt = models.BooleanField("本文がリードで始まる", default=False, editable=False)
    # Retries of the scheduled update: `publishing.apply_due`.
    next_try_at = models.DateTimeField("更新を次に試す日時", null=True, editable=False)
    next_attempts = models.PositiveSmallIntegerField("更新を試した回数", default=0, editable=False)
    next_error = models.CharField("更新できなかった理由", max_length=300, blank=True, editable=False)
    dialect = models.CharField("取り込み元の書き方", max_length=10, blank=True, editable=False)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "記事"
        permissions = (
            ("edit_any_post", "ほかの人の記事を編集できる"),
            ("approve_post", "校閲を通せる"),
            ("publish_post", "公開・予約・取り下げができる"),
        )
        indexes = (
            # Every public list: listed(now), newest first. With the last two the whole condition is in the index, so
            # counting and skipping pages read no rows.
            models.Index(
                F("published_at").desc(),
                F("id").desc(),
                F("withdrawn_at"),
                F("is_blocked"),
                name="post_published",
                condition=Q(live_revision__isnull=False),
            ),
            # A section's list, likewise.
            models.Index(
                F("category"),
                F("published_at").desc(),
                F("id").desc(),
                F("withdrawn_at"),
                F("is_blocked"),
                name="post_section",
                condition=Q(live_revision__isnull=False),
            ),
            # Feeds: the latest announcements.
            models.Index(
                announced_at().desc(),
                F("id").desc(),
                F("withdrawn_at"),
                F("is_blocked"),
                name="post_told",
                condition=Q(live_revision__isnull=False),
            ),
            # Last-Modified of feeds and sitemaps.
            models.Index(F("live_at").desc(), name="post_live_at", condition=Q(live_at__isnull=False)),
            # The lead of the home page: `featured()`.
            models.Index(
                F("featured_at").desc(),
                name="post_featured",
                condition=Q(featured_at__isnull=False),
            ),
            # The last withdrawal, and the next planned one.
            models.Index(F("withdrawn_at"), name="post_withdrawn", condition=Q(withdrawn_at__isnull=False)),
            # blocked(): what waits for the desk.
            models.Index(F("published_at").desc(), name="post_blocked", condition=Q(is_blocked=True)),
            # due() and failing(): is any scheduled update to be tried, and which could not be made?
            models.Index(F("next_try_at"), name="post_next_try", condition=Q(next_try_at__isnull=False)),
            # The admin's list.
            models.Index(F("modified_at").desc(), name="post_modified"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(live_revision__isnull=True)
                | Q(published_at__isnull=False, day__isnull=False, category__isnull=False)
                & ~Q(title="")
                & ~Q(slug=""),
                name="live_post_is_complete",
                violation_error_message="公開には、タイトル・スラッグ・日付・カテゴリ・公開日時が要ります。",
            ),
            models.CheckConstraint(
                condition=Q(
                    next_revision__isnull=True,
                    next_at__isnull=True,
                    next_try_at__isnull=True,
                    next_attempts=0,
                    next_error="",
                )
                | Q(
                    next_revision__isnull=False,
                    next_at__isnull=False,
                    next_try_at__isnull=False,
                    live_revision__isnull=False,
                ),
                name="scheduled_update_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(live_revision__isnull=False),
                name="only_live_posts_are_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(trashed_at__isnull=True) | Q(live_revision__isnull=True),
                name="nothing_public_is_trashed",
                violation_error_message="一度公開した記事はゴミ箱に入れられません。取り下げてください。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.working_title or '（無題）'}（{self.pk}）"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.guid = self.guid or self.uuid.urn
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """Public path, percent-encoded. Only for posts that have a day and a slug."""
        return post_url(cast(date, self.day), self.slug)

    @property
    def path(self) -> str:
        """Public path as `Address` stores it: decoded, NFC."""
        return post_path(cast(date, self.day), self.slug)

    @property
    def html(self) -> SafeString:
        """Body HTML, sanitised before it was stored."""
        return stored_html(self.body_html)

    @property
    def summary(self) -> str:
        """One-paragraph summary for lists."""
        return self.excerpt or self.description

    @property
    def last_announced_at(self) -> datetime | None:
        """When readers were last told of a publication or update of this post."""
        return self.updated_at or self.published_at

    @cached_property
    def credits(self) -> list[Byline]:
        """By-lines in order; prefetch `bylines__author` in lists."""
        return list(self.bylines.all())

    @property
    def signatures(self) -> tuple[list[Author], list[Author]]:
        """Authors (the writers, else all others) and contributors, for metadata. Each once, in by-line order."""
        writers = [credit.author for credit in self.credits if credit.role == Byline.Role.WRITER]
        others = [credit.author for credit in self.credits if credit.role != Byline.Role.WRITER]
        authors = list(dict.fromkeys(writers or others))
        return authors, [author for author in dict.fromkeys(others) if author not in authors]

    def is_published(self, now: datetime) -> bool:
        """Whether readers see the post at `now`: `PostQuerySet.published` for a loaded row."""
        return self.was_public(now) and not self.is_withdrawn(now)

    def is_scheduled(self, now: datetime) -> bool:
        return self.live_revision_id is not None and not self.was_public(now) and not self.is_withdrawn(now)

    def was_public(self, now: datetime) -> bool:
        """Whether readers have ever seen the post: from then on its day and slug are frozen."""
        return (
            self.live_revision_id is not None and self.published_at is not None and self.published_at <= now
        )

    def is_withdrawn(self, now: datetime) -> bool:
        return self.withdrawn_at is not None and self.withdrawn_at <= now

    @property
    def settled_codes(self) -> set[str]:
        """Codes of the blocking defects that somebody has settled."""
        return {entry["code"] for entry in self.settled}

    @property
    def has_unpublished_changes(self) -> bool:
        return self.live_revision_id is not None and self.latest_revision_id != self.live_revision_id

    @property
    def working(self) -> Revision:
        """Newest revision. Every post has one from its creation on."""
        if self.latest_revision is None:
            raise ValueError(f"{self} has no revision")
        return self.latest_revision

    def state(self, now: datetime) -> str:
        """The post's state as the desk calls it."""
        if self.trashed_at:
            return "ゴミ箱"
        if self.is_withdrawn(now):
            return "取り下げ"
        if self.is_scheduled(now):
            return f"予約 {timezone.localtime(self.published_at):%Y-%m-%d %H:%M}"
        if self.is_published(now):
            return "公開"
        return self.Stage(self.stage).label


class Byline(models.Model):
    """By-line: an author of a live post, with role and order."""

    class Role(models.TextChoices):
        WRITER = "writer", "執筆"
        SUPERVISOR = "supervisor", "監修"
        EDITOR = "editor", "編集"
        PHOTOGRAPHER = "photographer", "写真"

    post = models.ForeignKey(Post, models.CASCADE, related_name="bylines")
    author = models.ForeignKey(Author, models.RESTRICT, verbose_name="著者", related_name="bylines")
    role = models.CharField("役割", max_length=12, choices=Role, default=Role.WRITER)
    order = models.PositiveSmallIntegerField("順")

    class Meta:
        verbose_name = verbose_name_plural = "署名"
        ordering = ("order",)
        constraints = (
            models.UniqueConstraint(fields=("post", "author", "role"), name="one_byline_per_author_and_role"),
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.author}"
