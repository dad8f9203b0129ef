"""/feed.xml: RSS 2.0 with whole texts (https://www.rssboard.org/rss-specification, …/rss-profile)."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.html import format_html
from django.utils.http import http_date

from blog.models import Byline, Post, SiteSettings
from blog.seo import absolute, description_of
from blog.text.absolute import absolute_links
from blog.text.normalise import normalise
from blog.views.reader import ReaderRequest, reader_page

SIZE = 20
NAMESPACES = {
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:media": "http://search.yahoo.com/mrss/",
}


@reader_page
def rss(request: ReaderRequest) -> HttpResponse:
    """The newest posts. Whoever has them already is told so before any text is read."""
    posts = Post.objects.listed(request.now).newest_first()[:SIZE]
    state = list(posts.values_list("pk", "live_revision", "renderer_version", "published_at", "updated_at"))
    moments = [moment for *_, published, updated in state if (moment := updated or published)]
    # A withdrawal is a change too: who asks by date alone must hear of it.
    gone = (
        Post.objects.withdrawn(request.now).order_by("-withdrawn_at").values_list("withdrawn_at", flat=True)
    )
    told = max(filter(None, (*moments, *gone[:1])), default=None)
    # Weak: between two equal states an author may have been renamed.
    etag = f'W/"{sha256(repr((state, request.magazine.name, request.magazine.tagline)).encode()).hexdigest()[:32]}"'
    modified = int(told.timestamp()) if told else None
    response = get_conditional_response(request, etag=etag, last_modified=modified)
    if response is None:
        feed = build(list(Post.objects.listed(request.now).for_feed()[:SIZE]), magazine=request.magazine)
        response = HttpResponse(feed, content_type="application/rss+xml; charset=utf-8")
    # On a 304 too (RFC 9110, 15.4.5): readers keep the validators of the last answer.
    response.headers["ETag"] = etag
    if modified:
        response.headers["Last-Modified"] = http_date(modified)
    return response


def build(posts: list[Post], *, magazine: SiteSettings) -> str:
    """The document for `posts`, newest first, fetched by `for_feed()`."""
    feed = MagazineFeed(
        title=normalise(magazine.name),
        link=absolute("/"),
        description=normalise(magazine.description or magazine.tagline or magazine.name),
        language="ja",
        feed_url=absolute(reverse("blog:feed")),
    )
    for post in posts:
        feed.add_item(**item(post))
    return feed.writeString("utf-8")


def item(post: Post) -> dict[str, Any]:
    """One post as the feed generator wants it. Texts are normalised: one control character of an old row
    would make the whole document unreadable (https://www.w3.org/TR/xml/#charsets)."""
    url = absolute(post.get_absolute_url())
    names = [post.category.name] if post.category else []
    return {
        "title": normalise(post.title),
        "link": url,
        "description": normalise(description_of(post)),
        "unique_id": normalise(post.guid),
        "unique_id_is_permalink": post.guid == url,
        "pubdate": post.published_at,
        "updateddate": post.updated_at,
        "categories": [normalise(name) for name in (*names, *(tag.name for tag in post.tags.all()))],
        "creators": [normalise(name) for name in creators(post.credits)],
        "html": normalise(html(post, url=url)),
        "picture": picture(post),
    }


def creators(credits: list[Byline]) -> list[str]:
    """Each author once, in the order of the by-lines."""
    return list(dict.fromkeys(credit.author.name for credit in credits))


def html(post: Post, *, url: str) -> str:
    """The text as on the page: what is disclosed to readers there stands above it here too."""
    disclosure = format_html("<p><strong>{}</strong></p>\n", post.disclosure) if post.disclosure else ""
    return disclosure + absolute_links(post.html, site=settings.SITE_URL, page=url)


def picture(post: Post) -> dict[str, str]:
    if not post.hero:
        return {}
    size = {"width": str(post.hero.width), "height": str(post.hero.height)}
    return {"url": absolute(post.hero.url), "medium": "image", **size}


class MagazineFeed(Rss201rev2Feed):
    """Django's RSS 2.0 with whole texts, several authors and pictures."""

    def root_attributes(self) -> dict[str, Any]:
        return super().root_attributes() | NAMESPACES

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name in item["creators"]:
            handler.addQuickElement("dc:creator", name)
        if item["picture"]:
            handler.addQuickElement("media:content", None, item["picture"])
        handler.addQuickElement("content:encoded", item["html"])

    def latest_post_date(self) -> datetime:
        """For `lastBuildDate`: when readers were last told of something, never the time of the request."""
        return max((item["updateddate"] or item["pubdate"] for item in self.items), default=EMPTY)


EMPTY = datetime.fromisoformat("2000-01-01T00:00:00+09:00")
"""The age of a feed in which nothing has been published yet."""
