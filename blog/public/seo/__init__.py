"""Page metadata for search engines: `meta` for the head, `structured` for JSON-LD."""

from blog.public.seo.meta import (
    CLOSED,
    Meta,
    ShareImage,
    canonical_of,
    description_of,
    for_home,
    for_list,
    for_page,
    for_post,
    is_noindex_site,
    robots,
)
from blog.public.seo.urls import LANGUAGE, absolute, iso, markdown_path

__all__ = [
    "CLOSED",
    "LANGUAGE",
    "Meta",
    "ShareImage",
    "absolute",
    "canonical_of",
    "description_of",
    "for_home",
    "for_list",
    "for_page",
    "for_post",
    "is_noindex_site",
    "iso",
    "markdown_path",
    "robots",
]
