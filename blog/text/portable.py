"""Portable HTML of a post for feed readers and news apps, which have neither our styles nor scripts."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import nh3

# A dropped tag keeps its content: of `<picture>` the plain `<img>` (many feed readers know no other, and some show
# both or none), of highlighted code its text. Ruby keeps its `<rp>` brackets.
_TAGS = {
    *(
        "a",
        "blockquote",
        "br",
        "code",
        "dd",
        "del",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "hr",
        "img",
        "li",
        "ol",
        "p",
    ),
    *("h2", "h3", "h4", "h5", "h6", "pre", "rp", "rt", "ruby", "s", "strong", "sup", "ul"),
    *("table", "tbody", "td", "th", "thead", "tr"),
}
_ATTRIBUTES = {
    "a": {"href", "rel", "title"},
    "img": {"alt", "height", "src", "title", "width"},
    "ol": {"start"},
}
# Matches the sanitiser's output: no value contains a bare quotation mark, and no text a bare `<`.
_CHECKBOX = re.compile(r'<input(?: [a-z-]+="[^"]*")*>')
_LABEL = re.compile(r'<(div|summary) class="note-label">(.*?)</\1>')
_SET_APART = re.compile(r"<(/?)(?:aside|details)(?: [a-z-]+=\"[^\"]*\")*>")
_NOTES = re.compile(r'<section class="footnotes"(?: [a-z-]+="[^"]*")*>')


HERE = "https://here.invalid"
"""Origin of our own URLs in texts that are kept: the site's may change, and no site can have this one (RFC 2606)."""


def with_origin(html: str, origin: str) -> str:
    """`portable` HTML whose page was at HERE, with our own URLs at `origin`."""
    return html.replace(f'="{HERE}/', f'="{origin}/')


def portable(html: str, *, page: str) -> str:
    """Reduce sanitised `html` to basic tags with absolute URLs.

    `page` is the absolute URL of the post; links within the text (to notes or headings) then lead there.
    """
    html = _CHECKBOX.sub(lambda box: "☑ " if " checked=" in box[0] else "☐ ", html)
    html = _NOTES.sub("<hr>", html)
    html = _LABEL.sub(r"<p><strong>\2</strong></p>", html)
    html = _SET_APART.sub(r"<\1blockquote>", html)

    def resolved(_tag: str, attribute: str, value: str) -> str:
        if attribute not in {"href", "src"}:
            return value
        try:
            return urljoin(page, value)
        except ValueError:  # an editor's typing error, such as `http://[`
            return value

    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, attribute_filter=resolved, link_rel=None)
