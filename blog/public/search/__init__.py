"""Search. Readers' pages ask `search`, changes of what readers see are told to `follow`; nothing else is needed.

This is the seam at which another engine would take over: docs/decisions/0006.
"""

from blog.public.search.desk import for_desk
from blog.public.search.finding import CANDIDATES, MOST_COUNTED, PAGE_SIZE, Filters, Found, search
from blog.public.search.index import follow, index_many, outdated, rebuild, tidy

__all__ = [
    "CANDIDATES",
    "MOST_COUNTED",
    "PAGE_SIZE",
    "Filters",
    "Found",
    "follow",
    "for_desk",
    "index_many",
    "outdated",
    "rebuild",
    "search",
    "tidy",
]
