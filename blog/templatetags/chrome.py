"""Template tag for what all pages of a site share: icons, links of the head, header, footer."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString

from blog.models import SiteSettings

register = template.Library()

SHOWN = ("name", "tagline", "publisher", "contact", "menu", "footer_html", "page_lines")
"""Everything of the site settings that these templates show, and so all that tells two of their texts apart."""


@register.simple_tag(takes_context=True)
def chrome(context: template.Context, name: str) -> SafeString:
    """Render the template `name` with `site` and `path`, or return the same text from the last page that needed it.

    The text is a function of its arguments, so it is never out of date. `path` matters only where a link leads to it.
    """
    site, path = context.get("site"), context.get("path")
    shown = tuple(getattr(site, column) for column in SHOWN) if site else None
    rendered = _rendered.__wrapped__ if settings.DEBUG else _rendered  # in development the template may change
    text = rendered(name, shown, "")
    if path and f'href="{escape(path)}"' in text:
        return rendered(name, shown, path)
    return text


@lru_cache(maxsize=128)
def _rendered(name: str, shown: tuple[Any, ...] | None, path: str) -> SafeString:
    site = SiteSettings() if shown else None
    for column, value in zip(SHOWN, shown or (), strict=False):
        setattr(site, column, value)
    return SafeString(render_to_string(name, {"site": site, "path": path}).removesuffix("\n"))
