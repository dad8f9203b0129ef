"""Re-encoding of uploaded images: type detected from the content, upright, in sRGB, without metadata; bytes in, bytes out.

No database and no settings: workers of an import run it too, and a large image is decoded in a child process of its own
(`python -m blog.editorial.reencoding`). A decoder needs up to a gigabyte for one, which a web server's process would
never give back, and what crashes a decoder ends that child only.
"""

from __future__ import annotations

import io
import json
import logging
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PIL import ExifTags, ImageChops, ImageCms, UnidentifiedImageError
from PIL import Image as Pillow
from PIL.JpegImagePlugin import JpegImageFile

logger = logging.getLogger(__name__)

MAX_PIXELS = 50_000_000
"""Maximum pixels of all frames together: bounds the cost of decoding."""
LARGE = 2_500_000
"""Pixels of all frames from which on an image gets a process of its own, which takes 0.2 s to start."""
MAX_SIDE = 2560
"""Maximum width and height in pixels; larger images are scaled down."""
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 85, "progressive": True, "optimize": True},
    "PNG": {"optimize": True},
    "WEBP": {"quality": 85},
}
PATIENCE = 60.0
"""Seconds that an upload waits for others in this process."""
TIMEOUT = 120.0
"""Seconds for one large image; the slowest take 10."""
DEFAULT_DURATION = 100
"""Milliseconds of a frame that gives none, as browsers show it."""
MAX_LOOPS = 65_535
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}

BROKEN = "画像が壊れているようです。書き出し直してから、もう一度送ってください。"
FAILED = "画像を処理できませんでした。別の形式で書き出し直してから、もう一度送ってください。"

_turn = threading.Semaphore(1)


class ImageRefused(Exception):
    """The upload was rejected; str() is a sentence that says why and what to do. No file is left behind."""


@dataclass(frozen=True, kw_only=True)
class Reencoded:
    """A re-encoded image: the bytes of a file, its extension, its size in pixels."""

    data: bytes
    extension: str
    width: int
    height: int
    is_animated: bool


def reencoded(original: bytes) -> Reencoded:
    """Re-encode an upload; only the pixels of `original` survive. Whatever a decoder or encoder raises is ImageRefused.

    One image at a time in each process: they take memory and processors that pages need.
    """
    try:
        with _opened(original) as image:
            frames = getattr(image, "n_frames", 1)
            pixels = image.width * image.height * frames
            if pixels > MAX_PIXELS:
                raise ImageRefused(_too_many(image.size, frames))
        with _one_at_a_time():
            return _in_child(original) if pixels > LARGE else _made(original)
    except Exception as error:
        raise _refusal(error, original) from error


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    if not _turn.acquire(timeout=PATIENCE):
        raise ImageRefused("ほかの画像を処理しています。少し待ってから、もう一度送ってください。")
    try:
        yield
    finally:
        _turn.release()


def _too_many(size: tuple[int, int], frames: int) -> str:
    limit = f"{MAX_PIXELS // 10_000}万画素"
    width, height = size
    if frames == 1:
        return f"画像の画素数が多すぎます（{width}×{height}）。{limit}までにしてください。"
    total = width * height * frames // 10_000
    return (
        f"動く画像の画素数が多すぎます（{width}×{height}が{frames}コマで{total:,}万画素）。"
        f"全部のコマを合わせて{limit}までにしてください。"
    )


def _refusal(error: Exception, original: bytes) -> ImageRefused:
    """The reason for an editor; what nobody expects is logged."""
    match error:
        case ImageRefused():
            return error
        case UnidentifiedImageError() if original[4:8] == b"ftyp" and original[8:12] in HEIF_BRANDS:
            return ImageRefused(
                "HEIC（iPhoneなどの写真の形式）は読めません。JPEGに書き出してから、もう一度送ってください。"
            )
        case UnidentifiedImageError():
            return ImageRefused("画像として読めません。JPEG、PNG、WebP、AVIF、GIF のどれかにしてください。")
        case Pillow.DecompressionBombError() | Pillow.DecompressionBombWarning():
            return ImageRefused(f"画像の画素数が多すぎます。{MAX_PIXELS // 10_000}万画素までにしてください。")
        case MemoryError():
            logger.error("no memory to re-encode an image of %s bytes", len(original), exc_info=error)
            return ImageRefused(
                "画像を開くためのメモリーが足りません。小さくしてから、もう一度送ってください。"
            )
        case (
            OSError()
            | SyntaxError()
            | ValueError()
            | EOFError()
            | LookupError()
            | struct.error()
            | zlib.error()
        ):  # Pillow raises these for files that start like an image and are damaged further on
            return ImageRefused(BROKEN)
        case _:
            logger.error("an image of %s bytes was not re-encoded", len(original), exc_info=error)
            return ImageRefused(FAILED)


def _in_child(original: bytes) -> Reencoded:
    """Re-encode in a child process, whose memory is given back when it ends."""
    try:
        child = subprocess.run(
            [sys.executable, "-m", "blog.editorial.reencoding"],
            input=original,
            capture_output=True,
            cwd=Path(__file__).parents[2],
            timeout=TIMEOUT,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        logger.exception("an image of %s bytes was not re-encoded", len(original))
        raise ImageRefused(FAILED) from error
    if child.stderr:
        logger.error("re-encoding an image: %s", child.stderr.decode(errors="replace"))
    if child.returncode:
        logger.error("re-encoding an image ended with status %s", child.returncode)
        raise ImageRefused(FAILED)
    head, _, data = child.stdout.partition(b"\n")
    facts = json.loads(head)
    if "refused" in facts:
        raise ImageRefused(facts["refused"])
    return Reencoded(data=data, **facts)


def main() -> None:
    """The child process: an image on standard input; a line of JSON and the new file on standard output."""
    original = sys.stdin.buffer.read()
    try:
        made = _made(original)
    except Exception as error:
        facts, data = {"refused": str(_refusal(error, original))}, b""
    else:
        facts, data = asdict(made), made.data
        del facts["data"]
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + data)


def _made(original: bytes) -> Reencoded:
    with _opened(original) as image:
        # The picture in front of an animated PNG is for programs that cannot show the animation.
        shown = range(int(getattr(image, "default_image", False)), getattr(image, "n_frames", 1)) or range(1)
        return _animation(image, shown) if len(shown) > 1 else _still(image, shown[0])


def _opened(original: bytes) -> Pillow.Image:
    if original.startswith(b"\xff\xd8\xff"):
        # Pillow's `open` follows an index of further pictures (MPO): previews, the other eye. The photograph is the first.
        return JpegImageFile(io.BytesIO(original))
    return Pillow.open(io.BytesIO(original), formats=FORMATS)


def _still(image: Pillow.Image, frame: int) -> Reencoded:
    opaque = image.format in ("JPEG", "AVIF") and not image.has_transparency_data
    encoding = "WEBP" if image.format == "WEBP" else "JPEG" if opaque else "PNG"
    image.draft(
        None, (MAX_SIDE, MAX_SIDE)
    )  # a JPEG is decoded in half its size or less, where that is enough
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
    return TURNS.get(orientation)


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


if __name__ == "__main__":
    main()
