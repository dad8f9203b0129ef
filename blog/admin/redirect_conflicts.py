"""Conflicts of a redirect with a route of the site: what answers at a path before the table of addresses is asked."""

from __future__ import annotations

from typing import Any

from blog.editorial import addresses


def taken_by_route(path: str) -> str:
    """Who answers at `path` without asking the table of addresses, in words for an editor; empty when nobody does."""
    match = addresses.route(path)
    if match is None:
        return ""
    if model := addresses.term_page(match):
        item: Any = model._default_manager.filter(slug=match.kwargs["slug"]).first()
        return f"{model._meta.verbose_name}「{item}」" if item else ""
    return "サイトの機能"
