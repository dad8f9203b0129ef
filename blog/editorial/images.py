"""Image library: uploads, re-encoded (`reencoding`) and stored under a new name; descriptions, uses, deletion."""

from __future__ import annotations

import hashlib
import io
import logging
from contextlib import suppress
from dataclasses import dataclass
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
from PIL import ImageSequence

from blog.editorial import image_uses, permissions, reencoding
from blog.editorial.actors import Actor
from blog.editorial.changes import Kind, changing
from blog.editorial.permissions import ANOTHER_POST
from blog.editorial.pixels import EXTENSIONS, MAX_SIDE, Reencoded
from blog.editorial.reencoding import MAX_PIXELS, reencoded
from blog.models import Image, SiteSettings
from blog.text.pictures import STORED_NAME

logger = logging.getLogger(__name__)

MAX_IMAGE_BYTES = 15 * 1024 * 1024
EDITABLE_FIELDS = ("alt", "is_decorative", "caption", "credit", "licence", "focal_x", "focal_y")
"""Columns that editors change: alt text, caption, focal point, …; readers see the change at once, everywhere."""
METADATA = {"exif", "icc_profile", "xmp", "XML:com.adobe.xmp", "photoshop", "comment"}
"""Pillow's names for metadata in a file; files that this application wrote have none."""


ImageRefused = reencoding.ImageRefused


class NotStored(ImageRefused):
    """The image is valid, but the storage failed: full or not writable."""


def accept(*, upload: File[bytes], name: str, by: Actor, now: datetime, **described: Any) -> Image:
    """Store an uploaded image and return its row; the same original twice gives the same row. Raises ImageRefused.

    `name` and `described` as for `store`.
    """
    permissions.require(permissions.may_add_images(by), "画像を追加する")
    return keep(prepared(upload), name=name, by=by, now=now, **described)


@dataclass(frozen=True)
class Prepared:
    """An upload that can be stored. `made`: the re-encoded image; None when the library has it."""

    original_hash: str
    made: Reencoded | None


def prepared(upload: File[bytes]) -> Prepared:
    """Re-encode an upload, which takes seconds: not to be done in a transaction. Raises ImageRefused."""
    original = upload.read(MAX_IMAGE_BYTES + 1)
    if len(original) > MAX_IMAGE_BYTES:
        raise ImageRefused(f"画像が大きすぎます。{MAX_IMAGE_BYTES // 1024**2} MB までにしてください。")
    digest = digest_of(original)
    return Prepared(digest, None if known_as(digest) else reencoded(original))


def keep(image: Prepared, *, name: str, by: Actor, now: datetime, **described: Any) -> Image:
    """Store a prepared upload and return its row. `name` and `described` as for `store`."""
    if image.made is None:
        if known := known_as(image.original_hash):
            return known
        raise ImageRefused("同じ画像がいま消されました。もう一度送ってください。")
    return store(image.made, original_hash=image.original_hash, name=name, by=by, now=now, **described)


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def known_as(digest: str) -> Image | None:
    """The image whose original, or whose stored file, has this digest: a stored file may be uploaded again."""
    return Image.objects.filter(Q(original_hash=digest) | Q(hash=digest)).first()


def store(
    made: Reencoded, *, original_hash: str, name: str, by: Actor, now: datetime, **described: Any
) -> Image:
    """Store a re-encoded image and return its row; that of the same file, if it is stored already.

    `name` is the sender's file name: kept for display, never used as a path. `described` may set
    `alt`, `is_decorative`, `caption`, `credit` and `licence` of a new row.
    """
    permissions.require(permissions.may_add_images(by), "画像を追加する")
    digest = digest_of(made.data)
    if known := Image.objects.filter(hash=digest).first():
        return known
    # A unique name for every upload: when one image is sent twice at once, each request can delete its own file.
    path = f"images/{timezone.localtime(now):%Y/%m}/{uuid4().hex}.{made.extension}"
    facts = {
        "file": path,
        "original_hash": original_hash,
        "original_name": name[-255:],
        "width": made.width,
        "height": made.height,
        "is_animated": made.is_animated,
        "size": len(made.data),
        "created_at": now,
        "created_by": by.user,
    }
    created = False
    try:
        default_storage.save(path, ContentFile(made.data))
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
    if len(data) > MAX_IMAGE_BYTES or digest_of(data) != digest:
        raise ImageRefused("書き出したときの画像と内容が違います。")
    try:
        with Pillow.open(io.BytesIO(data), formats=tuple(EXTENSIONS)) as image:
            frames, size = getattr(image, "n_frames", 1), image.size
            named_as_made = path.endswith(f".{EXTENSIONS[image.format or '']}")
            bounded = max(size) <= MAX_SIDE and size[0] * size[1] * frames <= MAX_PIXELS
            if (
                not (STORED_NAME.fullmatch(path) and named_as_made and bounded)
                or METADATA & image.info.keys()
            ):
                raise ImageRefused("この編集システムが書き出した画像ではありません。")
            for frame in ImageSequence.Iterator(image):
                frame.load()
    except ImageRefused:
        raise
    except Exception as error:  # a decoder raises anything for a damaged file
        logger.warning("%s cannot be restored: %r", path, error)
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
