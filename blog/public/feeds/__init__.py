"""Feeds: RSS 2.0, Atom 1.0 and JSON Feed 1.1, from one builder of items and three writers.

`subjects` lists what a feed may be about, `state` answers conditional requests before any text is read, `items` builds
the items, `archive` splits all published posts into documents (RFC 5005).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from blog.public.feeds import atom, jsonfeed, rss
from blog.public.feeds.document import Document


@dataclass(frozen=True)
class Format:
    """Feed format: its name for readers, its media type and its writer."""

    name: str
    content_type: str
    write: Callable[[Document], str]


FORMATS = {
    "xml": Format("RSS", "application/rss+xml; charset=utf-8", rss.write),
    "atom": Format("Atom", "application/atom+xml; charset=utf-8", atom.write),
    "json": Format("JSON Feed", "application/feed+json", jsonfeed.write),
}
"""Feed formats by the extension of the feed's path; RSS first, because every feed reader knows it."""
