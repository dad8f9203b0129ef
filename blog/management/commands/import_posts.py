from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from blog.archive.importer import Report, import_files

OUTCOMES = {
    "created": "新規",
    "updated": "更新",
    "unchanged": "変更なし",
    "proposed": "提案（編集者の版を残しました）",
    "failed": "失敗",
}


class Command(BaseCommand):
    help = "Import Markdown files with front matter (files, or folders of .md files). Twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument(
            "--images", type=Path, metavar="DIR", help="folder of the images that the texts name"
        )
        parser.add_argument(
            "--draft", action="store_true", help="publish nothing: new articles become drafts"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and keep nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["images"] and not options["images"].is_dir():
            raise CommandError(f"{options['images']} というフォルダーがありません。")
        report = import_files(
            list(files(options["paths"])),
            now=timezone.now(),
            images_from=options["images"],
            as_draft=options["draft"],
            dry_run=options["dry_run"],
            progress=self.say if options["verbosity"] > 1 else lambda name, outcome: None,
        )
        self.summarise(report)
        if options["dry_run"]:
            self.stdout.write("--dry-run: 何も保存していません。")
        if report.failures:
            raise CommandError(f"{len(report.failures)} 件を取り込めませんでした。")

    def say(self, name: str, outcome: str) -> None:
        self.stdout.write(f"{OUTCOMES[outcome]}: {name}")

    def summarise(self, report: Report) -> None:
        for name, sentences in report.warnings.items():
            for sentence in sentences:
                self.stdout.write(f"注意 {name}: {sentence}")
        for name, reason in report.failures.items():
            self.stderr.write(f"失敗 {name}: {reason}")
        self.stdout.write(
            "、".join(f"{label} {report.counts[outcome]}" for outcome, label in OUTCOMES.items())
        )


def files(paths: list[Path]) -> list[Path]:
    """The named files, and the .md files of named folders, in the order of their names."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(path.rglob("*.md"))
        elif path.is_file():
            found.append(path)
        else:
            raise CommandError(f"{path} がありません。")
    return found
