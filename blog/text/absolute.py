"""Make the links of a rendered text hold outside the site: in feed readers and news apps."""

from __future__ import annotations

import re

# A start tag as the sanitiser writes it. Only there: `href="/` in printed code is text, not a link.
_TAG = re.compile(r'<[a-z][a-z0-9]*(?: [a-z-]+="[^"]*")+ ?/?>')
_LINK = re.compile(r' (href|src)="(/(?!/)|#)')
_SRCSET = re.compile(r' srcset="([^"]*)"')
_CANDIDATE = re.compile(r"(^|,\s*)/(?!/)")


def absolute_links(html: str, *, site: str, page: str) -> str:
    """Return sanitised `html` with absolute URLs. `site` is an origin such as `https://example.jp`, `page` the
    absolute URL of the text itself, which its in-page links (footnotes) then lead to."""

    def link(match: re.Match[str]) -> str:
        return f' {match[1]}="{page}#' if match[2] == "#" else f' {match[1]}="{site}/'

    def srcset(match: re.Match[str]) -> str:
        candidates = _CANDIDATE.sub(rf"\g<1>{site}/", match[1])
        return f' srcset="{candidates}"'

    return _TAG.sub(lambda tag: _SRCSET.sub(srcset, _LINK.sub(link, tag[0])), html)
