"""Images: re-encoded files with what a reader who cannot see them needs to be told."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from blog.text.markdown import Picture

MEDIA_NAME = re.compile(r"images/\d{4}/\d{2}/[0-9a-f]{32}\.[a-z]+")


class ImageQuerySet(models.QuerySet["Image"]):
    def pictures(self, *texts: str) -> dict[str, Picture]:
        """Pictures for the renderer, by the URL that `texts` call them by: one query, none without images."""
        names = {name for text in texts for name in MEDIA_NAME.findall(text)}
        return {image.url: image.picture for image in self.filter(file__in=names)} if names else {}

    def without_alt(self) -> ImageQuerySet:
        """Images that neither describe themselves nor say that they need not."""
        return self.filter(alt="", is_decorative=False)

    def by_hash(self, hashes: Iterable[str]) -> dict[str, Image]:
        hashes = list(hashes)
        return {image.hash: image for image in self.filter(hash__in=hashes)} if hashes else {}


class Image(models.Model):
    """One stored file. `hash` (SHA-256 of the stored file, hex) names it in contents and exports."""

    file = models.ImageField(
        "画像", upload_to="images/%Y/%m/", width_field="width", height_field="height", max_length=120
    )
    hash = models.CharField(max_length=64, unique=True, editable=False)
    original_hash = models.CharField(max_length=64, db_index=True, editable=False)
    original_name = models.CharField("元のファイル名", max_length=255, blank=True, editable=False)
    width = models.PositiveIntegerField("幅", editable=False)
    height = models.PositiveIntegerField("高さ", editable=False)
    size = models.PositiveIntegerField("バイト数", editable=False)
    alt = models.CharField(
        "代替テキスト",
        max_length=250,
        blank=True,
        help_text="画像を見られない人に伝える内容。飾りの画像なら空のまま「装飾」を選びます。",
    )
    is_decorative = models.BooleanField(
        "装飾", default=False, help_text="意味を持たない飾りの画像。読み上げられません。"
    )
    caption = models.CharField("キャプション", max_length=250, blank=True)
    credit = models.CharField("クレジット", max_length=120, blank=True)
    licence = models.CharField("ライセンス", max_length=120, blank=True)
    focal_x = models.PositiveSmallIntegerField(
        "焦点（横 %）", default=50, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    focal_y = models.PositiveSmallIntegerField(
        "焦点（縦 %）", default=50, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    created_at = models.DateTimeField("追加日時", db_index=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        verbose_name="追加した人",
        related_name="+",
    )

    objects = ImageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "画像"
        ordering = ("-created_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(alt="") | Q(is_decorative=False),
                name="decorative_image_has_no_alt",
                violation_error_message="「装飾」の画像には代替テキストを付けられません。どちらか一方にしてください。",
            ),
        )

    def __str__(self) -> str:
        return self.alt or self.original_name or self.name

    @property
    def name(self) -> str:
        """The stored file's name in the media storage."""
        return str(self.file.name)

    @property
    def url(self) -> str:
        return str(self.file.url)

    @property
    def picture(self) -> Picture:
        """What the renderer needs to know of this image."""
        return Picture(
            src=self.url,
            width=self.width,
            height=self.height,
            alt=self.alt,
            decorative=self.is_decorative,
            caption=self.caption,
            credit=self.credit,
        )
