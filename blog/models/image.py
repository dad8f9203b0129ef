"""Images: re-encoded files with alternative text, caption and credit, and their smaller renditions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from blog.text.markdown import Picture, Source
from blog.text.pictures import SIZES, stored_names

RENDITIONS_URL = "/pictures/"
"""URL prefix of renditions in blog/urls.py. Not below MEDIA_URL, which another server may serve."""
WIDTHS = (480, 800, 1200, 1600)
"""Widths in pixels for a column of text on small and large screens, at normal and high density."""
CARD_WIDTHS = (320, 480, 720, 1120)
CARD_RATIO = 16 / 9
MODERN = {"avif": "image/avif", "webp": "image/webp"}
"""Media types of modern formats, smallest files first: a browser takes the first type that it supports."""


@dataclass(frozen=True)
class Rendition:
    """Rendition: a smaller file derived from an image. Sizes in pixels; `box` is the part of the original that it
    shows."""

    name: str
    width: int
    height: int
    box: tuple[int, int, int, int]

    @property
    def extension(self) -> str:
        return self.name.rpartition(".")[2]


@dataclass(frozen=True)
class Card:
    """Image cropped to `CARD_RATIO` around its focal point, for lists. `src` is for browsers without support for
    `sources`."""

    src: str
    width: int
    height: int
    sources: tuple[Source, ...]


class ImageQuerySet(models.QuerySet["Image"]):
    def pictures(self, *texts: str) -> dict[str, Picture]:
        """Pictures of the library that `texts` name, by stored name: one query, none without images."""
        names = stored_names(*texts)
        return {image.name: image.picture for image in self.filter(file__in=names)} if names else {}

    def without_alt(self) -> ImageQuerySet:
        """Images with neither an alternative text nor the mark that they are decorative."""
        return self.filter(alt="", is_decorative=False)

    def by_hash(self, hashes: Iterable[str]) -> dict[str, Image]:
        hashes = list(hashes)
        return {image.hash: image for image in self.filter(hash__in=hashes)} if hashes else {}


class Image(models.Model):
    """Image in the library. `hash` (SHA-256 of the stored file, hex) identifies it in contents and exports."""

    file = models.ImageField(
        "画像", upload_to="images/%Y/%m/", width_field="width", height_field="height", max_length=120
    )
    hash = models.CharField(max_length=64, unique=True, editable=False)
    original_hash = models.CharField(max_length=64, db_index=True, editable=False)
    original_name = models.CharField("元のファイル名", max_length=255, blank=True, editable=False)
    width = models.PositiveIntegerField("幅", editable=False)
    height = models.PositiveIntegerField("高さ", editable=False)
    is_animated = models.BooleanField("動く画像", default=False, editable=False)
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
        indexes = (
            # Any visitor may request an old `/assets/images/posts/….png`: `blog.transfer.old_site.legacy` looks for its
            # name.
            models.Index(fields=["original_name"], name="image_by_original_name"),
        )

    def __str__(self) -> str:
        return self.alt or self.original_name or self.name

    @property
    def name(self) -> str:
        """Name of the stored file in the media storage."""
        return str(self.file.name)

    @property
    def url(self) -> str:
        return str(self.file.url)

    @property
    def picture(self) -> Picture:
        """Image data for the renderer."""
        return Picture(
            src=self.url,
            width=self.width,
            height=self.height,
            sources=self.sources,
            alt=self.alt,
            decorative=self.is_decorative,
            caption=self.caption,
            credit=self.credit,
        )

    @property
    def stem(self) -> str:
        """Common stem of the stored file and the folder of its renditions: 32 hexadecimal digits."""
        return PurePosixPath(self.name).stem

    @cached_property
    def renditions(self) -> dict[str, Rendition]:
        """All permitted renditions by file name: no other is ever generated."""
        cut = [*self._cut(MODERN), *self._cut(("jpg",))]
        return {rendition.name: rendition for rendition in (*self._whole(), *cut)}

    sizes = SIZES

    @property
    def sources(self) -> tuple[Source, ...]:
        """Sources of the uncropped image for `<picture>`; none for an animation, which is shown in its original
        file."""
        return self._sources(self._whole())

    @cached_property
    def card(self) -> Card:
        fallback = self._cut(("jpg",))[:3][-1]
        src = self.url_of(fallback)
        return Card(src, fallback.width, fallback.height, self._sources(self._cut(MODERN)))

    def _whole(self) -> list[Rendition]:
        if self.is_animated:
            return []
        box = (0, 0, self.width, self.height)
        return [
            Rendition(f"{width}.{extension}", width, max(1, round(self.height * width / self.width)), box)
            for extension in MODERN
            for width in _not_upscaled(WIDTHS, self.width)
        ]

    def _cut(self, extensions: Iterable[str]) -> list[Rendition]:
        """Crop the largest part of `CARD_RATIO`, with the focal point as close to its centre as the edges allow."""
        wide = max(1, min(self.width, round(self.height * CARD_RATIO)))
        high = max(1, min(self.height, round(self.width / CARD_RATIO)))
        left = _within(self.width * self.focal_x / 100 - wide / 2, self.width - wide)
        top = _within(self.height * self.focal_y / 100 - high / 2, self.height - high)
        sizes = [(width, max(1, round(width / CARD_RATIO))) for width in _not_upscaled(CARD_WIDTHS, wide)]
        return [
            # The focal point is part of the name: moving it makes another picture.
            Rendition(
                f"{width}x{height}-{self.focal_x}-{self.focal_y}.{extension}",
                width,
                height,
                (left, top, left + wide, top + high),
            )
            for extension in extensions
            for width, height in sizes
        ]

    def _sources(self, renditions: list[Rendition]) -> tuple[Source, ...]:
        return tuple(
            Source(
                kind,
                ", ".join(f"{self.url_of(r)} {r.width}w" for r in renditions if r.extension == extension),
            )
            for extension, kind in MODERN.items()
            if renditions
        )

    def url_of(self, rendition: Rendition) -> str:
        """URL of a rendition; `blog.views.pictures` generates the file at the first request."""
        return f"{RENDITIONS_URL}{self.stem}/{rendition.name}"


def _not_upscaled(widths: Iterable[int], limit: int) -> list[int]:
    """Return the `widths` below `limit`, and `limit` itself unless it exceeds them all."""
    smaller = [width for width in widths if width < limit]
    return [*smaller, limit] if limit <= max(widths) else smaller


def _within(start: float, end: int) -> int:
    return min(max(0, round(start)), end)
