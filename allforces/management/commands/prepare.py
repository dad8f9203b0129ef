"""Command: migrate the database and collect static files; run before each start."""

import hashlib
import os
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from django.db import OperationalError, connection

from allforces import private_files


def digest_of_static_sources() -> str:
    """Digest of all static files of the project and its packages; skips the collection (seconds) when unchanged."""
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = os.stat(storage.path(name))
            digest.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


class Command(BaseCommand):
    help = "データベースと静的ファイルを、このプログラムに合わせます。何度実行しても同じです。"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--demo", action="store_true", help="空のデータベースには見本の雑誌と編集者を入れます"
        )

    def handle(self, *args: Any, demo: bool, **options: Any) -> None:
        self.make_folders()
        try:
            connection.ensure_connection()
        except OperationalError as error:
            raise CommandError(f"データベースにつながりません: {' '.join(str(error).split())}") from None
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("rebuild_search", missing=True, verbosity=0, stdout=self.stdout)
        self.collect_static()
        if demo:
            call_command("load_demo", if_empty=True)
            call_command("create_editor", if_none=True)

    def make_folders(self) -> None:
        for folder, make in (
            (settings.DATA_DIR, private_files.make_folder),
            (Path(settings.MEDIA_ROOT), private_files.make_folder),
            (Path(settings.STATIC_ROOT), partial(Path.mkdir, parents=True, exist_ok=True)),
        ):
            try:
                make(folder)
            except OSError:
                raise CommandError(f"フォルダ {folder} を作れません。") from None
            if not os.access(folder, os.W_OK):
                raise CommandError(f"フォルダ {folder} に書き込めません。")
        private_files.close_data()

    def collect_static(self) -> None:
        stamp = Path(settings.STATIC_ROOT) / "sources.sha256"
        digest = digest_of_static_sources()
        if not stamp.is_file() or stamp.read_text() != digest:
            call_command("collectstatic", interactive=False, verbosity=0)
            stamp.write_text(digest)
