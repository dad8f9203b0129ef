"""Atom 1.0 writer (RFC 4287)."""

from __future__ import annotations

from blog.public.feeds.document import HISTORY, Document, Xml
from blog.public.feeds.items import FeedAuthor, Item
from blog.public.seo import LANGUAGE, iso

ROOT = {
    "xmlns": "http://www.w3.org/2005/Atom",
    "xmlns:fh": HISTORY,
    "xmlns:media": "http://search.yahoo.com/mrss/",
    "xml:lang": LANGUAGE,
}


def write(document: Document) -> str:
    xml = Xml("feed", ROOT, stylesheet=document.stylesheet)
    xml.add("id", document.current or document.self_url)  # archive documents are parts of the one feed
    xml.add("title", document.title)
    xml.add("subtitle", document.description)
    xml.add("updated", iso(document.updated_at))
    xml.add("link", rel="alternate", href=document.page_url, type="text/html")
    for link in document.links("application/atom+xml"):
        xml.add("link", **link)
    # Entries without a by-line need this: each entry must have an author (4.1.2).
    _add_person(xml, "author", document.publisher)
    if document.current:
        xml.add("fh:archive")
    for item in document.items:
        _add(xml, item)
    return xml.text()


def _add(xml: Xml, item: Item) -> None:
    xml.open("entry")
    xml.add("id", item.id)
    xml.add("title", item.title)
    xml.add("link", rel="alternate", href=item.url, type="text/html")
    xml.add("published", iso(item.published_at))
    xml.add("updated", iso(item.announced_at))
    for person in item.authors:
        _add_person(xml, "author", person)
    for person in item.contributors:
        _add_person(xml, "contributor", person)
    for name in item.categories:
        xml.add("category", term=name)
    if item.summary:
        xml.add("summary", item.summary)
    xml.add_picture(item)
    xml.add("content", item.html, type="html")
    xml.close("entry")


def _add_person(xml: Xml, element: str, person: FeedAuthor) -> None:
    xml.open(element)
    xml.add("name", person.name)
    xml.add("uri", person.url)
    xml.close(element)
