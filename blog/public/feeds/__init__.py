"""Feeds: RSS 2.0, Atom 1.0 and JSON Feed 1.1, from one builder of items and three writers.

`subjects` says what a feed may be about, `state` what a poller is told before any text is read, `items` builds, `archive`
cuts the whole past into documents (RFC 5005).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from blog.public.feeds import atom, jsonfeed, rss
from blog.public.feeds.document import Document


@dataclass(frozen=True)
class Format:
    """How readers call a format, its media type, and who writes it."""

    name: str
    content_type: str
    write: Callable[[Document], str]


FORMATS = {
    "xml": Format("RSS", "application/rss+xml; charset=utf-8", rss.write),
    "atom": Format("Atom", "application/atom+xml; charset=utf-8", atom.write),
    "json": Format("JSON Feed", "application/feed+json", jsonfeed.write),
}
"""By the extension of a feed's path; the one that every reader knows stands first."""
