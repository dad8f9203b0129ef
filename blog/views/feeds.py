"""Feed views: the magazine, its terms, and the magazine's archive documents."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve, reverse
from django.utils.http import http_date

from blog.editorial import addresses
from blog.models import Address, Post, Term
from blog.models.cards import feed_posts
from blog.public.feeds import FORMATS, subjects
from blog.public.feeds import archive as past
from blog.public.feeds.archive import Chain
from blog.public.feeds.document import Document
from blog.public.feeds.items import FeedAuthor, within_size
from blog.public.feeds.state import state_of
from blog.public.feeds.subjects import Subject
from blog.public.page_cache.declaration import keep
from blog.public.per_version import per_version
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
    found = model.by_slug(slug)
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
    """Answer with the feed of `subject`: the latest announcements among `posts`."""
    state = per_version(
        ("feed", subject.feed, chain),
        lambda: state_of(posts, now=request.now),
        site=request.site,
        now=request.now,
    )
    if not (state.posts or may_be_empty or posts.published(request.now).exists()):
        raise Http404  # like its page: the name alone could reveal unpublished work
    self_url = absolute(subject.feed)
    # Changes of archive documents are not announced to the hub.
    hub = absolute(settings.WEBSUB_HUB) if settings.WEBSUB_HUB and not chain.current else ""
    older = chain.older
    if chain.leads_back:
        older = per_version(
            "newest archive", lambda: past.newest(now=request.now), site=request.site, now=request.now
        )
    rows = feed_posts(state.posts, now=request.now)
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
    writer = FORMATS[feed_format]
    response = HttpResponse(writer.write(document), content_type=writer.content_type)
    if state.modified:
        response.headers["Last-Modified"] = http_date(state.modified)
    if hub:
        response.headers["Link"] = f'<{hub}>; rel="hub", <{self_url}>; rel="self"'
    # For a browser that follows a link to an XML feed, plain XML: Chromium and Firefox show a feed type as source text, and
    # plain XML with its stylesheet. The document is the same byte for byte, and means the same to every feed reader. So no
    # Vary: Accept, which would make a proxy keep a copy for each client; a wrongly kept type does no harm.
    is_xml = feed_format != "json"
    return keep(response, type_in_browsers="application/xml; charset=utf-8" if is_xml else "")


def redirect_feed(request: ReaderRequest, page: str, *, feed_format: str) -> HttpResponseBase:
    """Redirect a feed to follow its subject's page that has moved; 410 when the page is gone."""
    address = addresses.find(public_path(page))
    is_known = address is not None and unquote(page) == address.path  # not another spelling of it
    if address and address.kind == Address.Kind.GONE:
        response = gone(request, address.reason)
        return keep(response) if is_known else response
    if address and address.kind == Address.Kind.MOVED and address.target:
        try:
            there = resolve(address.target)
        except Resolver404:
            raise Http404 from None
        model = addresses.term_page(there)
        if model and model.declared.feed:
            path = subjects.feed_path(model.declared, there.kwargs["slug"], feed_format=feed_format)
            response = redirect(request, path)
            return keep(response) if is_known else response
    return dispatch(request)


def path_of(place: past.Place, feed_format: str) -> str:
    """Path of an archive document."""
    if place.number:
        return reverse("blog:feed_archive_part", args=[place.year, place.month, place.number, feed_format])
    return reverse("blog:feed_archive", args=[place.year, place.month, feed_format])
