"""/sitemap.xml (https://www.sitemaps.org/protocol.html): every page that search engines shall know, and no other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from xml.sax.saxutils import escape

from django.http import Http404, HttpResponse
from django.urls import reverse

from blog.models import Author, Category, Page, Post, Tag
from blog.querysets import PostQuerySet
from blog.seo import absolute
from blog.views.reader import ReaderRequest, reader_page

SIZE = 10_000
"""Posts in one document; with more, /sitemap.xml lists several. (The protocol allows 50,000 URLs.)"""
TAG_FROM = 2
"""The page of a tag with fewer posts shows nothing that the post does not."""

Entry = tuple[str, datetime | None]
"""Path or absolute URL, and when readers were last told of something new there (None: not known)."""


@reader_page
def sitemap(request: ReaderRequest) -> HttpResponse:
    posts = list(listed(request)[: SIZE + 1])
    if len(posts) <= SIZE:
        return urlset([*lists(request, posts), *entries(posts)])
    parts = -(-listed(request).count() // SIZE)
    urls = (absolute(reverse("blog:sitemap_part", args=[number])) for number in range(1, parts + 1))
    return document("sitemapindex", (f"<sitemap><loc>{escape(url)}</loc></sitemap>" for url in urls))


@reader_page
def part(request: ReaderRequest, number: int) -> HttpResponse:
    """Part `number` of a sitemap that is too long for one document; the first also has the lists."""
    if not 0 < number < 1_000:
        raise Http404
    posts = list(listed(request)[(number - 1) * SIZE : number * SIZE])
    if not posts:
        raise Http404
    return urlset([*(lists(request, posts) if number == 1 else ()), *entries(posts)])


def listed(request: ReaderRequest) -> PostQuerySet:
    """Oldest first, so that a new post changes only the last part."""
    columns = ("slug", "day", "published_at", "updated_at", "canonical_url")
    return Post.objects.listed(request.now).order_by("published_at", "pk").only(*columns)


def lists(request: ReaderRequest, posts: list[Post]) -> Iterable[Entry]:
    yield reverse("blog:home"), max((post.last_told_at for post in posts if post.last_told_at), default=None)
    for name in ("categories", "tags", "authors", "archive"):
        yield reverse(f"blog:{name}"), None
    for section in Category.objects.in_use(request.now):
        yield section.get_absolute_url(), None
    for tag in Tag.objects.with_counts(request.now).filter(published_count__gte=TAG_FROM):
        yield tag.get_absolute_url(), None
    for author in Author.objects.in_use(request.now):
        yield author.get_absolute_url(), None
    for page in Page.objects.filter(is_public=True).only("path", "modified_at"):
        yield page.get_absolute_url(), page.modified_at


def entries(posts: Iterable[Post]) -> Iterable[Entry]:
    """Posts, but those that name another page as the original."""
    for post in posts:
        if post.canonical_url in ("", absolute(post.path)):
            yield post.path, post.last_told_at


def urlset(found: Iterable[Entry]) -> HttpResponse:
    return document("urlset", (url(path, changed) for path, changed in found))


def url(path: str, changed: datetime | None) -> str:
    lastmod = f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" if changed else ""
    return f"<url><loc>{escape(absolute(path))}</loc>{lastmod}</url>"


def document(root: str, lines: Iterable[str]) -> HttpResponse:
    opening = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    body = "\n".join([opening, *lines, f"</{root}>", ""])
    return HttpResponse(body, content_type="application/xml; charset=utf-8")
