"""`python -m tests.benchmark_search`: how long a search takes, on 2,513 posts and (`--posts 50000`) on many more.

Texts are shuffled sentences of the demo magazine with invented words between them, so that words are as common and as
rare as in life. Wall time of whole pages, asked of the WSGI application in this process. The posts live in a test
database that is thrown away.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allforces.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test.utils import get_runner  # noqa: E402

from blog.models import Category, Post, SearchPart, Synonym, Tag, TaggedPost  # noqa: E402
from blog.public import search  # noqa: E402
from blog.text.grams import indexed  # noqa: E402
from blog.transfer import demo  # noqa: E402
from tests.benchmark import NEWEST, ask, fill  # noqa: E402

QUERIES = 200
COMMON = ("の", "ai", "計算", "電力", "投資", "データ", "データセンター", "について", "半導体", "モデル")
BATCH = 250


def sentences() -> list[str]:
    folder = Path(demo.__file__).parent / "posts"
    texts = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md")))
    return [line for line in re.split(r"(?<=。)|\n", texts) if len(line) > 12]


def text(chance: random.Random, known: list[str], rare: list[str], characters: int) -> str:
    parts: list[str] = []
    while sum(map(len, parts)) < characters:
        parts += [*chance.choices(known, k=20), chance.choice(rare)]
    return "\n".join(parts)[:characters]


def grow(posts: int, characters: int, distinct: int) -> list[str]:
    """Publish `posts` posts, of which `distinct` have texts of their own; gives rare words of the texts."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_autocheckpoint = 1000")  # the runner's 1 is for cloning small files
    fill(20, 1000)
    chance = random.Random(5)
    rare = [
        "".join(chr(chance.randint(0x4E00, 0x8FFF)) for _ in range(chance.choice((2, 3, 4))))
        for _ in range(4000)
    ]
    known = sentences()
    texts = [text(chance, known, rare, characters) for _ in range(min(posts, distinct))]
    started = time.process_time()
    bodies = [indexed(body) for body in texts]
    print(
        f"grams: {(time.process_time() - started) / len(texts) * 1000:.1f} ms of CPU a text, {statistics.mean(len(body.grams.split()) for body in bodies):,.0f} different"
    )
    sections, tags = list(Category.objects.all()), list(Tag.objects.all())
    revision = Post.objects.newest_first()[0].live_revision
    writing = 0.0
    for start in range(20, posts, BATCH):
        numbers = range(start, min(start + BATCH, posts))
        rows = Post.objects.bulk_create(
            Post(
                guid=f"urn:test:{n}",
                created_at=NEWEST,
                modified_at=NEWEST,
                working_title=f"題{n}",
                title=chance.choice(known)[:40] + chance.choice(rare),
                slug=f"p-{n}",
                day=NEWEST.date(),
                category=chance.choice(sections),
                live_revision=revision,
                latest_revision=revision,
                published_at=NEWEST - timedelta(minutes=30 * n),
                excerpt=chance.choice(known)[:80],
                plain_text=texts[n % len(texts)],
            )
            for n in numbers
        )
        TaggedPost.objects.bulk_create(
            TaggedPost(content_object=post, tag=tag) for post in rows for tag in chance.sample(tags, 5)
        )
        begun = time.perf_counter()
        with transaction.atomic():
            search.index_many(
                rows, bodies={post.pk: bodies[n % len(texts)] for post, n in zip(rows, numbers, strict=True)}
            )
        writing += time.perf_counter() - begun
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"index written: {writing:.1f} s, {writing / posts * 1000:.1f} ms a post")
    return rare


def size() -> int:
    """Bytes of the index, the folded texts included."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_total_relation_size('blog_searchpart')")
        else:
            cursor.execute("SELECT SUM(pgsize) FROM dbstat WHERE name LIKE '%search%'")
        return int(cursor.fetchone()[0] or 0)


def queries(rare: list[str]) -> Iterator[tuple[str, str]]:
    """(kind, query string), `QUERIES` of them."""
    chance = random.Random(7)
    made = (
        ("common", lambda: quote(chance.choice(COMMON))),
        ("one character", lambda: quote(chance.choice("の株数ai円。水"[:8].replace("。", "力")))),
        ("rare", lambda: quote(chance.choice(rare))),
        ("two words", lambda: quote(f"{chance.choice(COMMON)} {chance.choice(COMMON[2:])}")),
        ("common and rare", lambda: quote(f"{chance.choice(COMMON)} {chance.choice(rare)}")),
        ("minus", lambda: quote(f"{chance.choice(COMMON[2:])} -{chance.choice(COMMON[6:])}")),
        (
            "phrase",
            lambda: quote(f"「{chance.choice(('計算の値段', 'データセンターの電力', '決算書から'))}」"),
        ),
        ("none", lambda: quote(f"{chance.choice(rare)}{chance.choice(rare)}")),
        ("worst", lambda: quote(chance.choice(("かいのた", "てのしるい", "ますがはの")))),
        ("section and year", lambda: quote(chance.choice(COMMON)) + f"&year=2026&section={quote('部門1')}"),
    )
    for number in range(QUERIES):
        kind, make = made[number % len(made)]
        yield kind, make()


def measure(rare: list[str]) -> None:
    application = WSGIHandler()
    ask(application, "/search/", "q=%E3%81%AE")
    times: dict[str, list[float]] = {}
    for kind, query in queries(rare):
        begun = time.perf_counter()
        status, _ = ask(application, "/search/", f"q={query}")
        times.setdefault(kind, []).append((time.perf_counter() - begun) * 1000)
        assert status == 200, (kind, query, status)
    times["all"] = [took for kind in times.values() for took in kind]
    print(f"{'query':<18}{'p50 ms':>9}{'p95 ms':>9}{'worst':>9}   {connection.vendor}")
    for kind, took in times.items():
        print(
            f"{kind:<18}{statistics.median(took):>9.1f}{statistics.quantiles(took, n=20)[18]:>9.1f}{max(took):>9.1f}"
        )


def main(**options: int) -> None:
    runner = get_runner(settings)(verbosity=0, interactive=False)
    runner.setup_test_environment()
    databases = runner.setup_databases()
    try:
        rare = grow(options["posts"], options["characters"], options["distinct"])
        print(
            f"{Post.objects.count():,} posts, {SearchPart.objects.count():,} parts, {Synonym.objects.count()} synonyms"
        )
        print(f"index: {size() / 1e6:,.0f} MB, {size() / options['posts'] / 1e3:.1f} KB a post")
        measure(rare)
    finally:
        runner.teardown_databases(databases)
        runner.teardown_test_environment()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--posts", type=int, default=2513)
    parser.add_argument("--characters", type=int, default=14_000)
    parser.add_argument("--distinct", type=int, default=2513, help="so many posts have texts of their own")
    main(**vars(parser.parse_args()))
