"""Template tag for what all pages of a site share: icons, links of the head, header, footer."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString

from blog.models import SiteSettings

register = template.Library()


class Site(NamedTuple):
    """Everything of the site settings that these templates show, and so all that tells two of their texts apart."""

    name: str
    tagline: str
    publisher: str
    contact: str
    menu_items: tuple[tuple[str, str], ...]
    pages: tuple[tuple[str, str], ...]
    footer_html: str
    footer_as_html: SafeString


@register.simple_tag(takes_context=True)
def chrome(context: template.Context, name: str) -> SafeString:
    """Render the template `name` with `site` and `path`, or return the same text from the last page that needed it.

    The text is a function of its arguments, so it is never out of date. `path` matters only where a link leads to it.
    """
    site, path = context.get("site"), context.get("path")
    shown = _shown(site) if site else None
    rendered = (
        _rendered.__wrapped__ if settings.DEBUG else _rendered
    )  # in development the template may change
    text = rendered(name, shown, "")
    if path and f'href="{escape(path)}"' in text:
        return rendered(name, shown, path)
    return text


def _shown(site: SiteSettings) -> Site:
    return Site(
        name=site.name,
        tagline=site.tagline,
        publisher=site.publisher,
        contact=site.contact,
        menu_items=tuple(site.menu_items),
        pages=tuple(site.pages),
        footer_html=site.footer_html,
        footer_as_html=site.footer_as_html,
    )


@lru_cache(maxsize=128)
def _rendered(name: str, site: Site | None, path: str) -> SafeString:
    return render_to_string(name, {"site": site, "path": path})
