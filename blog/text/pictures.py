"""Images in text, known by the name of their stored file: URLs, sizes and sources from the library, figures, captions.

A text says `/media/images/2026/11/….png` or `https://cdn.example/images/2026/11/….png`: whatever host and folder stand
before the stored name, it is that image, and what readers get is where it is kept today.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from markdown_it.token import Token

STORED_NAME = re.compile(r"images/\d{4}/\d{2}/[0-9a-f]{32}\.[a-z]+")
"""Name of a stored file. Its 32 digits are random: no other picture is called so by chance."""
_OURS = re.compile(rf"(?:[^?#]*/)?({STORED_NAME.pattern})(?:[?#].*)?", re.DOTALL)
_BEFORE_A_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%:/@+")
_BEGINNING = re.compile(r"https?://|/")

SIZES = "(min-width: 46rem) 40rem, 94vw"
"""HTML `sizes` of an image in the text; follows the column width of static/css/site/article.css."""


@dataclass(frozen=True)
class Source:
    """`<source>` element of a `<picture>`: a MIME type and a `srcset` with widths."""

    type: str
    srcset: str


@dataclass(frozen=True)
class Picture:
    """Image data from the library. Sizes in pixels; `sources`: smaller files, the best type first."""

    src: str
    width: int
    height: int
    sources: tuple[Source, ...] = ()
    alt: str = ""
    decorative: bool = False
    caption: str = ""
    credit: str = ""


def place_images(tokens: list[Token], *, images: Mapping[str, Picture]) -> list[Token]:
    """Fill in every image from `images` (keys: stored names), and turn a paragraph
    that contains one image and nothing else into a figure. The text's own words take precedence over the library's."""
    if not any(child.type == "image" for token in tokens for child in token.children or ()):
        return tokens
    placed: list[Token] = []
    for token in tokens:
        # An image at the start of the text is visible at once: lazy loading would only delay it.
        lazy = len(placed) > 1
        pictures = [(image, _dress(image, images, lazy=lazy)) for image in _image_tokens(token)]
        is_figure = len(pictures) == 1 and _stands_alone(token) and placed[-1].type == "paragraph_open"
        token.children = list(_with_sources(token.children or (), iter(pictures))) or token.children
        if is_figure:
            image, picture = pictures[0]
            placed[-1].type, placed[-1].tag, placed[-1].hidden = "figure_open", "figure", False
            placed += [token, *_caption(image, picture)]
        elif token.type == "paragraph_close" and _is_open_figure(placed):
            placed.append(Token("figure_close", "figure", -1, block=True))
        else:
            placed.append(token)
    return placed


def stored_names(*texts: str) -> set[str]:
    """Names of stored files that `texts` mention, as images, links or otherwise."""
    return {name for text in texts for name in STORED_NAME.findall(text)}


def stored_name(url: str) -> str:
    """Name of the stored file that `url` leads to, if it may be one of the library; else ""."""
    match = _OURS.fullmatch(url)
    return match[1] if match else ""


def find_picture(images: Mapping[str, Picture], url: str) -> Picture | None:
    """Look up the library's data on the image at `url`."""
    return images.get(stored_name(url))


def picture_urls(text: str) -> dict[str, str]:
    """How `text` writes the URLs of stored files, by their names; the first of each."""
    found: dict[str, str] = {}
    for name, start, end in _places(text):
        found.setdefault(name, text[start:end])
    return found


def with_picture_urls(text: str, url_of: Callable[[str], str | None]) -> str:
    """Replace the URLs of stored files in `text`; `url_of` gives the new one for a name, or None to keep it."""
    pieces, at = [], 0
    for name, start, end in _places(text):
        if (url := url_of(name)) is not None:
            pieces += [text[at:start], url]
            at = end
    return "".join((*pieces, text[at:]))


def _places(text: str) -> Iterator[tuple[str, int, int]]:
    """Names of stored files in `text`, each with the span of its URL."""
    last = 0
    for match in STORED_NAME.finditer(text):
        start = match.start()
        while start > last and text[start - 1] in _BEFORE_A_NAME:
            start -= 1
        begins = _BEGINNING.search(text, start, match.start())
        if begins and text[match.start() - 1] == "/":
            yield match[0], begins.start(), match.end()
        last = match.end()


def _image_tokens(token: Token) -> Iterator[Token]:
    return (child for child in token.children or () if child.type == "image")


def _dress(image: Token, images: Mapping[str, Picture], *, lazy: bool) -> Picture | None:
    """Set the attributes of one image and return what the library knows about it."""
    picture = find_picture(images, str(image.attrGet("src") or ""))
    if picture:
        image.attrs.update({"src": picture.src, "width": picture.width, "height": picture.height})
        if not image.content and picture.alt and not picture.decorative:
            image.children = [Token("text", "", 0, content=picture.alt)]
    image.attrs.update(({"loading": "lazy"} if lazy else {}) | {"decoding": "async"})
    return picture


def _with_sources(
    children: Iterable[Token], pictures: Iterator[tuple[Token, Picture | None]]
) -> Iterator[Token]:
    """Wrap each image that has smaller files in a `<picture>` that offers them."""
    for child in children:
        picture = next(pictures)[1] if child.type == "image" else None
        if picture is None or not picture.sources:
            yield child
            continue
        yield Token("picture_open", "picture", 1)
        for source in picture.sources:
            attrs: dict[str, str | int | float] = {
                "type": source.type,
                "srcset": source.srcset,
                "sizes": SIZES,
            }
            yield Token("source", "source", 0, attrs=attrs)
        yield child
        yield Token("picture_close", "picture", -1)


def _stands_alone(inline: Token) -> bool:
    """Whether an inline token is one image, perhaps inside a link."""
    kinds = [child.type for child in inline.children or () if child.type != "text" or child.content.strip()]
    return kinds in (["image"], ["link_open", "image", "link_close"])


def _caption(image: Token, picture: Picture | None) -> list[Token]:
    caption = str(image.attrs.pop("title", "")) or (picture.caption if picture else "")
    credit = picture.credit if picture else ""
    if not caption and not credit:
        return []
    inline = Token("inline", "", 0, children=[])
    if caption:
        inline.children = [Token("text", "", 0, content=caption + (" " if credit else ""))]
    if credit:
        inline.children += [  # type: ignore[operator]  # a list, made above
            Token("credit_open", "span", 1, attrs={"class": "credit"}),
            Token("text", "", 0, content=credit),
            Token("credit_close", "span", -1),
        ]
    return [
        Token("figcaption_open", "figcaption", 1, block=True),
        inline,
        Token("figcaption_close", "figcaption", -1, block=True),
    ]


def _is_open_figure(placed: list[Token]) -> bool:
    """Whether a closing token belongs to a figure: paragraphs do not nest, so the nearest opening decides."""
    for token in reversed(placed[-5:]):
        if token.type in {"figure_open", "paragraph_open"}:
            return token.type == "figure_open"
    return False
