"""The way from asynchronous edges to the database, and around Django's ORM.

Domain functions are synchronous and know nothing of event loops. An edge awaits them
through `run`, which hands them to a bounded pool of threads; each thread keeps its
Django connection, so that the number of connections is the number of threads. Hot
statements run on the psycopg connection beneath Django's (`raw_connection`): bound
and prepared on the server.
"""

import asyncio
import contextvars
import logging
import select
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, ParamSpec, TypeVar

import psycopg
from django.conf import settings
from django.db import connection
from django.db.utils import InterfaceError, OperationalError
from psycopg.pq import ConnStatus, TransactionStatus

from core.errors import Busy

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

AWAY: Final = (
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)
RETRY_AFTER_S: Final = 2


class _Pool:
    """The process's threads with a connection each, made at the first use."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.executor: ThreadPoolExecutor | None = None
        self.connections: list[psycopg.Connection] = []

    def threads(self) -> ThreadPoolExecutor:
        """Return the threads."""
        with self.lock:
            if self.executor is None:
                self.executor = ThreadPoolExecutor(
                    settings.DATABASE_THREADS, thread_name_prefix="database"
                )
            return self.executor


_pool = _Pool()


def raw_connection() -> psycopg.Connection:
    """Return the psycopg connection of this thread's Django connection."""
    connection.ensure_connection()
    raw: psycopg.Connection = connection.connection
    return raw
