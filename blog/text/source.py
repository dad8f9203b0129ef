"""Public Markdown source of a text, without what the page hides from readers."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from blog.text.dialects import PLAIN, Dialect
from blog.text.pictures import Picture, find_picture
from blog.text.places import Edit, Scan, Target, line_starts, replaced
from blog.text.positions import Span
from blog.text.scan import scan

# What may stand before the text of a line, and what would begin a block there: an escape goes behind the match.
_CONTAINERS = re.compile(r"(?:[ \t\u3000]*(?:[-+*>:]|\d{1,9}[.)]|\[\^[^\s\[\]]{1,100}\]:))*[ \t\u3000]*")
_BLOCK = re.compile(
    r"\d{1,9}(?=[.)](?:[ \t\u3000]|$))"
    r"|(?=#|>|:{3}|~{3}|`{3,}[^`]*$|[-+*:~](?:[ \t\u3000]|$)|([-*_])(?:[ \t]*\1){2,}[ \t]*$|=+[ \t]*$|<h[2-6]>|\{:"
    r"|\[\[?_?toc_?\]|\[[^\[\]\n]{1,1000}\]:|\{\{[<%][ \t]*(?:toc|table-of-contents)\b)",
    re.IGNORECASE,
)


def public_source(
    body: str,
    *,
    title: str,
    site: str,
    images: Mapping[str, Picture] | None = None,
    dialect: Dialect = PLAIN,
    imported: str | None = None,
) -> str:
    """Convert `body` for readers without our page around it.

    Images of the library (`images`, by stored name) get their current URL, links the origin `site`; what `render` does not
    show is removed, as are hidden notes. Printed code stays unchanged.
    """

    def outward(target: Target) -> str | None:
        picture = find_picture(images or {}, target.url)
        url = picture.src if picture else target.url
        if url[0] == "/" != url[1:2]:
            return f"{site}{url}"
        return url if picture else None

    found = scan(body, title=title, dialect=dialect, imported=imported)
    edits = [*_lines_not_shown(found), *_hidden(found), *found.retargets(outward)]
    return replaced(body, _outermost(edits)).strip("\n") + "\n"


def _lines_not_shown(found: Scan) -> Iterator[Edit]:
    """Edits that remove the lines of blocks that are not shown."""
    starts = line_starts(found.source)
    for first, after in (place.lines for place in found.not_shown):
        if first < after:
            yield (starts[first], min(starts[after], len(found.source))), ""


def _hidden(found: Scan) -> Iterator[Edit]:
    """Edits that remove hidden spans, with their lines if nothing else is on them."""
    starts = line_starts(found.source)
    for number, hidden in groupby(found.hidden, key=lambda span: bisect_right(starts, span[0])):
        spans, begin, end = list(hidden), starts[number - 1], starts[number]
        rest = replaced(found.source[begin:end], (((span[0] - begin, span[1] - begin), "") for span in spans))
        if rest.strip():
            yield from ((span, "") for span in spans)
            yield from _escaped(found.source, spans, begin, end - 1)
        else:
            yield (begin, end), ""


def _escaped(source: str, spans: Iterable[Span], begin: int, end: int) -> Iterator[Edit]:
    """Edits that keep what stands behind the hidden beginning of a line from beginning a block, which it did not."""
    at = begin
    for start, after in spans:
        if not _CONTAINERS.fullmatch(source, begin, start) if at == begin else start > at:
            break
        at = after
        while at < end and source[at] in " \t":
            at += 1
        if at > after:
            yield (after, at), ""
    if at > begin and (sign := _BLOCK.match(source, at, end)):
        yield (sign.end(), sign.end()), "\\"


def _outermost(edits: Iterable[Edit]) -> Iterator[Edit]:
    """Sort edits, without those inside others."""
    at = 0
    for (start, end), text in sorted(edits, key=lambda edit: (edit[0][0], -edit[0][1])):
        if start >= at:
            yield (start, end), text
            at = end
