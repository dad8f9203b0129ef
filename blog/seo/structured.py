"""What a page says of itself in JSON-LD: one function a type of https://schema.org.

Only what a reader sees on the page too. Google's rules:
https://developers.google.com/search/docs/appearance/structured-data/article (and breadcrumb, profile-page, site-names).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from blog.models import Author, Byline, Post, SiteSettings
from blog.seo.meta import Meta, ShareImage
from blog.seo.urls import absolute, static

Node = dict[str, Any]
Crumbs = list[tuple[str, str]]
"""(label, URL) from below the home page; the page itself, where it is shown, has no URL."""
LANGUAGE = "ja"
HOME = "/"


def graph(meta: Meta, *, magazine: SiteSettings, crumbs: Crumbs) -> Node | None:
    """Everything that the page says, as one document; None when it says nothing."""
    nodes: list[Node] = []
    if meta.is_home:
        nodes += [website(magazine), organization(magazine)]
    elif meta.post:
        nodes += [article(meta, meta.post), organization(magazine)]
    elif meta.author:
        nodes.append(profile_page(meta, meta.author))
    elif meta.is_list:
        nodes.append(collection_page(meta))
    if crumbs:
        nodes.append(breadcrumbs(crumbs))
    return {"@context": "https://schema.org", "@graph": nodes} if nodes else None


def website(magazine: SiteSettings) -> Node:
    """https://schema.org/WebSite, with the search of the site."""
    search = absolute("/search/")
    return said(
        {
            "@type": "WebSite",
            "@id": website_id(),
            "url": absolute(HOME),
            "name": magazine.name,
            "description": magazine.description or magazine.tagline,
            "inLanguage": LANGUAGE,
            "publisher": {"@id": organization_id()},
            "potentialAction": {
                "@type": "SearchAction",
                "target": {"@type": "EntryPoint", "urlTemplate": f"{search}?q={{search_term_string}}"},
                "query-input": "required name=search_term_string",
            },
        }
    )


def organization(magazine: SiteSettings) -> Node:
    """The publisher, https://schema.org/Organization; without a logo of the desk's it has that of the house."""
    logo = magazine.logo
    return said(
        {
            "@type": "Organization",
            "@id": organization_id(),
            "name": magazine.publisher or magazine.name,
            "url": absolute(HOME),
            "email": magazine.contact,
            "logo": (
                image(ShareImage.of(logo, title=magazine.name))
                if logo
                else image(
                    ShareImage(url=static("img/icon-512.png"), width=512, height=512, alt=magazine.name)
                )
            ),
        }
    )


def article(meta: Meta, post: Post) -> Node:
    """https://schema.org/NewsArticle, or Article in a section that the desk says is not news (`is_news`).

    `dateModified` is when readers were last told of something new, not when somebody last saved.
    """
    news = post.category is not None and post.category.is_news
    # A photograph tells more than the card: that one repeats the headline.
    picture = ShareImage.of(post.hero, title=post.title) if post.hero and not post.share_image else meta.image
    writers = [credit for credit in post.credits if credit.role == Byline.Role.WRITER]
    others = [credit for credit in post.credits if credit.role != Byline.Role.WRITER]
    return said(
        {
            "@type": "NewsArticle" if news else "Article",
            "@id": f"{meta.canonical}#article",
            "url": meta.canonical,
            "mainEntityOfPage": meta.canonical,
            "headline": post.title,
            "description": meta.description,
            "image": [image(picture)],
            "datePublished": moment(post.published_at),
            "dateModified": moment(post.last_told_at),
            "author": people(writers or others),
            "contributor": people(others) if writers else None,
            "publisher": {"@id": organization_id()},
            "articleSection": meta.section,
            "keywords": list(meta.tags),
            "inLanguage": LANGUAGE,
            "isAccessibleForFree": True,
            "isPartOf": {"@id": website_id()},
        }
    )


def people(credits: Iterable[Byline]) -> list[Node]:
    """Each author once, in the order of the by-lines."""
    return [person(author) for author in dict.fromkeys(credit.author for credit in credits)]


def person(author: Author) -> Node:
    """https://schema.org/Person or Organization: the bare name, and where more is said of them."""
    kind = "Organization" if author.is_organization else "Person"
    url = absolute(author.get_absolute_url())
    return {"@type": kind, "@id": f"{url}#author", "name": author.name, "url": url}


def profile_page(meta: Meta, author: Author) -> Node:
    """https://schema.org/ProfilePage."""
    links = [target for _, target in author.link_list if target.startswith("http")]
    picture = author.picture
    about = person(author) | said(
        {
            "description": author.bio,
            "jobTitle": "" if author.is_organization else author.title,
            "image": image(ShareImage.of(picture, title=author.name)) if picture else None,
            "sameAs": links,
        }
    )
    return page("ProfilePage", meta) | {"mainEntity": about}


def collection_page(meta: Meta) -> Node:
    """https://schema.org/CollectionPage."""
    return page("CollectionPage", meta)


def page(kind: str, meta: Meta) -> Node:
    return {
        "@type": kind,
        "url": meta.canonical,
        "name": meta.title,
        "description": meta.description,
        "inLanguage": LANGUAGE,
        "isPartOf": {"@id": website_id()},
    }


def breadcrumbs(crumbs: Crumbs) -> Node:
    """https://schema.org/BreadcrumbList: the trail that the page shows, from the home page on.

    That of an article ends with its section: the headline stands right below it.
    """
    trail = [("ホーム", HOME), *crumbs]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            said(
                {
                    "@type": "ListItem",
                    "position": position,
                    "name": label,
                    "item": absolute(target) if target else None,
                }
            )
            for position, (label, target) in enumerate(trail, start=1)
        ],
    }


def image(picture: ShareImage) -> Node:
    """https://schema.org/ImageObject."""
    return {
        "@type": "ImageObject",
        "url": picture.url,
        "width": picture.width,
        "height": picture.height,
        "caption": picture.alt,
    }


def website_id() -> str:
    return absolute(f"{HOME}#website")


def organization_id() -> str:
    return absolute(f"{HOME}#organization")


def moment(value: Any) -> str | None:
    """ISO 8601 in Japan's time."""
    return timezone.localtime(value).isoformat(timespec="seconds") if value else None


def said(values: Node) -> Node:
    """`values` without the empty ones."""
    return {key: value for key, value in values.items() if value not in (None, "", [])}
