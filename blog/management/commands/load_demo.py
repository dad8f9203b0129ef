"""Command: load the demo data into an empty database."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from blog.transfer import demo


class Command(BaseCommand):
    help = "Load the demo magazine into an empty database; never beside real posts. `clear_demo` removes it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing, quietly, when there are posts"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not demo.is_empty():
            if options["if_empty"]:
                return
            raise CommandError("記事か固定ページがすでにあるので、デモは読み込みません。")
        report = demo.load(now=timezone.now())
        for name, reason in report.failures.items():
            self.stderr.write(f"失敗 {name}: {reason}")
        if report.failures:
            raise CommandError("デモを読み込めませんでした。")
        self.stdout.write(
            f"デモの雑誌を読み込みました（記事 {report.counts['created']} 本）。消すには clear_demo を使います。"
        )
