"""Empties the database between tests that commit, in milliseconds.

Django truncates all tables and lets the applications write anew what migrations leave:
a third of a second, three thousand times in a run. Few rows are deleted faster than
tables are truncated, and what migrations leave (content types, permissions, roles) is
kept: a copy of it tells whether a test has changed it.

All of it is one function in the database, called on a connection that lives as long as
the process: what PostgreSQL knows of a hundred tables and of these statements, it
learns once, and not for each test anew.
"""

from typing import Final

import psycopg
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase

BIG_BYTES: Final = 1024**2  # tables are truncated where one is as large
KEPT: Final = "kept"  # the schema of the copies, and of the function
FUNCTION: Final = """
CREATE FUNCTION {kept}.empty() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- As a truncation does: what threads still write is waited for, and goes too.
    LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE;
    IF (SELECT max(pg_table_size(t)) > {big} FROM unnest('{{{tables}}}'::regclass[]) t)
    THEN TRUNCATE {tables};
    END IF;
    {statements}
END $$"""
CHANGED: Final = """
IF EXISTS (TABLE {now} EXCEPT TABLE {then}) OR EXISTS (TABLE {then} EXCEPT TABLE {now})
THEN DELETE FROM {now}; INSERT INTO {now} TABLE {then};
END IF;"""
# `DISCARD ALL`, without the plans that it would cost: those are no test's.
SESSION: Final = (
    "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *;"
    " SELECT pg_advisory_unlock_all(); DISCARD SEQUENCES; DISCARD TEMP"
)

_open: list[psycopg.Connection] = []  # the connection of this process, once it has one


def keep_what_migrations_leave() -> None:
    """Copy the rows of the migrated database, once for each process of the tests."""
    connection = psycopg.connect(
        **connections["default"].get_connection_params(), autocommit=True
    )
    _open.append(connection)
    found = connection.execute(
        f"SELECT format('public.%I', tablename), format('{KEPT}.%I', tablename)"
        " FROM pg_tables WHERE schemaname = 'public'"
        " AND tablename <> 'django_migrations' ORDER BY tablename"
    )
    if not (tables := dict(found.fetchall())):
        return  # no test of this run uses the database
    connection.execute(f"CREATE SCHEMA {KEPT}")
    statements = [_emptied(connection, *each) for each in tables.items()]
    connection.execute(
        FUNCTION.format(
            kept=KEPT,
            tables=", ".join(tables),
            big=BIG_BYTES,
            statements="\n".join(statements),
        )
    )
    # No trigger refuses a deletion or adds to it, and no reference is checked: all go.
    connection.execute("SET session_replication_role = replica")


def empty_quickly() -> None:
    """Have Django empty the tests' database in this way."""
    TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined] # the one way in
    TransactionTestCase._should_reload_connections = _no  # type: ignore[attr-defined] # as above


def forget() -> None:
    """End the connection: nobody drops a database that somebody has open."""
    while _open:
        _open.pop().close()


def _no(_test: TransactionTestCase) -> bool:
    """Let connections be: they are as new."""
    return False


def _empty(_test: TransactionTestCase) -> None:
    """Leave what migrations have left."""
    for connection in connections.all(initialized_only=True):
        _forget_session(connection)
    _open[0].execute(f"SELECT {KEPT}.empty()")


def _forget_session(connection: BaseDatabaseWrapper) -> None:
    """Have a connection as it was when it was made, or none."""
    raw = connection.connection
    idle = psycopg.pq.TransactionStatus.IDLE
    if raw is None or connection.in_atomic_block or raw.info.transaction_status != idle:
        connection.close()  # what it holds would be waited for
        return
    try:
        raw.execute(SESSION, prepare=False)
    except psycopg.OperationalError:  # a test has ended it at the server
        connection.close()


def _emptied(connection: psycopg.Connection, now: str, then: str) -> str:
    """Return what leaves in a table what is in it now; of that, a copy is made."""
    if not connection.execute(f"SELECT FROM {now} LIMIT 1").rowcount:
        return f"DELETE FROM {now};"
    connection.execute(f"CREATE TABLE {then} AS TABLE {now}")
    return CHANGED.format(now=now, then=then)
