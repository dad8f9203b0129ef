"""Root files for machines: robots.txt, site verification files, web manifest, security.txt."""

from __future__ import annotations

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from blog.public import crawlers, security_txt, seo
from blog.public.page_cache.declaration import keep
from blog.views.paths import dispatch
from blog.views.reader import ReaderRequest, reader_page

CLOSED = ("/admin/", "/accounts/")
PLAIN = "text/plain; charset=utf-8"
PAPER = "#fcfbf8"
"""Background colour while the installed app starts: `--paper` of static/css/site/tokens.css."""


@reader_page
def robots(request: ReaderRequest) -> HttpResponse:
    """/robots.txt (RFC 9309).

    A noindex site still allows search engines: a page that they may not fetch cannot show them its noindex, and would
    stay in the results through links alone. AI crawlers, which ignore noindex, are disallowed then.
    """
    closed = seo.is_noindex_site(request.site)
    disallowed = crawlers.all_known() if closed else crawlers.disallowed(request.site)
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED)]
    if disallowed:
        lines += ["", *(f"User-agent: {name}" for name in disallowed), "Disallow: /"]
    if not closed:
        lines += [
            "",
            *(f"Sitemap: {seo.absolute(reverse(f'blog:{name}'))}" for name in ("sitemap", "sitemap_news")),
        ]
    return keep(HttpResponse("\n".join(lines) + "\n", content_type=PLAIN))


@reader_page
def security(request: ReaderRequest) -> HttpResponse:
    """/.well-known/security.txt (RFC 9116): contact for security reports. 404 without a contact in the settings."""
    if not request.site.contact:
        raise Http404
    lines = (
        f"Contact: mailto:{request.site.contact}",
        f"Expires: {security_txt.expires(request.now).isoformat()}",
        "Preferred-Languages: ja, en",
        f"Canonical: {seo.absolute(reverse('blog:security'))}",
    )
    return keep(HttpResponse("\n".join(lines) + "\n", content_type=PLAIN))


@reader_page
def proof(request: ReaderRequest, name: str) -> HttpResponseBase:
    """Site verification files for Google, Bing and IndexNow; any other name is dispatched like other paths."""
    site = request.site
    if settings.INDEXNOW_KEY and name == f"{settings.INDEXNOW_KEY}.txt":
        return keep(HttpResponse(settings.INDEXNOW_KEY, content_type=PLAIN))
    if name == site.google_file:
        text = f"google-site-verification: {name}"
        return keep(HttpResponse(text, content_type="text/html; charset=utf-8"))
    if name == "BingSiteAuth.xml" and site.bing_verification:
        text = f'<?xml version="1.0"?>\n<users>\n  <user>{site.bing_verification}</user>\n</users>\n'
        return keep(HttpResponse(text, content_type="application/xml; charset=utf-8"))
    return dispatch(request)


@reader_page
def manifest(request: ReaderRequest) -> HttpResponse:
    """/site.webmanifest (https://www.w3.org/TR/appmanifest/), for installing the site on a phone."""
    icons = (
        ("img/favicon.svg", "any", "image/svg+xml", "any"),
        ("img/icon-192.png", "192x192", "image/png", "any"),
        ("img/icon-512.png", "512x512", "image/png", "any"),
        ("img/icon-maskable-512.png", "512x512", "image/png", "maskable"),
    )
    home = reverse("blog:home")
    found = {
        "id": home,
        "name": request.site.name,
        "short_name": request.site.name[:12],
        "description": request.site.description or request.site.tagline,
        "lang": seo.LANGUAGE,
        "dir": "ltr",
        "start_url": home,
        "scope": home,
        "display": "minimal-ui",  # keeps the back button and the address
        "theme_color": PAPER,
        "background_color": PAPER,
        "icons": [
            {"src": staticfiles_storage.url(name), "sizes": sizes, "type": kind, "purpose": purpose}
            for name, sizes, kind, purpose in icons
        ],
    }
    return keep(
        JsonResponse(
            found, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False}
        )
    )


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """/favicon.ico, which browsers and feed readers request by default; a temporary redirect, as the name contains a
    hash."""
    return HttpResponseRedirect(staticfiles_storage.url("img/icon-180.png"))
