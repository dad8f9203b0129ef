"""Removal of pasted boilerplate, when rendering: the headline, contents and related posts repeated in a text.

The archive's texts were written for a page without these; the source stays unchanged.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence

from markdown_it.token import Token

from blog.text.links import link_tokens
from blog.text.plain import BREAKS, inline_text, visible

_NOT_COMPARED = re.compile(r"[\s*_#`]+")
_LABEL = re.compile(r"^タイトル:")
_TITLE_PREFIX = re.compile(r"^(?:\d{4}年|[\[【][^\]】]*[\]】])")
"""Prefix that a generator adds to a given headline: 2026年, 【2026年版】."""
MIN_TITLE_CHARACTERS = 8
"""Minimum length of a line that can repeat a headline. Shorter ones may be any word of it."""
CUT_AT = 12
"""Minimum length of the common beginning of a line and a title that was cut within a word."""
RELATED_HEADING = "関連記事"
_RELATED = {RELATED_HEADING, "あわせて読みたい", "合わせて読みたい"}
_CONTENTS = {"目次", "この記事の目次", "もくじ"}
MIN_CONTENTS = 3
_LISTS = {"bullet_list_open", "ordered_list_open"}


def drop_repeated_title(tokens: list[Token], title: str) -> list[Token]:
    """Drop first lines that repeat `title`: paragraphs, headings, and the rules below them.

    Also drops later paragraphs and headings equal to the title, where a generator started again.
    """
    while len(tokens) > 2 and tokens[0].type in {"paragraph_open", "heading_open"}:
        inline = tokens[1]
        children = inline.children or []
        end = next((at for at, child in enumerate(children) if child.type in BREAKS), len(children))
        is_section = tokens[0].tag in {"h2", "h3", "h4", "h5", "h6"}
        if not repeats_title(visible(children[:end]), title, is_section=is_section):
            break
        if sum(child.nesting for child in children[:end]):
            break  # bold text that continues in the next line
        if end < len(children):
            inline.children = children[end + 1 :]
            break
        tokens = tokens[3:]
        while tokens and tokens[0].type == "hr":
            tokens = tokens[1:]
    wanted = _comparable(title)
    again = [
        at - 1
        for at, token in enumerate(tokens)
        if token.type == "inline" and token.level == 1 and _comparable(inline_text(token)) == wanted
    ]
    for at in reversed(again if len(wanted) >= MIN_TITLE_CHARACTERS else []):
        tokens = tokens[:at] + tokens[at + 3 :]
    return tokens


def repeats_title(line: str, title: str, *, is_section: bool = False) -> bool:
    """Whether `line`, the first of a text, repeats its headline `title`, in part or nearly.

    The archive's titles were lengthened and cut after their texts had been written. `is_section`: the line is a
    heading within the text, which may share words with the title and so must be closer to it. A sentence that ends
    with 。 is the beginning of the text, unless it is literally part of the title.
    """
    said, wanted = _comparable(line).rstrip(":"), _comparable(title)
    if not wanted or said == wanted:
        return bool(wanted)
    if _LABEL.match(said):
        return True
    core = _TITLE_PREFIX.sub("", wanted)
    if len(said) < MIN_TITLE_CHARACTERS:
        return False
    if said in wanted:
        return not is_section or 2 * len(said) >= len(core)
    if said.endswith("。") or len(said) > 2 * len(wanted):
        return False
    if not is_section and said[:CUT_AT] == core[:CUT_AT] and len(said) > CUT_AT:
        return True
    pairs = _pairs(said)
    return len(pairs & _pairs(wanted)) >= (0.75 if is_section else 0.5) * len(pairs)


def drop_related_posts(tokens: list[Token]) -> list[Token]:
    """Drop sections 「関連記事」 or 「あわせて読みたい」 that begin with a list of nothing but links within the site.

    Text below the list stays. The page shows related posts itself; `related_links` returns those named here.
    """
    at = 0
    while at < len(tokens):
        end = _end_of_related(tokens, at)
        if end:
            start = at
            while end == len(tokens) and start and tokens[start - 1].type == "hr":
                start -= 1  # the rule that separated the links from the text
            tokens, at = tokens[:start] + tokens[end:], start
        at += 1
    return tokens


def _end_of_related(tokens: Sequence[Token], at: int) -> int:
    """Return the end of a heading 「関連記事」 at `at` with its list of links and the rules below; 0 when it is none."""
    if tokens[at].type != "heading_open" or inline_text(tokens[at + 1]).rstrip("：:") not in _RELATED:
        return 0
    end = at + 3
    if end >= len(tokens) or tokens[end].type not in _LISTS:
        return 0
    while tokens[end].level or tokens[end].nesting >= 0:
        end += 1
        if tokens[end].type == "inline" and not _is_link_within(tokens[end]):
            return 0
    end += 1
    while end < len(tokens) and tokens[end].type == "hr":
        end += 1
    return end


def _is_link_within(inline: Token) -> bool:
    """Whether an inline token is one link to a path of the site, and nothing else."""
    children = inline.children or []
    if sum(child.type == "link_open" for child in children) != 1:
        return False
    return children[-1].type == "link_close" and _is_within(str(children[0].attrGet("href") or ""))


def _is_within(url: str) -> bool:
    return url.startswith("/") and not url.startswith("//")


def related_links(tokens: Sequence[Token]) -> tuple[str, ...]:
    """URLs in the sections that `drop_related_posts` drops, in order."""
    sections = (tokens[at : _end_of_related(tokens, at)] for at in range(len(tokens)))
    found = (str(link.attrGet("href")) for section in sections for link in link_tokens(section))
    return tuple(dict.fromkeys(found))


def drop_pasted_contents(tokens: list[Token]) -> list[Token]:
    """Drop a pasted table of contents: the title 「目次」 and a list of nothing but the text's own headings.

    The page shows the contents itself. A list of two stays, because the page shows none then.
    """
    headings = {
        _comparable(inline_text(tokens[at + 1]))
        for at, token in enumerate(tokens)
        if token.type == "heading_open"
    }
    for at, token in enumerate(tokens):
        if token.type in {"heading_open", "paragraph_open"} and token.level == 0:
            if _comparable(inline_text(tokens[at + 1])).strip("【】[]■◆▼:") not in _CONTENTS:
                continue
            end = _end_of_contents(tokens, at + 3, headings)
            if end:
                return tokens[:at] + tokens[end:]
    return tokens


def _end_of_contents(tokens: Sequence[Token], start: int, headings: Collection[str]) -> int:
    """Return the end of a list of contents at `start`, with the rule below it; 0 when there is none."""
    if start >= len(tokens) or tokens[start].type not in _LISTS:
        return 0
    entries = 0
    for at in range(start, len(tokens)):
        token = tokens[at]
        if token.type == "inline":
            entries += 1
            links = [
                str(child.attrGet("href")) for child in token.children or () if child.type == "link_open"
            ]
            if any(not link.startswith("#") for link in links):
                return 0
            if not links and _comparable(inline_text(token)) not in headings:
                return 0
        elif token.level == 0 and token.nesting < 0:
            break
    at += 1
    while at < len(tokens) and tokens[at].type == "hr":
        at += 1
    return at if entries >= MIN_CONTENTS else 0


def _comparable(text: str) -> str:
    return _NOT_COMPARED.sub("", unicodedata.normalize("NFKC", text))


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}
