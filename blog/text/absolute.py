"""Make the links of a rendered text hold outside the site: in feed readers and news apps."""

from __future__ import annotations

import re

# A start tag as the sanitiser writes it. Only there: `href="/` in printed code is text, not a link.
_TAG = re.compile(r'<[a-z][a-z0-9]*(?: [a-z-]+="[^"]*")+ ?/?>')
_LINK = re.compile(r' (href|src)="(/(?!/)|#)')
# Sanitised text holds no bare `<` and no value a bare `"`: nothing else can look like this.
_PICTURE = re.compile(r'<picture>(?:<source(?: [a-z]+="[^"]*")*>)+(<img(?: [a-z]+="[^"]*")+>)</picture>')


def absolute_links(html: str, *, site: str, page: str) -> str:
    """Return sanitised `html` with absolute URLs. `site` is an origin such as `https://example.jp`, `page` the
    absolute URL of the text itself, which its in-page links (footnotes) then lead to.

    Of a `<picture>` the plain `<img>` stays: many readers know no other, and some show both or none.
    """

    def link(match: re.Match[str]) -> str:
        return f' {match[1]}="{page}#' if match[2] == "#" else f' {match[1]}="{site}/'

    return _TAG.sub(lambda tag: _LINK.sub(link, tag[0]), _PICTURE.sub(r"\1", html))
