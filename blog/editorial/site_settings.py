"""Site settings: the one row, saved as a change of what readers see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from blog.editorial.actors import Actor
from blog.editorial.changes import Kind, changing
from blog.models import SiteSettings


def save(site: SiteSettings, *, by: Actor, now: datetime, **values: Any) -> None:
    """Save the settings, with other `values`: name, menu, rules for crawlers stand on every page or in front of it.

    Raises ValidationError where one of `values` cannot be.
    """
    with changing(kind=Kind.SETTINGS, actor=by, now=now):
        for name, value in values.items():
            setattr(site, name, value)
        if values:
            site.full_clean()
        site.save()
