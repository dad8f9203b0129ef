"""Path dispatch: posts, fixed pages, redirects and 410s, as stored in the table of addresses."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase

from blog.editorial import addresses
from blog.models import Address, Page, Post
from blog.public import post_page
from blog.public.page_cache.declaration import keep
from blog.text.names import public_path
from blog.transfer.old_site import legacy
from blog.views import oldfiles
from blog.views.reader import ReaderRequest, page, reader_page, redirect

MAX_HOPS = 5
"""Maximum length of a chain of manual redirects that is followed, so that readers are redirected once."""


def dispatch(request: ReaderRequest) -> HttpResponseBase:
    """Answer a path: 200, one 301 to its new place, 410 with the reason, or 404; never 403, and the same for staff."""
    try:
        path = public_path(request.path_info)
    except ValueError as error:
        raise Http404 from error
    address = addresses.find(path)
    if address is None or address.kind == Address.Kind.HELD:
        return answer_unlisted(request, path)
    response = answer_address(request, address)
    # Other spellings lead here too, more than anybody can count.
    is_known = request.path_info in (address.path, address.path.removesuffix("/"))
    return keep(response) if is_known else response


show = reader_page(lambda request, **_: dispatch(request))
"""View of all dispatched routes. It looks up the path itself, so the route's arguments are not used."""


def answer_unlisted(request: ReaderRequest, path: str) -> HttpResponseBase:
    """Answer a path that is not an address: an old form, another spelling of a route, a file of the old site."""
    if address := legacy.find(path, now=request.now):
        is_gone = address.kind == Address.Kind.GONE
        return gone(request, address.reason) if is_gone else redirect(request, address.target)
    if path != request.path_info and addresses.route(path):
        return redirect(request, path)
    if response := oldfiles.serve(request, path):
        return response
    raise Http404


def answer_address(request: ReaderRequest, address: Address) -> HttpResponse:
    if address.kind == Address.Kind.GONE:
        return gone(request, address.reason)
    if address.post:
        return answer_post(request, address, address.post)
    if address.page:
        return answer_page(request, address, address.page)
    return redirect(request, end_of_chain(request, address))


def answer_post(request: ReaderRequest, address: Address, post: Post) -> HttpResponse:
    if not post.was_public(request.now):
        raise Http404
    if post.is_withdrawn(request.now):
        return gone(request, post.withdrawn_reason)
    if address.kind == Address.Kind.MOVED or request.path_info != address.path:
        return redirect(request, post.get_absolute_url())
    return page(request, "blog/post.html", post_page.post_page(post, site=request.site, now=request.now))


def answer_page(request: ReaderRequest, address: Address, found: Page) -> HttpResponse:
    if not found.is_public:
        raise Http404
    if address.kind == Address.Kind.MOVED or request.path_info != address.path:
        return redirect(request, found.get_absolute_url())
    return page(request, "blog/page.html", post_page.page_page(found, site=request.site))


def gone(request: ReaderRequest, reason: str) -> HttpResponse:
    return page(request, "410.html", {"reason": reason}, status=410)


def end_of_chain(request: ReaderRequest, address: Address) -> str:
    """Return the final target of a manual redirect; 404 after MAX_HOPS, as in a loop."""
    target = address.target
    for _ in range(MAX_HOPS):
        following = addresses.find(target) if target.startswith("/") else None
        if following is None or following.kind != Address.Kind.MOVED:
            return target
        if following.post:
            return following.post.get_absolute_url() if following.post.is_published(request.now) else target
        if following.page:
            return following.page.get_absolute_url()
        target = following.target
    raise Http404
