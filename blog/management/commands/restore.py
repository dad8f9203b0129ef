"""Command: restore a backup into an empty database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from blog.transfer.backup import Refused, drill, restore


class Command(BaseCommand):
    help = "Fill an empty database, SQLite or PostgreSQL, and the media folder from a file of `backup`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--into",
            type=Path,
            metavar="DIR",
            help="a drill: into a database and a media folder of their own in DIR, new or empty; the site is left alone",
        )

    def handle(self, *args: Any, file: Path, into: Path | None, **options: Any) -> None:
        try:
            if into:
                line = drill(file, into, say=self.stdout.write)
                self.stdout.write("見るには、次の1行を実行してください。止めるには Ctrl-C を押します。")
                self.stdout.write(line)
                return
            restore(file, now=timezone.now(), say=self.stdout.write)
        except (Refused, OSError, DatabaseError) as error:
            raise CommandError(" ".join(str(error).split())) from error
        self.stdout.write("復元しました。")
