"""Markdown renderer `render`, the one source of preview, page, feed, search text and excerpt.

Markdown source → tokens (CommonMark and the house's syntax) → tokens dressed (ids, links, images, tables)
→ HTML → the allow-list of `sanitise`. This module uses no database, request or setting.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from blog.text.blocks import dress_tables, mark_tasks
from blog.text.cjk import mark_japanese_emphasis
from blog.text.dialects import PLAIN, Dialect, Hiding
from blog.text.fences import name_code
from blog.text.grams import Indexed, indexed
from blog.text.headings import Heading, arrange_headings
from blog.text.leftovers import drop_empty_blocks
from blog.text.links import resolve_links
from blog.text.parser import parser
from blog.text.pasted import drop_pasted
from blog.text.pictures import Picture, Source, place_images
from blog.text.plain import count_characters, plain_text
from blog.text.positions import NOTED
from blog.text.sanitise import sanitise

__all__ = ["CHARACTERS_PER_MINUTE", "RENDERER_VERSION", "Heading", "Picture", "Rendered", "Source", "render"]

# Raise it whenever the same source renders to other HTML: `rerender_posts` renders older rows again.
RENDERER_VERSION = 7
CHARACTERS_PER_MINUTE = 500


@dataclass(frozen=True)
class Rendered:
    """Rendered text for readers and for search. `characters` counts visible ones without white space."""

    html: SafeString
    toc: tuple[Heading, ...]
    plain_text: str
    words: Indexed
    characters: int
    reading_minutes: int


def render(
    body: str,
    *,
    title: str = "",
    images: Mapping[str, Picture] | None = None,
    links: Mapping[str, str] | None = None,
    own_hosts: frozenset[str] = frozenset(),
    prefix: str = "",
    dialect: Dialect = PLAIN,
    imported: str | None = None,
) -> Rendered:
    """Render a Markdown body to safe HTML and derived data.

    `title`: a first line that repeats it is dropped. `dialect`: what else is, in lines that stand in `imported`, the body as
    it was imported (None: in all). `images`: the name of a stored file to what the
    library knows. `links`: a path (as `public_path` writes it) to its current path. `own_hosts`: hosts
    whose links are not external. `prefix`: makes ids unique where several texts share a page.
    """
    md = parser()
    hiding = Hiding(body, dialect=dialect, imported=imported)
    env: dict[str, Any] = {"prefix": prefix, "hiding": hiding}
    if hiding.is_restricted:
        env[NOTED] = True  # where a line of a paragraph comes from
    tokens = drop_pasted(drop_empty_blocks(md.parse(body, env)), title=title, hiding=hiding)
    toc = arrange_headings(tokens, prefix=prefix)
    resolve_links(tokens, links=links or {}, images=images or {}, own_hosts=own_hosts)
    mark_tasks(tokens)
    mark_japanese_emphasis(tokens)
    tokens = name_code(dress_tables(place_images(tokens, images=images or {})))

    text = plain_text(tokens)
    characters = count_characters(text)
    return Rendered(
        html=sanitise(md.renderer.render(tokens, md.options, env)),
        toc=toc,
        plain_text=text,
        words=indexed(text),
        characters=characters,
        reading_minutes=max(1, -(-characters // CHARACTERS_PER_MINUTE)),
    )
