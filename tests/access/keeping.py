"""Copies of the rows of all tables: what somebody has changed is exchanged for them.

Not as whoever uses the portal would do it: no trigger sees it, no feed tells of it.
"""

from collections.abc import Iterable
from typing import Final

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

SCHEMA: Final = "kept_cast"
_COPY: Final = f"""
DO $$
DECLARE
    name text;
    is_filled boolean;
BEGIN
    DROP SCHEMA IF EXISTS {SCHEMA} CASCADE;
    CREATE SCHEMA {SCHEMA};
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO is_filled;
        IF is_filled THEN
            EXECUTE format('CREATE TABLE {SCHEMA}.%1$I AS TABLE public.%1$I', name);
        END IF;
    END LOOP;
END $$"""
_HELD: Final = "SELECT tablename FROM pg_tables WHERE schemaname = %s"
# Rows that refer at once go, and come again, with those that they refer to.
_DEPENDING: Final = """
SELECT DISTINCT conrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND (confdeltype = 'c' OR NOT condeferrable)
AND confrelid::regclass::text = ANY(%s)"""
# Triggers that refuse a deletion, or add to it.
_WATCHED: Final = """
SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger
WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY(%s)"""


def keep() -> None:
    """Copy all rows; of what was kept before, nothing is left."""
    with connection.cursor() as cursor:
        cursor.execute(_COPY)


def restore(tables: Iterable[str]) -> None:
    """Have the rows that were kept in some tables, and no others."""
    with transaction.atomic(), connection.cursor() as cursor:
        given = set(tables)
        depending = _names(cursor, _DEPENDING, sorted(given))
        changed = [*depending, *(given - depending)]
        kept = _names(cursor, _HELD, SCHEMA)
        watched = _names(cursor, _WATCHED, changed)
        steps = [
            "SET CONSTRAINTS ALL DEFERRED",
            *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in watched),
            *(f"DELETE FROM {table}" for table in changed),
            *(
                f"INSERT INTO {table} TABLE {SCHEMA}.{table}"
                for table in reversed(changed)
                if table in kept
            ),
            # No table is altered while constraints of it wait for the end.
            "SET CONSTRAINTS ALL IMMEDIATE",
            *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in watched),
        ]
        cursor.execute(";".join(steps))


def _names(cursor: CursorWrapper, query: str, given: str | list[str]) -> set[str]:
    cursor.execute(query, [given])
    return {name for (name,) in cursor.fetchall()}
