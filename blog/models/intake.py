"""Intake models: manuscripts as they arrived, and the API tokens of programs that may send them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from blog.text.findings import Finding


class ManuscriptQuerySet(models.QuerySet["Manuscript"]):
    def open(self) -> ManuscriptQuerySet:
        """The desk's worklist: manuscripts with a defect that somebody should check."""
        return self.filter(is_blocking=True, resolved_at__isnull=True)


class Manuscript(models.Model):
    """Manuscript: one version of a file as it arrived, kept for audit and to show the desk its defects.

    `ref` (the file's stem) is the article's identity; `sha256` (hex, of the bytes) tells its versions apart.
    """

    class Way(models.TextChoices):
        COMMAND = "command", "コマンド"
        ADMIN = "admin", "管理画面"
        FOLDER = "folder", "監視フォルダー"
        API = "api", "送信"

    class Outcome(models.TextChoices):
        CREATED = "created", "新しい記事"
        UPDATED = "updated", "更新"
        PROPOSED = "proposed", "提案（編集者の版を残しました）"
        FAILED = "failed", "取り込めず"

    ref = models.CharField("ファイル", max_length=200)
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField("届いた日時", db_index=True)
    way = models.CharField("届き方", max_length=7, choices=Way)
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name="送った人",
        related_name="+",
    )
    machine = models.ForeignKey(
        "blog.ApiToken",
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name="送った機械",
        related_name="+",
    )
    post = models.ForeignKey(
        "blog.Post", models.SET_NULL, null=True, blank=True, verbose_name="記事", related_name="manuscripts"
    )
    outcome = models.CharField("結果", max_length=8, choices=Outcome)
    problems = models.JSONField("気になる点", default=list, blank=True)
    """As `Finding.to_json` writes them: read `findings`."""
    is_blocking = models.BooleanField("要確認", default=False)
    resolved_at = models.DateTimeField("確認済みにした日時", null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name="確認した人",
        related_name="+",
    )
    source = models.TextField("原稿", blank=True)

    objects = ManuscriptQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "届いた原稿"
        ordering = ("-received_at", "-pk")
        constraints = (models.UniqueConstraint(fields=("ref", "sha256"), name="one_manuscript_per_version"),)
        indexes = (
            models.Index(
                fields=("-received_at",),
                name="manuscript_open",
                condition=Q(is_blocking=True, resolved_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return self.ref

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong in it, also as an older program has stored it."""
        return tuple(map(Finding.from_json, self.problems))


class ApiToken(models.Model):
    """API token of a machine that may deposit manuscripts, as drafts only. Only the token's hash is stored."""

    name = models.CharField("機械の名前", max_length=60, unique=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField("発行日時", editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        verbose_name="発行した人",
        related_name="+",
    )
    last_used_at = models.DateTimeField("最後に使った日時", null=True, editable=False)
    revoked_at = models.DateTimeField("取り消した日時", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "投稿用トークン"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
