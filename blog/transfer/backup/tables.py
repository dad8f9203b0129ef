"""Tables of a backup: rows to JSON lines and back, independent of the database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from graphlib import TopologicalSorter
from itertools import islice
from typing import Any
from uuid import UUID

from django.apps import apps
from django.apps.registry import Apps
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.color import no_style
from django.core.management.sql import sql_flush
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Field, Model

from blog.transfer.backup.container import Refused

Table = type[Model]
Migrations = dict[str, list[str]]
"""App → its last migrations; identifies the schema."""
Ids = dict[str, dict[int, int]]
"""Model label → primary key in the backup → primary key here, for the rows of `MATCHED` models."""

# By label: a backup of an older version is restored through historical models, which are other classes. A renamed model
# is listed under each of its labels.
LEFT_OUT = ("sessions.session", "blog.searchpart")
"""Models not backed up. SearchPart: the search index is rebuilt after a restore, in the database's own form."""
MATCHED = {
    "contenttypes.contenttype": ("app_label", "model"),
    "auth.permission": ("content_type_id", "codename"),
}
"""Models filled by `migrate`, whose primary keys vary: rows are matched by these natural keys."""
UNFINISHED = "restore_unfinished"
"""Table that says which restore has put its rows in and is not at its end. Not a model: the tables may be of any version."""
MADE_BY_MIGRATE = (
    *("auth.group", "auth.group_permissions"),
    *("blog.contentversion", "blog.sitesettings", "blog.synonym"),
    *("blog.change", "blog.changedpost"),
)
"""Models with rows in an empty site (see `blog.apps`), which a restore replaces. Commands leave a history there, too."""
BATCH = 100
"""Batch size in rows, bounded by memory: a post is some 100 KB."""


def label(model: Table) -> str:
    return model._meta.label_lower


def tables(apps: Apps = apps) -> list[Table]:
    """All tables of a backup, in order of their required foreign keys."""
    models = [model for model in apps.get_models(include_auto_created=True) if label(model) not in LEFT_OUT]
    # Nullable foreign keys do not count: posts and revisions refer to each other.
    needs: dict[Table, list[Any]] = {
        model: [field.related_model for field in columns(model) if field.remote_field and not field.null]
        for model in models
    }
    return list(TopologicalSorter(needs).static_order())


def columns(model: Table) -> list[Field[Any, Any]]:
    return list(model._meta.concrete_fields)


def migrations() -> Migrations:
    """Last migrations that this program knows, by app."""
    last: Migrations = {}
    for app, name in sorted(MigrationExecutor(connection).loader.graph.leaf_nodes()):
        last.setdefault(app, []).append(name)
    return last


def models_after(wanted: Migrations) -> list[Table] | None:
    """Historical models after the `wanted` migrations, as `tables()`; None when this program does not know them."""
    loader = MigrationExecutor(connection).loader
    nodes = _nodes(wanted)
    return tables(loader.project_state(nodes).apps) if set(nodes) <= loader.graph.nodes.keys() else None


def migrate_to(wanted: Migrations) -> None:
    """Migrate the empty database to the schema of an older version, forwards or backwards."""
    executor = MigrationExecutor(connection)
    later = {app for app, _ in executor.loader.applied_migrations} - wanted.keys()
    targets = [*_nodes(wanted), *((app, None) for app in sorted(later))]
    if len({is_backwards for _, is_backwards in executor.migration_plan(targets)}) > 1:
        call_command("migrate", interactive=False, verbosity=0)  # forwards or backwards
        executor = MigrationExecutor(connection)
    executor.migrate(targets)


def _nodes(wanted: Migrations) -> list[tuple[str, str]]:
    return [(app, name) for app, names in wanted.items() for name in names]


def is_migrated() -> bool:
    """Whether all migrations of this program have been applied."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def begin(restore: str) -> None:
    """Note, in the transaction that puts the rows in, that this restore is not at its end."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {UNFINISHED} (restore varchar(64) NOT NULL)")
        cursor.execute(f"INSERT INTO {UNFINISHED} VALUES (%s)", [restore])  # noqa: S608  # our own name


def begun() -> str:
    """Restore that was killed after its rows were in, as `begin` was given it; "" when there is none."""
    with connection.cursor() as cursor:
        if UNFINISHED not in connection.introspection.table_names(cursor):
            return ""
        return str(cursor.execute(f"SELECT restore FROM {UNFINISHED}").fetchone()[0])  # noqa: S608  # our own name


def finish() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {UNFINISHED}")


def occupied() -> list[str]:
    """Non-empty tables, as 「記事 3」 each; the tables may be missing or of another version."""
    there = set(connection.introspection.table_names())
    counted = (
        (model._meta.verbose_name, _count(model))
        for model in tables()
        if label(model) not in (*MATCHED, *MADE_BY_MIGRATE) and model._meta.db_table in there
    )
    return [f"{name} {count}" for name, count in counted if count]


def _count(model: Table) -> int:
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(model._meta.db_table)
        return int(cursor.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608  # our own names


def lines(model: Table) -> Iterator[bytes]:
    """Rows of `model` as JSON lines, ordered by primary key."""
    names = [field.attname for field in columns(model)]
    for values in model._base_manager.order_by("pk").values_list(*names).iterator(chunk_size=BATCH):
        row = dict(zip(names, values, strict=True))
        text = json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=_plain)
        yield text.encode("utf-8", "surrogatepass") + b"\n"  # as json.loads() decodes


def _plain(value: Any) -> str:
    """JSON default: dates with full microseconds, which Django's own encoder truncates."""
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"no vendor-neutral form for {type(value).__name__}")


def make_room(models: Iterable[Table]) -> None:
    """Delete the rows that `migrate` has created in an empty database."""
    for model in models:
        if label(model) in MADE_BY_MIGRATE:
            model._base_manager.all().delete()


def empty() -> None:
    """Delete the rows of all tables, except the record of applied migrations."""
    statements = sql_flush(no_style(), connection, allow_cascade=True)
    connection.ops.execute_sql_flush(statements)


def insert(model: Table, found: Iterable[bytes], *, ids: Ids) -> int:
    """Insert rows of a backup unchanged, including primary keys; returns their number.

    Bypasses the models, since saving through them would recompute derived columns. `ids` translates foreign keys to matched
    rows, and is filled for `model` if its rows are matched. Raises Refused.
    """
    rows = (json.loads(line) for line in found)
    written = 0
    try:
        while batch := [_here(model, row, ids) for row in islice(rows, BATCH)]:
            _match(model, batch, ids) if label(model) in MATCHED else _insert(model, batch)
            written += len(batch)
    except (DatabaseError, ValidationError, ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise Refused(f"{label(model)} の行をこのデータベースに書けません: {reason}") from error
    return written


def _here(model: Table, row: dict[str, Any], ids: Ids) -> dict[str, Any]:
    for field in columns(model):
        if field.remote_field and row[field.attname] is not None:
            related = label(field.remote_field.model)
            if related in MATCHED:
                row[field.attname] = ids[related][row[field.attname]]
    return row


def _match(model: Table, rows: list[dict[str, Any]], ids: Ids) -> None:
    for row in rows:
        old, key = row.pop("id"), {name: row.pop(name) for name in MATCHED[label(model)]}
        found, _ = model._base_manager.get_or_create(**key, defaults=row)
        ids.setdefault(label(model), {})[old] = found.pk


def _insert(model: Table, rows: list[dict[str, Any]]) -> None:
    fields, quote = columns(model), connection.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})",  # noqa: S608  # our own names
            [
                [field.get_db_prep_save(field.to_python(row[field.attname]), connection) for field in fields]
                for row in rows
            ],
        )
