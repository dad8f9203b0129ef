"""Media file serving by the application, for an installation without a web server or object store in front.

Stored images were re-encoded and named by us, so that a file never changes under its name. Still, this view is
defensive: it serves images only, with headers under which no browser executes anything. Files that the application makes
from them, or from titles, have views of their own, which know who may see them (`blog.views.pictures`).
"""

from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, HttpResponseNotModified
from django.utils.http import http_date
from django.views.decorators.http import require_safe
from django.views.static import was_modified_since

from blog.public import renditions, share_images

TYPES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}

GENERATED = (renditions.FOLDER, share_images.FOLDER)
"""Folders of files that have addresses of their own, which answer 404 once the post is withdrawn."""


def find(path: str) -> Path | None:
    """Find the image at `path` below MEDIA_ROOT; None for anything else, including symbolic links out of the folder."""
    root = Path(settings.MEDIA_ROOT).resolve()
    try:
        file = (root / path).resolve()
        is_image = file.suffix in TYPES and file.is_relative_to(root) and file.is_file()
        return file if is_image and file.relative_to(root).parts[0] not in GENERATED else None
    except (OSError, ValueError):  # a name too long for the file system, or with a NUL
        return None


@require_safe
def serve(request: HttpRequest, path: str) -> HttpResponseBase:
    file = find(path)
    if file is None:
        raise Http404
    modified = file.stat().st_mtime
    response: HttpResponseBase
    if was_modified_since(request.headers.get("If-Modified-Since"), modified):
        response = FileResponse(file.open("rb"), content_type=TYPES[file.suffix])
    else:
        response = HttpResponseNotModified()
    response.headers["Last-Modified"] = http_date(modified)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
