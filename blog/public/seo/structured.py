"""Structured data in JSON-LD, one function for each type of https://schema.org.

It may state only what the page shows to readers. Google's rules:
https://developers.google.com/search/docs/appearance/structured-data/article (and breadcrumb, profile-page, site-names).
"""

from __future__ import annotations

from typing import Any

from blog.models import Author, Post, SiteSettings
from blog.public.seo.meta import Meta, ShareImage
from blog.public.seo.urls import LANGUAGE, absolute, iso, static

Node = dict[str, Any]
Crumbs = list[tuple[str, str]]
"""Breadcrumbs: (label, URL) from below the home page; the current page, if included, has no URL."""
HOME = "/"


def graph(meta: Meta, *, site: SiteSettings, crumbs: Crumbs) -> Node | None:
    """Build the JSON-LD graph of a page; None when there is nothing to state."""
    nodes: list[Node] = []
    if meta.is_home:
        nodes += [website(site), organization(site)]
    elif meta.post:
        nodes += [article(meta, meta.post), organization(site)]
    elif meta.author:
        nodes.append(profile_page(meta, meta.author))
    elif meta.is_list:
        nodes.append(collection_page(meta))
    if crumbs:
        nodes.append(breadcrumbs([*crumbs, (meta.post.title, "")] if meta.post else crumbs))
    return {"@context": "https://schema.org", "@graph": nodes} if nodes else None


def website(site: SiteSettings) -> Node:
    """WebSite node (https://schema.org/WebSite), with the site search."""
    search = absolute("/search/")
    return without_empty(
        {
            "@type": "WebSite",
            "@id": website_id(),
            "url": absolute(HOME),
            "name": site.name,
            "description": site.description or site.tagline,
            "inLanguage": LANGUAGE,
            "publisher": {"@id": organization_id()},
            "potentialAction": {
                "@type": "SearchAction",
                "target": {"@type": "EntryPoint", "urlTemplate": f"{search}?q={{search_term_string}}"},
                "query-input": "required name=search_term_string",
            },
        }
    )


def organization(site: SiteSettings) -> Node:
    """Publisher node (https://schema.org/Organization); the default logo when the desk has set none."""
    logo = site.logo
    return without_empty(
        {
            "@type": "Organization",
            "@id": organization_id(),
            "name": site.publisher or site.name,
            "url": absolute(HOME),
            "email": site.contact,
            "logo": (
                image(ShareImage.of(logo, title=site.name))
                if logo
                else image(ShareImage(url=static("img/icon-512.png"), width=512, height=512, alt=site.name))
            ),
        }
    )


def article(meta: Meta, post: Post) -> Node:
    """Article node: https://schema.org/NewsArticle, or Article in a section that is not news (`is_news`).

    `dateModified` is the last update announced to readers, not the last save.
    """
    news = post.category is not None and post.category.is_news
    # Prefer a photograph to the generated card, which repeats the headline.
    picture = ShareImage.of(post.hero, title=post.title) if post.hero and not post.share_image else meta.image
    authors, contributors = post.signatures
    return without_empty(
        {
            "@type": "NewsArticle" if news else "Article",
            "@id": f"{meta.canonical}#article",
            "url": meta.canonical,
            "mainEntityOfPage": meta.canonical,
            "headline": post.title,
            "description": meta.description,
            "image": [image(picture)],
            "datePublished": post.published_at and iso(post.published_at),
            "dateModified": post.last_announced_at and iso(post.last_announced_at),
            "author": [person(author) for author in authors],
            "contributor": [person(author) for author in contributors],
            "publisher": {"@id": organization_id()},
            "articleSection": meta.section,
            "keywords": list(meta.tags),
            "inLanguage": LANGUAGE,
            "isAccessibleForFree": True,
            "isPartOf": {"@id": website_id()},
        }
    )


def person(author: Author) -> Node:
    """Author node (https://schema.org/Person or Organization): the name, and the URL of the author's page."""
    kind = "Organization" if author.is_organization else "Person"
    url = absolute(author.get_absolute_url())
    return {"@type": kind, "@id": f"{url}#author", "name": author.name, "url": url}


def profile_page(meta: Meta, author: Author) -> Node:
    """Author page node (https://schema.org/ProfilePage)."""
    links = [target for _, target in author.link_list if target.startswith("http")]
    picture = author.picture
    about = person(author) | without_empty(
        {
            "description": author.bio,
            "jobTitle": "" if author.is_organization else author.title,
            "image": image(ShareImage.of(picture, title=author.name)) if picture else None,
            "sameAs": links,
        }
    )
    return page("ProfilePage", meta) | {"mainEntity": about}


def collection_page(meta: Meta) -> Node:
    """List page node (https://schema.org/CollectionPage)."""
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
    """Breadcrumb node (https://schema.org/BreadcrumbList): the trail that the page shows, from the home page to the
    page itself. (On an article's page it ends with the headline, which the page shows right below.)"""
    trail = [("ホーム", HOME), *crumbs]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            without_empty(
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
    """Image node (https://schema.org/ImageObject)."""
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


def without_empty(values: Node) -> Node:
    """Drop empty values."""
    return {key: value for key, value in values.items() if value not in (None, "", [])}
