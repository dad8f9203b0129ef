"""Absolute URLs, ISO 8601 timestamps and the language code for metadata, feeds and sitemaps."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils import timezone
from django.utils.encoding import iri_to_uri

LANGUAGE = "ja"


def absolute(path: str) -> str:
    """Absolute URL of a path of this site, percent-encoded; absolute URLs (of a media host) are kept."""
    return iri_to_uri(path if path.startswith(("https://", "http://")) else settings.SITE_URL + path)


def static(name: str) -> str:
    """Absolute URL of a static file."""
    return absolute(staticfiles_storage.url(name))


def markdown_path(path: str) -> str:
    """Path of the Markdown version of the post at `path`."""
    return path.removesuffix("/") + ".md"


def iso(at: datetime) -> str:
    """ISO 8601 timestamp in the profile of RFC 3339 and the W3C, in Japan's time zone, to the second."""
    return timezone.localtime(at).isoformat(timespec="seconds")
