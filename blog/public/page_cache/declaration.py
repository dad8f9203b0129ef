"""Declaration of a view that its answer may be kept (`keep`), and the normal form of a query under it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_plus

from django.http import HttpResponse

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,40}")
STATUSES = (200, 301, 410)


@dataclass(frozen=True)
class Kept:
    """What an answer depends on besides its path: the query's `parameters`, all others are ignored; or the whole query,
    where a redirect hands it on. `type_in_browsers`: media type instead of the answer's own where `text/html` is
    accepted."""

    parameters: tuple[str, ...] = ()
    hands_query_on: bool = False
    type_in_browsers: str = ""


def keep(response: HttpResponse, *parameters: str, type_in_browsers: str = "") -> HttpResponse:
    """Declare that `response` is the same for everybody who asks for its path, until the content version or the next
    moment; and that the number of such paths is bounded by what is in the database.

    Nothing else is ever kept. 404s cannot be: anybody can make up their paths.
    """
    if response.status_code in STATUSES:
        kept = Kept(parameters, response.status_code == 301, type_in_browsers)
        response.kept = kept  # type: ignore[attr-defined]  # read by `door`
    return response


def normal_form(query: str, kept: Kept) -> str | None:
    """The part of `query` on which the answer depends, in one spelling; None where the view must read it itself: it
    does not have that spelling, or has to be handed on."""
    if not query:
        return ""
    if kept.hands_query_on or "%00" in query or "\0" in query:  # which `refuse_nul` refuses
        return None
    found: dict[str, str] = {}
    longest = 3 * max(map(len, kept.parameters), default=0)  # percent-encoded
    for part in query.split("&") if kept.parameters else ():
        name, _, value = part.partition("=")
        known = unquote_plus(name) if len(name) <= longest else ""
        if known in kept.parameters:
            if known != name or known in found or not _PLAIN.fullmatch(value):
                return None
            found[known] = value
    return "&".join(f"{name}={found[name]}" for name in kept.parameters if name in found)
