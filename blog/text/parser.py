"""Markdown parser: CommonMark with our extensions, in one configuration for rendering and for scanning."""

import re
from functools import cache
from typing import cast

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType
from mdit_py_plugins.deflist import deflist_plugin

from blog.text.blocks import house_blocks
from blog.text.cjk import cjk_friendly_emphasis
from blog.text.code_tags import code_tags
from blog.text.comment_rules import hidden_comments
from blog.text.house_rules import HouseRules
from blog.text.leftovers import archive_leftovers
from blog.text.lists import lists
from blog.text.notes import notes
from blog.text.positions import source_positions
from blog.text.sanitise import URL_SCHEMES
from blog.text.syntax import house_syntax
from blog.text.urls import urls

MAX_NESTING = 100

_SCHEME = re.compile(r"[\x00-\x20]*([a-z][a-z0-9+.\-]*):", re.IGNORECASE)


@cache
def parser() -> MarkdownIt:
    """Create the parser: CommonMark without raw HTML and setext headings (`text` above `---` is a text and a rule)."""
    # `store_labels`: links and images store the label of their definition.
    options = {"html": False, "breaks": True, "maxNesting": MAX_NESTING, "store_labels": True}
    md = MarkdownIt("commonmark", options)
    md.disable(["lheading", "html_block", "html_inline"])
    md.enable(["table", "strikethrough"])
    md.use(deflist_plugin).use(house_blocks).use(archive_leftovers)
    rules = HouseRules(md)  # in this order: a comment hides whatever it contains
    for plugin in (hidden_comments, lists, code_tags, notes, house_syntax, urls):
        md.use(plugin, rules)
    md.use(cjk_friendly_emphasis).use(source_positions)
    md.validateLink = _is_allowed  # type: ignore[method-assign]  # its documented hook
    return md


def _is_allowed(url: str) -> bool:
    """Allow a link's URL by scheme. Any other stays visible as text, so that the editor sees that it is no link."""
    scheme = _SCHEME.match(url)
    return not scheme or scheme[1].lower() in URL_SCHEMES


def alt_text(image: Token, env: EnvType) -> str:
    """Text of an image's `alt` attribute, as rendered."""
    md = parser()
    return cast(RendererHTML, md.renderer).renderInlineAsText(image.children, md.options, env)
