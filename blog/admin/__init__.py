"""Django admin for the editors, one module for each kind of object."""

import taggit.admin  # noqa: F401  registers the package's tags, which are unregistered below
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

# taggit registers its own tags, which our posts do not use; their merge view checks no permission.
admin.site.unregister(PackageTag)
