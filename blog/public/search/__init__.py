"""Search: reader pages call `search`, and `follow` updates the index after a change; nothing else is needed.

Another search engine would be connected here: docs/decisions/0006.
"""

from blog.public.search.desk import for_desk
from blog.public.search.index import follow, index_many, outdated, rebuild, tidy
from blog.public.search.matching import (
    CANDIDATES,
    FILTERS,
    MOST_COUNTED,
    PAGE_SIZE,
    Filters,
    SearchPage,
    search,
)

__all__ = [
    "CANDIDATES",
    "FILTERS",
    "MOST_COUNTED",
    "PAGE_SIZE",
    "Filters",
    "SearchPage",
    "follow",
    "for_desk",
    "index_many",
    "outdated",
    "rebuild",
    "search",
    "tidy",
]
