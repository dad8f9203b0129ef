"""Image uploads: type detected from the content, size limited, re-encoded without metadata, stored under a new name."""

from __future__ import annotations

import hashlib
import io
import logging
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

from blog.editorial import image_uses, permissions
from blog.editorial.actors import Actor
from blog.editorial.changes import Kind, changing
from blog.editorial.permissions import ANOTHER_POST
from blog.models import Image, SiteSettings
from blog.models.image import MEDIA_NAME

logger = logging.getLogger(__name__)

MAX_IMAGE_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 50_000_000
"""Maximum pixels of all frames together: bounds the cost of decoding."""
MAX_SIDE = 2560
"""Maximum width and height in pixels; larger images are scaled down."""
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
EDITABLE_FIELDS = ("alt", "is_decorative", "caption", "credit", "licence", "focal_x", "focal_y")
"""Columns that editors change: alt text, caption, focal point, …; readers see the change at once, everywhere."""
METADATA = {"exif", "icc_profile", "xmp", "XML:com.adobe.xmp", "photoshop", "comment"}
"""Pillow's names for metadata in a file; files that this application wrote have none."""


class ImageRefused(Exception):
    """The upload was rejected; str() is a sentence that says why and what to do. No file is left behind."""


class NotStored(ImageRefused):
    """The image is valid, but the storage failed: full or not writable."""


def accept(*, upload: File[bytes], name: str, by: Actor, now: datetime, **described: Any) -> Image:
    """Store an uploaded image and return its row; the same original twice gives the same row.

    `name` is the sender's file name: kept for display, never used as a path. `described` may set
    `alt`, `is_decorative`, `caption`, `credit` and `licence` of a new row.
    """
    permissions.require(permissions.may_add_images(by), "画像を追加する")
    original = upload.read(MAX_IMAGE_BYTES + 1)
    if len(original) > MAX_IMAGE_BYTES:
        raise ImageRefused(f"画像が大きすぎます。{MAX_IMAGE_BYTES // 1024**2} MB までにしてください。")
    original_hash = hashlib.sha256(original).hexdigest()
    # A stored file that was downloaded or exported and is uploaded again has its own hash.
    if known := Image.objects.filter(Q(original_hash=original_hash) | Q(hash=original_hash)).first():
        return known
    data, extension, size, is_animated = _reencoded(original)
    digest = hashlib.sha256(data).hexdigest()
    if known := Image.objects.filter(hash=digest).first():
        return known
    # A unique name for every upload: when one image is sent twice at once, each request can delete its own file.
    path = f"images/{timezone.localtime(now):%Y/%m}/{uuid4().hex}.{extension}"
    facts = {
        "file": path,
        "original_hash": original_hash,
        "original_name": name[-255:],
        "width": size[0],
        "height": size[1],
        "is_animated": is_animated,
        "size": len(data),
        "created_at": now,
        "created_by": by.user,
    }
    created = False
    try:
        default_storage.save(path, ContentFile(data))
        image, created = Image.objects.get_or_create(hash=digest, defaults=facts | described)
    except OSError as error:
        logger.exception("image not stored")
        raise NotStored(
            "画像を保存できませんでした。ディスクの空きを管理者に確かめてもらってください。"
        ) from error
    finally:
        if not created:
            with suppress(OSError):  # a folder that cannot be written cannot be tidied either
                default_storage.delete(path)
    return image


def restore_exported(*, data: bytes, digest: str, path: str, **facts: Any) -> Image:
    """Restore an image file from an export of this application, byte for byte, under its previous name.

    `digest` is the hash that the export states, `facts` are the other columns. Raises ImageRefused for a file that this
    application would not have written: such a file has to be uploaded instead.
    """
    if known := Image.objects.filter(hash=digest).first():
        return known
    if len(data) > MAX_IMAGE_BYTES or hashlib.sha256(data).hexdigest() != digest:
        raise ImageRefused("書き出したときの画像と内容が違います。")
    try:
        with Pillow.open(io.BytesIO(data), formats=tuple(EXTENSIONS)) as image:
            frames, size = getattr(image, "n_frames", 1), image.size
            named_as_made = path.endswith(f".{EXTENSIONS[image.format or '']}")
            bounded = max(size) <= MAX_SIDE and size[0] * size[1] * frames <= MAX_PIXELS
            if not (MEDIA_NAME.fullmatch(path) and named_as_made and bounded) or METADATA & image.info.keys():
                raise ImageRefused("この編集システムが書き出した画像ではありません。")
            for frame in ImageSequence.Iterator(image):
                frame.load()
    except (OSError, SyntaxError, ValueError, EOFError, KeyError, Pillow.DecompressionBombError) as error:
        raise ImageRefused("画像が壊れているようです。") from error
    if not Image.objects.filter(file=path).exists():
        default_storage.delete(path)  # an orphaned file, which no row refers to
    return Image.objects.create(
        file=default_storage.save(path, ContentFile(data)),
        hash=digest,
        width=size[0],
        height=size[1],
        is_animated=frames > 1,
        size=len(data),
        **facts,
    )


def used_in(image: Image, *, by: Actor, now: datetime) -> list[str]:
    """Uses of `image`, in words for `by`; posts that `by` may neither edit nor read yet are not named."""
    posts = image_uses.posts_with(image)
    titles = dict(permissions.editable(posts, by).values_list("pk", "working_title"))
    titles |= dict(posts.published(now).values_list("pk", "title"))
    named = (
        f"記事「{titles[pk] or '（無題）'}」" if pk in titles else ANOTHER_POST
        for pk in posts.values_list("pk", flat=True)
    )
    return [*dict.fromkeys(named), *image_uses.uses_elsewhere(image)]


def describe(image: Image, *, by: Actor, now: datetime) -> None:
    """Save the description and the focal point of `image` (`EDITABLE_FIELDS`). Raises PermissionDenied.

    Readers see the change at once wherever the image is shown. The posts that use it are locked first, so that a post
    which is being published concurrently counts for the permission.
    """
    with changing(kind=Kind.IMAGE, actor=by, now=now) as change:
        list(image_uses.posts_with(image).order_by("pk").select_for_update(of=("self",)).values_list("pk"))
        site = SiteSettings.objects.current(now)
        if refusal := permissions.why_not_describe(by, image, site, now):
            raise PermissionDenied(refusal)
        before = Image.objects.get(pk=image.pk)
        change.note = image.name
        if all(getattr(before, name) == getattr(image, name) for name in EDITABLE_FIELDS):
            change.nothing_changed()
            return
        image.save(update_fields=EDITABLE_FIELDS)
        if (before.focal_x, before.focal_y) != (image.focal_x, image.focal_y):
            change.images.append(image)


def remove(image: Image, *, by: Actor, now: datetime) -> None:
    """Delete an unused image; its file is deleted after the commit."""
    permissions.require(permissions.may_delete_images(by), "画像を消す")
    storage, name = image.file.storage, image.name
    with changing(kind=Kind.IMAGE, actor=by, now=now, note=f"{name} を削除") as change:
        image.delete()
        change.images.append(image)
        transaction.on_commit(lambda: storage.delete(name), robust=True)


def _reencoded(original: bytes) -> tuple[bytes, str, tuple[int, int], bool]:
    """Re-encode an upload: (bytes, extension, size, is animated). Only the pixels of the original survive."""
    try:
        with Pillow.open(io.BytesIO(original), formats=FORMATS) as image:
            frames = getattr(image, "n_frames", 1)
            if image.width * image.height * frames > MAX_PIXELS:
                raise ImageRefused(
                    f"画像の画素数が多すぎます（{image.width}×{image.height}）。{MAX_PIXELS // 10_000}万画素までにしてください。"
                )
            return (*_animation(image), True) if frames > 1 else (*_still(image), False)
    except UnidentifiedImageError as error:
        raise ImageRefused(
            "画像として読めません。JPEG、PNG、WebP、AVIF、GIF のどれかにしてください。"
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError, Pillow.DecompressionBombError) as error:
        # Pillow raises these for files that start like an image and are damaged further on.
        raise ImageRefused(
            "画像が壊れているようです。書き出し直してから、もう一度送ってください。"
        ) from error


def _still(image: Pillow.Image) -> tuple[bytes, str, tuple[int, int]]:
    opaque = image.format in ("JPEG", "AVIF") and not image.has_transparency_data
    encoding = "WEBP" if image.format == "WEBP" else "JPEG" if opaque else "PNG"
    pixels = _srgb(ImageOps.exif_transpose(image))
    pixels = pixels.convert("RGB" if not pixels.has_transparency_data else "RGBA")
    pixels.thumbnail((MAX_SIDE, MAX_SIDE), Pillow.Resampling.LANCZOS)
    options: dict[str, dict[str, Any]] = {
        "JPEG": {"quality": 85, "progressive": True, "optimize": True},
        "PNG": {"optimize": True},
        "WEBP": {"quality": 85},
    }
    out = io.BytesIO()
    _strip_metadata(pixels).save(out, encoding, **options[encoding])
    return out.getvalue(), EXTENSIONS[encoding], pixels.size


def _animation(image: Pillow.Image) -> tuple[bytes, str, tuple[int, int]]:
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        copy = frame.convert("RGBA")
        copy.thumbnail((MAX_SIDE, MAX_SIDE), Pillow.Resampling.LANCZOS)
        frames.append(_strip_metadata(copy))
        durations.append(frame.info.get("duration", 100))
    out = io.BytesIO()
    frames[0].save(
        out, "WEBP", save_all=True, append_images=frames[1:], duration=durations, loop=0, quality=80
    )
    return out.getvalue(), "webp", frames[0].size


def _srgb(image: Pillow.Image) -> Pillow.Image:
    """Convert to sRGB, since the colour profile is not kept: phones photograph in wider colour spaces."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        return (
            ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode) or image
        )
    except ImageCms.PyCMSError:
        return image


def _strip_metadata(image: Pillow.Image) -> Pillow.Image:
    """Remove metadata from `image`: encoders write whatever they find in `info`."""
    image.info.clear()
    return image
