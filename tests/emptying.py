"""Empties the database between tests that commit, in milliseconds.

Django truncates all tables and lets the applications write anew what migrations leave:
a third of a second, two thousand times in a run. Few rows are deleted faster than
tables are truncated, and what migrations leave (content types, permissions, roles) is
kept: a copy of it tells whether a test has changed it.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.core.management.commands import flush
from django.db import connections, transaction
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.backends.utils import CursorWrapper

BIG_BYTES: Final = 1024**2  # a table is truncated from here on
KEPT: Final = "kept"  # the schema of the copies


def keep_what_migrations_leave() -> None:
    """Copy the rows of the migrated database, once for each process of the tests."""
    with connections["default"].cursor() as cursor:
        tables = _tables(cursor)
        if not tables:
            return  # no test of this run uses the database
        cursor.execute(f"CREATE SCHEMA {KEPT}")
        for table in _filled(cursor, tables):
            cursor.execute(f'CREATE TABLE {KEPT}."{table}" AS TABLE public."{table}"')


def empty_quickly() -> None:
    """Have Django empty the tests' database in this way."""
    DatabaseOperations.execute_sql_flush = _empty  # type: ignore[assignment, method-assign] # the one way in
    flush.emit_post_migrate_signal = _nothing  # type: ignore[attr-defined] # what it writes is kept


def _nothing(*_arguments: Any, **_more: Any) -> None:
    """Write nothing."""


def _empty(self: DatabaseOperations, _statements: Sequence[str]) -> None:
    """Leave what migrations have left."""
    with transaction.atomic(), self.connection.cursor() as cursor:
        tables, kept = _tables(cursor), _tables(cursor, KEPT)
        # As a truncation does: what threads still write is waited for, and goes too.
        cursor.execute(f"LOCK TABLE {_listed(tables)} IN ACCESS EXCLUSIVE MODE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        filled = set(_filled(cursor, tables))
        changed = [table for table in kept if _is_changed(cursor, table)]
        is_big = _has_big(cursor, filled)
        watched = _watched(cursor, tables if is_big else filled.union(changed))
        _set_triggers(cursor, "DISABLE", watched)
        if is_big:
            cursor.execute(f"TRUNCATE {_listed(tables)}")
            changed = kept
        else:
            for table in _in_order(cursor, filled.difference(kept).union(changed)):
                cursor.execute(f'DELETE FROM "{table}"')
        for table in changed:
            cursor.execute(f'INSERT INTO "{table}" SELECT * FROM {KEPT}."{table}"')
        # No table is altered while constraints of it wait for the end.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _set_triggers(cursor, "ENABLE", watched)


def _in_order(cursor: CursorWrapper, tables: set[str]) -> list[str]:
    """Return tables, those first whose references are not checked at the end only."""
    cursor.execute(
        "SELECT DISTINCT conrelid::regclass::text FROM pg_constraint"
        " WHERE contype = 'f' AND NOT condeferrable"
    )
    strict = {name for (name,) in cursor.fetchall()}
    return sorted(tables, key=lambda table: table not in strict)


def _watched(cursor: CursorWrapper, tables: Iterable[str]) -> list[str]:
    """Return which tables have triggers: they refuse a deletion, or add to it."""
    cursor.execute(
        "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
        " AND tgrelid::regclass::text = ANY(%s)",
        [sorted(tables)],
    )
    return [name for (name,) in cursor.fetchall()]


def _set_triggers(cursor: CursorWrapper, how: str, tables: Sequence[str]) -> None:
    for table in tables:
        cursor.execute(f'ALTER TABLE "{table}" {how} TRIGGER USER')


def _tables(cursor: CursorWrapper, schema: str = "public") -> list[str]:
    cursor.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s"
        " AND tablename <> 'django_migrations' ORDER BY tablename",
        [schema],
    )
    return [name for (name,) in cursor.fetchall()]


def _filled(cursor: CursorWrapper, tables: list[str]) -> list[str]:
    each = (f"SELECT '{t}' WHERE EXISTS (SELECT FROM public.\"{t}\")" for t in tables)
    cursor.execute(" UNION ALL ".join(each))
    return [name for (name,) in cursor.fetchall()]


def _is_changed(cursor: CursorWrapper, table: str) -> bool:
    now, then = f'public."{table}"', f'{KEPT}."{table}"'
    cursor.execute(
        f"SELECT EXISTS (TABLE {now} EXCEPT TABLE {then})"
        f" OR EXISTS (TABLE {then} EXCEPT TABLE {now})"
    )
    return bool(cursor.fetchone()[0])


def _has_big(cursor: CursorWrapper, tables: set[str]) -> bool:
    cursor.execute(
        "SELECT coalesce(max(pg_table_size(name::regclass)), 0) > %s"
        " FROM unnest(%s::text[]) AS name",
        [BIG_BYTES, sorted(tables)],
    )
    return bool(cursor.fetchone()[0])


def _listed(tables: Sequence[str]) -> str:
    return ", ".join(f'"{table}"' for table in tables)
