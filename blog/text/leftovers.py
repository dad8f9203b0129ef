"""Drop what Jekyll and a generator left in the archive's texts, when rendering; the source stays as it is.

Liquid tags (`{% include … %}`), kramdown attribute lists (`{: .class}`) and the marker `---END---`. The two
pieces of raw HTML that it uses, `<br>` and lines such as `<h3>…</h3>`, become what they mean. These are parser
rules, not replacements before parsing, so that nothing inside code is touched.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from blog.text.names import public_path
from blog.text.plain import inline_text
from blog.text.syntax import push_heading

_TEMPLATE_TAG = re.compile(r"\{%[^{}\n]*%\}|\{:[ \t]*[.#\w][^{}\n]*\}")
_END_MARK = re.compile(r"---END(?:---)?(?![A-Za-z0-9_-])")
_RAW_BREAK = re.compile(r"<br[ ]*/?>", re.IGNORECASE)
_RAW_HEADING = re.compile(r"<(h[2-6])>(.+?)</\1>[ \t]*", re.IGNORECASE)
LEFTOVER_LINE = re.compile(rf"(?:(?:{_TEMPLATE_TAG.pattern}|{_END_MARK.pattern})[ \t]*)+")
_RELATED = "関連記事"
_CONTENTS = {"目次", "この記事の目次", "もくじ"}
FEWEST_CONTENTS = 3
_LINK_ITEM = re.compile(r"[-*+][ \t]+\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*\]\(([^)\s]+)\)")
_LIST_TOKENS = {
    *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"),
    *("paragraph_open", "paragraph_close", "inline"),
}
_NOT_COMPARED = re.compile(r"[\s*_#`]+")


def archive_leftovers(md: MarkdownIt) -> None:
    """Plugin: install the rules of this module."""
    md.block.ruler.before(
        "table", "leftover_line", _line, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    md.block.ruler.before(
        "heading", "raw_heading", _raw_heading, {"alt": ["paragraph", "reference", "blockquote"]}
    )
    md.inline.ruler.before("link", "leftover", _inline)
    md.inline.ruler.before("link", "raw_break", _raw_break)


def _line(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """A line of nothing but leftovers also ends the paragraph before it."""
    if state.is_code_block(startLine):
        return False
    start, end = state.bMarks[startLine] + state.tShift[startLine], state.eMarks[startLine]
    if state.src[start : start + 1] not in ("{", "-") or not LEFTOVER_LINE.fullmatch(state.src, start, end):
        return False
    if not silent:
        state.line = startLine + 1
    return True


def _inline(state: StateInline, silent: bool) -> bool:
    pos, src = state.pos, state.src
    match = None
    if src[pos] == "{":
        match = _TEMPLATE_TAG.match(src, pos, state.posMax)
    elif src[pos] == "-":
        match = _END_MARK.match(src, pos, state.posMax)
        if match and match.end() < len(src) and not _stands_apart(src, pos):
            return False  # a sentence about the marker
    if not match:
        return False
    state.pos = match.end()
    return True


def _stands_apart(src: str, pos: int) -> bool:
    return pos == 0 or src[pos - 1].isspace() or src[pos - 1] in "。！？"


def _raw_break(state: StateInline, silent: bool) -> bool:
    match = _RAW_BREAK.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = match.end()
    return True


def _raw_heading(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    if state.is_code_block(startLine):
        return False
    start, end = state.bMarks[startLine] + state.tShift[startLine], state.eMarks[startLine]
    match = _RAW_HEADING.fullmatch(state.src, start, end)
    if match and not silent:
        push_heading(state, startLine, level=int(match[1][1]), text=match[2])
    return bool(match)


def drop_empty_paragraphs(tokens: list[Token]) -> list[Token]:
    """Return `tokens` without the paragraphs that held only leftovers."""
    kept: list[Token] = []
    for token in tokens:
        if token.type == "paragraph_close" and kept[-1].type == "inline" and _is_blank(kept[-1]):
            del kept[-2:]
        else:
            kept.append(token)
    return kept


def _is_blank(inline: Token) -> bool:
    return all(
        child.type in {"softbreak", "hardbreak"} or (child.type == "text" and not child.content.strip())
        for child in inline.children or ()
    )


def drop_repeated_title(tokens: list[Token], title: str) -> list[Token]:
    """Return `tokens` without a first paragraph or heading that only says `title` again."""
    opening = [token.type for token in tokens[:3]]
    if opening[1:2] != ["inline"] or opening[0] not in {"paragraph_open", "heading_open"}:
        return tokens
    wanted = _comparable(title)
    return tokens[3:] if wanted and _comparable(inline_text(tokens[1])) == wanted else tokens


def drop_related_tail(tokens: list[Token], related: Collection[str]) -> list[Token]:
    """Return `tokens` without a last section 「関連記事」 of nothing but links, some of them to posts in `related`.

    The page shows these posts itself. A section that says anything else stays as it is.
    """
    headings = (at for at in range(len(tokens) - 1, -1, -1) if tokens[at].type == "heading_open")
    start = next(headings, None)
    if not related or start is None or inline_text(tokens[start + 1]) != _RELATED:
        return tokens
    links: list[str] = []
    for token in tokens[start + 3 :]:
        if token.type not in _LIST_TOKENS or token.level > 4:
            return tokens
        if token.type == "inline":
            children = token.children or [token]
            if children[0].type != "link_open" or children[-1].type != "link_close":
                return tokens
            if sum(child.type == "link_open" for child in children) > 1:
                return tokens
            links.append(str(children[0].attrGet("href")))
    if not any(_path(link) in related for link in links):
        return tokens
    while start and tokens[start - 1].type == "hr":  # it set the links apart from the text
        start -= 1
    return tokens[:start]


def drop_pasted_contents(tokens: list[Token]) -> list[Token]:
    """Return `tokens` without a pasted 「目次」: that title and a list of nothing but the text's own headings.

    The page shows the contents itself. A list of two stays, as the page then shows none.
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
    """Where a list of contents that begins at `start` ends, with the rule below it; 0 when there is none."""
    if start >= len(tokens) or tokens[start].type not in {"bullet_list_open", "ordered_list_open"}:
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
    return at if entries >= FEWEST_CONTENTS else 0


def related_tail(body: str) -> tuple[str, ...]:
    """The links of a last section 「## 関連記事」 that is made of nothing but a list of links; else nothing."""
    sections = re.split(r"^#{1,6}[ \t]+(.*)$", body, flags=re.MULTILINE)
    if len(sections) < 3 or sections[-2].strip() != _RELATED:
        return ()
    items = [_LINK_ITEM.fullmatch(line.strip()) for line in sections[-1].splitlines() if line.strip()]
    return tuple(item[1] for item in items if item) if all(items) else ()


def _path(href: str) -> str:
    try:
        return public_path(urlsplit(href).path)
    except ValueError:
        return ""


def _comparable(text: str) -> str:
    return _NOT_COMPARED.sub("", unicodedata.normalize("NFKC", text))
