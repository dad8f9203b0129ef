"""Error pages of paths outside the magazine (admin, accounts, media), and of our own failures."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from blog.views.reader import page


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, "404.html", {}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Needs no database, no context and no static file: any of them may be what failed."""
    return HttpResponse(render_to_string("500.html"), status=500)
