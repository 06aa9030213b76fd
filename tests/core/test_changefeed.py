"""The change feed: order, gaplessness, immutability, filters."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from core import changefeed
from core.access import Verb, system
from core.changefeed import Change, Filter
from core.database import raw_connection
from core.errors import Forbidden
from tests.actors import READING, acting

ACTOR = system("test")


def change(
    *key: str, partition_id: int | None = 1, op: changefeed.Op = "create"
) -> Change:
    return Change("instance", op, key or ("1",), partition_id)


def append(*changes: Change) -> int:
    with transaction.atomic():
        return changefeed.append(changes or [change()], actor=ACTOR)


def seqs(**filters: Any) -> list[int]:
    entries = changefeed.read(actor=ACTOR, after=0, limit=100, where=Filter(**filters))
    return [entry.seq for entry in entries]


@pytest.mark.django_db
def test_entries_keep_what_changed() -> None:
    first = Change("instance", "create", ("1.2", "1.3", "1.4"), 7, 42)
    second = Change("partition", "delete", (), None, None, "asked for")
    assert changefeed.head() == 0
    assert append(first, second) == 2
    one, two = changefeed.read(actor=ACTOR, after=0, limit=10)
    assert (one.seq, one.kind, one.op, one.key) == (
        1,
        "instance",
        "create",
        ("1.2", "1.3", "1.4"),
    )
    assert (one.partition_id, one.version, one.actor) == (7, 42, "system:test")
    assert (two.seq, two.key, two.partition_id, two.version, two.reason) == (
        2,
        (),
        None,
        None,
        "asked for",
    )
    assert changefeed.latest(actor=ACTOR) == two
    assert changefeed.head() == 2


@pytest.mark.django_db
def test_reads_page_after_a_number() -> None:
    append(*[change(str(number)) for number in range(5)])
    page = changefeed.read(actor=ACTOR, after=2, limit=2)
    assert [(entry.seq, entry.key) for entry in page] == [(3, ("2",)), (4, ("3",))]
    assert [
        entry.seq for entry in changefeed.read(actor=ACTOR, after=0, limit=2, offset=3)
    ] == [4, 5]


@pytest.mark.django_db
def test_the_version_before_is_that_of_the_same_key_and_partition() -> None:
    append(
        Change("instance", "create", ("a", "b"), 1, 7),
        Change("instance", "create", ("a", "b"), 2, 8),
        Change("other", "create", ("a", "b"), 1, 9),
        Change("instance", "update", ("a", "b"), 1, 10),
        Change("instance", "delete", ("a", "b"), 1),
        Change("instance", "create", ("a", "b"), 1, 11),
        Change("instance", "update", ("a", "c"), 1, 12),
        Change("partition", "delete", (), None),
    )
    entries = changefeed.read(actor=ACTOR, after=3, limit=10)
    before = changefeed.versions_before(entries)
    assert [before.get(entry.seq) for entry in entries] == [7, 10, None, None, None]
    assert changefeed.versions_before([]) == {}


@pytest.mark.django_db
def test_filters_select_in_the_query() -> None:
    append(
        change("a", "b"),
        change("a", "c", op="delete"),
        change("b", "b", partition_id=2),
        Change("partition", "create", ("p",), None),
    )
    assert seqs(key_prefix=("a",)) == [1, 2]
    assert seqs(key_prefix=("a", "b")) == [1]
    assert seqs(op="delete") == [2]
    assert seqs(kind="partition") == [4]
    assert seqs(partition_ids=(2,)) == [3]
    assert seqs(partition_ids=(1, 2), op="create") == [1, 3]
    assert seqs(partition_ids=()) == []


@pytest.mark.django_db
def test_time_windows_include_their_begin_and_exclude_their_end() -> None:
    for _ in range(3):
        append()
    at = [entry.at for entry in changefeed.read(actor=ACTOR, after=0, limit=3)]
    assert seqs(from_at=at[1]) == [2, 3]
    assert seqs(until_at=at[1]) == [1]
    assert seqs(from_at=at[1], until_at=at[2]) == [2]
    assert seqs(from_at=at[2] + timedelta(microseconds=1)) == []


@pytest.mark.django_db
def test_an_actor_reads_the_entries_of_its_partitions_only() -> None:
    append(change(partition_id=1), change(partition_id=2), change(partition_id=None))
    reader = acting(1, "reader", READING, frozenset({2}))
    assert [e.seq for e in changefeed.read(actor=reader, after=0, limit=9)] == [2]
    nobody = acting(1, "nobody", READING, frozenset())
    assert changefeed.read(actor=nobody, after=0, limit=9) == []
    assert changefeed.latest(actor=nobody) is None
    writer = acting(1, "writer", frozenset({Verb.STORE}))
    with pytest.raises(Forbidden):
        changefeed.read(actor=writer, after=0, limit=9)


@pytest.mark.django_db(transaction=True)
def test_append_asks_for_a_transaction_and_for_changes() -> None:
    with pytest.raises(RuntimeError):
        changefeed.append([change()], actor=ACTOR)
    with transaction.atomic(), pytest.raises(ValueError, match="not 0"):
        changefeed.append([], actor=ACTOR)
    assert changefeed.head() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_feedentry SET reason = 'other'",
        "DELETE FROM core_feedentry",
        "TRUNCATE core_feedentry",
    ],
)
def test_the_database_refuses_changes_of_entries(statement: str) -> None:
    append()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL portal.retention = 'off'")
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        raw_connection().execute(statement)


@pytest.mark.django_db
def test_a_rollback_leaves_no_gap() -> None:
    append(change("a"))
    with pytest.raises(KeyError), transaction.atomic():
        changefeed.append([change("b"), change("c")], actor=ACTOR)
        raise KeyError
    append(change("d"))
    entries = changefeed.read(actor=ACTOR, after=0, limit=9)
    assert [(entry.seq, entry.key) for entry in entries] == [(1, ("a",)), (2, ("d",))]


@pytest.mark.django_db(transaction=True)
def test_two_open_transactions_commit_in_the_order_of_their_numbers() -> None:
    appended, finish, second_done = (threading.Event() for _ in range(3))

    def first() -> None:
        with transaction.atomic():
            changefeed.append([change("first")], actor=ACTOR)
            appended.set()
            finish.wait(10)
        connection.close()

    def second() -> None:
        # Opened, with a snapshot and a row written, before the first one commits.
        with transaction.atomic():
            raw_connection().execute("SELECT count(*) FROM core_feedentry")
            changefeed.append([change("second")], actor=ACTOR)
        second_done.set()
        connection.close()

    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(first)
        assert appended.wait(10)
        two = threads.submit(second)
        assert not second_done.wait(0.3)  # it would be seen before the first
        assert changefeed.head() == 0
        finish.set()
        one.result(10)
        two.result(10)
    entries = changefeed.read(actor=ACTOR, after=0, limit=9)
    assert [(e.seq, e.key) for e in entries] == [(1, ("first",)), (2, ("second",))]
    assert entries[0].at <= entries[1].at


WRITERS, TRANSACTIONS, READERS = 8, 25, 4


def write_many(writer: int) -> int:
    """Append in many transactions, some rolled back; return how many entries stay."""
    stay = 0
    for number in range(TRANSACTIONS):
        size = 1 + (writer + number) % 3
        try:
            with transaction.atomic():
                changes = [
                    change(f"{writer}", f"{number}", f"{n}") for n in range(size)
                ]
                changefeed.append(changes, actor=ACTOR)
                if number % 5 == 4:
                    raise KeyError
            stay += size
        except KeyError:
            pass
    connection.close()
    return stay


def read_until(stop: threading.Event) -> list[int]:
    """Follow the feed as a client does; return the numbers in the order seen."""
    seen: list[int] = []
    while True:
        last_round = stop.is_set()
        after = seen[-1] if seen else 0
        page = changefeed.read(actor=ACTOR, after=after, limit=7)
        seen += [entry.seq for entry in page]
        if last_round and not page:
            connection.close()
            return seen


@pytest.mark.django_db(transaction=True)
def test_readers_miss_and_repeat_nothing_while_many_write() -> None:
    stop = threading.Event()
    with ThreadPoolExecutor(WRITERS + READERS) as threads:
        readers = [threads.submit(read_until, stop) for _ in range(READERS)]
        writers = [threads.submit(write_many, number) for number in range(WRITERS)]
        total = sum(writer.result(60) for writer in writers)
        stop.set()
        for reader in readers:
            assert reader.result(60) == list(range(1, total + 1))
    times = [e.at for e in changefeed.read(actor=ACTOR, after=0, limit=total)]
    assert times == sorted(times)
