"""What all tests share: the marker of peers, and a whole running portal."""

from collections.abc import Iterator
from typing import Any

import pytest

from core import database
from imaging import store as imaging_store
from tests.peers import require_peer
from tests.stack import Stack


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


@pytest.fixture
def committing(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let a test commit, in any thread; what it wrote stays.

    The feed and the audit log cannot be emptied, by design: such tests use UIDs and
    partitions of their own instead of an empty database.
    """
    with django_db_blocker.unblock():
        yield
