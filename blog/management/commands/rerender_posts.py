"""Command: re-render posts and pages after a change of the Markdown renderer."""

from __future__ import annotations

from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from blog.editorial import publishing
from blog.management.progress import show_bar


class Command(BaseCommand):
    help = (
        "Make the HTML of live posts and pages anew where an older renderer made it. Twice changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--all", action="store_true", help="every post, also what this version of the renderer made"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        counts = publishing.rerender_all(
            now=timezone.now(),
            outdated_only=not options["all"],
            parallel=True,
            progress=partial(show_bar, self.stderr),
        )
        self.stdout.write(f"記事 {counts['posts']}、固定ページ {counts['pages']} の表示を作り直しました。")
        if counts["failed"]:
            raise CommandError(f"{counts['failed']} 件を作り直せませんでした。理由はログにあります。")
