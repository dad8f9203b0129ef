"""/subscribe/: how to follow the magazine, in words; /subscribe.opml: all its feeds in one file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from django.http import HttpResponse
from django.urls import reverse

from blog import seo
from blog.models import SiteSettings
from blog.text.normalise import one_line
from blog.views.reader import ReaderRequest, page, reader_page

FORMATS = (("feed", "RSS", "rss"),)
"""Route of the magazine's feed, what readers call its format, and the `type` of its outline in OPML."""


@dataclass(frozen=True)
class Feed:
    """One feed: what it brings, its absolute URL, the page that it follows, and how OPML calls its format."""

    title: str
    format: str
    url: str
    page_url: str
    kind: str


@reader_page
def subscribe(request: ReaderRequest) -> HttpResponse:
    title = "購読のしかた"
    meta = seo.for_list(
        request.magazine,
        title=title,
        path=request.path,
        description=f"{request.magazine.name}の新しい記事を、フィードリーダーで受け取る方法です。",
    )
    context = {"meta": meta, "title": title, "feeds": feeds(request.magazine), "crumbs": [(title, "")]}
    return page(request, "blog/subscribe.html", context)


@reader_page
def opml(request: ReaderRequest) -> HttpResponse:
    """All feeds as OPML 2.0 (http://opml.org/spec2.opml), one format each: readers take every line for a feed."""
    response = HttpResponse(
        outline(request.magazine, feeds(request.magazine)), content_type="text/x-opml; charset=utf-8"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="subscribe.opml"'
    return response


def feeds(magazine: SiteSettings) -> list[Feed]:
    """Every feed there is, the magazine's own first. A feed that is not named here is on no page and in no file."""
    home = seo.absolute("/")
    return [
        Feed(magazine.name, name, seo.absolute(reverse(f"blog:{route}")), home, kind)
        for route, name, kind in FORMATS
    ]


def outline(magazine: SiteSettings, found: Iterable[Feed]) -> str:
    first = {feed.page_url: feed for feed in reversed(list(found))}
    lines = (
        f"    <outline type={quoteattr(feed.kind)} text={quoteattr(one_line(feed.title))}"
        f" title={quoteattr(one_line(feed.title))} xmlUrl={quoteattr(feed.url)} htmlUrl={quoteattr(feed.page_url)}/>"
        for feed in reversed(list(first.values()))
    )
    return "\n".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<opml version="2.0">',
            f"  <head><title>{escape(one_line(magazine.name))}</title></head>",
            "  <body>",
            *lines,
            "  </body>",
            "</opml>",
            "",
        )
    )
