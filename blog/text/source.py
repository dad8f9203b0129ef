"""Public Markdown source of a text: what readers do not see on the page is not in it either."""

import re

from blog.text.code import without_code
from blog.text.leftovers import END_MARK, LEFTOVER_LINE, TEMPLATE_TAG, stands_apart
from blog.text.normalise import normalise, one_line
from blog.text.targets import Target, retarget

# `[//]: # (a note)`: a definition of a link that nothing uses, the usual way to hide a comment in Markdown.
_COMMENT = re.compile(r""" {0,3}\[[^\]]+\]:\s*(?:#|<>)\s*(?:["'(].*)?""")
_LEFTOVER = re.compile(rf"{TEMPLATE_TAG.pattern}|(?P<mark>{END_MARK.pattern})")
_HEADING = re.compile(r"#{1,6}\s")


def public_source(body: str, *, title: str, site: str) -> str:
    """Return `body` for readers without our page around it.

    Links get the origin `site`; a first heading that repeats `title` goes, as do hidden notes and what the archive's
    generator left behind. Printed code stays as it is.
    """

    def outward(target: Target) -> str | None:
        return f"{site}{target.url}" if target.url[0] == "/" != target.url[1:2] else None

    text = retarget(normalise(body), outward)
    kept: list[str] = []
    for line, prose in zip(text.split("\n"), without_code(text).split("\n"), strict=True):
        if line == prose and (LEFTOVER_LINE.fullmatch(line.strip()) or _COMMENT.fullmatch(line)):
            continue
        if not kept and (not line or (_HEADING.match(prose) and _words(line) == one_line(title))):
            continue
        kept.append(_without_leftovers(line, prose))
    return "\n".join(kept).rstrip("\n") + "\n"


def _without_leftovers(line: str, prose: str) -> str:
    """`line` without what stands in it of the old generator; `prose` is the line with its code blanked out."""
    kept, at = [], 0
    for leftover in _LEFTOVER.finditer(prose):
        if prose[: leftover.start()].endswith("\\"):
            continue
        if leftover["mark"] and not stands_apart(prose, leftover.start()):
            continue
        kept.append(line[at : leftover.start()])
        at = leftover.end()
    return "".join((*kept, line[at:])) if at else line


def _words(heading: str) -> str:
    return one_line(heading.lstrip("#").rstrip().rstrip("#"))
