"""What all tests share: the marker of peers, and a whole running portal."""

from collections.abc import Iterator, Sequence

import pytest
from django.db import transaction
from django.db.backends.postgresql.operations import DatabaseOperations

from core import database, partitions
from imaging import store as imaging_store
from tests.peers import require_peer
from tests.stack import Stack

APPEND_ONLY = ("core_feedentry", "core_auditrecord")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip (or fail) a test whose peers are missing."""
    for marker in item.iter_markers("peer"):
        for name in marker.args:
            require_peer(name)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Yield a running portal; tests leave it running and may share it."""
    data = tmp_path_factory.mktemp("stack")
    running = Stack(data)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session", autouse=True)
def _connections_end(django_db_setup: None) -> Iterator[None]:
    """Give back the connections of long-lived threads before the databases go."""
    yield
    imaging_store.stop()
    database.shutdown()


@pytest.fixture(autouse=True)
def _forgotten_partitions() -> None:
    """Look partitions up anew: the test before may have taken them along."""
    partitions.forget()


@pytest.fixture
def committing(transactional_db: None) -> None:
    """Let a test commit, in any thread; the database is emptied afterwards."""


def _flush(self: DatabaseOperations, statements: Sequence[str]) -> None:
    """Empty the tables between tests; the guards of feed and audit log refuse it."""
    with transaction.atomic(), self.connection.cursor() as cursor:
        for table in APPEND_ONLY:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_immutable")
        for statement in statements:
            cursor.execute(statement)
        for table in APPEND_ONLY:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_immutable")


DatabaseOperations.execute_sql_flush = _flush  # type: ignore[assignment, method-assign]
