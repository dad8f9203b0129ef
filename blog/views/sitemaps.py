"""Sitemaps (https://www.sitemaps.org/protocol.html): every page that search engines shall know, and no other.

/sitemap.xml is an index: the pages, the terms of each kind, and the posts of each month. The news
sitemap beside them holds what came out in the last two days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from django.conf import settings
from django.db.models import Max, Q
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.http import http_date

from blog.models import TERMS, Page, Post, SiteSettings, Term
from blog.public import seo, sitemaps
from blog.public.feeds.state import last_modified
from blog.public.seo import absolute, iso
from blog.querysets import PostQuerySet, TermQuerySet
from blog.text.normalise import normalise
from blog.views.date_archive import day_of, midnight
from blog.views.reader import ReaderRequest, reader_page

LIMIT = 50_000
"""URLs in one document, by the protocol. A month with more would leave out its oldest."""
NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
    ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
)
INDEXES = (*(model.declared.plural for model in TERMS), "archive", "subscribe", "search")
SITEMAPS = {
    model.declared.sitemap: tuple(
        other for other in TERMS if other.declared.sitemap == model.declared.sitemap
    )
    for model in sorted(TERMS, key=lambda model: not model.declared.is_on_every_post)
    if model.declared.sitemap
}
"""Which kinds of terms a sitemap lists. Those that are never empty while there are posts stand first."""
COLUMNS = ("slug", "day", "published_at", "updated_at", "canonical_url")


class Entry(NamedTuple):
    path: str
    """A path of ours or an absolute URL."""
    changed_at: datetime | None = None
    """When readers were last told of something new there (None: not known)."""
    extra: str = ""
    """XML of an extension of the protocol."""


@reader_page
def index(request: ReaderRequest) -> HttpResponse:
    """Every sitemap but the empty ones, which the protocol does not allow."""
    months = listed(request).announced_by_month()
    newest = max((announced for _, announced in months), default=None)
    saved = Page.objects.filter(is_public=True).aggregate(Max("modified_at"))["modified_at__max"]
    parts = [Entry(reverse("blog:sitemap_pages"), max(filter(None, (newest, saved)), default=None))]
    for name, models in SITEMAPS.items():
        never_empty = any(model.declared.is_on_every_post for model in models)
        if months if never_empty else any(_indexable(request, model).exists() for model in models):
            parts.append(Entry(reverse(f"blog:sitemap_{name}"), newest))
    parts += [
        Entry(reverse("blog:sitemap_month", args=[month.year, month.month]), announced)
        for month, announced in months
    ]
    return document(request, "sitemapindex", "sitemap", parts)


@reader_page
def pages(request: ReaderRequest) -> HttpResponse:
    """The front page, the indexes, the calendar, and the pages outside the stream."""
    months = listed(request).announced_by_month()
    years: dict[int, datetime] = {}
    for month, announced in months:
        years[month.year] = max(announced, years.get(month.year, announced))
    found = [Entry(reverse("blog:home"), max(years.values(), default=None))]
    found += [Entry(reverse(f"blog:{name}")) for name in INDEXES]
    found += [Entry(reverse("blog:year", args=[year]), announced) for year, announced in years.items()]
    found += [
        Entry(reverse("blog:month", args=[month.year, month.month]), announced) for month, announced in months
    ]
    for page in Page.objects.filter(is_public=True).only("path", "modified_at"):
        found.append(Entry(page.get_absolute_url(), page.modified_at))
    return document(request, "urlset", "url", found)


@reader_page
def terms(request: ReaderRequest, models: Sequence[type[Term]]) -> HttpResponse:
    """Pages that list the posts of a term, each as new as the newest that its posts say."""
    items = chain.from_iterable(_indexable(request, model).order_by("pk")[:LIMIT] for model in models)
    found = [Entry(item.get_absolute_url(), item.last_announced_at) for item in items]
    if not found:
        raise Http404
    return document(request, "urlset", "url", found)


def _indexable(request: ReaderRequest, model: type[Term]) -> TermQuerySet[Any]:
    """The terms whose pages search engines shall find."""
    found: TermQuerySet[Any] = model.objects.indexable(request.now)
    if (least := model.declared.indexed_from) > 1:
        found = found.with_counts(request.now).filter(published_count__gte=least)
    return found


@reader_page
def month(request: ReaderRequest, year: int, month: int) -> HttpResponse:
    """The posts of a month, with the pictures above their texts."""
    start, end = day_of(year, month), day_of(year + month // 12, month % 12 + 1)
    posts = listed(request).dated(midnight(start), midnight(end)).select_related("hero")
    found = list(posts.only(*COLUMNS, "hero__file", "hero__width", "hero__height").newest_first()[:LIMIT])
    if not found:
        raise Http404
    return document(request, "urlset", "url", (entry(post, picture(post)) for post in found))


@reader_page
def news(request: ReaderRequest) -> HttpResponse:
    """What came out in the last two days, in sections that are news; without any it is empty, as Google wants it."""
    found = sitemaps.news(listed(request), now=request.now).only(*COLUMNS, "title")[: sitemaps.NEWS_LIMIT]
    name = request.site.name
    stories = (entry(post, story(post, publication=name)) for post in found)
    return document(request, "urlset", "url", stories)


def listed(request: ReaderRequest) -> PostQuerySet:
    """Posts that may be found: not those that name another page, here or elsewhere, as their original."""
    posts = Post.objects.listed(request.now)
    named = posts.filter(canonical_url__startswith=f"{settings.SITE_URL}/").only(*COLUMNS)
    themselves = [post.pk for post in named if seo.canonical_of(post) == absolute(post.path)]
    return posts.filter(Q(canonical_url="") | Q(pk__in=themselves))


def entry(post: Post, extra: str) -> Entry:
    return Entry(post.path, post.last_announced_at, extra)


def picture(post: Post) -> str:
    """https://developers.google.com/search/docs/crawling-indexing/sitemaps/image-sitemaps"""
    if post.hero is None:
        return ""
    return f"<image:image><image:loc>{escape(absolute(post.hero.url))}</image:loc></image:image>"


def story(post: Post, *, publication: str) -> str:
    return (
        "<news:news><news:publication>"
        f"<news:name>{text(publication)}</news:name><news:language>{seo.LANGUAGE}</news:language></news:publication>"
        f"<news:publication_date>{iso(post.published_at) if post.published_at else ''}</news:publication_date>"
        f"<news:title>{text(post.title)}</news:title></news:news>"
    )


def text(value: str) -> str:
    return escape(normalise(value))


def document(request: ReaderRequest, root: str, element: str, entries: Iterable[Entry]) -> HttpResponse:
    """The XML, with Last-Modified for those who ask by date. (`finalize_response` adds an ETag, which decides where both are sent.)"""
    entries = list(entries)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<{root} {NAMESPACES}>"]
    for path, changed_at, extra in entries:
        lastmod = f"<lastmod>{iso(changed_at)}</lastmod>" if changed_at else ""
        lines.append(f"<{element}><loc>{escape(absolute(path))}</loc>{lastmod}{extra}</{element}>")
    body = "\n".join([*lines, f"</{root}>", ""])
    response = HttpResponse(body, content_type="application/xml; charset=utf-8")
    # What was withdrawn or dated back has left no younger date here. (Both moments in one query, asked beside the one row.)
    changes = Post.objects.last_changes(request.now).values()
    moments = SiteSettings.objects.values_list(*changes).get(pk=1)
    if modified := last_modified([*moments, *(entry.changed_at for entry in entries)], now=request.now):
        response.headers["Last-Modified"] = http_date(modified)
    return response
