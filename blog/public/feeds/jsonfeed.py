"""JSON Feed 1.1 writer (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from blog.public.feeds.document import Document
from blog.public.feeds.items import FeedAuthor, Item
from blog.public.seo import LANGUAGE, iso


def write(document: Document) -> str:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": document.title,
        "home_page_url": document.page_url,
        "feed_url": document.self_url,
        "description": document.description,
        "language": LANGUAGE,
        "authors": _people([document.publisher]),
        "next_url": document.older,
        "hubs": [{"type": "WebSub", "url": document.hub}] if document.hub else [],
        "items": [_item(item) for item in document.items],
    }
    said = {name: value for name, value in feed.items() if value or name == "items"}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _item(item: Item) -> dict[str, Any]:
    facts = {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "content_html": item.html,
        "summary": item.summary,
        "image": item.picture.url if item.picture else "",
        "date_published": iso(item.published_at),
        "date_modified": iso(item.updated_at) if item.updated_at else "",
        "authors": _people(item.authors),
        "tags": list(item.categories),
    }
    return {name: value for name, value in facts.items() if value}


def _people(people: Iterable[FeedAuthor]) -> list[dict[str, str]]:
    return [{"name": person.name, "url": person.url} for person in people]
