"""RSS 2.0 writer, with full texts (https://www.rssboard.org/rss-specification, …/rss-profile)."""

from __future__ import annotations

from xml.sax.saxutils import escape

from django.utils.feedgenerator import rfc2822_date

from blog.public.feeds.document import HISTORY, Document, Xml
from blog.public.feeds.items import Item
from blog.public.seo import LANGUAGE, iso

ROOT = {
    "version": "2.0",
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:fh": HISTORY,
    "xmlns:media": "http://search.yahoo.com/mrss/",
}


def write(document: Document) -> str:
    xml = Xml("rss", ROOT, stylesheet=document.stylesheet)
    xml.open("channel")
    xml.add("title", document.title)
    xml.add("link", document.page_url)
    xml.add("description", document.description)
    xml.add("language", LANGUAGE)
    xml.add("lastBuildDate", rfc2822_date(document.updated_at))
    for link in document.links("application/rss+xml"):
        xml.add("atom:link", **link)
    if document.current:
        xml.add("fh:archive")
    for item in document.items:
        _add(xml, item)
    xml.close("channel")
    return xml.text()


def _add(xml: Xml, item: Item) -> None:
    xml.open("item")
    xml.add("title", item.title)
    xml.add("link", item.url)
    xml.add("guid", item.id, isPermaLink="true" if item.is_permalink else "false")
    xml.add("pubDate", rfc2822_date(item.published_at))
    if item.updated_at:
        xml.add("atom:updated", iso(item.updated_at))
    for person in item.authors:
        xml.add("dc:creator", person.name)
    for person in item.contributors:
        xml.add("dc:contributor", person.name)
    for name in item.categories:
        xml.add("category", name)
    if item.summary:
        xml.add("description", escape(item.summary))  # feed readers parse it as HTML
    xml.add_picture(item)
    xml.add("content:encoded", item.html)
    xml.close("item")
