"""Meta tags: title, description, canonical URL, robots and Open Graph, one function for each kind of page.

Open Graph: https://ogp.me. X cards: https://developer.x.com/en/docs/x-for-websites/cards. Robots:
https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from blog.models import Author, Image, Page, Post, SiteSettings, Tag
from blog.public import share_images
from blog.public.seo.urls import absolute, markdown_path, static
from blog.text.excerpt import excerpt

DESCRIPTION_LIMIT = 120
"""Maximum length in characters; search results show about as many of a Japanese description."""
INDEX = "max-image-preview:large, max-snippet:-1"
NOINDEX = "noindex"
CLOSED = "noindex, nofollow"
"""Robots directive for a site that must not be indexed at all."""


@dataclass(frozen=True, kw_only=True)
class ShareImage:
    """Share image (Open Graph). `url` is absolute, the size is in pixels."""

    url: str
    width: int
    height: int
    alt: str

    @classmethod
    def of(cls, image: Image, *, title: str) -> ShareImage:
        return cls(url=absolute(image.url), width=image.width, height=image.height, alt=image.alt or title)


@dataclass(frozen=True, kw_only=True)
class Meta:
    """Metadata of a page's head. `canonical` and `markdown` are absolute URLs; `markdown` and texts may be empty."""

    title: str
    full_title: str
    description: str
    canonical: str
    robots: str
    image: ShareImage
    kind: str = "website"
    # Of a post
    published_at: datetime | None = None
    updated_at: datetime | None = None
    section: str = ""
    tags: tuple[str, ...] = ()
    markdown: str = ""
    # What the page is about, for the structured data
    post: Post | None = None
    author: Author | None = None
    is_home: bool = False
    is_list: bool = False


def for_home(site: SiteSettings, *, path: str, number: int = 1) -> Meta:
    name = f"{site.name} - {site.tagline}" if site.tagline else site.name
    about = site.description or site.tagline or site.name
    return Meta(
        title=site.name,
        full_title=name if number == 1 else numbered(site.name, number),
        description=numbered(excerpt(about, limit=DESCRIPTION_LIMIT), number),
        canonical=absolute(path),
        robots=robots(site),
        image=default_image(site),
        is_home=number == 1,
        is_list=number > 1,
    )


def for_list(
    site: SiteSettings,
    *,
    title: str,
    path: str,
    description: str = "",
    number: int = 1,
    author: Author | None = None,
    noindex: bool = False,
) -> Meta:
    """Metadata of a list of posts or names. Page N is its own canonical URL: it shows other posts than page 1.

    With `author`, fetched with its picture, the page is that author's profile.
    """
    description = excerpt(description or f"{site.name}の「{title}」の記事一覧です。", limit=DESCRIPTION_LIMIT)
    title = numbered(title, number)
    picture = author.picture if author else None
    return Meta(
        title=title,
        full_title=f"{title} | {site.name}",
        description=numbered(description, number),
        canonical=absolute(path if number == 1 else f"{path}?page={number}"),
        robots=robots(site, noindex=noindex),
        image=ShareImage.of(picture, title=title) if picture else default_image(site),
        kind="profile" if author else "website",
        author=author if number == 1 else None,
        is_list=True,
    )


def numbered(text: str, number: int) -> str:
    """Append the page number, so that titles and descriptions differ between the pages of a list."""
    return text if number == 1 else f"{text}（{number}ページ目）"


def for_post(site: SiteSettings, post: Post, *, tags: list[Tag] | None = None, preview: bool = False) -> Meta:
    """Metadata of a post. `preview`: the text is not public, and must not be indexed."""
    path = post.get_absolute_url()
    return Meta(
        title=post.title,
        full_title=f"{post.title} | {site.name}",
        description=excerpt(description_of(post), limit=DESCRIPTION_LIMIT),
        canonical=canonical_of(post),
        robots=robots(site, noindex=post.noindex or post.is_blocked or preview),
        image=share_image(site, post, preview=preview),
        kind="article",
        published_at=None if preview else post.published_at,
        updated_at=post.updated_at,
        section=post.category.name if post.category else "",
        tags=tuple(tag.name for tag in tags or ()),
        markdown="" if preview else absolute(markdown_path(path)),
        post=None if preview else post,
    )


def for_page(site: SiteSettings, page: Page) -> Meta:
    return Meta(
        title=page.title,
        full_title=f"{page.title} | {site.name}",
        description=excerpt(page.description or f"{site.name}の「{page.title}」", limit=DESCRIPTION_LIMIT),
        canonical=absolute(page.get_absolute_url()),
        robots=robots(site),
        image=default_image(site),
    )


def description_of(post: Post) -> str:
    """Description of a post for search results: its own, else its lead, else its title."""
    return post.description or post.excerpt or post.title


def canonical_of(post: Post) -> str:
    """Canonical URL of a post: ours, unless the text was first published elsewhere."""
    return absolute(post.canonical_url or post.get_absolute_url())


def share_image(site: SiteSettings, post: Post, *, preview: bool = False) -> ShareImage:
    """Share image of a post: the one chosen for it, else its generated card (not for a preview: the card would publish
    the title), else its hero image, else the default."""
    if post.share_image:
        return ShareImage.of(post.share_image, title=post.title)
    if not preview and (card := share_images.url(post, site=site)):
        width, height = share_images.SIZE
        return ShareImage(url=absolute(card), width=width, height=height, alt=post.title)
    return ShareImage.of(post.hero, title=post.title) if post.hero else default_image(site)


def default_image(site: SiteSettings) -> ShareImage:
    """Default share image, for pages without a picture of their own."""
    return ShareImage(url=static("img/share.png"), width=1200, height=630, alt=site.name)


def is_noindex_site(site: SiteSettings) -> bool:
    """Whether the whole site is noindex: a staging copy, or the desk's decision."""
    return settings.NOINDEX or not site.allow_indexing


def robots(site: SiteSettings, *, noindex: bool = False) -> str:
    if is_noindex_site(site):
        return CLOSED
    return NOINDEX if noindex else INDEX
