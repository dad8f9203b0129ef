"""Revision and draft models: immutable snapshots, and one autosave row for each browser tab."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from blog.models.post import Post


class ContentEncoder(DjangoJSONEncoder):
    """JSON encoder that keeps Japanese unescaped: `\\uXXXX` escapes would double the size of every stored text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"ensure_ascii": False})


STAGE_FIELDS = {"stage", "approved_by", "approved_at", "returned_by", "returned_at", "returned_reason"}
"""Fields of a stored revision that may still change."""


class Revision(models.Model):
    """Revision: an immutable snapshot of everything an editor can change of a post (`blog.editorial.content.Content`).

    Only the fields of its review (`STAGE_FIELDS`) ever change: the desk approves a revision, or returns it with a
    reason that stays with it. IMPORT is a file's content unaltered; where the desk had changed the text, the merged
    result is a MERGE.
    """

    class Kind(models.TextChoices):
        SAVE = "save", "保存"
        IMPORT = "import", "取り込み"
        MERGE = "merge", "統合"
        RESTORE = "restore", "復元"

    post = models.ForeignKey(Post, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField("版")
    base = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+", verbose_name="元の版")
    kind = models.CharField("種類", max_length=7, choices=Kind, default=Kind.SAVE)
    stage = models.CharField("段階", max_length=8, choices=Post.Stage, default=Post.Stage.WRITING)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="post_revisions",
        verbose_name="保存した人",
    )
    created_at = models.DateTimeField("保存日時")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="校閲した人"
    )
    approved_at = models.DateTimeField("校閲日時", null=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="差し戻した人"
    )
    returned_at = models.DateTimeField("差し戻した日時", null=True)
    returned_reason = models.TextField("差し戻しの理由", blank=True)
    note = models.CharField("メモ", max_length=200, blank=True)
    draft_key = models.UUIDField(null=True, editable=False)
    """Key of the draft that was saved as this revision: its browser tab may not have received the answer."""
    content = models.JSONField("内容", encoder=ContentEncoder)

    class Meta:
        verbose_name = verbose_name_plural = "版"
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=("post", "number"), name="one_revision_per_number"),
            models.CheckConstraint(
                condition=Q(stage="approved", approved_at__isnull=False)
                | ~Q(stage="approved") & Q(approved_at__isnull=True),
                name="approval_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True, returned_by__isnull=True, returned_reason="")
                | Q(returned_at__isnull=False) & ~Q(returned_reason=""),
                name="what_is_sent_back_has_its_reason",
            ),
            models.UniqueConstraint(
                fields=("post",), condition=Q(stage="review"), name="one_request_for_review_per_post"
            ),
        )

    def __str__(self) -> str:
        return f"記事 {self.post_id} 第{self.number}版"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save a new revision; of a stored one only the review fields may change."""
        if not self._state.adding and set(kwargs.get("update_fields") or ["content"]) - STAGE_FIELDS:
            raise TypeError("A revision is immutable; save a new one.")
        super().save(*args, **kwargs)

    @property
    def is_approved(self) -> bool:
        return self.stage == Post.Stage.APPROVED


class Draft(models.Model):
    """Autosaved draft of one browser tab: what an editor has typed since the last save, overwritten while typing.

    `key` is part of the form. A new article (`post` empty) takes it as its uuid at its first save. `number` counts the
    writes and `tab` identifies the last writer, so that a second tab with the same key overwrites nothing; `turn`
    counts that tab's requests, which may arrive out of order. `fields` is the submitted form, valid or not, without the
    body, which is in `content`.
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    editor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    post = models.ForeignKey(Post, models.CASCADE, null=True, related_name="drafts")
    base = models.ForeignKey(Revision, models.CASCADE, null=True, related_name="+")
    number = models.PositiveIntegerField(default=1)
    tab = models.CharField(max_length=36, blank=True)
    turn = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()
    fields = models.JSONField(encoder=ContentEncoder, default=dict)
    content = models.JSONField(encoder=ContentEncoder)

    class Meta:
        verbose_name = verbose_name_plural = "書きかけ"
        ordering = ("-saved_at", "-pk")

    def __str__(self) -> str:
        return f"{self.post or '新しい記事'} / {self.editor}"
