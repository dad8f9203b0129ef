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
"""Content types of binary files, by extension in any case. Other files in the folder (sources, archives, databases) are not
served. Nor are scripts: our own pages trust scripts of this host, and these have not been reviewed."""


DOWNLOADS = {".pdf"}
"""Extensions sent as attachment: a PDF viewer would run unreviewed scripts outside of our Content-Security-Policy."""


def find(path: str) -> Path | None:
    """Find the file below LEGACY_ROOT for a request path; for a folder its index.html.

    Hidden files are excluded, and symbolic links that lead out of the folder or to hidden files.
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
    ):  # a name too long for the file system; a loop of symbolic links, up to Python 3.12
        return None
    segments = [*path.split("/"), *file.relative_to(root).parts]
    return None if any(segment.startswith(".") for segment in segments) else file
