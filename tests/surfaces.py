"""Every public surface: all paths that readers and machines may ask for, and what they answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.test import Client

from blog.models import Address, Author, Category, Collection, Post, Tag
from blog.public.feeds import FORMATS
from tests.clock import at

Answer = tuple[int, tuple[tuple[str, str], ...], bytes]
FIXED = (
    *("/", "/page/2/", "/page2/", "/category/", "/collections/", "/tags/", "/authors/", "/archive/"),
    *("/search/", "/search/?q=電力", "/search/?q=電気", "/search/?q=本文", "/opensearch.xml"),
    *("/subscribe/", "/subscribe.opml", "/robots.txt", "/llms.txt", "/llms-full.txt", "/site.webmanifest"),
    *(
        "/.well-known/security.txt",
        "/favicon.ico",
        "/google0123456789abcdef.html",
        "/nothing/here/",
        "/about/",
    ),
    *("/sitemap.xml", "/sitemap-pages.xml", "/sitemap-sections.xml", "/sitemap-authors.xml"),
    *("/sitemap-tags.xml", "/sitemap-news.xml", "/categories/", "/sitemap_index.xml"),
)

OF_A_KIND = 3
"""Posts, the newest, of which the Markdown and the archive by the calendar are asked for too."""


def surfaces() -> list[str]:
    """The fixed paths, and those of all that is in the database: seen, coming, gone, or what was once."""
    paths = dict.fromkeys((*FIXED, *(f"/feed.{extension}" for extension in FORMATS)))
    paths |= dict.fromkeys(Address.objects.values_list("path", flat=True))
    for section in Category.objects.all():
        paths[f"/feeds/{section.slug}.xml"] = None
    for item in (
        *Category.objects.all(),
        *Collection.objects.all(),
        *Tag.objects.all(),
        *Author.objects.all(),
    ):
        paths[item.get_absolute_url()] = None
        if isinstance(item, Tag | Author):
            paths[f"{item.get_absolute_url()}feed.xml"] = None
    for number, post in enumerate(Post.objects.with_live_revision().newest_first()):
        assert post.day
        month = f"{post.day:%Y-%m}"
        paths |= dict.fromkeys((f"/sitemap-{month}.xml", f"/feed/archive/{month}.xml"))
        if number < OF_A_KIND:
            day = f"{post.day:%Y/%m/%d}"
            paths |= dict.fromkeys(
                (f"{post.path.removesuffix('/')}.md", f"/{day[:4]}/", f"/{day[:7]}/", f"/{day}/")
            )
            paths[f"/feed/archive/{month}-1.json"] = None
    return list(paths)


def crawl(client: Client, paths: Iterable[str], *, now: datetime) -> dict[str, Answer]:
    """What each path answers at `now`: status, headers, bytes."""
    found = {}
    with at(now):
        for path in paths:
            response: Any = client.get(path)
            found[path] = (response.status_code, tuple(sorted(response.headers.items())), response.content)
    return found


def differing(one: dict[str, Answer], other: dict[str, Answer]) -> list[str]:
    """The paths that answer otherwise."""
    return [path for path in one if one[path] != other[path]]
