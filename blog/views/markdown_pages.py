"""Markdown versions of posts (`.md`), and llms.txt."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from blog.editorial import addresses
from blog.models import Address, Category, Post
from blog.models.cards import credits_of, tags_of
from blog.public import markdown_pages, seo
from blog.public.page_cache.declaration import keep
from blog.text.names import public_path
from blog.text.post_paths import post_path
from blog.views.paths import gone
from blog.views.reader import ReaderRequest, reader_page, redirect

NEWEST = 50
MARKDOWN = "text/markdown; charset=utf-8"


@reader_page
def markdown(request: ReaderRequest, year: int, month: int, day: int, slug: str) -> HttpResponseBase:
    """Markdown of a post at its URL with `.md` for the last slash; other spellings redirect there.

    It is noindex (search results should show the page) and names the page as canonical.
    """
    try:
        path = public_path(post_path(date(year, month, day), slug))
    except ValueError as error:
        raise Http404 from error
    address = addresses.find(path)
    if address is None or address.kind == Address.Kind.HELD or address.post is None:
        raise Http404
    post, here = address.post, path.removesuffix("/") + ".md"
    if not post.was_public(request.now):
        raise Http404
    if post.is_withdrawn(request.now):
        response = gone(request, post.withdrawn_reason)
        return keep(response) if request.path_info == here else response
    if address.kind == Address.Kind.MOVED or request.path_info != here:
        return redirect(request, seo.markdown_path(post.get_absolute_url()))
    text = markdown_pages.document(post, credits=credits_of(post), tags=tags_of(post))
    response = HttpResponse(text, content_type=MARKDOWN)
    response.headers["Link"] = f'<{seo.canonical_of(post)}>; rel="canonical"'
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return keep(response)


@reader_page
def llms(request: ReaderRequest) -> HttpResponse:
    """/llms.txt: links to the sections and to the newest posts as Markdown."""
    posts = Post.objects.indexable(request.now).newest_first()
    text = markdown_pages.guide(
        request.site,
        sections=Category.objects.in_use(request.now),
        posts=posts.only("title", "slug", "day", "published_at", "excerpt", "description")[:NEWEST],
    )
    return keep(HttpResponse(text, content_type="text/plain; charset=utf-8"))


@reader_page
def llms_full(request: ReaderRequest) -> HttpResponseBase:
    """Redirect /llms-full.txt, a URL of the old site, to /llms.txt: all posts would be a hundred megabytes."""
    return keep(redirect(request, reverse("blog:llms")))
