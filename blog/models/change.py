"""Content version and change history: a counter of changes that readers see, and a row for each change."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from blog.models.post import Post
from blog.models.revision import Revision


class ContentVersionManager(models.Manager["ContentVersion"]):
    def current(self) -> int:
        """Return the content version; two equal versions mean that nothing has changed in between."""
        return next(iter(self.values_list("number", flat=True).filter(pk=1)), 0)

    def raise_number(self, *, at_least: int = 0) -> int:
        """Raise the version by one, or to `at_least`, and return it. The row stays locked until the transaction ends.

        So call this last in the transaction: every other change waits here.
        """
        if not self.filter(pk=1).update(number=F("number") + 1):
            self.get_or_create(pk=1, defaults={"number": 1})
        number = self.current()
        if number < at_least:
            number = at_least
            self.filter(pk=1).update(number=number)
        return number


class ContentVersion(models.Model):
    """Content version, a single row. `migrate` creates it (see `blog.apps`).

    A row, not a sequence: numbers of a sequence become visible in another order than they were assigned.
    """

    number = models.PositiveBigIntegerField(default=0)

    objects = ContentVersionManager()

    class Meta:
        verbose_name = verbose_name_plural = "内容の版"
        constraints = (models.CheckConstraint(condition=Q(pk=1), name="one_content_version"),)

    def __str__(self) -> str:
        return str(self.number)


class Change(models.Model):
    """Change of what readers or machines see. Written by `blog.editorial.changes`, and never modified."""

    class Kind(models.TextChoices):
        """Kind of change. A follower that handles a kind differently defines that itself."""

        PUBLISHED = "published", "公開"
        """A revision went live, or is scheduled to: first publications and updates."""
        UPDATED = "updated", "予約した更新"
        """A scheduled update was applied when it was due."""
        UNSCHEDULED = "unscheduled", "予約の取り消し"
        WITHDRAWN = "withdrawn", "取り下げ"
        SETTLED = "settled", "このまま載せる"
        """A post with a blocking defect was listed as it is."""
        IMPORTED = "imported", "取り込み"
        """Imported, perhaps thousands of posts at a time."""
        RESTORED = "restored", "復元"
        """Restored from an export or a backup, as it was."""
        RERENDERED = "rerendered", "表示の作り直し"
        REBUILT = "rebuilt", "索引の作り直し"
        """Data derived from many texts was rebuilt: search, related posts."""
        TERM = "term", "カテゴリ・連載・タグ・著者"
        """A term was created, changed or deleted."""
        MERGED = "merged", "統合"
        PAGE = "page", "固定ページ"
        IMAGE = "image", "画像"
        SETTINGS = "settings", "サイト設定"
        ADDRESS = "address", "URLと転送"
        SYNONYM = "synonym", "検索の同義語"
        REMOVED = "removed", "削除"
        """Deleted for good: the demo, and posts from the bin."""

    number = models.PositiveBigIntegerField("内容の版", primary_key=True)
    """The content version after the change."""
    happened_at = models.DateTimeField("日時")
    kind = models.CharField("種類", max_length=11, choices=Kind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name="した人", related_name="+"
    )
    actor_name = models.CharField("した人の名前", max_length=150, blank=True)
    """Kept when the user account is deleted; empty for changes by the program itself."""
    note = models.CharField("メモ", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "変更の履歴"
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"{self.number} {self.get_kind_display()}"


class ChangedPost(models.Model):
    """Post of a change: its path, and the revision that readers see or will see from then on (None: they see none)."""

    change = models.ForeignKey(Change, models.CASCADE, related_name="posts")
    # Without database constraints, which lock the referenced posts (see `Similarity`); and the history outlives the
    # rows to which it refers.
    post = models.ForeignKey(Post, models.DO_NOTHING, related_name="+", db_constraint=False)
    revision = models.ForeignKey(
        Revision, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    path = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "変更した記事"
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("change", "post"), name="one_row_per_changed_post"),)

    def __str__(self) -> str:
        return f"{self.change_id} {self.path or self.post_id}"
