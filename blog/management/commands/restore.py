from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from blog.backup import Refused, restore


class Command(BaseCommand):
    help = "Fill an empty database, SQLite or PostgreSQL, and the media folder from a file of `backup`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restore(options["file"], say=self.stdout.write)
        except (Refused, OSError, DatabaseError) as error:
            raise CommandError(" ".join(str(error).split())) from error
        self.stdout.write("復元しました。")
