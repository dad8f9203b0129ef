"""Django admin of the desk, one module for each thing it edits."""

import taggit.admin  # noqa: F401  registers the package's tags, before we take them away below
from django.contrib import admin
from taggit.models import Tag as PackageTag

from blog.admin import (
    addresses,
    api_tokens,
    images,
    manuscripts,
    notices,
    pages,
    people,
    post,
    search,
    site,
    taxonomy,
)

__all__ = [
    "addresses",
    "api_tokens",
    "images",
    "manuscripts",
    "notices",
    "pages",
    "people",
    "post",
    "search",
    "site",
    "taxonomy",
]

# The package registers its own tags; their merge view asks nobody for permission, and our posts use none of them.
admin.site.unregister(PackageTag)
