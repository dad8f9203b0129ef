"""Sitemaps (https://www.sitemaps.org/protocol.html): every page that should be indexed, and no other.

/sitemap.xml is an index: the pages, the terms of each kind, and the posts of each month. The news
sitemap beside them has the posts of the last two days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple
from xml.sax.saxutils import escape

from django.conf import settings
from django.db.models import Max, Q
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.http import http_date

from blog.models import TERMS, Page, Post, SiteSettings, Term
from blog.public import seo, sitemaps
from blog.public.feeds.state import last_modified
from blog.public.page_cache.declaration import keep
from blog.public.per_version import per_version
from blog.public.seo import absolute, iso
from blog.querysets import PostQuerySet
from blog.text.normalise import normalise
from blog.views.date_archive import day_of, midnight
from blog.views.reader import ReaderRequest, reader_page

LIMIT = 50_000
"""Maximum number of URLs in one document, by the protocol. A month with more would leave out its oldest."""
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
"""Kinds of terms in each sitemap. Those that are never empty while there are posts come first."""
COLUMNS = ("slug", "day", "published_at", "updated_at", "canonical_url")


class Entry(NamedTuple):
    path: str
    """Path on this site or absolute URL."""
    changed_at: datetime | None = None
    """Latest announcement on the page (None: unknown)."""
    extra: str = ""
    """XML of a protocol extension."""


@reader_page
def index(request: ReaderRequest) -> HttpResponse:
    """Sitemap index, without empty sitemaps, which the protocol does not allow."""
    months = _months(request)
    newest = max((announced for _, announced in months), default=None)
    saved = Page.objects.filter(is_public=True).aggregate(Max("modified_at"))["modified_at__max"]
    parts = [Entry(reverse("blog:sitemap_pages"), max(filter(None, (newest, saved)), default=None))]
    for name, models in SITEMAPS.items():
        never_empty = any(model.declared.is_on_every_post for model in models)
        if months if never_empty else any(_announced(request, model) for model in models):
            parts.append(Entry(reverse(f"blog:sitemap_{name}"), newest))
    parts += [
        Entry(reverse("blog:sitemap_month", args=[month.year, month.month]), announced)
        for month, announced in months
    ]
    return document(request, "sitemapindex", "sitemap", parts)


@reader_page
def pages(request: ReaderRequest) -> HttpResponse:
    """Sitemap of the home page, the indexes, the date archive and the fixed pages."""
    months = _months(request)
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
    """Sitemap of term pages, dated by the latest announcement among their posts."""
    found = list(chain.from_iterable(_term_entries(request, model) for model in models))
    if not found:
        raise Http404
    return document(request, "urlset", "url", found)


def _months(request: ReaderRequest) -> list[tuple[datetime, datetime]]:
    def compute() -> list[tuple[datetime, datetime]]:
        return indexable(request).announced_by_month()

    return per_version("sitemap of months", compute, site=request.site, now=request.now)


def _announced(request: ReaderRequest, model: type[Term]) -> dict[int, datetime]:
    """Latest announcements of the terms whose pages may be indexed, by primary key."""

    def compute() -> dict[int, datetime]:
        facts, least = model.objects.facts(request.now), model.declared.indexed_from
        return {key: at for key, (listed, at) in facts.items() if at and listed >= least}

    return per_version(("announced", model), compute, site=request.site, now=request.now)


def _term_entries(request: ReaderRequest, model: type[Term]) -> list[Entry]:
    def compute() -> list[Entry]:
        announced = _announced(request, model)
        terms = model.objects.only("slug").order_by("pk")
        items = [item for item in terms if item.pk in announced][:LIMIT]
        return [Entry(item.get_absolute_url(), announced[item.pk]) for item in items]

    return per_version(("sitemap", model), compute, site=request.site, now=request.now)


@reader_page
def month(request: ReaderRequest, year: int, month: int) -> HttpResponse:
    """Sitemap of a month's posts, with their hero images."""
    start, end = day_of(year, month), day_of(year + month // 12, month % 12 + 1)
    posts = indexable(request).dated(midnight(start), midnight(end)).select_related("hero")
    found = list(posts.only(*COLUMNS, "hero__file", "hero__width", "hero__height").newest_first()[:LIMIT])
    if not found:
        raise Http404
    return document(request, "urlset", "url", (entry(post, picture(post)) for post in found))


@reader_page
def news(request: ReaderRequest) -> HttpResponse:
    """News sitemap: posts of the last two days in news sections; empty when there are none, as Google requires."""
    found = sitemaps.news(indexable(request), now=request.now).only(*COLUMNS, "title")[: sitemaps.NEWS_LIMIT]
    name = request.site.name
    stories = (entry(post, story(post, publication=name)) for post in found)
    return document(request, "urlset", "url", stories)


def indexable(request: ReaderRequest) -> PostQuerySet:
    """Indexable posts: without those whose canonical URL is another page, here or elsewhere."""
    posts = Post.objects.indexable(request.now)
    named = posts.filter(canonical_url__startswith=f"{settings.SITE_URL}/").only(*COLUMNS)
    themselves = [post.pk for post in named if seo.canonical_of(post) == absolute(post.path)]
    return posts.filter(Q(canonical_url="") | Q(pk__in=themselves))


def entry(post: Post, extra: str) -> Entry:
    return Entry(post.path, post.last_announced_at, extra)


def picture(post: Post) -> str:
    """Image extension: https://developers.google.com/search/docs/crawling-indexing/sitemaps/image-sitemaps"""
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
    """Render the XML, with Last-Modified for requests by date. (The page cache adds an ETag, which wins if both are
    sent.)"""
    entries = list(entries)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<{root} {NAMESPACES}>"]
    for path, changed_at, extra in entries:
        lastmod = f"<lastmod>{iso(changed_at)}</lastmod>" if changed_at else ""
        lines.append(f"<{element}><loc>{escape(absolute(path))}</loc>{lastmod}{extra}</{element}>")
    body = "\n".join([*lines, f"</{root}>", ""])
    response = HttpResponse(body, content_type="application/xml; charset=utf-8")

    # A withdrawal or backdating leaves no newer date in the entries. (Both moments in one query, annotated on the
    # single settings row.)
    def compute() -> tuple[datetime | None, ...]:
        changes = Post.objects.last_changes(request.now).values()
        found: tuple[datetime | None, ...] = SiteSettings.objects.values_list(*changes).get(pk=1)
        return found

    moments = per_version("last changes", compute, site=request.site, now=request.now)
    if modified := last_modified([*moments, *(entry.changed_at for entry in entries)], now=request.now):
        response.headers["Last-Modified"] = http_date(modified)
    return keep(response)
