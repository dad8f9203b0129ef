"""Search. Readers' pages ask `search`, publishing and taxonomy call `index` and `index_many`; nothing else is needed.

This is the seam at which another engine would take over: docs/decisions/0006.
"""

from blog.public.search.desk import for_desk
from blog.public.search.finding import CANDIDATES, MOST_COUNTED, PAGE_SIZE, Filters, Found, search
from blog.public.search.index import index, index_many, index_tagged, outdated, rebuild, tidy

__all__ = [
    "CANDIDATES",
    "MOST_COUNTED",
    "PAGE_SIZE",
    "Filters",
    "Found",
    "for_desk",
    "index",
    "index_many",
    "index_tagged",
    "outdated",
    "rebuild",
    "search",
    "tidy",
]
