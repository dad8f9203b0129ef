"""Sections, collections, tags and authors: their indexes, and the posts of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from blog.editorial.taxonomy import Named
from blog.models import Author, Category, Collection, Post, Tag
from blog.public import seo
from blog.public.feeds import subjects
from blog.querysets import PostQuerySet
from blog.views.paths import dispatch
from blog.views.reader import ReaderRequest, one_page, page, page_number, reader_page

COLLECTIONS = "連載・特集"
MOST_USED_FIRST = (F("published_count").desc(), "name")


@reader_page
def categories(request: ReaderRequest) -> HttpResponse:
    return index(request, "カテゴリ", Category.objects.in_use(request.now))


@reader_page
def collections(request: ReaderRequest) -> HttpResponse:
    return index(request, COLLECTIONS, Collection.objects.in_use(request.now))


@reader_page
def tags(request: ReaderRequest) -> HttpResponse:
    return index(request, "タグ", Tag.objects.in_use(request.now).order_by(*MOST_USED_FIRST))


@reader_page
def authors(request: ReaderRequest) -> HttpResponse:
    """Who writes here, those with most posts first: a face, a title and a sentence each."""
    found = Author.objects.in_use(request.now).select_related("picture").order_by(*MOST_USED_FIRST)
    return index(request, "著者", found, template="blog/authors.html")


@reader_page
def category(request: ReaderRequest, slug: str) -> HttpResponseBase:
    """A section answers even while it is empty: menus name sections before their first post is out."""
    section = Category.objects.filter(slug=slug).first()
    if section is None:
        return dispatch(request)
    posts = Post.objects.published(request.now).filter(category=section)
    crumbs = [("カテゴリ", reverse("blog:categories"))]
    return listing(
        request,
        section.name,
        posts,
        crumbs=crumbs,
        description=section.description,
        in_section=True,
        feed=subjects.of_section(section, request.site),
    )


@reader_page
def collection(request: ReaderRequest, slug: str) -> HttpResponseBase:
    """A series or feature from its first part on. Like a tag's, its page begins with its first post."""
    found = Collection.objects.select_related("picture").filter(slug=slug).first()
    if found is None:
        return dispatch(request)
    posts = Post.objects.published(request.now).filter(collection=found)
    number = page_number(request)
    shown = one_page(posts, number, may_be_empty=False, in_reading_order=True)
    shown.object_list = shown.object_list.numbered(request.now)
    title = f"{found.get_kind_display()}「{found.name}」"
    context = {
        "meta": seo.for_list(
            request.site,
            title=title,
            path=request.path,
            description=found.description,
            number=number,
            noindex=_leads_nowhere(shown),
        ),
        "collection": found,
        "posts": shown,
        "crumbs": [(COLLECTIONS, reverse("blog:collections")), (found.name, "")],
    }
    return page(request, "blog/collection.html", context)


@reader_page
def tag(request: ReaderRequest, slug: str) -> HttpResponseBase:
    """Without a published post it is 404: the name alone would tell what is being written."""
    found = Tag.objects.filter(slug=slug).first()
    if found is None:
        return dispatch(request)
    posts = Post.objects.published(request.now).filter(tags=found)
    crumbs = [("タグ", reverse("blog:tags"))]
    return listing(
        request,
        f"#{found.name}",
        posts,
        crumbs=crumbs,
        description=found.description,
        may_be_empty=False,
        found_from=seo.TAG_FROM,
        feed=subjects.of_tag(found, request.site),
    )


@reader_page
def author(request: ReaderRequest, slug: str) -> HttpResponseBase:
    found = Author.objects.select_related("picture").filter(slug=slug).first()
    if found is None:
        return dispatch(request)
    posts = Post.objects.published(request.now).signed_by(found)
    crumbs = [("著者", reverse("blog:authors"))]
    return listing(
        request,
        found.name,
        posts,
        crumbs=crumbs,
        description=found.bio,
        may_be_empty=False,
        author=found,
        feed=subjects.of_author(found, request.site),
    )


def index(
    request: ReaderRequest, title: str, items: Iterable[Named], *, template: str = "blog/index.html"
) -> HttpResponse:
    meta = seo.for_list(
        request.site,
        title=title,
        path=request.path,
        description=f"{request.site.name}の{title}の一覧です。",
    )
    return page(request, template, {"meta": meta, "title": title, "items": items, "crumbs": [(title, "")]})


def listing(
    request: ReaderRequest,
    title: str,
    posts: PostQuerySet,
    *,
    crumbs: list[tuple[str, str]],
    description: str = "",
    may_be_empty: bool = True,
    author: Author | None = None,
    found_from: int = 0,
    **extra: Any,
) -> HttpResponse:
    """A page of `posts` under a heading. `crumbs`: (label, URL) from the home page to above this page.

    Search engines are asked to pass over a list of fewer than `found_from` posts, and one of posts that they pass over.
    """
    number = page_number(request)
    shown = one_page(posts, number, may_be_empty=may_be_empty)
    context = {
        "meta": seo.for_list(
            request.site,
            title=title,
            path=request.path,
            description=description,
            number=number,
            author=author,
            noindex=shown.paginator.count < found_from or _leads_nowhere(shown),
        ),
        "title": title,
        "author": author,
        "description": description,
        "posts": shown,
        "crumbs": [*crumbs, (title, "")],
    }
    return page(request, "blog/list.html", context | extra)


def _leads_nowhere(shown: Any) -> bool:
    """Whether search engines find nothing on this page, the only one, that they may follow it to: no sitemap names it."""
    return shown.paginator.num_pages == 1 and all(post.noindex for post in shown)
