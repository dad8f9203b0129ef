"""Links in rendered HTML: current targets, `rel` and referrer."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import SplitResult, parse_qs, quote, urlsplit, urlunsplit

from markdown_it.token import Token

from blog.text.names import public_path
from blog.text.pictures import Picture, find_picture

EXTERNAL = "noopener"
# Google's name for paid links; nofollow for engines that do not know it.
AFFILIATE = "sponsored nofollow noopener"
_AFFILIATE_HOSTS = (
    "a8.net",
    "af.moshimo.com",
    "valuecommerce.com",
    "valuecommerce.ne.jp",
    "hb.afl.rakuten.co.jp",
    "hlb.afl.rakuten.co.jp",
)


def resolve_links(
    tokens: Sequence[Token],
    *,
    links: Mapping[str, str],
    images: Mapping[str, Picture],
    own_hosts: frozenset[str],
) -> None:
    """Replace each link's target by its current address, and set the `rel` of external ones.

    `links` maps paths, as `public_path` writes them, to paths; `images` names of stored files to images of ours.
    """
    for token in link_tokens(tokens):
        href = str(token.attrGet("href") or "")
        if picture := find_picture(images, href):
            token.attrSet("href", picture.src)
            continue
        if href.startswith("//"):
            href = f"https:{href}"
        try:
            parts = urlsplit(href)
            external = parts.scheme in {"http", "https"} and not _is_own(parts, own_hosts)
        except ValueError:  # `http://[`: not a valid URL, so it is left alone
            token.attrSet("rel", EXTERNAL)
            continue
        if external:
            token.attrSet("rel", AFFILIATE if is_affiliate(parts) else EXTERNAL)
        elif target := _present(parts, links):
            href = urlunsplit(("", "", quote(target), parts.query, parts.fragment))
        token.attrSet("href", href)


def is_affiliate(parts: SplitResult) -> bool:
    """Whether a URL is an affiliate link: known networks, and Amazon links with a partner tag."""
    host = (parts.hostname or "").removeprefix("www.")
    if host.startswith("amazon."):
        return "tag" in parse_qs(parts.query)
    return any(host == known or host.endswith(f".{known}") for known in _AFFILIATE_HOSTS)


def link_tokens(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the opening tokens of the links in `tokens`."""
    for token in tokens:
        for child in token.children or ():
            if child.type == "link_open":
                yield child


def _is_own(parts: SplitResult, own_hosts: frozenset[str]) -> bool:
    return parts.netloc.lower() in own_hosts or (parts.hostname or "") in own_hosts


def _present(parts: SplitResult, links: Mapping[str, str]) -> str:
    """Return the current address of a link's path in `links`, else ""."""
    if parts.scheme not in {"", "http", "https"} or not parts.path.startswith("/"):
        return ""
    try:
        return unicodedata.normalize("NFC", links.get(public_path(parts.path), ""))
    except ValueError:
        return ""
