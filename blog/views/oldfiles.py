"""Static pages of an older site from the folder LEGACY_ROOT: read-only, unchanged, tried after all other routes."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import http_date

from blog.transfer.old_site.old_pages import BINARY, DOWNLOADS, TEXT, find
from blog.views.reader import ReaderRequest, redirect

POLICY = "; ".join(
    (
        # The admin is on the same host: a script in an unmaintained page could act for an editor who opens it, and a
        # form could ask for a password. So both are blocked; layout, pictures and links work.
        "default-src 'self'",
        "script-src 'none'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        # Without scripts the page cannot use its origin; its fonts need it.
        "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox",
    )
)


def serve(request: ReaderRequest, path: str) -> HttpResponseBase | None:
    """Serve the file at `path` (as `public_path` gives it), or redirect to its one spelling; None when there is
    none."""
    file = find(path)
    if file is None:
        return None
    proper = path.rstrip("/")
    if file.name == "index.html":
        proper = proper.removesuffix("/index.html") + "/"
    if request.path_info != proper:
        return redirect(request, quote(proper))
    return deliver(file)


def deliver(file: Path) -> HttpResponseBase:
    stat, suffix = file.stat(), file.suffix.lower()
    response: HttpResponseBase
    if suffix in TEXT:
        response = HttpResponse(file.read_bytes(), content_type=f"{TEXT[suffix]}; charset=utf-8")
    else:
        is_download = suffix in DOWNLOADS
        response = FileResponse(file.open("rb"), as_attachment=is_download, content_type=BINARY[suffix])
    response.headers["ETag"] = f'W/"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    response.headers["Last-Modified"] = http_date(int(stat.st_mtime))
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
