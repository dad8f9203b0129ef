"""Share images (Open Graph), 1200×630, drawn from title, section and by-line of a post.

A picture chosen by an editor or brought by an import (`Post.share_image`) is shown instead; who asks for the picture
of a post decides that (`blog.public.seo`). Drawn by the first request, kept in the media storage under a name that changes
with everything that is seen on it.
"""

from __future__ import annotations

import io
import logging
from functools import cache
from hashlib import sha256
from pathlib import Path

import pylopdf_fonts_jp
from django.conf import settings
from django.core.files.base import File
from django.urls import reverse
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from blog.editorial.changes import OpenChange
from blog.models import Post, SiteSettings
from blog.public import generated_files
from blog.text.lines import Column
from blog.text.normalise import one_line

logger = logging.getLogger(__name__)

SIZE = (1200, 630)
"""Pixels; what X, Facebook, LINE and Slack show without cutting (https://ogp.me, 1.91:1)."""
DESIGN = 1
"""Raise it when a card looks different: all of them are drawn anew."""
FOLDER = "cards"

PAPER, FAINT, MARK = "#fcfbf8", "#dcdfe6", "#f08b70"
"""As in static/css/site/tokens.css (tests/test_design.py compares them); MARK is the point before the magazine's name, as on dark pages."""
SECTION_COLOURS = ("#1f2d66", "#0d4a57", "#5a3342", "#2f4a33", "#5b4322", "#33424f")
"""Dark enough for PAPER to stand on at 8:1 or more; sections take them in the order they were made."""

EDGE = 88
TITLE_TOP, TITLE_BOTTOM = 160, 478
TITLE_SIZES = range(84, 47, -4)
LEADING = 1.42
SMALL = 30
OPENING = "「『（【〔〈《［"
"""Their left half is empty: a line that begins with one looks indented unless it hangs."""


def url(post: Post, *, site: SiteSettings) -> str:
    """The path of the card of `post`, "" when no font can be read (`manage.py check` says so).

    Asks the database nothing when the section and the credits of `post` are at hand. Answers 404 until the post
    is published. Size: `SIZE`, type: image/png.
    """
    if title_font() is None:
        return ""
    return reverse("blog:share_card", args=[post.uuid, version(post, site=site)])


def opened(post: Post, *, site: SiteSettings) -> File[bytes]:
    """The file of the card of `post`, drawn now if need be. Raises `generated_files.Busy`; FileNotFoundError without a font."""
    name = f"{version(post, site=site)}.png"
    folder = f"{FOLDER}/{post.uuid.hex}"

    def draw_anew() -> bytes:
        generated_files.forget(folder)  # what it was before the title changed
        return drawn(**facts(post, site=site))

    return generated_files.opened(f"{folder}/{name}", draw_anew)


def version(post: Post, *, site: SiteSettings) -> str:
    """Another one for every other picture: 16 hexadecimal digits."""
    seen = (DESIGN, str(title_font()), sorted(facts(post, site=site).items()))
    return sha256(repr(seen).encode()).hexdigest()[:16]


def follow(change: OpenChange) -> None:
    """Delete the cards of posts that are gone for good. (What a card shows is part of its name.)

    After the transaction, for files do not come back with a rollback. What fails is logged and stops nothing.
    """
    for post in change.removed.values():
        change.afterwards(generated_files.forget, f"{FOLDER}/{post.uuid.hex}")


def facts(post: Post, *, site: SiteSettings) -> dict[str, str]:
    """What is seen on the card."""
    section = post.category
    names = dict.fromkeys(credit.author.name for credit in post.credits)
    return {
        "title": post.title,
        "section": section.name if section else "",
        "colour": SECTION_COLOURS[(section.pk - 1 if section else 0) % len(SECTION_COLOURS)],
        "byline": "、".join(names),
        "magazine": site.name,
    }


def drawn(*, title: str, section: str, colour: str, byline: str, magazine: str) -> bytes:
    """A PNG of the card. Raises FileNotFoundError without a font."""
    card = Pillow.new("RGB", SIZE, colour)
    draw = ImageDraw.Draw(card)
    small = _font(small_font(), SMALL)
    section, byline = _drawable(section, small), _drawable(byline, small)
    right, bottom = SIZE[0] - EDGE, SIZE[1] - EDGE

    draw.text((EDGE, EDGE), _shortened(section, small, right - EDGE), PAPER, small, anchor="lm")
    draw.line([(EDGE, 128), (EDGE + 64, 128)], PAPER, 3)
    _draw_title(draw, title)
    draw.line([(EDGE, bottom - 40), (right, bottom - 40)], FAINT, 1)
    left = _draw_magazine(draw, magazine, right=right, middle=bottom + 6)
    room = left - EDGE - 48
    draw.text((EDGE, bottom + 6), _shortened(byline, small, room), FAINT, small, anchor="lm")

    out = io.BytesIO()
    card.quantize(96, dither=Pillow.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _draw_magazine(draw: ImageDraw.ImageDraw, name: str, *, right: float, middle: float) -> float:
    """The name as it stands at the head of every page: a point, spaced letters. Gives where it begins."""
    font = _font(title_font(), SMALL + 6)
    space = font.size * 0.16
    start = right - sum(font.getlength(sign) + space for sign in name) + space
    at = start
    for sign in name:
        draw.text((at, middle), sign, PAPER, font, anchor="lm", stroke_width=0.4)
        at += font.getlength(sign) + space
    draw.text((start - 24, middle), "●", MARK, _font(title_font(), 26), anchor="mm")
    return start - 33


def _draw_title(draw: ImageDraw.ImageDraw, title: str) -> None:
    """As large as the title allows; one that is too long even small ends in …"""
    title = _drawable(title, _font(title_font(), SMALL))
    for size in TITLE_SIZES:
        font = _font(title_font(), size)
        leading = round(size * LEADING)
        column = Column(font.getlength, SIZE[0] - 2 * EDGE, (TITLE_BOTTOM - TITLE_TOP) // leading)
        if lines := column.fit(title):
            break
    else:
        lines = column.cut(title)
    top = TITLE_TOP + (TITLE_BOTTOM - TITLE_TOP - leading * len(lines)) // 2
    for number, line in enumerate(lines):
        left = EDGE - (size // 2 if line[0] in OPENING else 0)
        place = (left, top + leading * number + leading // 2)
        # The face has one weight; a thin outline makes it hold at the size of a thumbnail.
        draw.text(place, line, PAPER, font, anchor="lm", stroke_width=size / 100)


def _drawable(text: str, font: ImageFont.FreeTypeFont) -> str:
    """`text` without what the font has no picture of, such as emoji: a box would stand there."""
    box = bytes(font.getmask("\uffff"))
    return one_line("".join(sign for sign in text if sign.isspace() or bytes(font.getmask(sign)) != box))


def _shortened(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """`text` on one line."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…"


def title_font() -> Path | None:
    """The font of titles: SHARE_FONT, else the Mincho of the package. None when it cannot be read."""
    return _readable(Path(settings.SHARE_FONT or pylopdf_fonts_jp.serif_path()))


def small_font() -> Path | None:
    """The font of section and by-line, likewise."""
    return _readable(Path(settings.SHARE_FONT or pylopdf_fonts_jp.sans_path()))


@cache
def _readable(path: Path) -> Path | None:
    try:
        ImageFont.truetype(path, SMALL)
    except OSError as error:
        logger.warning("no share images: %s: %s", path, error)
        return None
    return path


def _font(path: Path | None, size: int) -> ImageFont.FreeTypeFont:
    if path is None:
        raise FileNotFoundError("SHARE_FONT")
    return ImageFont.truetype(path, size)
