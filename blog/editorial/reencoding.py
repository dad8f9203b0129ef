"""Re-encoding of uploaded images (`blog.editorial.pixels`): bounded, one at a time, refused where it fails; bytes in, bytes out.

No database and no settings: workers of an import run it too, and a large image is decoded in a child process of its own
(`python -m blog.editorial.reencoding`). A decoder needs up to a gigabyte for one, which a web server's process would
never give back, and what crashes a decoder ends that child only.
"""

from __future__ import annotations

import json
import logging
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from blog.editorial.pixels import Reencoded, made, opened

logger = logging.getLogger(__name__)

MAX_PIXELS = 50_000_000
"""Maximum pixels of all frames together: bounds the cost of decoding."""
LARGE = 2_500_000
"""Pixels of all frames from which on an image gets a process of its own, which takes 0.2 s to start."""
PATIENCE = 60.0
"""Seconds that an upload waits for others in this process."""
TIMEOUT = 120.0
"""Seconds for one large image; the slowest take 10."""
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}

BROKEN = "画像が壊れているようです。書き出し直してから、もう一度送ってください。"
FAILED = "画像を処理できませんでした。別の形式で書き出し直してから、もう一度送ってください。"

_turn = threading.Semaphore(1)


class ImageRefused(Exception):
    """The upload was rejected; str() is a sentence that says why and what to do. No file is left behind."""


def reencoded(original: bytes) -> Reencoded:
    """Re-encode an upload; only the pixels of `original` survive. Whatever a decoder or encoder raises is ImageRefused.

    One image at a time in each process: they take memory and processors that pages need.
    """
    try:
        with opened(original) as image:
            frames = getattr(image, "n_frames", 1)
            pixels = image.width * image.height * frames
            if pixels > MAX_PIXELS:
                raise ImageRefused(_too_many(image.size, frames))
        with _one_at_a_time():
            return _in_child(original) if pixels > LARGE else made(original)
    except ImageRefused:
        raise
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
        image = made(original)
    except Exception as error:
        facts, data = {"refused": str(_refusal(error, original))}, b""
    else:
        facts, data = asdict(image), image.data
        del facts["data"]
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + data)


if __name__ == "__main__":
    main()
