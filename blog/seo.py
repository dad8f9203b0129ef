"""What a page tells search engines and those who link to it: one function a kind of page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.encoding import iri_to_uri

from blog.models import Image, Page, Post, SiteSettings
from blog.text.excerpt import excerpt

DESCRIPTION_LIMIT = 120
"""Characters; search results show about as many of a Japanese description."""
INDEX = "max-image-preview:large, max-snippet:-1"
NOINDEX = "noindex"


@dataclass(frozen=True, kw_only=True)
class Meta:
    """The head of one page. `canonical` and `image_url` are absolute, `image_url` may be empty."""

    title: str
    full_title: str
    description: str
    canonical: str
    robots: str
    kind: str = "website"
    image: Image | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def image_url(self) -> str:
        return absolute(self.image.url) if self.image else ""


def absolute(path: str) -> str:
    """The absolute URL of a path of ours, percent-encoded; absolute URLs (a media host's) stay."""
    return iri_to_uri(path if path.startswith(("https://", "http://")) else settings.SITE_URL + path)


def for_home(magazine: SiteSettings, *, path: str, number: int = 1) -> Meta:
    name = f"{magazine.name} - {magazine.tagline}" if magazine.tagline else magazine.name
    return Meta(
        title=magazine.name,
        full_title=name if number == 1 else numbered(magazine.name, number),
        description=numbered(
            excerpt(magazine.description or magazine.tagline, limit=DESCRIPTION_LIMIT), number
        ),
        canonical=absolute(path),
        robots=robots(magazine),
    )


def for_list(
    magazine: SiteSettings, *, title: str, path: str, description: str = "", number: int = 1
) -> Meta:
    """A list of posts or of names. Page N is canonical to itself: it shows other posts than page 1."""
    description = excerpt(
        description or f"{magazine.name}の「{title}」の記事一覧です。", limit=DESCRIPTION_LIMIT
    )
    title = numbered(title, number)
    return Meta(
        title=title,
        full_title=f"{title} | {magazine.name}",
        description=numbered(description, number),
        canonical=absolute(path if number == 1 else f"{path}?page={number}"),
        robots=robots(magazine),
    )


def numbered(text: str, number: int) -> str:
    """No two pages of a list have the same title or description."""
    return text if number == 1 else f"{text}（{number}ページ目）"


def for_post(magazine: SiteSettings, post: Post, *, preview: bool = False) -> Meta:
    """`preview`: the text is not public, and no machine may keep it."""
    return Meta(
        title=post.title,
        full_title=f"{post.title} | {magazine.name}",
        description=excerpt(description_of(post), limit=DESCRIPTION_LIMIT),
        canonical=post.canonical_url or absolute(post.get_absolute_url()),
        robots=robots(magazine, noindex=post.noindex or preview),
        kind="article",
        image=post.share_image or post.hero,
        published_at=None if preview else post.published_at,
        updated_at=post.updated_at,
    )


def for_page(magazine: SiteSettings, page: Page) -> Meta:
    return Meta(
        title=page.title,
        full_title=f"{page.title} | {magazine.name}",
        description=excerpt(
            page.description or f"{magazine.name}の「{page.title}」", limit=DESCRIPTION_LIMIT
        ),
        canonical=absolute(page.get_absolute_url()),
        robots=robots(magazine),
    )


def description_of(post: Post) -> str:
    """What is said of a post in search results: written for them, else its lead, else its title."""
    return post.description or post.excerpt or post.title


def robots(magazine: SiteSettings, *, noindex: bool = False) -> str:
    return NOINDEX if noindex or not magazine.allow_indexing else INDEX
