"""Feed document, before it is written in one format or another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any

from django.utils.xmlutils import SimplerXMLGenerator

from blog.public.feeds.items import Item, Person

EMPTY = datetime.fromisoformat("2000-01-01T00:00:00+09:00")
"""The age of a feed in which nothing has been published yet."""
VERSION = 2
"""Of what the writers make of the same posts. Raise it with them, or readers hear that nothing has changed."""
HISTORY = "http://purl.org/syndication/history/1.0"
"""RFC 5005."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """URLs are absolute. `older` and `newer` are the archive documents beside it, `current` (only of an archive document)
    is the feed to which it belongs; `hub` pushes changes to subscribers; `stylesheet` is for browsers."""

    title: str
    description: str
    page_url: str
    self_url: str
    publisher: Person
    items: list[Item]
    older: str = ""
    newer: str = ""
    current: str = ""
    hub: str = ""
    stylesheet: str = ""

    @property
    def updated_at(self) -> datetime:
        """When readers were last told of something, never the time of the request."""
        return max((item.announced_at for item in self.items), default=EMPTY)

    def links(self, media_type: str) -> list[dict[str, str]]:
        """Links to feeds of `media_type` as attributes: RFC 4287 and RFC 5005; and to the hub (https://www.w3.org/TR/websub/)."""
        feeds = {
            "self": self.self_url,
            "prev-archive": self.older,
            "next-archive": self.newer,
            "current": self.current,
        }
        found = [{"rel": relation, "href": url, "type": media_type} for relation, url in feeds.items() if url]
        return [*found, {"rel": "hub", "href": self.hub}] if self.hub else found


class Xml:
    """An XML document under construction. Texts must be free of control characters: UnserializableContentError else."""

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
        """https://www.rssboard.org/media-rss"""
        if item.picture is None:
            return
        size = {"width": str(item.picture.width), "height": str(item.picture.height)}
        kind = {"type": item.picture.type} if item.picture.type else {}
        self.open("media:content", {"url": item.picture.url, "medium": "image", **kind, **size})
        if item.picture.alt:
            self.add("media:description", item.picture.alt, type="plain")
        self.close("media:content")

    def text(self) -> str:
        """The finished document."""
        self.close(self._root)
        return self._out.getvalue()
