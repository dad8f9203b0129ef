"""Static pages of the old site: the folder LEGACY_ROOT, which is only read."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

TEXT = {
    ".css": "text/css",
    ".htm": "text/html",
    ".html": "text/html",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".xml": "application/xml",
}
BINARY = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
"""What is delivered, by the file's ending in whatever case. Anything else in the folder (sources, archives, databases) is not there for readers; scripts
are not either: our own pages trust scripts of this host, and nobody has looked through those."""


DOWNLOADS = {".pdf"}
"""What a browser saves instead of showing it: its viewer runs what nobody has looked through, outside of our policy."""


def find(path: str) -> Path | None:
    """The file below LEGACY_ROOT that answers `path`, for a folder its index.html.

    Hidden files do not count, nor do links that lead out of the folder or to hidden files.
    """
    if settings.LEGACY_ROOT is None:
        return None
    try:
        root = Path(settings.LEGACY_ROOT).resolve()
        file = (root / path.strip("/")).resolve()
        if file.is_dir():
            file = (file / "index.html").resolve()
        if not file.is_relative_to(root) or not file.is_file() or file.suffix.lower() not in TEXT | BINARY:
            return None
    except (
        OSError,
        RuntimeError,
    ):  # a name too long for the file system; links in a circle, up to Python 3.12
        return None
    segments = [*path.split("/"), *file.relative_to(root).parts]
    return None if any(segment.startswith(".") for segment in segments) else file
