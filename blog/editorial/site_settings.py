"""Site settings: save the single row as a change of what readers see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from blog.editorial.actors import Actor
from blog.editorial.changes import Kind, changing
from blog.models import SiteSettings


def save(site: SiteSettings, *, by: Actor, now: datetime, **values: Any) -> None:
    """Save the site settings with new `values`: name, menu, crawler rules, … Raises ValidationError for an invalid value."""
    with changing(kind=Kind.SETTINGS, actor=by, now=now):
        for name, value in values.items():
            setattr(site, name, value)
        if values:
            site.full_clean()
        site.save()
