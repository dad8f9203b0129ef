"""Markdown renderer: preview, page, feed, search text and excerpt all come from `render`.

Markdown source → tokens (CommonMark and the house's syntax) → tokens dressed (ids, links, images, tables)
→ HTML → the allow-list of `sanitise`. Nothing here knows a database, a request or a setting.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin

from blog.text.blocks import dress_tables, house_blocks, mark_tasks
from blog.text.cjk import cjk_friendly_emphasis, mark_japanese_emphasis
from blog.text.grams import Indexed, indexed
from blog.text.headings import Heading, arrange_headings
from blog.text.leftovers import archive_leftovers, drop_empty_paragraphs
from blog.text.links import resolve_links
from blog.text.normalise import normalise
from blog.text.pasted import drop_pasted_contents, drop_related_posts, drop_repeated_title
from blog.text.pictures import Picture, Source, place_images
from blog.text.plain import count_characters, plain_text
from blog.text.sanitise import URL_SCHEMES, sanitise
from blog.text.syntax import house_syntax

__all__ = ["CHARACTERS_PER_MINUTE", "RENDERER_VERSION", "Heading", "Picture", "Rendered", "Source", "render"]

# Raise it whenever the same source gives other HTML: `rerender_posts` redoes what is older.
RENDERER_VERSION = 5
CHARACTERS_PER_MINUTE = 500
MAX_NESTING = 100

_SCHEME = re.compile(r"[\x00-\x20]*([a-z][a-z0-9+.\-]*):", re.IGNORECASE)


@dataclass(frozen=True)
class Rendered:
    """A text as readers get it, and as search keeps it. `characters` counts visible ones without white space."""

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
) -> Rendered:
    """Turn a Markdown body into safe HTML and what is derived from it.

    `title`: first lines that only repeat it are dropped. `images`: the source as written to what the
    library knows. `links`: a path (as `public_path` writes it) to the path it has now. `own_hosts`: hosts
    whose links are not external. `prefix`: sets footnote ids apart where several posts share a page.
    """
    md = _parser()
    env = {"prefix": prefix}
    tokens = drop_empty_paragraphs(md.parse(normalise(body), env))
    tokens = drop_repeated_title(tokens, title)
    tokens = drop_related_posts(drop_pasted_contents(tokens))
    toc = arrange_headings(tokens)
    resolve_links(tokens, links=links or {}, own_hosts=own_hosts)
    mark_tasks(tokens)
    mark_japanese_emphasis(tokens)
    tokens = dress_tables(place_images(tokens, images=images or {}))

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


@cache
def _parser() -> MarkdownIt:
    """CommonMark without raw HTML and without setext headings: `text` above `---` is a text and a rule."""
    md = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": MAX_NESTING})
    md.disable(["lheading", "html_block", "html_inline"])
    md.enable(["table", "strikethrough"])
    md.use(deflist_plugin).use(house_blocks).use(archive_leftovers).use(house_syntax)
    md.use(cjk_friendly_emphasis)
    md.validateLink = _is_allowed  # type: ignore[method-assign]  # its documented hook
    return md


def _is_allowed(url: str) -> bool:
    """A link with another scheme stays visible as text, so that the editor sees that it is none."""
    scheme = _SCHEME.match(url)
    return not scheme or scheme[1].lower() in URL_SCHEMES
