"""Keys of an exported post's front matter, in the order in which they are written."""

from blog.editorial.content_fields import FIELDS

_FIRST = (
    *("layout", "title", "date", "categories", "series", "tags", "author", "authors", "excerpt"),
    *("description", "image", "hero", "permalink", "slug", "redirect_from", "canonical_url", "robots"),
    *("sitemap", "featured", "disclosure", "related"),
)
"""Key order of earlier exports, kept for stable diffs; fields declared since come after it."""
_LAST = (
    *(
        "published",
        "last_modified_at",
        "withdrawn",
        "settled",
        "blocked",
        "guid",
        "import_ref",
        "dialect",
        "edited",
    ),
    "uuid",
)

_DECLARED = [declared.key for declared in FIELDS.values() if declared.key]
KEYS = (*dict.fromkeys((*_FIRST, *_DECLARED)), *_LAST)
