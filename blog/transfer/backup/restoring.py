"""Restore of a backup into an empty database, SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction

from blog.editorial.actors import RESTORE
from blog.editorial.changes import Kind, record
from blog.public import search
from blog.transfer.backup import tables
from blog.transfer.backup.container import CHUNK, Reader, Refused, media_name, opened, rows_name


def restore(path: Path, *, now: datetime, say: Callable[[str], object] = lambda sentence: None) -> None:
    """Restore the backup at `path` into the empty database and the media folder, completely or not at all.

    The whole file is read and every checksum verified before anything is written. Missing tables are created first, also
    when a killed run has created some. Rows of an older version are loaded into the tables of that version and then
    migrated. The run after a killed one goes on from where that was. `say` is called for each table. Raises Refused,
    OSError.
    """
    with opened(path) as backup:
        say(f"検査: {len(backup.manifest.members):,} 個すべて無事です（{backup.manifest.created_at} の状態）")
        models = _models(backup)
        is_older = backup.manifest.migrations != tables.migrations()
        missing = _missing_files(backup)
        if begun := tables.begun():
            if begun != backup.identity:
                raise Refused(
                    "ほかのバックアップの復元が途中で止まっています。先に、そのファイルで復元し直してください。"
                )
            say("途中で止まった復元の続きをします")
            for name in missing:
                _store(backup, name)
        else:
            _make_tables(backup, is_older=is_older, say=say)
            _put_in(path, backup, models, missing, is_older=is_older, now=now, say=say)
        if is_older:
            _migrate()  # what a killed run left to be done
            _raise_version(path, now=now)
        count = search.rebuild(search.outdated(), afresh=True, now=now, progress=lambda done, total: None)
        tables.finish()
        say(f"検索の索引: {count:,} 件")
        say(f"画像: {len(missing):,} ファイル（もうあったもの {len(backup.media) - len(missing):,}）")


def _make_tables(backup: Reader, *, is_older: bool, say: Callable[[str], object]) -> None:
    if found := tables.occupied():
        raise Refused(
            f"復元先が空ではありません（{'、'.join(found)}）。復元は空のデータベースにだけ行います。"
        )
    if is_older:
        say("空のデータベースに、バックアップを作った版の表を作ります")
        tables.migrate_to(backup.manifest.migrations)
    elif not tables.is_migrated():
        say("空のデータベースに表を作ります")
        _migrate()


def _put_in(
    path: Path,
    backup: Reader,
    models: list[tables.Table],
    missing: list[str],
    *,
    is_older: bool,
    now: datetime,
    say: Callable[[str], object],
) -> None:
    """Store rows and missing files, and migrate what is older; a failure takes everything back."""
    placed: list[str] = []
    is_filled = False
    try:
        # Files are stored before the commit: a killed run then leaves an empty database, and the next one finds them in place.
        with transaction.atomic(durable=True):
            tables.begin(backup.identity)
            _fill(backup, models, say)
            Path(settings.MEDIA_ROOT).mkdir(0o700, parents=True, exist_ok=True)  # it holds drafts' images
            for name in missing:
                placed.append(name)
                _store(backup, name)
            if not is_older:
                _raise_version(path, now=now)
        is_filled = True
        if is_older:
            say("表をこのプログラムの版に移します")
            _migrate()
    except BaseException:
        for name in placed:
            _remove(name)
        if is_filled:  # a migration failed on the rows
            with transaction.atomic():
                tables.empty()
                tables.finish()
        if is_older:
            _migrate()
        raise


def _raise_version(path: Path, *, now: datetime) -> None:
    """Raise the content version above any previous one: invalidates what processes have cached before the restore."""
    unseen = int(now.timestamp() * 1000)
    record(kind=Kind.RESTORED, actor=RESTORE, now=now, note=f"バックアップ {path.name}", version=unseen)


def _models(backup: Reader) -> list[tables.Table]:
    """Tables of the version that made `backup`. Raises Refused if this program does not know that version."""
    theirs, ours = backup.manifest.migrations, tables.migrations()
    models = tables.models_after(theirs)
    if models is None:
        apps = sorted(app for app in theirs.keys() | ours.keys() if theirs.get(app) != ours.get(app))
        wanted = "、".join(f"{app} {' '.join(theirs.get(app, ['なし']))}" for app in apps)
        raise Refused(
            f"このバックアップは、新しい版か別のプログラムで作られています（{wanted}）。その版のプログラムで復元してください。"
        )
    if backup.manifest.tables.keys() != {tables.label(model) for model in models}:
        raise Refused("このバックアップの表は、このプログラムの表と違います。")
    return models


def _migrate() -> None:
    call_command("migrate", interactive=False, verbosity=0)


def _missing_files(backup: Reader) -> list[str]:
    """Media files missing from the storage. Raises Refused where another file has the name."""
    return [name for name in backup.media if not _is_stored(backup, name)]


def _is_stored(backup: Reader, name: str) -> bool:
    """Whether the storage has the complete file; one left half-written by a killed run counts as missing."""
    if not default_storage.exists(name):
        return False
    with backup.open(media_name(name)) as member, default_storage.open(name) as file:
        for chunk in file.chunks(CHUNK):
            if member.read(len(chunk)) != chunk:
                raise Refused(f"画像のフォルダーに、内容の違う {name} があります。")
        return not member.read(1)


def _fill(backup: Reader, models: list[tables.Table], say: Callable[[str], object]) -> None:
    tables.make_room(models)
    ids: tables.Ids = {}
    for model in models:
        label = tables.label(model)
        with backup.open(rows_name(label)) as member:
            written = tables.insert(model, member, ids=ids)
        if label in tables.MATCHED:  # permissions newer than the backup: `migrate` creates and grants them
            model._base_manager.exclude(pk__in=ids.get(label, {}).values()).delete()
        stored = model._base_manager.count()
        if not written == stored == backup.manifest.tables[label]:
            raise Refused(f"{label} の行数が目録と違います。")
        say(f"{label}: {stored:,} 行")
    try:
        # Both databases check foreign keys at the end of the transaction: posts and revisions refer to each other.
        connection.check_constraints()
    except DatabaseError as error:
        raise Refused(f"行どうしのつながりが壊れています: {' '.join(str(error).split())}") from error
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def _store(backup: Reader, name: str) -> None:
    """Store one media file under its name, in whatever storage is configured."""
    _remove(name)
    with backup.open(media_name(name)) as member:
        stored = default_storage.save(name, File(member))
    if stored != name:
        default_storage.delete(stored)
        raise Refused(f"画像のフォルダーに {name} を置けません。")


def _remove(name: str) -> None:
    if default_storage.exists(name):
        default_storage.delete(name)
