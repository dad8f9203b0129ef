"""Images in rendered text: sizes and sources from the library, figures with captions."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from markdown_it.token import Token

from blog.text.normalise import normalise

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
    """Fill in every image from `images` (keys: the source written in the text), and turn a paragraph
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


def find_picture(images: Mapping[str, Picture], src: str) -> Picture | None:
    """Look up the library's data on the image with the attribute `src`."""
    return images.get(src) or images.get(normalise(unquote(src)))


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
