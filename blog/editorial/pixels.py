"""Decoding and encoding of one image: the pixels that its author saw, upright, in sRGB, in a file without metadata.

Whatever Pillow raises for a damaged file goes to the caller, `blog.editorial.reencoding`.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import ExifTags, ImageChops, ImageCms
from PIL import Image as Pillow
from PIL.JpegImagePlugin import JpegImageFile

logger = logging.getLogger(__name__)

MAX_SIDE = 2560
"""Maximum width and height in pixels; larger images are scaled down."""
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 85, "progressive": True, "optimize": True},
    "PNG": {"optimize": True},
    "WEBP": {"quality": 85},
}
DEFAULT_DURATION = 100
"""Milliseconds of a frame that gives none, as browsers show it."""
MAX_LOOPS = 65_535
TURNS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
"""EXIF orientation → operation that undoes it."""


@dataclass(frozen=True, kw_only=True)
class Reencoded:
    """A re-encoded image: the bytes of a file, its extension, its size in pixels."""

    data: bytes
    extension: str
    width: int
    height: int
    is_animated: bool


def made(original: bytes) -> Reencoded:
    """Re-encode an image: what moves as an animated WebP, the rest as JPEG, PNG or WebP."""
    with opened(original) as image:
        # The picture in front of an animated PNG is for programs that cannot show the animation.
        shown = range(int(getattr(image, "default_image", False)), getattr(image, "n_frames", 1)) or range(1)
        return _animation(image, shown) if len(shown) > 1 else _still(image, shown[0])


def opened(original: bytes) -> Pillow.Image:
    """The image in the bytes of a file; nothing is decoded yet."""
    if original.startswith(b"\xff\xd8\xff"):
        # Pillow's `open` follows an index of further pictures (MPO): previews, the other eye. The photograph is the first.
        return JpegImageFile(io.BytesIO(original))
    return Pillow.open(io.BytesIO(original), formats=FORMATS)


def _still(image: Pillow.Image, frame: int) -> Reencoded:
    opaque = image.format in ("JPEG", "AVIF") and not image.has_transparency_data
    encoding = "WEBP" if image.format == "WEBP" else "JPEG" if opaque else "PNG"
    # A JPEG is decoded in half its size or less, where that is enough.
    image.draft(None, (MAX_SIDE, MAX_SIDE))
    image.seek(frame)
    pixels = _finished(image, profile=image.info.get("icc_profile"), turn=_turn_of(image))
    out = io.BytesIO()
    pixels.save(out, encoding, **OPTIONS[encoding])
    return Reencoded(
        data=out.getvalue(),
        extension=EXTENSIONS[encoding],
        width=pixels.width,
        height=pixels.height,
        is_animated=False,
    )


def _animation(image: Pillow.Image, shown: Sequence[int]) -> Reencoded:
    profile, turn, loop = image.info.get("icc_profile"), _turn_of(image), _loop(image)
    frames, durations = [], []
    for number in shown:
        image.seek(number)
        frames.append(_finished(image, profile=profile, turn=turn).convert("RGBA"))
        durations.append(round(image.info.get("duration") or DEFAULT_DURATION))
    out = io.BytesIO()
    frames[0].save(
        out, "WEBP", save_all=True, append_images=frames[1:], duration=durations, loop=loop, quality=80
    )
    width, height = frames[0].size
    return Reencoded(data=out.getvalue(), extension="webp", width=width, height=height, is_animated=True)


def _loop(image: Pillow.Image) -> int:
    """How often an animation plays, 0 for ever. A GIF counts repetitions, and without a count plays once."""
    if image.format != "GIF":
        return int(image.info.get("loop", 0))
    repetitions = image.info.get("loop")
    if repetitions == 0:
        return 0
    return min(1 + (repetitions or 0), MAX_LOOPS)


def _finished(frame: Pillow.Image, *, profile: bytes | None, turn: Pillow.Transpose | None) -> Pillow.Image:
    """The pixels of a frame as they are stored: RGB or RGBA, at most `MAX_SIDE`, upright, in sRGB, without metadata."""
    frame.load()
    pixels = _shrunk(_eight_bits(frame))
    alpha = pixels.getchannel("A") if pixels.mode in ("LA", "RGBA") else None
    colours = _srgb(pixels.convert(pixels.mode.removesuffix("A")) if alpha else pixels, profile)
    if alpha:
        colours.putalpha(alpha)
    if turn is not None:
        colours = colours.transpose(turn)
    colours.info.clear()  # encoders write whatever they find there
    return colours


def _shrunk(image: Pillow.Image) -> Pillow.Image:
    scale = MAX_SIDE / max(image.size)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Pillow.Resampling.LANCZOS, reducing_gap=2.0)


def _eight_bits(image: Pillow.Image) -> Pillow.Image:
    """`image` as L, LA, RGB, RGBA or CMYK: the modes that can be scaled and converted between colour spaces."""
    if image.mode[0] in "IF":
        white = 1.0 if image.mode == "F" else 65_535.0
        scale = 255 / white
        wide = image if image.mode in ("I", "I;16", "F") else image.convert("I")
        grey = wide.point(lambda value: value * scale + 0.5).convert("L")
        if isinstance(clear := image.info.get("transparency"), int):
            grey.putalpha(_everything_but(image, clear))
        return grey
    if image.mode == "CMYK":
        return image
    colours = "L" if image.mode in ("1", "L", "LA") else "RGB"
    if not image.has_transparency_data:
        return image if image.mode == colours else image.convert(colours)
    if image.mode == f"{colours}A":
        return image
    return image.convert("RGBA").convert(f"{colours}A")


def _everything_but(image: Pillow.Image, clear: int) -> Pillow.Image:
    """Alpha of a 16-bit image in which the value `clear` is transparent."""
    values = image.convert("I;16").tobytes()
    low, high = (Pillow.frombytes("L", image.size, values[start::2]) for start in (0, 1))
    return ImageChops.lighter(_unlike(low, clear & 255), _unlike(high, clear >> 8))


def _unlike(image: Pillow.Image, value: int) -> Pillow.Image:
    return image.point([0 if number == value else 255 for number in range(256)])


def _srgb(colours: Pillow.Image, profile: bytes | None) -> Pillow.Image:
    """Convert to RGB in sRGB, since the colour profile is not kept: phones photograph in wider colour spaces.

    Without a profile that can be read and fits, the pixels are taken for sRGB, as browsers do.
    """
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            space = source.profile.xcolor_space.strip()
            if space == "RGB" and colours.mode == "L":
                colours = colours.convert("RGB")
            if {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}.get(space) == colours.mode:
                srgb = ImageCms.createProfile("sRGB")
                return ImageCms.profileToProfile(colours, source, srgb, outputMode="RGB") or colours
        except Exception as error:  # whatever a damaged profile brings about; the image is sound
            logger.info("a colour profile was ignored: %s", error)
    return colours.convert("RGB")


def _turn_of(image: Pillow.Image) -> Pillow.Transpose | None:
    """How to turn or mirror the image to show it upright."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except Exception as error:  # whatever damaged metadata brings about; the image is sound
        logger.info("an orientation was ignored: %s", error)
        return None
    return TURNS.get(orientation or 1)
