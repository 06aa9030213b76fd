"""Running the statements of a question: in bounded time, planned for its values."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final

import orjson
from django.db import transaction
from psycopg import Connection
from psycopg.errors import QueryCanceled

from cohorts.execution.statement import Sql
from core.database import raw_connection
from core.errors import TooLarge

MOST_S: Final = 60
_SETTINGS: Final = {
    "statement_timeout": f"{MOST_S}s",
    "jit": "off",  # to compile so many joins takes longer than they do
    "work_mem": "32MB",  # sets of patients are hashed
}
_CANCEL_S: Final = 2.0
_lock: Final = Lock()
_running: Final[dict[str, Connection[Any]]] = {}
TOO_LONG: Final = (
    "The question took too long. Narrow it: fewer events, a shorter time, a rarer code."
)


@contextmanager
def in_time(seconds: int = MOST_S) -> Iterator[None]:
    """Run what is inside in a transaction, each statement no longer than some seconds.

    Raises
    ------
    TooLarge
        A statement took longer, or somebody has cancelled it.
    """
    try:
        with transaction.atomic():
            before = _set({**_SETTINGS, "statement_timeout": f"{seconds}s"})
            yield
            _set(before)
    except QueryCanceled as error:
        raise TooLarge(TOO_LONG) from error


@contextmanager
def superseding(key: str) -> Iterator[None]:
    """Cancel what runs under a key in this process, and run under it.

    For counts that follow somebody's typing: only the last one matters. What is
    cancelled ends as in `in_time`, which has to be inside.
    """
    own = raw_connection().psycopg
    with _lock:
        # Under the lock nobody leaves: what is cancelled is still that question.
        if (before := _running.get(key)) is not None:
            before.cancel_safe(timeout=_CANCEL_S)
        _running[key] = own
    try:
        yield
    finally:
        with _lock:
            if _running.get(key) is own:
                del _running[key]


def executed(statement: Sql) -> list[tuple[Any, ...]]:
    """Return the rows of a statement, planned for the values that it has."""
    cursor = raw_connection().cursor()
    cursor.execute(statement.text, statement.values, prepare=False)
    return cursor.fetchall() if cursor.description else []


def rows_expected(statement: Sql) -> int:
    """Return how many rows PostgreSQL expects of a statement."""
    ((plan,),) = executed(
        Sql(f"EXPLAIN (FORMAT JSON) {statement.text}", statement.values)
    )
    told = plan if isinstance(plan, list) else orjson.loads(plan)
    return int(told[0]["Plan"]["Plan Rows"])


def _set(settings: Mapping[str, str]) -> dict[str, str]:
    """Set what ends with the transaction; return what it was, in one statement."""
    names, values = list(settings), list(settings.values())
    rows = executed(Sql(_SET, (names, values)))
    return {name: before for name, before, _ in rows}


# What is materialised is read before anything is set.
_SET: Final = (
    "WITH before AS MATERIALIZED (SELECT name, value, current_setting(name) AS was"
    " FROM unnest(%s::text[], %s::text[]) AS wanted (name, value))"
    " SELECT name, was, set_config(name, value, true) FROM before"
)
