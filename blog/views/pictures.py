"""Image views: renditions and share images, generated at the first request."""

from __future__ import annotations

from uuid import UUID

from django.core.files.base import File
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from blog.models import Post
from blog.models.image import MODERN
from blog.public import generated_files, renditions, share_images
from blog.querysets import LARGE_COLUMNS
from blog.views.reader import ReaderRequest, reader_page

TYPES = MODERN | {"jpg": "image/jpeg", "png": "image/png"}
FOR_A_YEAR = "public, max-age=31536000, immutable"


@require_safe
def rendition(request: HttpRequest, stem: str, name: str) -> HttpResponseBase:
    """Rendition of an image. Its name contains everything that it depends on, so it never changes."""
    try:
        file = renditions.opened(stem, name)
    except renditions.NoRendition as error:
        raise Http404 from error
    except renditions.Moved as moved:
        return redirect_to(moved.url)
    except generated_files.Busy:
        # Fall back on the stored file: larger, but available at once.
        return redirect_to(renditions.find(stem).url)
    unchanged = get_conditional_response(request, etag=etag(name))
    if unchanged:
        file.close()
    response: HttpResponseBase = unchanged or deliver(file, name=name)
    response.headers["Cache-Control"] = FOR_A_YEAR
    return response


@reader_page
def share_card(request: ReaderRequest, post: UUID, version: str) -> HttpResponseBase:
    """Share image of a post; not available before the post is public, because it shows the title."""
    shown = Post.objects.published(request.now).filter(uuid=post).defer(*LARGE_COLUMNS)
    found = shown.select_related("category").prefetch_related("bylines__author").first()
    if found is None:
        raise Http404
    current = share_images.url(found, site=request.site)
    if not current:  # no font
        raise Http404
    if current != request.path:
        return redirect_to(current)
    if unchanged := get_conditional_response(request, etag=etag(f"{version}.png")):
        return unchanged
    try:
        return deliver(share_images.opened(found, site=request.site), name=f"{version}.png")
    except share_images.NotDrawn as error:
        raise Http404 from error
    except generated_files.Busy:
        return HttpResponse(status=503, headers={"Retry-After": "5"})


def deliver(file: File[bytes], *, name: str) -> HttpResponseBase:
    """Respond with a generated image, with headers under which no browser runs anything in it."""
    response = FileResponse(file, content_type=TYPES[name.rpartition(".")[2]])
    response.headers["ETag"] = etag(name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def redirect_to(url: str) -> HttpResponseBase:
    """Redirect temporarily: no cache may store it."""
    response = HttpResponseRedirect(url)
    response.headers["Cache-Control"] = "no-store"
    return response


def etag(name: str) -> str:
    # Weak: another version of the encoder may produce other bytes for the same picture.
    return f'W/"{name}"'
