"""Plain Django blogs and a bare WSGI application, which `tests.benchmark_served` measures beside the site.

`tests.plain_blog:rendering` renders the Markdown of a post at each request, `:storing` sends HTML that was stored; both with one
template, one query, and Django's usual middleware for readers. `:bare` sends the bytes and headers of the file BARE, which the
benchmark has fetched from the site: what the same gunicorn costs with nothing behind it.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

TEMPLATE = (
    "<!doctype html><html lang=ja><head><meta charset=utf-8><title>{{ title }}</title></head><body><header>"
    '<a href="/">ALLFORCES</a></header><main><article><h1>{{ title }}</h1>{{ html|safe }}</article></main></body></html>'
)


@cache
def _django() -> Any:
    import django
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    settings.configure(
        SECRET_KEY="benchmark-only",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="tests.plain_blog",
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.middleware.gzip.GZipMiddleware",
            "django.middleware.http.ConditionalGetMiddleware",
            "django.middleware.common.CommonMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["PLAIN_DATABASE"]}},
    )
    django.setup()
    return get_wsgi_application()


def _post(request: Any, **_: str) -> Any:
    from django.db import connection
    from django.http import HttpResponse
    from django.template import engines

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT title, body, body_html FROM blog_post JOIN blog_address ON post_id = blog_post.id WHERE path = %s",
            [request.path],
        )
        title, body, html = cursor.fetchone()
    if os.environ.get("PLAIN_RENDERS"):
        from markdown_it import MarkdownIt

        html = MarkdownIt("commonmark").enable("table").render(body)
    return HttpResponse(engines["django"].from_string(TEMPLATE).render({"title": title, "html": html}))


def __getattr__(name: str) -> Any:
    if name == "urlpatterns":
        from django.urls import re_path

        return [re_path("", _post)]
    if name in ("rendering", "storing"):
        os.environ["PLAIN_RENDERS"] = "1" if name == "rendering" else ""
        return _django()
    raise AttributeError(name)


@cache
def _answers() -> dict[str, tuple[str, list[tuple[str, str]], bytes]]:
    found = json.loads(Path(os.environ["BARE"]).read_text())
    return {
        path: (status, [(str(name), str(value)) for name, value in headers], b64decode(body))
        for path, (status, headers, body) in found.items()
    }


def bare(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    status, headers, body = _answers()[environ["PATH_INFO"]]
    start_response(status, headers)
    return [body]
