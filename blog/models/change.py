"""Content version and history: how often what readers see has changed, and each of these changes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from blog.models.post import Post
from blog.models.revision import Revision


class ContentVersionManager(models.Manager["ContentVersion"]):
    def current(self) -> int:
        """The version of what readers see: equal to an earlier answer where nothing has changed since."""
        return next(iter(self.values_list("number", flat=True).filter(pk=1)), 0)

    def raise_number(self, *, at_least: int = 0) -> int:
        """Raise the version by one, or to `at_least`; gives the new one. The row is ours until the transaction ends.

        So this comes last in it: whoever else changes something waits here.
        """
        if not self.filter(pk=1).update(number=F("number") + 1):
            self.get_or_create(pk=1, defaults={"number": 1})
        number = self.current()
        if number < at_least:
            number = at_least
            self.filter(pk=1).update(number=number)
        return number


class ContentVersion(models.Model):
    """The one row that says which version of the magazine readers see. `migrate` makes it (see `blog.apps`).

    A row and no sequence, for numbers of a sequence are not seen in the order in which they were given out.
    """

    number = models.PositiveBigIntegerField(default=0)

    objects = ContentVersionManager()

    class Meta:
        verbose_name = verbose_name_plural = "内容の版"
        constraints = (models.CheckConstraint(condition=Q(pk=1), name="one_content_version"),)

    def __str__(self) -> str:
        return str(self.number)


class Change(models.Model):
    """One change of what readers or machines see. Written by `blog.editorial.changes`, and never changed."""

    class Kind(models.TextChoices):
        """What was done. A follower may treat one kind otherwise than the others; it says so itself."""

        PUBLISHED = "published", "公開"
        """A revision went live, or is to: first publications and updates."""
        UPDATED = "updated", "予約した更新"
        """A scheduled update was made at its hour."""
        UNSCHEDULED = "unscheduled", "予約の取り消し"
        WITHDRAWN = "withdrawn", "取り下げ"
        IMPORTED = "imported", "取り込み"
        """Brought by the house itself, perhaps thousands at a time."""
        RESTORED = "restored", "復元"
        """Come back from an export or a backup, as it was."""
        RERENDERED = "rerendered", "表示の作り直し"
        REBUILT = "rebuilt", "索引の作り直し"
        """What is derived from many texts was made anew: search, related posts."""
        TERM = "term", "カテゴリ・連載・タグ・著者"
        """One of them was made, changed or deleted."""
        MERGED = "merged", "統合"
        PAGE = "page", "固定ページ"
        IMAGE = "image", "画像"
        SETTINGS = "settings", "サイト設定"
        ADDRESS = "address", "URLと転送"
        SYNONYM = "synonym", "検索の同義語"
        REMOVED = "removed", "削除"
        """Gone for good: the demo, and what has lain in the bin."""

    number = models.PositiveBigIntegerField("内容の版", primary_key=True)
    """The content version that it made."""
    happened_at = models.DateTimeField("日時")
    kind = models.CharField("種類", max_length=11, choices=Kind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name="した人", related_name="+"
    )
    actor_name = models.CharField("した人の名前", max_length=150, blank=True)
    """It stays when the login is deleted; empty for what the program does by itself."""
    note = models.CharField("メモ", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "変更の履歴"
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"{self.number} {self.get_kind_display()}"


class ChangedPost(models.Model):
    """A post in a change: the revision that readers see or will see from then on (None: they see none), and its path."""

    change = models.ForeignKey(Change, models.CASCADE, related_name="posts")
    # Without constraints of the database, which lock the posts that a row names (see `Similarity`); and the history
    # outlives what it tells of.
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
