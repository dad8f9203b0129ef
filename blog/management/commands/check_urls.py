"""Command: check that the URLs of a sitemap or list still answer."""

from __future__ import annotations

import json
import logging
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.test import Client
from django.utils import timezone

from blog.editorial.actors import IMPORT
from blog.transfer.old_site import legacy
from blog.transfer.old_site.url_check import Answer, Ask, NotAList, Verdict, judge, paths_in

AT_ONCE = 4
"""Concurrent requests. It is a check, not a load test."""
TIMEOUT = 30
PROGRESS_EVERY = 100
MAX_REASON = 200


class Stay(HTTPRedirectHandler):
    """Redirect handler that does not follow redirects: the check judges them."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class Command(BaseCommand):
    help = "Ask for every path of a sitemap or list: 200, one redirect to 200, and 410 are in order."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, metavar="FILE", help="sitemap, index of sitemaps beside it, or a path a line"
        )
        parser.add_argument(
            "--base",
            metavar="URL",
            help="ask the site at URL over HTTP; without it the application is asked within this process",
        )
        parser.add_argument(
            "--retire",
            metavar="REASON",
            help="let what answers 404 answer 410 with REASON from now on (not with --base)",
        )
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the result to FILE too")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["retire"] and (options["base"] or len(options["retire"]) > MAX_REASON):
            raise CommandError(f"--retire は --base なしで、{MAX_REASON}文字までの理由と使います。")
        try:
            paths = paths_in(options["file"])
        except NotAList as error:
            raise CommandError(str(error)) from None
        if not paths:
            raise CommandError(f"{options['file']} にはパスが1つもありません。")
        verdicts = []
        for number, verdict in enumerate(self.verdicts(paths, options["base"]), start=1):
            verdicts.append(verdict)
            if options["verbosity"] > 0 or verdict.problem:
                self.stdout.write(str(verdict))
            if number % PROGRESS_EVERY == 0 and self.stderr.isatty():
                self.stderr.write(f"{number}/{len(paths)}", ending="\r")
        counts = Counter(str(verdict.status) for verdict in verdicts)
        problems = [verdict for verdict in verdicts if verdict.problem]
        outside = sum(verdict.leaves for verdict in verdicts)
        summary = "、".join(f"{status}: {count}" for status, count in sorted(counts.items()))
        led_away = f"、サイトの外への転送 {outside} 件（転送先は確かめていません）" if outside else ""
        self.stdout.write(f"{len(verdicts)} 件（{summary}）{led_away}、問題 {len(problems)} 件")
        if options["json"]:
            numbers = {"counts": counts, "outside": outside, "problems": len(problems)}
            report = numbers | {"urls": [asdict(verdict) for verdict in verdicts]}
            options["json"].write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
        if options["retire"]:
            lost = [urlsplit(verdict.path).path for verdict in verdicts if verdict.status == 404]
            retired = legacy.retire(lost, reason=options["retire"], by=IMPORT, now=timezone.now())
            self.stdout.write(f"{retired} 件を410にしました。")
            problems = [verdict for verdict in problems if verdict.status != 404]
        if problems:
            raise CommandError(f"{len(problems)} 件のパスが正しく答えていません。")

    def verdicts(self, paths: list[str], base: str | None) -> Iterator[Verdict]:
        """Check each of `paths`, in order."""
        own = urlsplit(settings.SITE_URL)
        if base is None:
            verdict = partial(judge, ask=self.ask_here(), hosts=frozenset({own.netloc}))
            logging.disable(logging.WARNING)  # each 404 is a line of the report already
            try:
                yield from map(verdict, paths)
            finally:
                logging.disable(logging.NOTSET)
            return
        there = urlsplit(base)
        if there.scheme not in ("http", "https") or not there.netloc or there.path.strip("/") or there.query:
            raise CommandError("--base は https://example.jp のような形にしてください（パスなし）。")
        ask = partial(ask_over_http, f"{there.scheme}://{there.netloc}")
        if not ask("/").status:
            raise CommandError(f"{base} から答えがありません。サイトが動いているか、URLを確かめてください。")
        with ThreadPoolExecutor(AT_ONCE) as pool:
            # A site requested under another host name still redirects to its own.
            yield from pool.map(partial(judge, ask=ask, hosts=frozenset({there.netloc, own.netloc})), paths)

    def ask_here(self) -> Ask:
        site = urlsplit(settings.SITE_URL)
        client = Client(raise_request_exception=False, headers={"host": site.netloc})

        def ask(path: str) -> Answer:
            response = client.head(path, secure=site.scheme == "https")
            response.getvalue()  # closes the file of a streaming response
            return Answer(response.status_code, response.headers.get("Location", ""))

        return ask


def ask_over_http(base: str, path: str) -> Answer:
    """Request `path` with HEAD; status 0 when no HTTP response came in time."""
    request = Request(base + path, method="HEAD", headers={"User-Agent": "allforces-check-urls"})  # noqa: S310
    try:
        with build_opener(Stay).open(request, timeout=TIMEOUT) as response:
            return Answer(response.status)
    except HTTPError as error:
        error.close()
        return Answer(error.code, error.headers.get("Location", ""))
    except (OSError, HTTPException):
        return Answer(0)
