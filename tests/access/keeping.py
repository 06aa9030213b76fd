"""Copies of the rows of all tables: what somebody has changed is exchanged for them.

Not as whoever uses the portal would do it: no trigger sees it, no feed tells of it.
"""

from collections.abc import Iterable
from typing import Final

from django.db import connection, transaction

SCHEMA: Final = "kept_cast"
_COPY: Final = f"""
DO $$
DECLARE
    name text;
BEGIN
    DROP SCHEMA IF EXISTS {SCHEMA} CASCADE;
    CREATE SCHEMA {SCHEMA};
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('CREATE TABLE {SCHEMA}.%1$I AS TABLE public.%1$I', name);
    END LOOP;
END $$"""


def keep() -> None:
    """Copy all rows; of what was kept before, nothing is left."""
    with connection.cursor() as cursor:
        cursor.execute(_COPY)


def restore(tables: Iterable[str]) -> None:
    """Have the rows that were kept in some tables, and no others."""
    steps = [
        f"DELETE FROM {table}; INSERT INTO {table} TABLE {SCHEMA}.{table}"
        for table in tables
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        # No trigger refuses a deletion or adds to it, and no reference is checked.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(";".join(steps))
