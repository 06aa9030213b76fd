"""The pool of threads between edges and the database."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction

from core import database
from core.errors import Busy, Invalid

pytestmark = pytest.mark.django_db(transaction=True)
WORD: ContextVar[str] = ContextVar("word", default="")


@pytest.fixture(autouse=True)
def pool(settings: Any) -> Iterator[None]:
    settings.DATABASE_THREADS = 1
    database.shutdown()
    yield
    database.shutdown()


def backend() -> int:
    """Return the process of the server that serves this thread."""
    return database.raw_connection().psycopg.info.backend_pid


def end(*pids: int) -> None:
    """End server processes as a restart of the database does."""
    with connection.cursor() as cursor:
        for pid in pids:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def run(*functions: Callable[[], Any]) -> list[Any]:
    async def main() -> list[Any]:
        return [await database.run(function) for function in functions]

    return asyncio.run(main())


def test_a_function_runs_in_a_thread_that_keeps_its_connection() -> None:
    one, two = run(backend, backend)
    assert one == two != backend()


def test_context_variables_are_seen_by_the_function() -> None:
    WORD.set("here")
    assert run(WORD.get) == ["here"]


def test_a_connection_that_the_server_has_ended_is_replaced_before_it_is_used() -> None:
    (one,) = run(backend)
    end(one)
    (two,) = run(backend)
    assert one != two


def ends_itself() -> None:
    raw = database.raw_connection().psycopg
    with psycopg.connect(raw.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [raw.info.backend_pid])
    raw.execute("SELECT 1")


def test_a_database_that_goes_away_is_busy_and_comes_back() -> None:
    with pytest.raises(Busy) as caught:
        run(ends_itself)
    assert caught.value.retry_after_s == 2
    assert len(run(backend)) == 1


def test_a_read_is_tried_again_once() -> None:
    calls: list[int] = []

    def flaky() -> str:
        calls.append(1)
        if len(calls) == 1:
            ends_itself()
        return "read"

    assert asyncio.run(database.run_read(flaky)) == "read"
    assert len(calls) == 2


def test_a_read_that_is_busy_by_itself_is_not_tried_again() -> None:
    calls: list[int] = []

    def busy() -> None:
        calls.append(1)
        message = "Later."
        raise Busy(message)

    with pytest.raises(Busy):
        asyncio.run(database.run_read(busy))
    assert len(calls) == 1


def test_errors_of_the_domain_pass() -> None:
    def refuse() -> None:
        message = "No."
        raise Invalid(message)

    with pytest.raises(Invalid, match=r"No\."):
        run(refuse)


def test_a_transaction_left_open_ends() -> None:
    def leave_open() -> int:
        database.raw_connection().execute("BEGIN")
        return backend()

    one, two = run(leave_open, backend)
    assert one != two


def test_a_statement_that_runs_too_long_is_ended_and_not_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = dict(connections.settings["default"]["OPTIONS"])
    monkeypatch.setitem(connections.settings["default"], "OPTIONS", options)
    database.limit_statements(seconds=1)
    pids = []

    def wait() -> None:
        pids.append(backend())
        database.raw_connection().execute("SELECT pg_sleep(60)")

    async def read() -> None:
        await database.run_read(wait)

    with pytest.raises(Busy, match="took too long"):
        asyncio.run(read())
    assert len(pids) == 1


def test_what_may_take_long_lifts_the_limit_for_its_transaction() -> None:
    def limits() -> list[str]:
        raw = database.raw_connection()
        raw.execute("SET statement_timeout = '5s'")
        with transaction.atomic():
            database.lift_limit()
            inside = raw.execute("SHOW statement_timeout").fetchone()
        after = raw.execute("SHOW statement_timeout").fetchone()
        return [row[0] for row in (inside, after) if row]

    assert run(limits) == [["0", "5s"]]


def test_a_database_that_hangs_is_busy_in_time_for_those_who_wait_behind_it_too(
    settings: Any,
) -> None:
    settings.ANSWER_S = 0.2
    hanging = threading.Event()
    begun: list[int] = []

    async def main() -> list[Any]:
        calls = [
            asyncio.create_task(database.run(hanging.wait)),
            asyncio.create_task(database.run(begun.append, 1)),
        ]
        return await asyncio.gather(*calls, return_exceptions=True)

    outcomes = asyncio.run(main())

    hanging.set()
    assert [type(outcome) for outcome in outcomes] == [Busy, Busy]
    assert len(run(backend)) == 1
    assert begun == []
