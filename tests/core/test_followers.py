"""Followers: exactly once, in order, past what cannot be applied, rebuilt."""

from collections.abc import Iterator, Sequence

import pytest
from django.db import OperationalError, connection, transaction

from core import changefeed, follower_status, followers
from core.access import system
from core.changefeed import Change, Entry, Op
from core.errors import NotFound, Upstream
from core.followers import Follower
from core.models import DeadLetter, FollowerCursor
from tests.core import house

pytestmark = pytest.mark.django_db
ACTOR = system("test")


class Held(Follower):
    """Which keys exist: a table derived from the feed."""

    name = "held"

    def __init__(self) -> None:
        self.poison: set[str] = set()
        self.failure: Exception = KeyError("broken")
        self.calls = 0

    def apply(self, entries: Sequence[Entry]) -> None:
        self.calls += 1
        with connection.cursor() as cursor:
            for entry in entries:
                if entry.key[0] in self.poison:
                    raise self.failure
                if entry.op == "delete":
                    cursor.execute("DELETE FROM test_held WHERE k = %s", entry.key)
                else:
                    cursor.execute(
                        "INSERT INTO test_held VALUES (%s, %s) ON CONFLICT (k)"
                        " DO UPDATE SET seq = excluded.seq",
                        [*entry.key, entry.seq],
                    )

    def reset(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM test_held")


class Counter(Held):
    """How many changes each key has seen: right only if each is applied once."""

    name = "counter"

    def apply(self, entries: Sequence[Entry]) -> None:
        with connection.cursor() as cursor:
            for entry in entries:
                cursor.execute(
                    "INSERT INTO test_held VALUES (%s, 1) ON CONFLICT (k)"
                    " DO UPDATE SET seq = test_held.seq + 1",
                    entry.key,
                )


@pytest.fixture(autouse=True)
def derived(db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE test_held (k text PRIMARY KEY, seq bigint)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE test_held")


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    monkeypatch.setattr(followers, "_followers", {})
    follower = Held()
    followers.register(follower)
    return follower


def write(key: str, op: Op = "create") -> None:
    with transaction.atomic():
        changefeed.append([Change("thing", op, (key,), None)], actor=ACTOR)


def rows() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT k, seq FROM test_held ORDER BY k")
        return list(cursor.fetchall())


def letters() -> list[tuple[int, int]]:
    return list(DeadLetter.objects.values_list("seq", "attempts"))


def test_a_follower_catches_up_and_rests(held: Held) -> None:
    for key in "abc":
        write(key)
    write("b", "delete")
    assert followers.run_until_caught_up(held) == 4
    assert rows() == [("a", 1), ("c", 3)]
    assert followers.advance(held) == 0
    assert FollowerCursor.objects.get(name="held").seq == 4


def test_what_cannot_be_applied_is_parked_and_the_rest_goes_on(held: Held) -> None:
    held.poison = {"b"}
    for key in "abc":
        write(key)
    followers.run_until_caught_up(held)
    assert rows() == [("a", 1), ("c", 3)]
    assert letters() == [(2, 1)]
    assert DeadLetter.objects.get().error == "KeyError('broken')"
    assert held.calls == 1 + 1 + followers.TRIES + 1


def test_later_entries_of_a_parked_key_wait_and_are_replayed_in_order(
    held: Held,
) -> None:
    held.poison = {"b"}
    write("b")
    followers.run_until_caught_up(held)
    held.poison = set()
    write("b", "delete")
    write("c")
    followers.run_until_caught_up(held)
    assert rows() == [("c", 3)]
    assert letters() == [(1, 1), (2, 1)]
    assert followers.replay(held) == (2, 0)
    assert rows() == [("c", 3)]


def test_a_replay_that_fails_keeps_the_letters(held: Held) -> None:
    held.poison = {"b"}
    write("b")
    write("b", "delete")
    followers.run_until_caught_up(held)
    assert followers.replay(held) == (0, 2)
    assert letters() == [(1, 2), (2, 1)]


@pytest.mark.parametrize(
    "failure", [OperationalError("gone"), Upstream("down", retryable=True)]
)
def test_what_may_succeed_later_is_tried_again_and_not_parked(
    held: Held, failure: Exception
) -> None:
    held.poison, held.failure = {"b"}, failure
    write("a")
    write("b")
    with pytest.raises(type(failure)):
        followers.advance(held)
    assert (rows(), letters()) == ([], [])
    held.poison = set()
    followers.run_until_caught_up(held)
    assert rows() == [("a", 1), ("b", 2)]


def test_a_new_version_rebuilds(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a")
    followers.run_until_caught_up(held)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO test_held VALUES ('left over', 0)")
    monkeypatch.setattr(Held, "version", 2)
    assert follower_status.status()[0].lag == 1
    assert followers.run_until_caught_up(held) == 1
    assert rows() == [("a", 1)]
    assert FollowerCursor.objects.get(name="held").version == 2


@pytest.mark.django_db(transaction=True)
def test_only_one_process_runs_a_follower(held: Held) -> None:
    write("a")
    followers.run_until_caught_up(held)
    write("b")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN; SELECT * FROM core_followercursor FOR UPDATE")
        assert followers.advance(held) == 0
        with other.cursor() as cursor:
            cursor.execute("ROLLBACK")  # closing alone, the server takes its time
    finally:
        other.close()
    assert followers.advance(held) == 1


def test_status_tells_the_lag(held: Held) -> None:
    write("a")
    held.poison = {"b"}
    write("b")
    followers.run_until_caught_up(held)
    write("c")
    (status,) = follower_status.status()
    assert (status.name, status.seq, status.lag) == ("held", 2, 1)
    assert status.number_of_dead_letters == 1
    assert follower_status.behind() == ["held"]
    assert status.lag_s >= 0
    followers.run_until_caught_up(held)
    assert follower_status.status()[0].lag_s == 0
    assert follower_status.behind() == []


def test_names_are_unique_and_known(held: Held) -> None:
    assert followers.follower_named("held") is held
    with pytest.raises(ValueError, match="two followers"):
        followers.register(Held())
    with pytest.raises(NotFound, match="The followers are: held"):
        followers.follower_named("other")


OPERATIONS: tuple[tuple[str, Op], ...] = (
    ("a", "create"), ("b", "create"), ("a", "update"), ("c", "create"),
    ("b", "delete"), ("d", "create"), ("a", "delete"), ("b", "create"),
    ("c", "update"), ("c", "update"), ("d", "delete"), ("e", "create"),
)  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("kind", "repeats"), [(Held, True), (Counter, False)])
def test_house_incremental_equals_rebuilt(
    kind: type[Held], seed: int, *, repeats: bool
) -> None:
    writes = [lambda key=key, op=op: write(key, op) for key, op in OPERATIONS]
    derived = house.check(
        kind(), writes=writes, snapshot=rows, seed=seed, repeats=repeats
    )
    expected = {
        Held: [("b", 8), ("c", 10), ("e", 12)],
        Counter: [("a", 3), ("b", 3), ("c", 3), ("d", 2), ("e", 1)],
    }
    assert derived == expected[kind]
