"""Image renditions: smaller files in modern formats. `Image.renditions` lists the permitted ones."""

from __future__ import annotations

import io
import logging
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from PIL import Image as Pillow

from blog.editorial.changes import OpenChange
from blog.models import Image
from blog.models.image import Rendition
from blog.public import generated_files

logger = logging.getLogger(__name__)

FOLDER = "renditions"
STORED_FORMATS = ("JPEG", "PNG", "WEBP")
"""Formats of stored images. No other format is opened."""

PHOTO: dict[str, dict[str, Any]] = {
    # Speed 8 of 10: a sixth more bytes than the default 6 for a third of the time, 0.15 s instead of 0.45 at 1600 px.
    "avif": {"quality": 60, "speed": 8},
    "webp": {"quality": 78},
    "jpg": {"quality": 80, "progressive": True, "optimize": True},
}
# A PNG is a diagram or a screenshot: thin coloured lines need their colours at full resolution.
GRAPHIC: dict[str, dict[str, Any]] = {
    "avif": {"quality": 72, "speed": 8, "subsampling": "4:4:4"},
    "webp": {"quality": 88, "use_sharp_yuv": True},
    "jpg": {"quality": 88, "progressive": True, "optimize": True, "subsampling": 0},
}
ENCODERS = {"avif": "AVIF", "webp": "WEBP", "jpg": "JPEG"}


class NoRendition(Exception):
    """Raised when no image has such a rendition, or the image's file is lost."""


class Moved(Exception):
    """Raised when the image's focal point was moved: the same crop is now at `url`."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


def opened(stem: str, name: str) -> File[bytes]:
    """Open rendition `name` of the image whose file has the stem `stem`, generating it when needed.

    Raises NoRendition, Moved, and `generated_files.Busy`.
    """
    return generated_files.opened(f"{folder(stem)}/{name}", lambda: _made(stem, name))


def find(stem: str) -> Image:
    """Find the image whose file has the stem `stem`. Raises NoRendition."""
    image = Image.objects.filter(file__contains=f"/{stem}.").first()
    if image is None:
        raise NoRendition
    return image


def folder(stem: str) -> str:
    """Folder of an image's renditions in the media storage."""
    return f"{FOLDER}/{stem}"


def _made(stem: str, name: str) -> bytes:
    image = find(stem)
    if rendition := image.renditions.get(name):
        return encoded(image, rendition)
    size, dash, _ = name.partition("-")
    for other in image.renditions.values():
        if dash and other.name.startswith(f"{size}-") and name.endswith(f".{other.extension}"):
            raise Moved(image.url_of(other))
    raise NoRendition


def encoded(image: Image, rendition: Rendition) -> bytes:
    """Encode a rendition. Raises NoRendition when the stored file cannot be read any more, or not be encoded."""
    try:
        return _encoded(image, rendition)
    except OSError as error:
        logger.warning("no rendition of %s: %s", image.name, error)
        raise NoRendition from error
    except Exception as error:  # decoders and encoders raise anything; the page has the stored file to show
        logger.exception("no rendition of %s", image.name)
        raise NoRendition from error


def _encoded(image: Image, rendition: Rendition) -> bytes:
    with default_storage.open(image.name) as file, Pillow.open(file, formats=STORED_FORMATS) as stored:
        options = (GRAPHIC if stored.format == "PNG" else PHOTO)[rendition.extension]
        pixels = stored.convert("RGBA" if stored.has_transparency_data else "RGB")
    size = (rendition.width, rendition.height)
    pixels = pixels.resize(size, Pillow.Resampling.LANCZOS, box=rendition.box, reducing_gap=3.0)
    if rendition.extension == "jpg" and pixels.mode == "RGBA":
        paper = Pillow.new("RGBA", size, "white")
        pixels = Pillow.alpha_composite(paper, pixels).convert("RGB")
    out = io.BytesIO()
    pixels.save(out, ENCODERS[rendition.extension], **options)
    return out.getvalue()


def follow(change: OpenChange) -> None:
    """Delete the renditions of deleted images, and crops around a focal point that has been moved.

    After the transaction, because a rollback does not bring files back. A failure is logged and ignored: no page names
    such a file any more.
    """
    for image in change.images:
        keep = () if image.pk is None else tuple(image.renditions)
        change.afterwards(generated_files.forget, folder(image.stem), keep=keep)
