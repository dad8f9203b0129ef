"""Template tag for structured data (JSON-LD)."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from blog.public.seo.structured import graph
from blog.text.sanitise import json_ld

register = template.Library()


@register.simple_tag(takes_context=True)
def structured_data(context: template.Context) -> SafeString | str:
    """Render the page's JSON-LD, with the `crumbs` that the page shows, so that both always agree."""
    meta, site = context["meta"], context["site"]
    found = graph(meta, site=site, crumbs=context.get("crumbs") or [])
    return json_ld(found) if found else ""
