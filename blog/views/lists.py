"""List views: terms, and the posts of a term."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from blog.models import Author, Category, Collection, Post, Term
from blog.public import seo
from blog.public.feeds import subjects
from blog.public.page_cache.declaration import keep
from blog.public.per_version import per_version
from blog.querysets import PostQuerySet
from blog.views.paths import dispatch
from blog.views.reader import Head, ReaderRequest, head_of, one_page, page, page_number, reader_page

INDEX_TEMPLATES: dict[type[Term], str] = {Author: "blog/authors.html"}
"""Templates of term lists that show more than names."""


@reader_page
def index(request: ReaderRequest, model: type[Term]) -> HttpResponse:
    """List of all terms of a kind that have a published post."""
    items = per_version(("index", model), lambda: _in_use(model, request), site=request.site, now=request.now)
    title = str(model._meta.verbose_name)
    meta = seo.for_list(
        request.site,
        title=title,
        path=request.path,
        description=f"{request.site.name}の{title}の一覧です。",
    )
    context = {"meta": meta, "title": title, "items": items, "crumbs": [(title, "")]}
    return keep(page(request, INDEX_TEMPLATES.get(model, "blog/index.html"), context))


def _in_use(model: type[Term], request: ReaderRequest) -> list[Any]:
    facts = model.objects.facts(request.now)
    terms = model.in_full()
    if model.declared.has_most_used_first:
        terms = terms.order_by("name")
    items = [item for item in terms if item.pk in facts]
    for item in items:
        item.listed_count = facts[item.pk].listed
    if model.declared.has_most_used_first:
        items.sort(key=lambda item: -item.listed_count)  # stable: names stay in the database's order
    return items


@reader_page
def term(request: ReaderRequest, model: type[Term], slug: str) -> HttpResponseBase:
    """Page of a term: its published posts."""
    kind = model.declared
    found = model.by_slug(slug)
    if found is None:
        return dispatch(request)
    posts = found.among(Post.objects.listed(request.now))

    def published() -> PostQuerySet:
        among: PostQuerySet = found.among(Post.objects.published(request.now))
        return among

    crumbs = [(str(model._meta.verbose_name), reverse(f"blog:{kind.plural}"))]
    if model is Collection:
        return collection(request, found, posts, published=published, crumbs=crumbs)
    return listing(
        request,
        found.heading,
        posts,
        crumbs=crumbs,
        description=found.about,
        only_with=None if kind.has_empty_page else published,
        author=found if model is Author else None,
        found_from=kind.indexed_from,
        in_section=model is Category,
        head=per_version(
            ("head", model, found.pk), lambda: head_of(posts), site=request.site, now=request.now
        ),
        feed=subjects.of_term(found, request.site) if kind.feed else None,
    )


def collection(
    request: ReaderRequest,
    found: Collection,
    posts: PostQuerySet,
    *,
    published: Callable[[], PostQuerySet],
    crumbs: list[tuple[str, str]],
) -> HttpResponse:
    """Page of a series or feature, first part first, with its picture and the numbers of its parts."""
    number = page_number(request)
    shown = one_page(posts, number, only_with=published, in_reading_order=True)
    shown.object_list = shown.object_list.numbered(request.now)
    context = {
        "meta": seo.for_list(
            request.site,
            title=found.heading,
            path=request.path,
            description=found.about,
            number=number,
            noindex=_leads_nowhere(shown),
        ),
        "collection": found,
        "posts": shown,
        "crumbs": [*crumbs, (found.name, "")],
    }
    return keep(page(request, "blog/collection.html", context), "page")


def listing(
    request: ReaderRequest,
    title: str,
    posts: PostQuerySet,
    *,
    crumbs: list[tuple[str, str]],
    description: str = "",
    only_with: Callable[[], PostQuerySet] | None = None,
    author: Author | None = None,
    found_from: int = 0,
    in_section: bool = False,
    head: Head | None = None,
    **extra: Any,
) -> HttpResponse:
    """List page of `posts` under a heading. `crumbs`: (label, URL) from the home page to the parent of this page.

    `only_with` as in `one_page`. It is noindex with fewer than `found_from` posts, or when all of its posts are.
    """
    number = page_number(request)
    shown = one_page(posts, number, head=head, only_with=only_with)
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
        "in_section": in_section,
        "crumbs": [*crumbs, (title, "")],
    }
    return keep(page(request, "blog/list.html", context | extra), "page")


def _leads_nowhere(shown: Any) -> bool:
    """Whether this is the only page of the list and links to no indexable post: no sitemap lists it."""
    return shown.paginator.num_pages == 1 and all(post.noindex for post in shown)
