"""Feed document independent of its format, and the XML builder of the writers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any

from django.utils.xmlutils import SimplerXMLGenerator

from blog.public.feeds.items import FeedAuthor, Item

EMPTY = datetime.fromisoformat("2000-01-01T00:00:00+09:00")
"""Date of a feed in which nothing has been published yet."""
HISTORY = "http://purl.org/syndication/history/1.0"
"""XML namespace of archived feeds (RFC 5005)."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """Feed document. URLs are absolute. `older` and `newer`: neighbouring archive documents; `current`: the feed of an
    archive document; `hub`: WebSub hub; `stylesheet`: for browsers."""

    title: str
    description: str
    page_url: str
    self_url: str
    publisher: FeedAuthor
    items: list[Item]
    older: str = ""
    newer: str = ""
    current: str = ""
    hub: str = ""
    stylesheet: str = ""

    @property
    def updated_at(self) -> datetime:
        """Latest announcement among the items, never the time of the request."""
        return max((item.announced_at for item in self.items), default=EMPTY)

    def links(self, media_type: str) -> list[dict[str, str]]:
        """Link attributes for related feeds of `media_type` (RFC 4287, RFC 5005) and the hub
        (https://www.w3.org/TR/websub/)."""
        feeds = {
            "self": self.self_url,
            "prev-archive": self.older,
            "next-archive": self.newer,
            "current": self.current,
        }
        found = [{"rel": relation, "href": url, "type": media_type} for relation, url in feeds.items() if url]
        return [*found, {"rel": "hub", "href": self.hub}] if self.hub else found


class Xml:
    """XML document builder. Raises UnserializableContentError for texts with control characters."""

    def __init__(self, root: str, attributes: Mapping[str, str], *, stylesheet: str) -> None:
        self._out = StringIO()
        self._writer: Any = SimplerXMLGenerator(self._out, "utf-8", short_empty_elements=True)
        self._writer.startDocument()
        if stylesheet:
            self._writer.processingInstruction("xml-stylesheet", f'type="text/css" href="{stylesheet}"')
            self._writer.ignorableWhitespace("\n")
        self.open(root, attributes)
        self._root = root

    def open(self, name: str, attributes: Mapping[str, str] | None = None) -> None:
        self._writer.startElement(name, attributes or {})

    def close(self, name: str) -> None:
        self._writer.endElement(name)
        self._writer.ignorableWhitespace("\n")

    def add(self, name: str, text: str = "", /, **attributes: str) -> None:
        self._writer.addQuickElement(name, text, attributes)

    def add_picture(self, item: Item) -> None:
        """Add the item's picture as Media RSS (https://www.rssboard.org/media-rss)."""
        if item.picture is None:
            return
        size = {"width": str(item.picture.width), "height": str(item.picture.height)}
        kind = {"type": item.picture.type} if item.picture.type else {}
        self.open("media:content", {"url": item.picture.url, "medium": "image", **kind, **size})
        if item.picture.alt:
            self.add("media:description", item.picture.alt, type="plain")
        self.close("media:content")

    def text(self) -> str:
        """Finish the document and return it as text."""
        self.close(self._root)
        return self._out.getvalue()
