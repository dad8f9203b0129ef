"""Search page (/search/) with form and results, and its OpenSearch 1.1 description for browsers."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from blog.public import search as index
from blog.public import seo
from blog.public.page_cache.declaration import keep
from blog.public.search import missed, presentation
from blog.text.frontmatter import YEARS
from blog.text.normalise import one_line
from blog.text.query import Query, parse
from blog.views.reader import ReaderRequest, page, page_number, reader_page

LABEL = "検索"
MAX_FILTER = 80


@reader_page
def search(request: ReaderRequest) -> HttpResponse:
    """Search page. Noindex with a query: the results are indexed elsewhere, and such URLs are endless."""
    query = parse(request.GET.get("q", ""))
    filters = filters_of(request)
    number = page_number(request)
    found = index.search(query=query, filters=filters, page=number, now=request.now)
    if number > found.pages:
        raise Http404
    facets = presentation.facets(now=request.now, with_tags=not found.count)
    if query.wanted and not (found.count or found.at_least or filters):
        missed.note(query, today=timezone.localdate(request.now))
    title = f"「{query.shown}」の検索結果" if query.wanted else LABEL
    meta = seo.for_list(
        request.site,
        title=title,
        path=request.path,
        description=f"{request.site.name}の記事を探します。",
        number=number,
    )
    asked = {
        name: value
        for name, value in (
            ("q", query.shown),
            *filters.terms.items(),
            ("year", filters.year or ""),
        )
        if value
    }
    context = {
        "meta": replace(meta, robots=seo.robots(request.site, noindex=bool(request.GET))),
        "query": query,
        "filters": filters,
        "facets": facets,
        "found": found,
        "first": (number - 1) * index.PAGE_SIZE + 1,
        "last": min(number * index.PAGE_SIZE, found.count),
        "number": number,
        "asked": urlencode(asked),
        "hits": presentation.hits(found) if found.ids else [],
        "fallbacks": None if found.count else fallbacks_on(query, facets, request),
        "unfiltered": urlencode({"q": query.shown}) if filters else "",
        "selects": [
            (parameter, model._meta.verbose_name, facets.terms[parameter], filters.terms[parameter])
            for parameter, model in presentation.CHOSEN.items()
        ],
        "typed": [
            (parameter, model._meta.verbose_name, filters.terms[parameter])
            for parameter, model in index.FILTERS.items()
            if parameter not in presentation.CHOSEN
        ],
        "narrowed_to": narrowed_to(filters, facets),
        "crumbs": [(LABEL, "")],
        "most_read": index.CANDIDATES,
    }
    return page(request, "blog/search.html", context)


@reader_page
def description(request: ReaderRequest) -> HttpResponse:
    """OpenSearch description, /opensearch.xml: https://github.com/dewitt/opensearch (1.1, draft 6)."""
    context = {"site": request.site, "url": seo.absolute(reverse("blog:search"))}
    return keep(
        HttpResponse(
            render_to_string("blog/opensearch.xml", context),
            content_type="application/opensearchdescription+xml; charset=utf-8",
        )
    )


def filters_of(request: ReaderRequest) -> index.Filters:
    """Parse the filters. Invalid values filter nothing, or find nothing; they cause no error."""
    terms = {name: one_line(request.GET.get(name, ""))[:MAX_FILTER] for name in index.FILTERS}
    year = request.GET.get("year", "")
    known = year.isascii() and year.isdigit() and len(year) == 4 and int(year) in YEARS
    return index.Filters(terms, year=int(year) if known else None)


def narrowed_to(filters: index.Filters, facets: presentation.Facets) -> list[str]:
    """Labels of the active filters; unknown values as given."""
    chosen = [
        dict(facets.terms[name]).get(filters.terms[name], filters.terms[name]) for name in presentation.CHOSEN
    ]
    year = f"{filters.year}年" if filters.year else ""
    typed = [
        f"{index.FILTERS[name]._meta.verbose_name}「{value}」"
        for name, value in filters.terms.items()
        if value and name not in presentation.CHOSEN
    ]
    return [name for name in (*chosen, year, *typed) if name]


def fallbacks_on(query: Query, facets: presentation.Facets, request: ReaderRequest) -> dict[str, object]:
    """Fallbacks for the template: shorter queries with their query strings."""
    fallbacks = presentation.fallbacks(query, facets, now=request.now)
    fewer = [(text, urlencode({"q": text})) for text in fallbacks.fewer]
    return {"fewer": fewer, "near": fallbacks.near, "popular": fallbacks.popular, "newest": fallbacks.newest}
