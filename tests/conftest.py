"""What all tests share: the marker of peers, and a whole running portal."""

import os
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import DjangoDbBlocker

from core import database, followers, partitions
from fhirlink.text_index import index
from fhirlink.text_index.follower import TextFollower
from imaging import store as imaging_store
from imaging.query.elastic import indices
from imaging.query.elastic.client import connection
from imaging.query.elastic.follower import SearchFollower
from portal.loading import loading
from tests import emptying
from tests.elastic.node import shared_url
from tests.peers import require_peer
from tests.scheduling import BROWSERS, pytest_xdist_make_scheduler
from tests.stack import Stack

__all__ = ["pytest_xdist_make_scheduler"]  # pytest finds it here

# Tests that take long, in whole portals and browsers. They begin the run, so that at
# its end no process of pytest-xdist is alone with one of their files.
LONG = (
    BROWSERS,  # first: one process has all of them
    "tests/crash/",
    "tests/imaging/export/test_two_portals.py",
    "tests/hostile/",
    "tests/portal/",
    "tests/graphql/test_subscriptions.py",
)
LONG_ALONE = ("tests/access/",)  # the next, though they need this process alone


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among the modules and the tests of the run, now or later."""
    with loading():
        return (yield)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip (or fail) a test whose peers are missing."""
    if settings.STORAGE_URL and item.get_closest_marker("folder"):
        pytest.skip("looks into the folder of blobs")
    for marker in item.iter_markers("peer"):
        for name in marker.args:
            require_peer(name)


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Bring the long tests to the front, in the order that they are listed in.

    Those that share two cores with processes of others are run once more if they fail:
    a slow moment of theirs is no defect of ours. The report names each of them. A test
    that runs in this process alone has to pass at once.
    """

    long = LONG + LONG_ALONE

    def rank(item: pytest.Function) -> int:
        found = (at for at, start in enumerate(long) if item.nodeid.startswith(start))
        return next(found, len(long))

    items.sort(key=rank)
    for item in items:
        is_among_others = rank(item) < len(LONG) or "stack" in item.fixturenames
        if is_among_others or item.get_closest_marker("peer"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Yield a running portal; tests leave it running and may share it."""
    data = tmp_path_factory.mktemp("stack")
    running = Stack(data)
    try:
        running.start()
        yield running
    finally:
        running.kill()


@pytest.fixture(scope="session", autouse=True)
def _databases(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Make what tests empty; end connections of long-lived threads before it goes."""
    with django_db_blocker.unblock():
        emptying.keep_what_migrations_leave()
    yield
    emptying.forget()
    imaging_store.stop()
    database.shutdown()


@pytest.fixture(autouse=True)
def _forgotten_partitions() -> None:
    """Look partitions up anew: the test before may have taken them along."""
    partitions.forget()


@pytest.fixture
def committing(transactional_db: None) -> None:
    """Let a test commit, in any thread; the database is emptied afterwards."""


@pytest.fixture
def search_index(settings: Any, db: None) -> Iterator[SearchFollower]:
    """Have searches ask an Elasticsearch; yields the follower that fills it."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    settings.ELASTICSEARCH_URLS = [shared_url()]
    settings.ELASTICSEARCH_PREFIX = f"tests-{worker}"
    settings.ELASTICSEARCH_TIMEOUT_MS = 30_000  # a busy machine is no failure
    follower = SearchFollower()
    followers.advance(follower)
    yield follower
    indices.remove_all(connection())


@pytest.fixture
def text_index(search_index: SearchFollower) -> Iterator[TextFollower]:
    """Have words of reports asked of an Elasticsearch; yields what fills it."""
    follower = TextFollower()
    followers.advance(follower)
    yield follower
    index.remove(connection())


emptying.empty_quickly()
# How long it takes to draw an example says how busy the machine is, and no more.
hypothesis_settings.register_profile(
    "busy", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("busy")
