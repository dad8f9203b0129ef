"""Outbox model: notices to external receivers, with their delivery attempts."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q


class NoticeQuerySet(models.QuerySet["Notice"]):
    def waiting(self) -> NoticeQuerySet:
        """Notices not delivered yet, and not given up."""
        return self.filter(next_try_at__isnull=False)

    def due(self, now: datetime) -> NoticeQuerySet:
        """Notices due for delivery, the longest waiting first."""
        return self.filter(next_try_at__lte=now).order_by("next_try_at", "pk")


class Notice(models.Model):
    """Notice: one event of a post, to be delivered to one channel.

    Written in the transaction of the change that it announces: neither exists without the other. `uuid` identifies it
    to the receiver, who may get it twice.
    """

    class Event(models.TextChoices):
        PUBLISHED = "published", "公開"
        UPDATED = "updated", "更新"
        WITHDRAWN = "withdrawn", "取り下げ"

    class Channel(models.TextChoices):
        WEBSUB = "websub", "WebSub"
        INDEXNOW = "indexnow", "IndexNow"
        WEBHOOK = "webhook", "Webhook"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    post = models.ForeignKey(
        "blog.Post", models.CASCADE, verbose_name="記事", related_name="notices", editable=False
    )
    event = models.CharField("できごと", max_length=9, choices=Event, editable=False)
    channel = models.CharField("知らせる先", max_length=8, choices=Channel, editable=False)
    left_feeds = models.JSONField("離れたフィード", default=list, editable=False)
    happens_at = models.DateTimeField("できごとの日時", editable=False)
    next_try_at = models.DateTimeField(
        "次に送る日時", null=True, editable=False, help_text="送り終えたもの、あきらめたものは空"
    )
    attempts = models.PositiveSmallIntegerField("送った回数", default=0, editable=False)
    done_at = models.DateTimeField("送り終えた日時", null=True, editable=False)
    last_error = models.CharField("最後の失敗", max_length=300, blank=True, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "外への知らせ"
        ordering = ("-happens_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("post", "event", "channel", "happens_at"), name="one_notice_per_event_and_channel"
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(next_try_at__isnull=True),
                name="what_is_told_waits_no_more",
            ),
        )
        indexes = (
            models.Index(
                fields=("next_try_at",), name="notice_waiting", condition=Q(next_try_at__isnull=False)
            ),
            models.Index(fields=("-happens_at", "-id"), name="notice_newest"),
        )

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.get_event_display()}"

    @property
    def is_given_up(self) -> bool:
        return self.done_at is None and self.next_try_at is None
