"""Python calls of each kind of page, warm, with 1 and with 30 rows, against the budgets of one table.

Calls do not depend on the machine, as milliseconds do, so a page that grows dearer is seen in the commit that does it.
Counted are functions of this project and of Django, without its database backends (which differ) and comprehensions
(which are no frames since Python 3.12): the same number on both databases, and within the room of a tenth on every
Python and Django that we support. Calls of functions in C are not seen; about as many come with them.

Who needs more raises the number and says in the commit why.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.util import setup_testing_defaults

import django
from django.core.handlers.wsgi import WSGIHandler
from django.test import TransactionTestCase

from blog.models import Author, Category, Post, Tag
from tests.clock import at
from tests.make import NOON, make_post

PROJECT = Path(__file__).parents[2]
COUNTED = tuple(map(str, (PROJECT / "blog", PROJECT / "allforces", Path(django.__file__).parent)))
NOT_COUNTED = str(Path(django.__file__).parent / "db" / "backends")
ROWS = (1, 30)
BUDGETS = {
    # kind of page: calls with 1 and with 30 rows (a page of a list shows 20)
    "healthz": (300, 300),
    "article": (3_400, 3_900),
    "home": (2_250, 6_450),
    "section": (2_700, 9_500),
    "tag": (2_800, 10_350),
    "author": (3_150, 10_700),
    "tags": (1_550, 3_550),
    "archive": (1_650, 1_750),
    "404 like a post": (1_500, 2_550),
    "404 of a scanner": (1_400, 1_400),
    "feed": (900, 6_500),
    "tag feed": (1_050, 6_600),
    "sitemap": (950, 1_050),
    "sitemap of tags": (1_250, 500),
}


class CallBudgetTests(TransactionTestCase):
    """Not in a transaction: in one, nothing is kept (`blog.public.per_version`)."""

    def test_no_page_makes_more_calls_than_its_budget(self) -> None:
        counted: dict[str, list[int]] = {name: [] for name in BUDGETS}
        made = 0
        with at(NOON):
            for rows in ROWS:
                for number in range(made, rows):
                    make_post(
                        at=NOON - number * timedelta(days=1),
                        slug=f"kiji-{number}",
                        tags=("電力", f"札{number}"),
                        excerpt="リード。",
                        body="## 一\n\n本文。\n\n## 二\n\n本文。\n\n## 三\n\n本文。\n",
                    )
                made = rows
                pages = self.pages()
                self.assertEqual(pages.keys(), BUDGETS.keys())
                for name, path in pages.items():
                    counted[name].append(calls_of(path))
        over = {
            name: (rows, found, budget)
            for name, budgets in BUDGETS.items()
            for rows, found, budget in zip(ROWS, counted[name], budgets, strict=True)
            if found > budget
        }
        self.assertEqual(over, {}, f"(rows, calls, budget); all calls: {counted}")
        thirty = {name: found[1] for name, found in counted.items()}
        self.assertLessEqual(thirty["404 like a post"], thirty["article"], "a wrong path is no dearer")
        self.assertLessEqual(thirty["feed"], 3 * thirty["article"])
        slack = [name for name, budgets in BUDGETS.items() if counted[name][1] < 0.7 * budgets[1]]
        self.assertEqual(slack, [], f"lower the budgets of pages that need so much less: {counted}")

    def pages(self) -> dict[str, str]:
        post = Post.objects.newest_first()[Post.objects.count() // 2]
        tag = Tag.objects.get(name="電力")
        return {
            "healthz": "/healthz",
            "article": post.get_absolute_url(),
            "home": "/",
            "section": Category.objects.get().get_absolute_url(),
            "tag": tag.get_absolute_url(),
            "author": Author.objects.get().get_absolute_url(),
            "tags": "/tags/",
            "archive": "/archive/",
            "404 like a post": "/2020/01/01/kiji-of-another-day/",
            "404 of a scanner": "/wp-login.php",
            "feed": "/feed.xml",
            "tag feed": f"{tag.get_absolute_url()}feed.xml",
            "sitemap": "/sitemap.xml",
            "sitemap of tags": "/sitemap-tags.xml",
        }


def calls_of(path: str) -> int:
    """Calls of one answer after others like it: templates are loaded, statements composed."""
    application = WSGIHandler()
    for _ in range(2):
        ask(application, path)
    return calls(lambda: ask(application, path))


def ask(application: WSGIHandler, path: str) -> None:
    environ: dict[str, Any] = {
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "HTTP_HOST": "127.0.0.1",
    }
    setup_testing_defaults(environ)
    response = application(environ, lambda line, headers, exc=None: None)
    b"".join(response)
    response.close()


def calls(function: Callable[[], object]) -> int:
    found = 0

    def on_event(frame: FrameType, event: str, _: object) -> None:
        nonlocal found
        code = frame.f_code
        if event != "call" or code.co_name in ("<listcomp>", "<dictcomp>", "<setcomp>"):
            return
        file = code.co_filename
        found += file.startswith(COUNTED) and not file.startswith(NOT_COUNTED)

    before = sys.getprofile()
    sys.setprofile(on_event)
    try:
        function()
    finally:
        sys.setprofile(before)
    return found
