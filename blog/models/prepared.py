"""Prepared query sets: composed to SQL once in a process, executed with other values by every request.

Composing costs the ORM five to ten times as much as a small query costs the database. Only the values may differ between
two calls, not the shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet
from django.db.models.query import get_related_populators


@dataclass(frozen=True)
class _Statement:
    sql: str
    parameters: Sequence[Any]
    """Values of the statement; those of a call stand in it as instances of `_Place`."""
    converters: Sequence[tuple[int, Any, Any]]
    """Column, its converters, and the expression that they are told."""
    model: Any
    """None for rows that are no objects (`values_list`)."""
    columns: tuple[int, int]
    names: Sequence[str]
    populators: Sequence[Any]
    annotations: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class _Place:
    """Place of the n-th value of a call."""

    n: int


class Prepared:
    """Prepared query set.

    `build` makes it of the values, which are integers, strings or moments and reach the database as they are (`=`, `<`,
    `IN`, but no `LIKE`). It may select related rows and annotate, but prefetches nothing.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._statements: dict[int, _Statement] = {}

    def __call__(self, *values: Any) -> list[Any]:
        """Execute with `values`; return objects, or tuples for `values_list`."""
        statement = self._statements.get(len(values))
        if statement is None:
            statement = self._statements[len(values)] = _composed(self._build, values)
        given = [_adapted(value) for value in values]
        parameters = [
            given[value.n] if isinstance(value, _Place) else value for value in statement.parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, parameters)
            rows = cursor.fetchall()
        return list(_objects(statement, rows))

    def among(self, keys: Iterable[int], *values: Any) -> list[Any]:
        """Execute with `values` and any number of integers, for `IN`: a few statements serve all numbers."""
        keys = list(keys)
        if not keys:
            return []
        size = 1
        while size < len(keys):
            size *= 2
        return self(*values, *keys, *[keys[-1]] * (size - len(keys)))


def _composed(build: Callable[..., QuerySet[Any, Any]], values: Sequence[Any]) -> _Statement:
    marks = [_mark(value, n) for n, value in enumerate(values)]
    query: Any = build(*marks).query
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    sql, parameters = compiler.as_sql()
    places = {_adapted(mark): _Place(n) for n, mark in enumerate(marks)}
    placed = [places.get(value, value) for value in parameters]
    if missing := set(places.values()) - set(filter(lambda value: isinstance(value, _Place), placed)):
        raise ValueError(f"values that the statement does not hold as they are: {missing}")
    select, klass = compiler.select, None if query.values_select else compiler.klass_info
    converters = compiler.get_converters([column for column, _, _ in select])
    start, end = (klass["select_fields"][0], klass["select_fields"][-1] + 1) if klass else (0, 0)
    return _Statement(
        sql=sql,
        parameters=placed,
        converters=[(index, functions, column) for index, (functions, column) in converters.items()],
        model=klass and klass["model"],
        columns=(start, end),
        names=[column.target.attname for column, _, _ in select[start:end]],
        populators=get_related_populators(klass, select, DEFAULT_DB_ALIAS) if klass else (),  # type: ignore[call-arg]  # the stubs are of Django 6.1
        annotations=list(compiler.annotation_col_map.items()),
    )


def _objects(statement: _Statement, rows: Sequence[Sequence[Any]]) -> Iterable[Any]:
    start, end = statement.columns
    for row in rows:
        cells = list(row)
        for index, functions, column in statement.converters:
            for function in functions:
                cells[index] = function(cells[index], column, connection)
        if statement.model is None:
            yield tuple(cells)
            continue
        found = statement.model.from_db(DEFAULT_DB_ALIAS, statement.names, cells[start:end])
        for populator in statement.populators:
            populator.populate(cells, found)
        for name, index in statement.annotations:
            setattr(found, name, cells[index])
        yield found


def _mark(value: Any, n: int) -> Any:
    """Value of the same type that no query set holds by itself."""
    match value:
        case str():
            return f"\ue000{n}"
        case int():
            return 1_000_000_007_000 + n
        case datetime():
            return datetime(1901, 1, 1, microsecond=n + 1, tzinfo=UTC)
    raise TypeError(f"no integer, string or moment: {value!r}")


def _adapted(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
