"""Page cache: public answers, kept whole in each process and sent before Django is asked. Why: docs/decisions/0015.

A view declares that its answer may be kept (`declaration.keep`). `door.Door`, the WSGI application, keeps it in its `store` for
as long as `freshness` knows that nothing has changed: one content version (`blog.models.change`), and no moment at which the
clock alone changes a page (`blog.public.moments`). `answers` makes the encodings, ETags and 304s, also of what is not kept.
"""

from __future__ import annotations

from django.conf import settings

from blog.editorial.changes import OpenChange
from blog.public.page_cache.declaration import keep
from blog.public.page_cache.door import Application, Door
from blog.public.page_cache.freshness import Freshness
from blog.public.page_cache.store import Store

__all__ = ["follow", "keep", "status", "wrap"]

_freshness = Freshness()
_doors: list[Door] = []


def wrap(application: Application) -> Door:
    """Put the page cache of this process in front of Django. PAGE_CACHE_MB=0: nothing is kept, all else is the same."""
    limit = settings.PAGE_CACHE_MB * 1024 * 1024
    door = Door(application, store=Store(limit), freshness=_freshness) if limit else Door(application)
    _doors[:] = [door]
    return door


def follow(change: OpenChange) -> None:
    """Follower of changes: after the commit, this process asks for the new version at once. (Others, within 250 ms.)"""
    change.afterwards(_freshness.forget)


def status() -> dict[str, int]:
    """Counts of this process since its start, and the bytes and content version of what it keeps now."""
    return next((door.status() for door in _doors), {})
