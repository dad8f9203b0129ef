"""Decorator `reader_page` for all public views: caching, compression, 404."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from hashlib import sha256
from typing import Any, Concatenate, ParamSpec

from django.core.paginator import Paginator
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.encoding import escape_uri_path
from django.utils.http import parse_http_date_safe
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from blog.editorial import publishing
from blog.models import Post, SiteSettings
from blog.public import seo, suggestions
from blog.querysets import PostQuerySet

logger = logging.getLogger(__name__)

PAGE_SIZE = 20

Params = ParamSpec("Params")


class ReaderRequest(HttpRequest):
    """Request inside `reader_page`, with the one moment `now` for everything on the page."""

    now: datetime
    site: SiteSettings  # type: ignore[assignment]  # not Django's sites framework, which we do not use


class MovedPage(Exception):
    """Raised to redirect to the canonical URL of the page: `url`, with its query."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


def reader_page(
    view: Callable[Concatenate[ReaderRequest, Params], HttpResponseBase],
) -> Callable[Concatenate[ReaderRequest, Params], HttpResponseBase]:
    """Serve a public page: the same for everybody, fresh at every request, small on the wire.

    Nothing here or below may depend on the visitor: no cookie is set and `Vary` names only `Accept-Encoding`, so
    that a shared cache stays simple. `no-cache` lets caches keep a page but makes them revalidate it: publications and
    withdrawals are visible at once; the answer is mostly 304.
    """

    @csrf_exempt  # it accepts GET and HEAD only; without this a POST would get 403 instead of 405
    @require_safe
    @wraps(view)
    def wrapped(request: ReaderRequest, /, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponseBase:
        request.now = timezone.now()
        request.site = SiteSettings.objects.current(request.now)
        if request.site.update_is_due:
            apply_due(request.now)
        try:
            response: HttpResponseBase = view(request, *args, **kwargs)
        except MovedPage as moved:
            response = HttpResponsePermanentRedirect(moved.url)
        except Http404:
            found = suggestions.for_path(request.path_info, now=request.now)
            response = page(request, "404.html", {"suggestions": found}, status=404)
        return finalize_response(request, response)

    return wrapped


def apply_due(now: datetime) -> None:
    """Apply due updates. A busy or read-only database must not cost a reader the page."""
    try:
        publishing.apply_due(now=now, reader_waits=True)
    except DatabaseError as error:
        logger.error("scheduled updates not applied: %s", error)


def finalize_response(request: ReaderRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Add caching headers and compression. (BREACH needs a secret in the page; these pages contain none.)

    Streamed answers are images or fonts, which have an ETag and are compressed already. Django's `conditional_page` and
    `gzip_page` do not fit: HEAD would have no ETag and no 304, a 404 would have an ETag, a compressed page another ETag
    than the uncompressed one, and streams would be compressed.
    """
    response.headers.setdefault("Cache-Control", "public, no-cache")
    # As a header, because feeds and sitemaps have no head. (With NOINDEX a middleware sets it on everything.)
    if seo.is_noindex_site(request.site):
        response.headers["X-Robots-Tag"] = seo.CLOSED
    patch_vary_headers(response, ["Accept-Encoding"])
    if not isinstance(response, HttpResponse):
        return response
    if response.status_code == 200:
        if not response.has_header("ETag"):
            response.headers["ETag"] = f'W/"{sha256(response.content).hexdigest()[:32]}"'
        etag, modified = response.headers["ETag"], parse_http_date_safe(response.get("Last-Modified", ""))
        response = get_conditional_response(request, etag, modified, response) or response
    GZipMiddleware(lambda _: response).process_response(request, response)
    return response


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render a template without context processors, which depend on the signed-in user."""
    shared = {"site": getattr(request, "site", None), "path": escape_uri_path(request.path)}
    return HttpResponse(render_to_string(template, shared | context), status=status)


def redirect(request: HttpRequest, url: str) -> HttpResponse:
    """Redirect permanently (301) to `url`, keeping the query (campaign parameters of a newsletter) unless `url` has
    one."""
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{url}?{query}" if query and "?" not in url else url)


def page_number(request: HttpRequest) -> int:
    """Parse `?page=N`; 1 without it. Each number has one spelling: `?page=1` redirects to the clean URL, others are
    404.

    Links between the pages of a list contain the number only. Django's `querystring` would pass on the visitor's other
    parameters, which a page that is the same for everybody must not contain.
    """
    written = request.GET.get("page")
    if written is None:
        return 1
    if written == "1":
        others = request.GET.copy()
        del others["page"]
        raise MovedPage(request.path + (f"?{others.urlencode()}" if others else ""))
    if not written.isascii() or not written.isdigit() or written.startswith("0") or len(written) > 6:
        raise Http404
    return int(written)


def one_page(
    posts: PostQuerySet, number: int, *, only_with: PostQuerySet | None = None, in_reading_order: bool = False
) -> Any:
    """Return page `number` of `posts` as cards, newest first or in reading order; 404 when it does not exist: an empty list
    does where some of `only_with` are published, whose blocked posts keep its URL, or always (None)."""
    ordered = posts.in_reading_order() if in_reading_order else posts.newest_first()
    # First the ids, from the index alone, then those twenty rows: far pages would read every row that they skip.
    paginator: Paginator[Any] = Paginator(ordered.values_list("pk", flat=True), PAGE_SIZE)
    if number > paginator.num_pages:
        raise Http404
    if paginator.count == 0 and only_with is not None and not only_with.exists():
        raise Http404  # its name alone could reveal unpublished work
    found = paginator.page(number)
    cards = Post.objects.filter(pk__in=list(found.object_list)).for_cards()
    found.object_list = cards.in_reading_order() if in_reading_order else cards
    return found
