"""`make bench`: queries and server CPU of every kind of page, on a magazine of the size of the real archive.

The posts live in a test database that is thrown away. Each page is asked of the WSGI application in this
process, in turns with `/healthz` (one trivial query through the same middleware), so that the last column is a
ratio of two figures from the same minutes on the same machine. Figures of one machine mean nothing elsewhere.
"""

from __future__ import annotations

import argparse
import copy
import os
import statistics
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.util import setup_testing_defaults

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allforces.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext, get_runner  # noqa: E402

from blog.editorial import publishing  # noqa: E402
from blog.editorial.actors import IMPORT  # noqa: E402
from blog.editorial.content import Content, Credit  # noqa: E402
from blog.models import Address, Author, Byline, Category, Post, Revision, TaggedPost  # noqa: E402

SENTENCE = "計算に使う電力は、{n}年目に入って**「設備」**の値段より重くなった。"
PARAGRAPHS = "\n\n".join(SENTENCE.format(n=n) * 4 for n in range(1, 11))
NEWEST = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def body(number: int, characters: int) -> str:
    """A text of about `characters` characters in the archive's shape: sections, paragraphs, lists, a table."""
    section = f"## 第{{k}}節 論点{number}\n\n{PARAGRAPHS}\n\n- 一つ目の点\n- 二つ目の点\n\n| 年 | 額 |\n|---|--:|\n| 2025 | 10 |\n\n"
    repeats = max(1, characters // len(section))
    return "".join(section.replace("{k}", str(k + 1)) for k in range(repeats))


def fill(posts: int, characters: int) -> None:
    """Publish twenty posts as an editor would, and copy their rows until there are `posts`."""
    sections = [Category.objects.create(name=f"部門{n}") for n in range(6)]
    authors = [Author.objects.create(name=f"著者{n}", kind="organization") for n in range(5)]
    originals = []
    for n in range(min(20, posts)):
        content = Content(
            title=f"計算の値段を読む その{n}",
            slug=f"price-{n}",
            category=sections[n % 6].name,
            tags=tuple(f"札{(n * 5 + k) % 40}" for k in range(5)) + ("Google",) * (n % 2),
            bylines=(Credit(authors[n % 5].name),),
            excerpt="値段の内訳を、一枚の地図にして読む。",
            body=body(n, characters),
        )
        post = publishing.create(content=content, by=IMPORT, now=NEWEST)
        at = NEWEST - timedelta(hours=n)
        originals.append(publishing.publish(revision=post.latest_revision, by=IMPORT, now=NEWEST, at=at))
    for start in range(20, posts, 100):
        _copy([(originals[n % 20], n) for n in range(start, min(start + 100, posts))])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _copy(pairs: list[tuple[Post, int]]) -> None:
    rows = []
    for original, n in pairs:
        post = copy.copy(original)
        post.pk, post.uuid, post.slug, post.latest_revision, post.live_revision = (
            None,
            uuid.uuid4(),
            f"price-{n}",
            None,
            None,
        )
        post.guid, post._state = post.uuid.urn, copy.copy(original._state)
        post._state.adding = True
        post.published_at = NEWEST - timedelta(hours=2 * n)
        rows.append(post)
    Post.objects.bulk_create(rows)
    revisions = Revision.objects.bulk_create(
        Revision(
            post=post,
            number=1,
            content=original.live_revision.content,
            created_at=NEWEST,
            stage="approved",
            approved_at=NEWEST,
        )
        for post, (original, _) in zip(rows, pairs, strict=True)
    )
    for post, revision in zip(rows, revisions, strict=True):
        post.latest_revision = post.live_revision = revision
    Post.objects.bulk_update(rows, ["latest_revision", "live_revision"])
    Address.objects.bulk_create(Address(path=post.path, kind="current", post=post) for post in rows)
    for model, fields in ((Byline, ("author", "role", "order")), (TaggedPost, ("tag",))):
        parent = "post" if model is Byline else "content_object"
        model.objects.bulk_create(
            model(**{parent: post}, **{field: getattr(item, field) for field in fields})
            for post, (original, _) in zip(rows, pairs, strict=True)
            for item in model.objects.filter(**{parent: original})
        )


def ask(application: WSGIHandler, path: str, query: str = "") -> tuple[int, int]:
    """Status and bytes of one whole answer."""
    environ: dict[str, Any] = {
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),  # as WSGI has it
        "QUERY_STRING": query,
        "HTTP_HOST": "127.0.0.1",
    }
    setup_testing_defaults(environ)
    status: list[str] = []
    response = application(environ, lambda line, headers, exc=None: status.append(line))
    size = sum(len(part) for part in response)
    response.close()
    return int(status[0].split()[0]), size


def measure(paths: dict[str, str], rounds: int) -> None:
    application = WSGIHandler()
    times: dict[str, list[float]] = {name: [] for name in paths}
    facts: dict[str, tuple[int, int, int]] = {}
    for name, path in paths.items():
        ask(application, path)
        with CaptureQueriesContext(connection) as queries:
            status, size = ask(application, path)
        facts[name] = (status, len(queries), size)
    for _ in range(rounds):
        for name, path in paths.items():
            started = time.process_time()
            ask(application, path)
            times[name].append((time.process_time() - started) * 1000)
    floor = statistics.median(times["healthz"])
    print(
        f"\n{'page':<12}{'status':>7}{'queries':>9}{'bytes':>10}{'CPU ms':>9}{'x healthz':>11}   {connection.vendor}"
    )
    for name in paths:
        status, queries, size = facts[name]
        median = statistics.median(times[name])
        print(f"{name:<12}{status:>7}{queries:>9}{size:>10,}{median:>9.2f}{median / floor:>11.1f}")


def pages() -> dict[str, str]:
    middle = Post.objects.newest_first().defer("body", "body_html")[Post.objects.count() // 2]
    tag = middle.tags.first()
    return {
        "healthz": "/healthz",
        "post": middle.get_absolute_url(),
        "home": "/",
        "page 50": "/page/50/",
        "category": middle.category.get_absolute_url(),
        "tag": tag.get_absolute_url(),
        "tags": "/tags/",
        "author": middle.authors.first().get_absolute_url(),
        "archive": "/archive/",
        "month": f"/{middle.published_at:%Y/%m}/",
        "feed": "/feed.xml",
        "section feed": f"/feeds/{middle.category.slug}.xml",
        "tag feed": f"/tags/{tag.slug}/feed.xml",
        "feed archive": f"/feed/archive/{middle.published_at:%Y-%m}-1.xml",
        "sitemap": "/sitemap.xml",
        "404": "/2026/01/01/nai/",
    }


def main(**options: Any) -> None:
    runner = get_runner(settings)(verbosity=0, interactive=False)
    runner.setup_test_environment()
    databases = runner.setup_databases()
    try:
        started = time.perf_counter()
        fill(options["posts"], options["characters"])
        print(
            f"{Post.objects.count():,} posts of about {options['characters']:,} characters in {time.perf_counter() - started:.0f} s"
        )
        measure(pages(), options["rounds"])
    finally:
        runner.teardown_databases(databases)
        runner.teardown_test_environment()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--posts", type=int, default=2513)
    parser.add_argument("--characters", type=int, default=14_000)
    parser.add_argument("--rounds", type=int, default=60)
    main(**vars(parser.parse_args()))
