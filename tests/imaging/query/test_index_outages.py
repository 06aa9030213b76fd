"""Elasticsearch is killed, hangs and comes back while studies are stored and found."""

import threading
import time
from collections.abc import Iterator
from typing import Any, Final, Self

import orjson
import pytest
from django.db import connections

from core import followers
from core.access import system
from imaging.projects import create_project
from imaging.query import Found, Level, Target, parse, search
from imaging.query.backends import ANSWERS
from imaging.query.elastic.answering import WARNING
from imaging.query.elastic.client import Away, Breaker, connection
from imaging.query.elastic.follower import SearchFollower
from imaging.query.elastic.rebuilding import verify
from tests.elastic.node import Node, own_node
from tests.imaging.stores import ADMIN, received, store

PATIENCE_S: Final = 60
PACE_S: Final = 0.02  # of the load: the follower is to reach it


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with own_node(tmp_path_factory.mktemp("elasticsearch")) as running:
        yield running


@pytest.fixture
def follower(node: Node, settings: Any, committing: None) -> SearchFollower:
    settings.ELASTICSEARCH_URLS = [node.url]
    settings.ELASTICSEARCH_TIMEOUT_MS = 2_000
    settings.ELASTICSEARCH_WAIT_MS = 0
    found = SearchFollower()
    connection().breaker.went_well()
    found.reset()
    followers.run_until_caught_up(found)
    return found


def find() -> Found:
    query = parse(Target(Level.STUDY), b"PatientName=a*&limit=1000")
    return search(actor=system("test"), partition=None, query=query, base_url="")


def uids(found: Found) -> set[str]:
    return {row["0020000D"]["Value"][0] for row in orjson.loads(found.body or b"[]")}


def answered() -> float:
    """Return how many searches the index has answered."""
    return float(ANSWERS.labels("answered")._value.get())


class Load:
    """Stores studies one after the other, and searches for each at once."""

    def __init__(self) -> None:
        self.stored: list[str] = []
        self.lost: list[str] = []
        self.warned = 0
        self.is_ending = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_ending.set()
        self._thread.join()

    def wait(self, more: int) -> None:
        """Wait until so many more are stored."""
        wanted, until = len(self.stored) + more, time.monotonic() + PATIENCE_S
        while len(self.stored) < wanted:
            assert self._thread.is_alive()
            assert time.monotonic() < until
            time.sleep(0.01)

    def _run(self) -> None:
        try:
            while not self.is_ending.wait(PACE_S):
                uid = f"1.{len(self.stored) + 1}"
                store(received(uid, f"{uid}.1", f"{uid}.1.1"))
                found = find()
                self.warned += WARNING in found.warnings
                self.lost += {*self.stored, uid} - uids(found)
                self.stored.append(uid)
        finally:
            connections.close_all()


def catch_up(follower: SearchFollower) -> None:
    """Have the follower try until Elasticsearch takes everything."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            followers.run_until_caught_up(follower)
            return
        except Away:
            assert time.monotonic() < until
            time.sleep(0.1)


@pytest.mark.peer("elasticsearch")
def test_killed_and_started_under_load(follower: SearchFollower, node: Node) -> None:
    with Load() as load:
        load.wait(3)
        followers.advance(follower)
        node.kill()
        load.wait(20)
        with pytest.raises(Away):
            followers.advance(follower)
        node.start()
        load.wait(5)
    assert load.lost == []
    catch_up(follower)
    assert all(each.is_none for each in verify())
    assert all(each.number == len(load.stored) for each in verify())


@pytest.mark.peer("elasticsearch")
def test_a_search_waits_until_the_index_has_who_may_see_what(
    follower: SearchFollower, settings: Any
) -> None:
    settings.ELASTICSEARCH_WAIT_MS = 30_000
    settings.ELASTICSEARCH_TIMEOUT_MS = 30_000
    store(received("1.1", "1.1.1", "1.1.1.1"))
    create_project(actor=ADMIN, partition="default", name="trial")

    def catch_up_later() -> None:
        time.sleep(0.1)
        followers.run_until_caught_up(follower)
        connections.close_all()

    before = answered()
    running = threading.Thread(target=catch_up_later)
    running.start()
    try:
        assert uids(find()) == {"1.1"}
    finally:
        running.join()
    assert answered() == before + 1


@pytest.mark.peer("elasticsearch")
def test_who_hangs_is_waited_for_once(
    follower: SearchFollower, node: Node, settings: Any
) -> None:
    settings.ELASTICSEARCH_TIMEOUT_MS = 200
    store(received("1.1", "1.1.1", "1.1.1.1"))
    followers.run_until_caught_up(follower)
    breaker = connection().breaker
    breaker.went_well()
    node.hang()
    try:
        for _ in range(20):
            found = find()
            assert uids(found) == {"1.1"}
            assert found.warnings == (WARNING,)
        # Each that is asked and does not answer is one failure more.
        assert breaker._failures == 1
    finally:
        node.go_on()


def test_after_a_failure_one_asks_and_the_others_wait() -> None:
    now = 0.0
    breaker = Breaker(lambda: now)
    assert breaker.admits()
    breaker.failed()
    assert not breaker.admits()
    now = 2.0
    assert [breaker.admits() for _ in range(3)] == [True, False, False]
    breaker.failed()
    now = 5.9
    assert not breaker.admits()
    now = 6.0
    assert [breaker.admits() for _ in range(3)] == [True, False, False]
    breaker.went_well()
    assert all(breaker.admits() for _ in range(3))


def test_pauses_have_an_end() -> None:
    now = 0.0
    breaker = Breaker(lambda: now)
    for _ in range(50):
        breaker.failed()
    now = 60.0
    assert breaker.admits()
