"""The Markdown source of a text as others may read it: what readers do not see on the page is not in it either."""

import re

from blog.text.leftovers import LEFTOVER_LINE
from blog.text.normalise import normalise, one_line

_FENCE = re.compile(r"[\s>]*(`{3,}|~{3,})")
# `[//]: # (a note)`: a definition of a link that nothing uses, the usual way to hide a comment in Markdown.
_COMMENT = re.compile(r""" {0,3}\[[^\]]+\]:\s*(?:#|<>)\s*(?:["'(].*)?""")
_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*\s*")
# A span of code, which is passed over, or the place where a link of ours begins.
_LINK = re.compile(
    r"(?P<code>(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))|(?P<opening>\]\(<?|^ {0,3}\[[^\]]+\]:\s*<?)/(?!/)"
)


def public_source(body: str, *, title: str, site: str) -> str:
    """Return `body` for readers without our page around it.

    Links get the origin `site`; a first heading that repeats `title` goes, as do hidden notes and what the archive's
    generator left behind. Printed code stays as it is.
    """
    kept: list[str] = []
    fence = ""
    for line in normalise(body).split("\n"):
        opening = _FENCE.match(line)
        if fence:
            if opening and opening[1].startswith(fence) and not line[opening.end() :].strip():
                fence = ""
        elif opening:
            fence = opening[1]
        elif (
            LEFTOVER_LINE.fullmatch(line.strip())
            or _COMMENT.fullmatch(line)
            or (
                not any(kept)
                and (heading := _HEADING.fullmatch(line))
                and one_line(heading[1]) == one_line(title)
            )
        ):
            continue
        else:
            line = _LINK.sub(lambda match: match["code"] or f"{match['opening']}{site}/", line)
        kept.append(line)
    return "\n".join(kept).strip("\n") + "\n"
