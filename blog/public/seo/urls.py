"""Absolute URLs, ISO timestamps and the language code as machines outside need them."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils import timezone
from django.utils.encoding import iri_to_uri

LANGUAGE = "ja"


def absolute(path: str) -> str:
    """The absolute URL of a path of ours, percent-encoded; absolute URLs (a media host's) stay."""
    return iri_to_uri(path if path.startswith(("https://", "http://")) else settings.SITE_URL + path)


def static(name: str) -> str:
    """The absolute URL of a static file."""
    return absolute(staticfiles_storage.url(name))


def markdown_path(path: str) -> str:
    """Where the text of the post at `path` is read as Markdown."""
    return path.removesuffix("/") + ".md"


def iso(at: datetime) -> str:
    """ISO 8601, as RFC 3339 and the W3C narrow it, in Japan's time, to the second."""
    return timezone.localtime(at).isoformat(timespec="seconds")
