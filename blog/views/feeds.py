"""Feed views: the magazine, its terms, and the magazine's archive documents."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve, reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from blog.editorial import addresses
from blog.models import Address, Post, Term
from blog.public.feeds import FORMATS, subjects
from blog.public.feeds import archive as past
from blog.public.feeds.archive import Chain
from blog.public.feeds.document import Document
from blog.public.feeds.items import FeedAuthor, within_size
from blog.public.feeds.state import state_of
from blog.public.feeds.subjects import Subject
from blog.public.seo import absolute
from blog.querysets import PostQuerySet
from blog.text.names import public_path
from blog.text.normalise import one_line
from blog.views.paths import dispatch, gone
from blog.views.reader import ReaderRequest, reader_page, redirect


@reader_page
def site(request: ReaderRequest, feed_format: str) -> HttpResponse:
    """Feed of the whole magazine; its `prev-archive` leads to everything older."""
    whole = subjects.of_magazine(request.site, feed_format=feed_format)
    return feed(request, whole, Post.objects.all(), feed_format, chain=Chain(leads_back=True))


@reader_page
def term(
    request: ReaderRequest, model: type[Term], slug: str, feed_format: str = subjects.WHOLE
) -> HttpResponseBase:
    """Feed of a term; without posts it exists only where the term's page does."""
    found = model.objects.filter(slug=slug).first()
    if found is None:
        return redirect_feed(request, model(slug=slug).get_absolute_url(), feed_format=feed_format)
    subject = subjects.of_term(found, request.site, feed_format=feed_format)
    posts = found.among(Post.objects.all())
    return feed(request, subject, posts, feed_format, may_be_empty=model.declared.has_empty_page)


@reader_page
def archive(
    request: ReaderRequest, year: int, month: int, feed_format: str, number: int | None = None
) -> HttpResponse:
    """Archive document of the magazine's feed. Its posts keep their place, so a feed reader fetches each document
    once."""
    place = past.Place(year, month, number or 0)
    found = past.find(place, now=request.now) if request.path_info == path_of(place, feed_format) else None
    if found is None:  # no document, or another spelling of its number
        raise Http404
    posts, chain = found
    whole = subjects.of_magazine(request.site, feed_format=feed_format)
    part = replace(whole, feed=path_of(place, feed_format))
    return feed(request, part, posts, feed_format, chain=replace(chain, current=whole.feed))


def feed(
    request: ReaderRequest,
    subject: Subject,
    posts: PostQuerySet,
    feed_format: str = subjects.WHOLE,
    *,
    may_be_empty: bool = True,
    chain: Chain = Chain(),  # noqa: B008  # it is frozen
) -> HttpResponse:
    """Answer with the feed of `subject`: the latest announcements among `posts`. A conditional request is answered
    before any text is read."""
    state = state_of(subject, posts, chain, now=request.now)
    if not (state.posts or may_be_empty or posts.published(request.now).exists()):
        raise Http404  # like its page: the name alone could reveal unpublished work
    self_url = absolute(subject.feed)
    # Changes of archive documents are not announced to the hub.
    hub = absolute(settings.WEBSUB_HUB) if settings.WEBSUB_HUB and not chain.current else ""
    response = get_conditional_response(request, etag=state.etag, last_modified=state.modified)
    if response is None:
        older = past.newest(now=request.now) if chain.leads_back else chain.older
        rows = Post.objects.indexable(request.now).filter(pk__in=state.posts).for_feed()
        document = Document(
            title=subject.title,
            description=subject.description,
            page_url=absolute(subject.page),
            self_url=self_url,
            publisher=FeedAuthor(
                one_line(request.site.publisher or request.site.name), absolute(reverse("blog:home"))
            ),
            items=within_size(rows, fresh=state.fresh),
            older=absolute(path_of(older, feed_format)) if older else "",
            newer=absolute(path_of(chain.newer, feed_format)) if chain.newer else "",
            current=absolute(chain.current) if chain.current else "",
            hub=hub,
            stylesheet=staticfiles_storage.url("css/feed.css"),
        )
        response = HttpResponse(
            FORMATS[feed_format].write(document), content_type=content_type(request, feed_format)
        )
    # Also on a 304 (RFC 9110, 15.4.5): feed readers keep the validators of the last answer.
    response.headers["ETag"] = state.etag
    if state.modified:
        response.headers["Last-Modified"] = http_date(state.modified)
    if hub:
        response.headers["Link"] = f'<{hub}>; rel="hub", <{self_url}>; rel="self"'
    return response


def content_type(request: ReaderRequest, feed_format: str) -> str:
    """Media type of a feed: the format's own, but plain XML for a browser that follows a link to an XML feed: Chromium
    and Firefox show a feed type as source text, and plain XML with its stylesheet.

    The document is the same byte for byte, and means the same to every feed reader. So no Vary: Accept, which differs
    between clients and would make a cache keep a copy for each; a wrongly cached type does no harm.
    """
    if feed_format != "json" and "text/html" in request.headers.get("Accept", ""):
        return "application/xml; charset=utf-8"
    return FORMATS[feed_format].content_type


def redirect_feed(request: ReaderRequest, page: str, *, feed_format: str) -> HttpResponseBase:
    """Redirect a feed to follow its subject's page that has moved; 410 when the page is gone."""
    address = addresses.find(public_path(page))
    if address and address.kind == Address.Kind.GONE:
        return gone(request, address.reason)
    if address and address.kind == Address.Kind.MOVED and address.target:
        try:
            there = resolve(address.target)
        except Resolver404:
            raise Http404 from None
        model = addresses.term_page(there)
        if model and model.declared.feed:
            path = subjects.feed_path(model.declared, there.kwargs["slug"], feed_format=feed_format)
            return redirect(request, path)
    return dispatch(request)


def path_of(place: past.Place, feed_format: str) -> str:
    """Path of an archive document."""
    if place.number:
        return reverse("blog:feed_archive_part", args=[place.year, place.month, place.number, feed_format])
    return reverse("blog:feed_archive", args=[place.year, place.month, feed_format])
