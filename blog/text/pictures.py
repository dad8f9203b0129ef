"""Images: sizes and sources from the library, figures with captions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from markdown_it.token import Token

from blog.text.normalise import normalise


@dataclass(frozen=True)
class Picture:
    """What the image library knows about an image. Sizes in pixels; `srcset` as in HTML."""

    src: str
    width: int
    height: int
    srcset: str = ""
    alt: str = ""
    decorative: bool = False
    caption: str = ""
    credit: str = ""


def place_images(tokens: list[Token], *, images: Mapping[str, Picture]) -> list[Token]:
    """Fill in every image from `images` (keys: the source written in the text), and turn a paragraph
    that holds one image and nothing else into a figure. The text's own words win over the library's."""
    placed: list[Token] = []
    for token in tokens:
        pictures = [(image, _dress(image, images)) for image in _image_tokens(token)]
        if pictures and len(pictures) == 1 and _stands_alone(token) and placed[-1].type == "paragraph_open":
            image, picture = pictures[0]
            placed[-1].type, placed[-1].tag, placed[-1].hidden = "figure_open", "figure", False
            placed += [token, *_caption(image, picture)]
        elif token.type == "paragraph_close" and _is_open_figure(placed):
            placed.append(Token("figure_close", "figure", -1, block=True))
        else:
            placed.append(token)
    return placed


def _image_tokens(token: Token) -> Iterator[Token]:
    return (child for child in token.children or () if child.type == "image")


def _dress(image: Token, images: Mapping[str, Picture]) -> Picture | None:
    """Set the attributes of one image and return what the library knows about it."""
    written = str(image.attrGet("src") or "")
    picture = images.get(written) or images.get(normalise(unquote(written)))
    if picture:
        image.attrs.update({"src": picture.src, "width": picture.width, "height": picture.height})
        if picture.srcset:
            image.attrs["srcset"] = picture.srcset
        if not image.content and picture.alt and not picture.decorative:
            image.children = [Token("text", "", 0, content=picture.alt)]
    image.attrs.update({"loading": "lazy", "decoding": "async"})
    return picture


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
        inline.children += [  # type: ignore[operator]
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
    """Paragraphs do not nest: the nearest opening decides whom a closing belongs to."""
    for token in reversed(placed[-5:]):
        if token.type in {"figure_open", "paragraph_open"}:
            return token.type == "figure_open"
    return False
