from __future__ import annotations

from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from blog import seo
from blog.views.reader import ReaderRequest, reader_page

CLOSED = ("/admin/", "/accounts/")


@reader_page
def robots(request: ReaderRequest) -> HttpResponse:
    """/robots.txt after RFC 9309. A site that is not to be indexed refuses everything."""
    closed = CLOSED if request.magazine.allow_indexing else ("/",)
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    if request.magazine.allow_indexing:
        lines += ["", f"Sitemap: {seo.absolute(reverse('blog:sitemap'))}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """/favicon.ico, which browsers and feed readers ask for unasked; temporary, for the name holds a hash."""
    return HttpResponseRedirect(staticfiles_storage.url("img/icon-180.png"))
