"""Image uploads: recognised by content, bounded, re-encoded without metadata, stored under our own name."""

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

MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 50_000_000
"""Of all frames together: what decoding may cost."""
MAX_SIDE = 2560
"""Longer sides are scaled down to this many pixels."""
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
WORDS = ("alt", "is_decorative", "caption", "credit", "licence", "focal_x", "focal_y")
"""What people say of an image: readers see it at once wherever the image is shown."""
METADATA = {"exif", "icc_profile", "xmp", "XML:com.adobe.xmp", "photoshop", "comment"}
"""What Pillow calls the parts of a file that our own never have."""


class ImageRefused(Exception):
    """The upload is not taken; str() is a sentence that says why and what to do. No file is left behind."""


class NotStored(ImageRefused):
    """The image is well, the storage is not: full, or not to be written."""


def accept(*, upload: File[bytes], name: str, by: Actor, now: datetime, **described: Any) -> Image:
    """Store an uploaded image and return its row; the same original twice gives the same row.

    `name` is what the sender calls the file: kept for people to read, never used as a path. `described` may set
    `alt`, `is_decorative`, `caption`, `credit` and `licence` of a new row.
    """
    permissions.require(permissions.may_add_images(by), "画像を追加する")
    original = upload.read(MAX_BYTES + 1)
    if len(original) > MAX_BYTES:
        raise ImageRefused(f"画像が大きすぎます。{MAX_BYTES // 1024**2} MB までにしてください。")
    original_hash = hashlib.sha256(original).hexdigest()
    # One of our own files, downloaded or exported and sent again, is known by its own hash.
    if known := Image.objects.filter(Q(original_hash=original_hash) | Q(hash=original_hash)).first():
        return known
    data, extension, size, is_animated = _reencoded(original)
    digest = hashlib.sha256(data).hexdigest()
    if known := Image.objects.filter(hash=digest).first():
        return known
    # A name of its own for every upload: when two people send one image at once, each can tidy up after itself.
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


def put_back(*, data: bytes, digest: str, path: str, **facts: Any) -> Image:
    """Store a file that this application made (an export of ours) byte for byte, under the name it had.

    `digest` is the hash that the export promises, `facts` are the other columns. Raises ImageRefused for anything
    that we would not have written: whoever brings such a file takes the way of an upload.
    """
    if known := Image.objects.filter(hash=digest).first():
        return known
    if len(data) > MAX_BYTES or hashlib.sha256(data).hexdigest() != digest:
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
        default_storage.delete(path)  # a file that no row knows
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
    """Where `image` is needed, in words for `by`; a post that they may neither edit nor read yet has no name there."""
    posts = image_uses.posts_with(image)
    titles = dict(permissions.editable(posts, by).values_list("pk", "working_title"))
    titles |= dict(posts.published(now).values_list("pk", "title"))
    named = (
        f"記事「{titles[pk] or '（無題）'}」" if pk in titles else ANOTHER_POST
        for pk in posts.values_list("pk", flat=True)
    )
    return [*dict.fromkeys(named), *image_uses.uses_elsewhere(image)]


def describe(image: Image, *, by: Actor, now: datetime) -> None:
    """Save the words and the focal point of `image`, which readers see wherever it is shown. Raises PermissionDenied.

    The posts that need it are locked first: one that is being published in this very moment counts.
    """
    with changing(kind=Kind.IMAGE, actor=by, now=now) as change:
        list(image_uses.posts_with(image).order_by("pk").select_for_update(of=("self",)).values_list("pk"))
        site = SiteSettings.objects.current(now)
        if refusal := permissions.why_not_describe(by, image, site, now):
            raise PermissionDenied(refusal)
        before = Image.objects.get(pk=image.pk)
        change.note = image.name
        if all(getattr(before, name) == getattr(image, name) for name in WORDS):
            change.nothing_changed()
            return
        image.save(update_fields=WORDS)
        if (before.focal_x, before.focal_y) != (image.focal_x, image.focal_y):
            change.images.append(image)


def remove(image: Image, *, by: Actor, now: datetime) -> None:
    """Delete an image that nothing needs; its files go when the database has forgotten it."""
    permissions.require(permissions.may_delete_images(by), "画像を消す")
    storage, name = image.file.storage, image.name
    with changing(kind=Kind.IMAGE, actor=by, now=now, note=f"{name} を削除") as change:
        image.delete()
        change.images.append(image)
        transaction.on_commit(lambda: storage.delete(name))


def _reencoded(original: bytes) -> tuple[bytes, str, tuple[int, int], bool]:
    """Encoded anew: (bytes, extension, size, whether it moves). Nothing of the original file survives but its pixels."""
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
        # What Pillow raises for files that begin like an image and do not go on like one.
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
    _bare(pixels).save(out, encoding, **options[encoding])
    return out.getvalue(), EXTENSIONS[encoding], pixels.size


def _animation(image: Pillow.Image) -> tuple[bytes, str, tuple[int, int]]:
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        copy = frame.convert("RGBA")
        copy.thumbnail((MAX_SIDE, MAX_SIDE), Pillow.Resampling.LANCZOS)
        frames.append(_bare(copy))
        durations.append(frame.info.get("duration", 100))
    out = io.BytesIO()
    frames[0].save(
        out, "WEBP", save_all=True, append_images=frames[1:], duration=durations, loop=0, quality=80
    )
    return out.getvalue(), "webp", frames[0].size


def _srgb(image: Pillow.Image) -> Pillow.Image:
    """Colours as a browser without the profile must see them: phones photograph in wider spaces."""
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


def _bare(image: Pillow.Image) -> Pillow.Image:
    """The pixels alone: encoders write whatever metadata they find in `info`."""
    image.info.clear()
    return image
