"""Home page, and the pages of older posts after it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.urls import reverse

from blog.models import Post
from blog.public import seo
from blog.public.home_page import home_page
from blog.public.page_cache.declaration import keep
from blog.public.per_version import per_version
from blog.views.reader import (
    PAGE_SIZE,
    Head,
    MovedPage,
    ReaderRequest,
    one_page,
    page,
    reader_page,
    redirect,
)


@reader_page
def home(request: ReaderRequest, number: int | None = None) -> HttpResponse:
    """Home page, or page `number` of all posts, newest first."""
    if number == 1:
        raise MovedPage(reverse("blog:home"))
    if number == 0 or (number and request.path != reverse("blog:home_page", args=[number])):
        raise Http404
    listed = Post.objects.listed(request.now)
    count = per_version("posts", listed.count, site=request.site, now=request.now)
    if number:
        posts = one_page(listed, number, head=Head(count, keys=[]))  # never the first
        context = {"posts": posts}
    else:
        paginator = Paginator(listed.newest_first(), PAGE_SIZE)
        paginator.count = count
        posts = paginator.page(1)
        arranged = per_version(
            "home", lambda: home_page(now=request.now, size=PAGE_SIZE), site=request.site, now=request.now
        )
        context = {"posts": posts, "home": arranged}
    meta = seo.for_home(request.site, path=request.path, number=number or 1)
    return keep(page(request, "blog/home.html", {"meta": meta, "in_section": False} | context))


@reader_page
def old_page(request: ReaderRequest, number: str) -> HttpResponse:
    """Redirect `/page2/`, a URL of the old site. Its pages were shorter, so numbers beyond our last page lead to the
    last."""
    last = Paginator(Post.objects.listed(request.now).newest_first(), PAGE_SIZE).num_pages
    wanted = min(int(number), last)
    return redirect(request, reverse("blog:home_page", args=[wanted]) if wanted > 1 else reverse("blog:home"))
