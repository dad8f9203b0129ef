"""Image files as cameras, phones, scanners and programs write them."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

from PIL import ExifTags
from PIL import Image as Pillow

WIDE = (200, 60, 60)
IN_SRGB = (219, 37, 49)
"""What `WIDE` in the colours of `wide_profile` is in sRGB."""
LYING = 6
"""EXIF orientation of a camera that was held upright: the picture has to be turned to the right."""


def saved(picture: Pillow.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def lying(*, top: str = "white", size: tuple[int, int] = (60, 30)) -> Pillow.Image:
    """A black picture whose top edge, once it is turned to the right, is of colour `top`: its left edge now."""
    picture = Pillow.new("RGB", size, "black")
    picture.paste(top, (0, 0, size[0] // 3, size[1]))
    return picture


def turned() -> Pillow.Exif:
    exif = Pillow.Exif()
    exif[ExifTags.Base.Orientation] = LYING
    exif[ExifTags.Base.Make] = "Camera"
    return exif


def with_second_picture(size: tuple[int, int]) -> bytes:
    """A photograph of a camera that puts a second picture, of `size`, behind it; held upright."""
    second = Pillow.new("RGB", size, "gray")
    return saved(lying(), "MPO", save_all=True, append_images=[second], quality=95, exif=turned())


def animated(form: str, colours: Sequence[str] = ("red", "green", "blue"), **options: object) -> bytes:
    """An animation with a frame of each colour."""
    first, *others = (Pillow.new("RGB", (48, 32), colour) for colour in colours)
    return saved(first, form, save_all=True, append_images=others, **options)


def grey_ramp(mode: str = "I;16") -> Pillow.Image:
    """A scan of 256 shades of grey with 16 bits each, from black on the left to white on the right."""
    order = ">" if mode.endswith("B") else "<"
    row = struct.pack(f"{order}256H", *(shade * 257 for shade in range(256)))
    return Pillow.frombytes(mode, (256, 4), row * 4)


def wide_profile() -> bytes:
    """An ICC profile (version 2) with the primaries of Display P3 and a gamma of 2.2."""
    primaries = {
        b"wtpt": (0.9642, 1.0, 0.8249),
        b"rXYZ": (0.5151, 0.2412, -0.0011),
        b"gXYZ": (0.2920, 0.6923, 0.0419),
        b"bXYZ": (0.1571, 0.0666, 0.7841),
    }
    gamma = b"curv" + struct.pack(">4xIH2x", 1, 563)
    tags = {name: b"XYZ " + struct.pack(">4x3i", *_fixed(*values)) for name, values in primaries.items()}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), gamma)
    tags[b"desc"] = b"desc" + struct.pack(">4xI8s80x", 8, b"wide p3\0")
    tags[b"cprt"] = b"text" + struct.pack(">4x4s", b"CC0\0")
    at, table, data = 128 + 4 + 12 * len(tags), b"", b""
    for name, value in tags.items():
        table += struct.pack(">4s2I", name, at + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    white = struct.pack(">3i", *_fixed(*primaries[b"wtpt"]))
    head = struct.pack(">I4xI4s4s4s12x4s28x", at + len(data), 0x02400000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    return (head + white).ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + data


def _fixed(*values: float) -> list[int]:
    return [round(value * 65536) for value in values]
