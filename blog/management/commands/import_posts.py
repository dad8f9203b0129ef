"""Command: import Markdown files, or restore an export."""

from __future__ import annotations

import json
import os
import time
from argparse import ArgumentParser
from collections import Counter
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from blog.editorial.actors import IMPORT
from blog.editorial.images import NotStored
from blog.management.progress import show_bar
from blog.models import Post, raw_sql
from blog.text.findings import Code
from blog.transfer.exporting.export_site import export_around, is_export
from blog.transfer.exporting.restorer import restore
from blog.transfer.importing import dialects
from blog.transfer.importing.importer import import_files
from blog.transfer.importing.report import Report
from blog.transfer.intake.watch import watch

OUTCOMES = {
    "created": "新規",
    "updated": "更新",
    "unchanged": "変更なし",
    "proposed": "提案（編集者の版を残しました）",
    "failed": "失敗",
}
MAX_KEYS = 30
"""Maximum number of unused front-matter keys in the summary."""
BLOCKED = (
    "要確認の記事 {count} 件は、URLでは読めますが、一覧・検索・フィードに出ません。"
    "管理画面の記事の一覧を「要確認」で絞ると出ます（--list-blocked を付けて取り込むと、すぐに一覧に出ます）。"
)
MAX_REASONS = 10
"""Maximum number of reasons for held-back articles in the summary."""


class Command(BaseCommand):
    help = "Import Markdown files with front matter: files, folders of them, zips. Twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument(
            "--images", type=Path, metavar="DIR", help="folder of the images that the texts name"
        )
        parser.add_argument(
            "--site-url", default="", metavar="OLD", help="URL of the old site: its feed's guids are kept"
        )
        parser.add_argument(
            "--draft", action="store_true", help="publish nothing: new articles become drafts"
        )
        parser.add_argument(
            "--future",
            action="store_true",
            help="schedule articles whose date is to come: else they are drafts",
        )
        parser.add_argument(
            "--dialect",
            choices=(dialects.AUTO, *dialects.BY_NAME),
            default=dialects.AUTO,
            help="what generators left in the texts and is not shown, where a file does not say so itself: "
            "of the old site, of any static site, nothing (plain), or by the front matter (default: auto)",
        )
        parser.add_argument(
            "--list-blocked",
            action="store_true",
            help="list articles with a blocking defect at once: else they answer at their URLs only",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and keep nothing")
        parser.add_argument(
            "--watch",
            action="store_true",
            help="with --draft: keep looking into PATH, a folder, for new files",
        )
        parser.add_argument(
            "--every", type=float, default=10, metavar="SECONDS", help="with --watch: how often (default: 10)"
        )
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the report here too")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["watch"]:
            self.watch(**options)
            return
        if options["images"] and not options["images"].is_dir():
            raise CommandError(f"{options['images']} というフォルダーがありません。")
        if options["site_url"] and not options["site_url"].startswith(("http://", "https://")):
            raise CommandError("--site-url は https:// で始めてください。")
        if options["json"] and not os.access(options["json"].absolute().parent, os.W_OK):
            raise CommandError(f"{options['json']} に書けません。")
        self.verbosity = options["verbosity"]
        exports = [path for path in options["paths"] if os.access(path, os.X_OK) and is_export(path)]
        if exports and (options["dry_run"] or options["draft"]):
            raise CommandError("書き出したフォルダーは、--dry-run や --draft を付けずに取り込みます。")
        paths = [path for path in options["paths"] if path not in exports]
        for path in paths:
            if whole := export_around(path):
                raise CommandError(
                    f"{whole} は書き出したフォルダーです。{path} ではなく、{whole} を指定してください。"
                )
        report = Report()
        try:
            for folder in exports:
                paths += restore(folder, now=timezone.now(), report=report, parallel=True, progress=self.show)
            if paths:
                imported = import_files(
                    paths,
                    by=IMPORT,
                    now=timezone.now(),
                    images_from=options["images"],
                    site_url=options["site_url"],
                    as_draft=options["draft"],
                    future=options["future"],
                    list_blocked=options["list_blocked"],
                    dry_run=options["dry_run"],
                    dialect=options["dialect"],
                    parallel=True,
                    progress=self.show,
                )
                report.join(imported)
        except (DatabaseError, NotStored) as error:
            what = (
                "データベースが働かない" if isinstance(error, DatabaseError) else "画像のフォルダーに書けない"
            )
            raise CommandError(
                f"{what}ので中止しました: {' '.join(str(error).split())}\n"
                "ここまでに取り込んだ記事は保存されています。直してから同じコマンドをもう一度実行すれば、続きから進みます。"
            ) from error
        except BrokenExecutor as error:
            raise CommandError(
                "取り込みを手伝うプロセスが途中で落ちた（メモリー不足など）ので中止しました。\n"
                "ここまでに取り込んだ記事は保存されています。同じコマンドをもう一度実行すれば、続きから進みます。"
            ) from error
        if not (exports or report.counts.total()):
            raise CommandError(
                "Markdownのファイル（.md、.markdown）が1つもありません。フォルダーを確かめてください。"
            )
        self.summarise(report)
        if blocked := _blocked(report, **options):
            self.stdout.write(BLOCKED.format(count=blocked))
        if options["json"]:
            text = json.dumps(report.to_json(), ensure_ascii=False, indent=1)
            options["json"].write_text(text + "\n", encoding="utf-8")
        if options["dry_run"]:
            self.stdout.write("--dry-run: 何も保存していません。")
        if failed := report.counts["failed"]:
            raise CommandError(f"{failed} 件を取り込めませんでした。")

    def watch(self, paths: list[Path], *, draft: bool, every: float, **options: Any) -> None:
        if not draft:
            raise CommandError("--watch は --draft と一緒に使います（届いたものは下書きになります）。")
        if len(paths) != 1 or not paths[0].is_dir():
            raise CommandError("--watch には、フォルダーを1つだけ指定してください。")
        if every < 1:
            raise CommandError("--every は 1 秒以上にしてください。")
        self.stdout.write(f"{paths[0]} を {every:g} 秒ごとに見ます。Ctrl-C で終わります。")
        try:
            watch(paths[0], every=every, now=timezone.now, sleep=time.sleep)
        except KeyboardInterrupt:
            self.stdout.write("終わりました。")

    def show(self, done: int, total: int, name: str, outcome: str) -> None:
        if self.verbosity > 1:
            self.stdout.write(f"{OUTCOMES[outcome]}: {name}")
        elif self.verbosity:
            show_bar(self.stderr, done, total)

    def summarise(self, report: Report) -> None:
        if self.verbosity > 1:
            for route in report.routes:
                old = f"（{route.redirect} から転送）" if route.redirect else ""
                self.stdout.write(f"URL {route.ref}: {route.path}{old}")
        if self.verbosity:
            for note in report.notes:
                self.stdout.write(f"注意 {note}")
            kinds = {code.value: code.kind for code in Code}
            for code, times in report.kinds.most_common():
                self.stdout.write(f"{times:6,} 件 {kinds[code]}（{code}）")
            for label, found in (("注意", report.warnings), ("要確認", report.blocking)):
                for name, sentences in found.items():
                    for sentence in sentences:
                        self.stdout.write(f"{label} {name}: {sentence}")
        for name, reason in report.failures.items():
            self.stderr.write(f"失敗 {name}: {reason}")
        if report.held:
            self.stdout.write(_held(report))
        if report.unused_keys:
            self.stdout.write(_unused(report))
        if report.not_shown:
            self.stdout.write(report.not_shown)
        counts = report.counts
        self.stdout.write("、".join(f"{label} {counts[outcome]}" for outcome, label in OUTCOMES.items()))
        redirects = sum(bool(route.redirect) for route in report.routes)
        size = raw_sql.database_size() / 1e6
        self.stdout.write(f"URL {len(report.routes)}、転送 {redirects}、データベース {size:,.1f} MB")


def _blocked(report: Report, *, dry_run: bool, draft: bool, list_blocked: bool, **options: Any) -> int:
    """Number of posts of this run that a blocking defect keeps, or would keep, out of all lists."""
    if dry_run:
        comes = [] if draft or list_blocked else [entry for entry in report.entries if not entry.holds]
        return sum(
            entry.outcome in ("created", "updated") and any(one.is_blocking for one in entry.problems)
            for entry in comes
        )
    blocked = Post.objects.blocked(timezone.now()).values_list("pk", flat=True)
    return len({*blocked} & {entry.post for entry in report.entries})


def _held(report: Report) -> str:
    """Summary of held-back articles: their number by first reason."""
    reasons = Counter(labels[0] for labels in report.held.values())
    said = "、".join(f"{label}（{times}）" for label, times in reasons.most_common(MAX_REASONS))
    more = "、ほか" if len(reasons) > MAX_REASONS else ""
    return f"公開を見合わせて下書きにするもの {len(report.held)} 件: {said}{more}"


def _unused(report: Report) -> str:
    """Front-matter keys without a meaning here, the most frequent first."""
    keys = report.unused_keys.most_common()
    said = "、".join(f"{key}（{times:,}）" for key, times in keys[:MAX_KEYS])
    more = f"、ほか {len(keys) - MAX_KEYS} 種" if len(keys) > MAX_KEYS else ""
    return f"使わなかった項目（記事と一緒に保存し、書き出しに含めます）: {said}{more}"
