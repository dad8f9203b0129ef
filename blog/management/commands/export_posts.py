"""Command: export the magazine as Markdown files for Jekyll."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from blog.models import TERMS
from blog.transfer.exporting.exporter import NotEmpty, export

NAMES = {
    "posts": "記事",
    "drafts": "下書き",
    "pages": "固定ページ",
    "images": "画像",
    **{model.declared.plural: model._meta.verbose_name for model in TERMS},
    "addresses": "転送と廃止",
}


class Command(BaseCommand):
    help = "Write the magazine as Markdown files that Jekyll builds and import_posts takes back. What is live is written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder")
        parser.add_argument("--force", action="store_true", help="replace an earlier export in DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = export(options["folder"], now=timezone.now(), force=options["force"])
        except (NotEmpty, OSError) as error:
            raise CommandError(str(error)) from error
        for sentence in report.warnings:
            self.stderr.write(f"注意 {sentence}")
        said = (f"{label} {report.counts[name]}" for name, label in NAMES.items())
        self.stdout.write(f"{options['folder']} に書き出しました: {'、'.join(said)}")
