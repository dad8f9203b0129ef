"""Removal of pasted boilerplate, when rendering: the headline, contents and related posts repeated in a text.

The archive's texts were written for a page without these; the source stays unchanged. What goes, and in which lines, the
text's dialect says (`Hiding`).
"""

import re
import unicodedata
from collections.abc import Collection, Sequence

from markdown_it.token import Token

from blog.text.dialects import Hiding, Reason
from blog.text.headings import CONTENTS
from blog.text.links import link_tokens
from blog.text.plain import BREAKS, inline_text, visible

# Marks of Markdown, but not those within a word or behind one, as in `snake_case` and `C#`.
_NOT_COMPARED = re.compile(r"[\s`]+|(?<![0-9A-Za-z])[*_]+|[*_]+(?![0-9A-Za-z])")
_HEADING_SIGNS = re.compile(r"^#+(?!$)")
_LABEL = re.compile(r"^タイトル:")
_TITLE_PREFIX = re.compile(r"^(?:\d{4}年|[\[【][^\]】]*[\]】])")
"""Prefix that a generator adds to a given headline: 2026年, 【2026年版】."""
MIN_TITLE_CHARACTERS = 8
"""Minimum length of a line that can repeat a headline. Shorter ones may be any word of it."""
CUT_AT = 12
"""Minimum length of the common beginning of a line and a title that was cut within a word."""
RELATED_HEADING = "関連記事"
_RELATED = {RELATED_HEADING, "あわせて読みたい", "合わせて読みたい"}
MIN_CONTENTS = 3
_WORDS = {"text", "code_inline", *BREAKS}
_EMPHASIS = {"strong", "em", "s"}
_LISTS = {"bullet_list_open", "ordered_list_open"}


def drop_pasted(tokens: list[Token], *, title: str, hiding: Hiding) -> list[Token]:
    """Drop what the page around the text says itself, and note it in `hiding`."""
    tokens = _drop_first_lines(tokens, title, hiding)
    if hiding.dialect.similar_titles:
        tokens = _drop_later_titles(tokens, title, hiding)
    if hiding.dialect.contents:
        tokens = _drop_contents(tokens, hiding)
    return _drop_related_posts(tokens, hiding) if hiding.dialect.related_posts else tokens


def _drop_first_lines(tokens: list[Token], title: str, hiding: Hiding) -> list[Token]:
    """Drop the first line, of a paragraph or a heading, if it is `title`.

    With `similar_titles` also lines that say it in other words, one after the other, and the rules below them.
    """
    is_first = True
    while len(tokens) > 2 and tokens[0].type in {"paragraph_open", "heading_open"}:
        inline = tokens[1]
        children = inline.children or []
        end = next((at for at, child in enumerate(children) if child.type in BREAKS), len(children))
        is_part = end < len(children)
        first, after = tokens[0].map or (0, 0)
        after = first + 1 if is_part else after
        line = visible(children[:end])
        is_section = tokens[0].tag in {"h2", "h3", "h4", "h5", "h6"}
        is_similar = hiding.dialect.similar_titles and hiding.may_hide(first, after)
        is_repeated = is_similar and repeats_title(line, title, is_section=is_section)
        if not (is_repeated or (is_first and is_title(line, title))):
            break
        if sum(child.nesting for child in children[:end]) or not _is_words(children[:end]):
            break  # bold text that continues in the next line; a link, a footnote or a picture
        in_line = is_part and "<br" in inline.content.partition("\n")[0].lower()
        hiding.note(Reason.TITLE, first, first if in_line else after, line)
        if is_part:
            inline.children = children[end + 1 :]
            break
        tokens, is_first = tokens[3:], False
        while hiding.dialect.similar_titles and tokens and _is_rule_to_hide(tokens[0], hiding):
            tokens = tokens[1:]
    return tokens


def _drop_later_titles(tokens: list[Token], title: str, hiding: Hiding) -> list[Token]:
    """Drop paragraphs and headings that are equal to the title, where a generator started again."""
    if len(_comparable(title)) < MIN_TITLE_CHARACTERS:
        return tokens
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        if at + 1 < len(tokens) and tokens[at + 1].type == "inline" and tokens[at + 1].level == 1:
            words = inline_text(tokens[at + 1])
            first, after = tokens[at].map or (0, 0)
            is_repeated = is_title(words, title) and _is_words(tokens[at + 1].children or ())
            if is_repeated and hiding.may_hide(first, after):
                hiding.note(Reason.TITLE, first, after, words)
                at += 3
                continue
        kept.append(tokens[at])
        at += 1
    return kept


def _is_words(children: Sequence[Token]) -> bool:
    """Whether inline tokens are words alone: what leads elsewhere would be lost with them."""
    return all(child.type in _WORDS or child.tag in _EMPHASIS for child in children)


def is_title(line: str, title: str) -> bool:
    """Whether `line` is the headline `title`, but for its marks, white space and the width of letters."""
    said = _comparable(line)
    wanted = _comparable(title)
    return bool(said) and wanted in (said, _HEADING_SIGNS.sub("", said))


def repeats_title(line: str, title: str, *, is_section: bool = False) -> bool:
    """Whether `line`, the first of a text, repeats its headline `title`, in part or nearly.

    The archive's titles were lengthened and cut after their texts had been written. `is_section`: the line is a
    heading within the text, which may share words with the title and so must be closer to it. A sentence that ends
    with 。 is the beginning of the text, unless it is literally part of the title.
    """
    said, wanted = _HEADING_SIGNS.sub("", _comparable(line)).rstrip(":"), _comparable(title)
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


def _drop_related_posts(tokens: list[Token], hiding: Hiding) -> list[Token]:
    """Drop sections 「関連記事」 or 「あわせて読みたい」 that begin with a list of nothing but links within the site.

    Text below the list stays. The page shows related posts itself; those named here are noted.
    """
    at = 0
    while at < len(tokens):
        end = _end_of_related(tokens, at, hiding)
        if end:
            links = (str(link.attrGet("href")) for link in link_tokens(tokens[at:end]))
            hiding.related += (url for url in links if url not in hiding.related)
            hiding.note(Reason.RELATED, *_lines(tokens[at:end]), inline_text(tokens[at + 1]))
            start = at
            while end == len(tokens) and start and _is_rule_to_hide(tokens[start - 1], hiding):
                start -= 1  # the rule that separated the links from the text
            tokens, at = tokens[:start] + tokens[end:], start
        else:
            at += 1
    return tokens


def _end_of_related(tokens: Sequence[Token], at: int, hiding: Hiding) -> int:
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
    if not hiding.may_hide(*_lines(tokens[at:end])):
        return 0
    while end < len(tokens) and _is_rule_to_hide(tokens[end], hiding):
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


def _drop_contents(tokens: list[Token], hiding: Hiding) -> list[Token]:
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
            if _comparable(inline_text(tokens[at + 1])).strip("【】[]■◆▼:") not in CONTENTS:
                continue
            end = _end_of_contents(tokens, at + 3, headings)
            if end and hiding.may_hide(*_lines(tokens[at:end])):
                hiding.note(Reason.CONTENTS, *_lines(tokens[at:end]), inline_text(tokens[at + 1]))
                while end < len(tokens) and _is_rule_to_hide(tokens[end], hiding):
                    end += 1
                return tokens[:at] + tokens[end:]
    return tokens


def _end_of_contents(tokens: Sequence[Token], start: int, headings: Collection[str]) -> int:
    """Return the end of a list of contents at `start`; 0 when there is none."""
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
    return at + 1 if entries >= MIN_CONTENTS else 0


def _is_rule_to_hide(token: Token, hiding: Hiding) -> bool:
    """Whether `token` is a thematic break that may go with what it set apart."""
    return token.type == "hr" and token.map is not None and hiding.may_hide(*token.map)


def _lines(tokens: Sequence[Token]) -> tuple[int, int]:
    """Lines of a run of whole blocks: the first, and the one after the last."""
    spans = [token.map for token in tokens if token.map]
    return spans[0][0], max(after for _, after in spans)


def _comparable(text: str) -> str:
    return _NOT_COMPARED.sub("", unicodedata.normalize("NFKC", text))


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}
