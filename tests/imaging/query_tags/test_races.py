"""Tags that are added, indexed and deleted while others store, delete and move."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.db import connection, transaction

from core.database import raw_connection
from core.operation_worker import run_operation
from core.operations import cancel_operation, retry_operation
from imaging.delete import delete_instances
from imaging.models import QueryTag, TagValue
from imaging.query_tags import reindex, waiting
from imaging.query_tags.managing import delete_tag
from tests.imaging.query_tags.tagging import (
    add,
    expire,
    find,
    held,
    instance,
    ready,
    rebuilt,
    run,
)
from tests.imaging.races import await_waiting, feed_held, in_thread
from tests.imaging.stores import ADMIN, store

T = TypeVar("T")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a step wait for a moment only."""
    monkeypatch.setattr(waiting, "_WAIT_S", 0.05)


@pytest.mark.usefixtures("_impatient")
def test_a_store_that_began_before_the_tag_is_not_lost() -> None:
    one = instance("1", "1.1", "1.1.1", PatientAge="053Y")
    with ThreadPoolExecutor(1) as threads:
        with feed_held():
            storing = threads.submit(in_thread, lambda: store(one))
            await_waiting()
            # It has read the tags, of which there are none, and written its rows.
            # What follows happens on another connection, as this one holds the feed.
            operation = apart(lambda: add("PatientAge"))
            for _ in range(3):
                apart(lambda: run_operation(operation.pk, time_limit_s=0))
            operation.refresh_from_db()
            assert operation.state == "running"  # it waits for the store
            assert QueryTag.objects.get().status == "adding"
        storing.result()
    run(operation)
    assert find("PatientAge=053Y") == ["1"]


def apart(work: Callable[[], T]) -> T:
    """Do something on a connection of its own and return what came of it."""
    found: list[T] = []

    def call() -> None:
        found.append(work())

    thread = threading.Thread(target=in_thread, args=(call,))
    thread.start()
    thread.join()
    return found[0]


def test_what_is_stored_while_it_is_indexed_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reindex, "ROWS_AT_ONCE", 1)
    monkeypatch.setattr(reindex, "STEP_S", 0)
    for number in range(1, 4):
        store(instance(f"{number}", f"{number}.1", f"{number}.1.1", PatientAge="001Y"))
    operation = add("PatientAge")
    more = 10
    while run_operation(operation.pk, time_limit_s=0):
        more += 1
        store(instance(f"{more}", f"{more}.1", f"{more}.1.1", PatientAge="001Y"))
        delete = 4 - (more - 10)
        if delete == 2:
            delete_instances(
                actor=ADMIN, partition="default", study_instance_uid=f"{delete}"
            )
    found = find("PatientAge=001Y")
    assert set(found) == {"1", "3", *map(str, range(11, more + 1))}
    assert held() == rebuilt()


class Killed(BaseException):
    """The worker dies: nobody catches it."""


def test_indexing_goes_on_after_its_worker_was_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reindex, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(reindex, "STEP_S", 0)
    for number in range(1, 8):
        store(instance(f"{number}", f"{number}.1", f"{number}.1.1", PatientAge="001Y"))
    operation = add("PatientAge")
    index_some = reindex._index_some
    seen = 0

    def dying(*given: object) -> object:
        nonlocal seen
        seen += 1
        found = index_some(*given)  # type: ignore[arg-type] # passed on as it came
        if seen == 3:
            raise Killed  # after it has committed, before it is noted
        return found

    monkeypatch.setattr(reindex, "_index_some", dying)
    with pytest.raises(Killed):
        run_operation(operation.pk)
    assert run_operation(operation.pk) is False  # the lease is held
    expire(operation)
    assert run(operation).state == "succeeded"
    assert len(find("PatientAge=001Y")) == 7
    assert TagValue.objects.count() == 7


def test_several_operations_index_at_once() -> None:
    store(instance("1", "1.1", "1.1.1", PatientAge="001Y", ProtocolName="x"))
    first, second = add("PatientAge"), add("ProtocolName", level="series")
    while run_operation(first.pk, time_limit_s=0) | run_operation(
        second.pk, time_limit_s=0
    ):
        pass
    assert find("PatientAge=001Y") == ["1"]
    assert {tag.status for tag in QueryTag.objects.all()} == {"ready"}


def test_a_canceled_operation_leaves_the_tag_unready_and_can_go_on() -> None:
    store(instance("1", "1.1", "1.1.1", PatientAge="001Y"))
    operation = add("PatientAge")
    run_operation(operation.pk, time_limit_s=0)
    cancel_operation(actor=ADMIN, operation_id=operation.pk)
    assert run(operation).state == "canceled"
    assert QueryTag.objects.get().status == "adding"
    retry_operation(actor=ADMIN, operation_id=operation.pk)
    assert run(operation).state == "succeeded"
    assert find("PatientAge=001Y") == ["1"]


def test_a_tag_that_is_deleted_while_it_is_indexed_leaves_nothing() -> None:
    store(instance("1", "1.1", "1.1.1", PatientAge="001Y"))
    operation = add("PatientAge")
    run_operation(operation.pk, time_limit_s=0)
    removal = delete_tag(actor=ADMIN, path="PatientAge")
    assert run(operation).state == "succeeded"
    assert run(removal).state == "succeeded"
    assert (QueryTag.objects.count(), TagValue.objects.count()) == (0, 0)
    assert run(add("PatientAge")).state == "succeeded"
    assert find("PatientAge=001Y") == ["1"]


@pytest.mark.usefixtures("_impatient")
def test_a_tag_is_not_gone_before_those_that_still_index_by_it() -> None:
    ready("PatientAge")
    one = instance("1", "1.1", "1.1.1", PatientAge="053Y")
    with ThreadPoolExecutor(1) as threads:
        with feed_held():
            storing = threads.submit(in_thread, lambda: store(one))
            await_waiting()
            removal = apart(lambda: delete_tag(actor=ADMIN, path="PatientAge"))
            for _ in range(3):
                apart(lambda: run_operation(removal.pk, time_limit_s=0))
            assert QueryTag.objects.get().status == "deleting"
        storing.result()
    assert TagValue.objects.count() == 1
    run(removal)
    assert (QueryTag.objects.count(), TagValue.objects.count()) == (0, 0)


def test_all_who_have_a_number_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_WAIT_S", 0)
    seen: list[bool] = []

    def look() -> None:
        seen.append(waiting.have_ended(last))
        connection.close()

    with transaction.atomic():
        # Drawn after the last one that has ended: in no list of a snapshot.
        raw_connection().execute("SELECT pg_current_xact_id()")
        last = apart(waiting.last_writer)
        apart(look)
    monkeypatch.undo()  # other databases of the cluster may be writing
    apart(look)
    assert seen == [False, True]
