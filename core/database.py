"""The way from asynchronous edges to the database, and around Django's ORM.

Domain functions are synchronous and know nothing of event loops. An edge awaits them
through `run`, which hands them to a bounded pool of threads; each thread keeps its
Django connection, so that the number of connections is the number of threads. Hot
statements run on the psycopg connection beneath Django's (`raw_connection`): bound
and prepared on the server.
"""

import contextvars
import logging
import select
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Final, LiteralString, ParamSpec, TypeVar, overload

import orjson
import psycopg
from django.conf import settings
from django.db import connection, connections
from django.db.utils import InterfaceError, OperationalError
from psycopg.pq import TransactionStatus
from psycopg.rows import RowFactory, TupleRow, tuple_row

from core.errors import Busy
from core.patience import Patience
from core.threads import Threads

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")
Row = TypeVar("Row")
Parameters = Sequence[Any] | Mapping[str, Any]

AWAY: Final = (
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)
"""What Django and psycopg raise where the database cannot do it now."""

RETRY_AFTER_S: Final = 2

_lock = threading.Lock()
_pool: Threads | None = None
_raw_connections: dict[int, psycopg.Connection[Any]] = {}  # by thread


class RawConnection:
    """The psycopg connection beneath Django's, with values bound on the server.

    Django's own cursors put values into the text of a statement, which then is never
    the same twice. These send them apart, so that a statement is prepared once.
    """

    __slots__ = ("psycopg",)

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.psycopg = connection

    def execute(
        self, query: LiteralString, parameters: Parameters = ()
    ) -> psycopg.Cursor[TupleRow]:
        """Run a statement and return its cursor of tuples."""
        cursor = psycopg.Cursor(self.psycopg, row_factory=tuple_row)
        return cursor.execute(query, parameters)

    @overload
    def cursor(self, *, binary: bool = False) -> psycopg.Cursor[TupleRow]: ...

    @overload
    def cursor(
        self, row_factory: RowFactory[Row], *, binary: bool = False
    ) -> psycopg.Cursor[Row]: ...

    def cursor(
        self, row_factory: RowFactory[Any] = tuple_row, *, binary: bool = False
    ) -> psycopg.Cursor[Any]:
        """Return a cursor whose rows are made by `row_factory`.

        Parameters
        ----------
        binary
            Whether values come in PostgreSQL's binary form: right for large bytea.
        """
        cursor = psycopg.Cursor(self.psycopg, row_factory=row_factory)
        if binary:
            cursor.format = psycopg.pq.Format.BINARY
        return cursor

    def transaction(self) -> AbstractContextManager[psycopg.Transaction]:
        """Open a transaction, or a savepoint inside of one."""
        return self.psycopg.transaction()

    def pipeline(self) -> AbstractContextManager[psycopg.Pipeline]:
        """Send statements without waiting for each answer."""
        return self.psycopg.pipeline()


def as_rows(rows: Iterable[Mapping[str, object]]) -> str:
    """Return rows as the one parameter that PostgreSQL's json_to_recordset reads.

    For any number of rows one parameter, written by orjson: an array for each column
    costs psycopg five to ten times the CPU. Text must be free of NUL and of lone
    surrogates.
    """
    return orjson.dumps(list(rows)).decode()


def raw_connection() -> RawConnection:
    """Return the psycopg connection of this thread's Django connection."""
    connection.ensure_connection()
    return RawConnection(connection.connection)


async def run(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Await a synchronous function that uses the database, in a thread of the pool.

    Context variables of the caller are seen by the function. The thread's connection
    never keeps a transaction open after it.

    Raises
    ------
    Busy
        The database is away, or a lock or an answer could not be had in time.
    """
    return await in_time(run_long(function, *args, **kwargs))


async def run_long(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Await like `run`, as long as it takes: for what rightly may take minutes."""
    return await run_in(_threads(), partial(function, *args, **kwargs))


async def run_in(threads: Threads, function: Callable[[], R]) -> R:
    """Await a function like `run_long`, in other threads than those of the pool.

    Each of them keeps a connection of its own.
    """
    context = contextvars.copy_context()
    return await threads.run(partial(context.run, partial(guarded, function)))


async def in_time(answer: Awaitable[R]) -> R:
    """Await what a thread asks of the database, no longer than ``PORTAL_ANSWER_S``.

    A database that hangs takes connections and says nothing, and then neither the
    threads that wait for it nor the queue behind them must hold requests for ever.

    Raises
    ------
    Busy
        The time is over; what runs already may still be done.
    """
    patience = Patience(settings.ANSWER_S)
    try:
        return await patience.wait(answer)
    except TimeoutError as error:
        message = "The database did not answer in time. Try again later."
        raise Busy(message, retry_after_s=RETRY_AFTER_S) from error
    finally:
        patience.end()


async def run_read(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Await a function that only reads: like `run`, tried again on a lost connection.

    A restart of the database is so noticed by nobody who reads.
    """
    return await tried_again(partial(run, function, *args, **kwargs))


async def tried_again(attempt: Callable[[], Awaitable[R]]) -> R:
    """Await what only reads, and once more where a connection was lost."""
    try:
        return await attempt()
    except Busy as error:
        if not isinstance(error.__cause__, AWAY) or ran_too_long(error.__cause__):
            raise
        return await attempt()


def shutdown() -> None:
    """End the threads of the pool and close their connections."""
    global _pool
    with _lock:
        pool, _pool = _pool, None
    if pool is not None:
        pool.shutdown()
    while _raw_connections:
        _raw_connections.popitem()[1].close()


def _threads() -> Threads:
    """Return the pool of this process, made at its first use."""
    global _pool  # noqa: PLW0603 one pool for each process
    with _lock:
        if _pool is None:
            _pool = Threads(settings.DATABASE_THREADS, name="database")
        return _pool


def guarded(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function with a connection that works, and leave one that works."""
    raw = connection.connection
    if raw is not None and _has_ended(raw):
        connection.close()
    try:
        return function(*args, **kwargs)
    except AWAY as error:
        logger.warning("the database is away: %s", type(error).__name__)
        connection.close()
        raise busy(error) from error
    finally:
        _leave_idle()


def busy(error: Exception) -> Busy:
    """Return what a client is told of an error that is one of `AWAY`."""
    if ran_too_long(error):
        message = "The database took too long. Ask for less at once, or try again."
    else:
        message = "The database is not available at the moment. Try again soon."
    return Busy(message, retry_after_s=RETRY_AFTER_S)


def ran_too_long(error: BaseException | None) -> bool:
    """Return whether PostgreSQL ended a statement that ran too long."""
    return any(
        isinstance(one, psycopg.errors.QueryCanceled)
        for one in (error, error and error.__cause__)
    )


def limit_statements(*, seconds: int) -> None:
    """Have the connections that this process opens from now on end long statements.

    For servers: a client whose question takes for ever must not keep a thread. What
    may take long asks for it (`lift_limit`).
    """
    options = connections.settings["default"]["OPTIONS"]
    options["options"] += f" -c statement_timeout={seconds}s"


def lift_limit() -> None:
    """Let the rest of this transaction take as long as it needs."""
    raw_connection().execute("SET LOCAL statement_timeout = 0")


def _leave_idle() -> None:
    """Close a connection whose function left a transaction open: that is a bug."""
    raw = connection.connection
    if raw is None:
        return
    _raw_connections[threading.get_ident()] = raw
    if raw.pgconn.transaction_status != TransactionStatus.IDLE:
        logger.error("a transaction was left open; its connection is closed")
        connection.close()


def _has_ended(raw: psycopg.Connection[Any]) -> bool:
    """Return whether the server has ended an idle connection, without asking it.

    The server says nothing to a connection that rests, except that it ends it: a
    socket that can be read is a connection that is no more. Costs 2 µs where a
    ``SELECT 1`` costs a round trip.
    """
    if raw.closed:
        return True
    poll = select.poll()
    poll.register(raw.pgconn.socket, select.POLLIN)
    return bool(poll.poll(0))
