"""Error pages: 404 for paths outside the magazine (admin, accounts, media), and 500."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from blog.views.reader import page


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, "404.html", {}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 page without database, context or static files, since any of them may have failed."""
    return HttpResponse(render_to_string("500.html"), status=500)
