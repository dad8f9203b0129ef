"""Public Markdown source of a text, without what the page hides from readers."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from blog.text.pictures import Picture, find_picture
from blog.text.scan import Edit, Scan, Target, line_starts, replaced, scan


def public_source(body: str, *, title: str, site: str, images: Mapping[str, Picture] | None = None) -> str:
    """Convert `body` for readers without our page around it.

    Images of the library (`images`, by stored name) get their current URL, links the origin `site`; a first heading that repeats `title` is removed, as are hidden notes and leftovers of
    the archive's generator. Printed code stays unchanged.
    """

    def outward(target: Target) -> str | None:
        picture = find_picture(images or {}, target.url)
        url = picture.src if picture else target.url
        if url[0] == "/" != url[1:2]:
            return f"{site}{url}"
        return url if picture else None

    found = scan(body)
    edits = [*_repeated_title(found, title), *_hidden(found), *found.retargets(outward)]
    return replaced(body, _outermost(edits)).strip("\n") + "\n"


def _repeated_title(found: Scan, title: str) -> Iterator[Edit]:
    """Edits that remove the headings at the start of the text that repeat the title."""
    for block, heading in zip(found.blocks, found.headings, strict=False):
        if block.kind != "heading" or heading.text != title:
            return
        yield (block.start, block.end), ""


def _hidden(found: Scan) -> Iterator[Edit]:
    """Edits that remove hidden spans, with their lines if nothing else is on them."""
    starts = line_starts(found.source)
    for number, hidden in groupby(found.hidden, key=lambda span: bisect_right(starts, span[0])):
        spans, begin, end = list(hidden), starts[number - 1], starts[number]
        rest = replaced(found.source[begin:end], (((span[0] - begin, span[1] - begin), "") for span in spans))
        yield from ((span, "") for span in (spans if rest.strip() else [(begin, end)]))


def _outermost(edits: Iterable[Edit]) -> Iterator[Edit]:
    """Sort edits, without those inside others."""
    at = 0
    for (start, end), text in sorted(edits, key=lambda edit: (edit[0][0], -edit[0][1])):
        if start >= at:
            yield (start, end), text
            at = end
