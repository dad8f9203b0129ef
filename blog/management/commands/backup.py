"""Command: back up the whole magazine to one file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from blog.transfer.backup import Refused, back_up


class Command(BaseCommand):
    help = "Write the whole magazine, logins and images included, to one file that `restore` takes. People may go on working."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--force", action="store_true", help="replace FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["file"]
        try:
            lost = back_up(path, now=timezone.now(), force=options["force"], say=self.stdout.write)
        except (Refused, OSError, DatabaseError) as error:
            raise CommandError(" ".join(str(error).split())) from error
        for name in lost:
            self.stderr.write(f"注意 画像 {name} のファイルが見つかりません。")
        self.stdout.write(f"{path} に保存しました（{path.stat().st_size / 1e6:,.1f} MB）。")
