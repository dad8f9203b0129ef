"""Subscription page (/subscribe/), and all feeds in one OPML file (/subscribe.opml)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from xml.sax.saxutils import escape, quoteattr

from django.http import HttpResponse

from blog.models import Category, SiteSettings
from blog.public import seo
from blog.public.feeds import FORMATS, subjects
from blog.public.feeds.subjects import Subject
from blog.public.page_cache.declaration import keep
from blog.text.normalise import one_line
from blog.views.reader import ReaderRequest, page, reader_page


@dataclass(frozen=True)
class Feed:
    """Feed to subscribe to: its title, its HTML page, and (format, absolute URL) of its formats, RSS first. All formats
    have the same posts."""

    title: str
    page_url: str
    urls: list[tuple[str, str]]


@reader_page
def subscribe(request: ReaderRequest) -> HttpResponse:
    title = "購読のしかた"
    meta = seo.for_list(
        request.site,
        title=title,
        path=request.path,
        description=f"{request.site.name}の新しい記事を、フィードリーダーで受け取る方法です。",
    )
    context = {"meta": meta, "title": title, "feeds": feeds(request), "crumbs": [(title, "")]}
    return keep(page(request, "blog/subscribe.html", context))


@reader_page
def opml(request: ReaderRequest) -> HttpResponse:
    """All feeds as OPML 2.0 (http://opml.org/spec2.opml), one format each, because feed readers subscribe to every
    line."""
    response = HttpResponse(outline(request.site, feeds(request)), content_type="text/x-opml; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="subscribe.opml"'
    return keep(response)


def feeds(request: ReaderRequest) -> list[Feed]:
    """Feeds of the magazine and of its sections with posts. (Tags and authors have feeds too, linked from their
    pages.)"""
    site = request.site
    found = [Feed(site.name, seo.absolute("/"), urls(partial(subjects.of_magazine, site)))]
    for section in Category.objects.in_use(request.now):
        made = partial(subjects.of_term, section, site)
        found.append(Feed(section.name, seo.absolute(section.get_absolute_url()), urls(made)))
    return found


def urls(subject: Callable[..., Subject]) -> list[tuple[str, str]]:
    return [
        (form.name, seo.absolute(subject(feed_format=extension).feed)) for extension, form in FORMATS.items()
    ]


def outline(site: SiteSettings, found: Iterable[Feed]) -> str:
    lines = (
        f'    <outline type="rss" text={quoteattr(one_line(way.title))} title={quoteattr(one_line(way.title))}'
        f" xmlUrl={quoteattr(way.urls[0][1])} htmlUrl={quoteattr(way.page_url)}/>"
        for way in found
    )
    return "\n".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<opml version="2.0">',
            f"  <head><title>{escape(one_line(site.name))}</title></head>",
            "  <body>",
            *lines,
            "  </body>",
            "</opml>",
            "",
        )
    )
