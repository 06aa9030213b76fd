"""The locks under which a store decides what is new."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction

from core.access import system
from core.partitions import get_or_create_partition
from imaging import commit_sql
from imaging.commit import Item, commit
from imaging.delete import delete_instances
from imaging.models import Instance, Study
from tests.imaging.stores import ADMIN, received, store

STUDY, SERIES = "1.2.3", "1.2.3.4"

pytestmark = pytest.mark.usefixtures("committing")


def key(sop: str = "1.2.3.4.5") -> commit_sql.Key:
    partition = get_or_create_partition(actor=ADMIN, name="default")
    return (partition, STUDY, SERIES, sop)


def elsewhere(function: Callable[..., object], *args: object) -> Future[object]:
    """Call a function in a thread, and so on a connection, of its own."""

    def call() -> object:
        try:
            return function(*args)
        finally:
            connection.close()

    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(call)
    finally:
        pool.shutdown(wait=False)


def lock_study_now() -> None:
    """Take the lock of the only study, or fail at once."""
    with transaction.atomic():
        Study.objects.select_for_update(nowait=True).get()


def test_a_study_that_is_there_is_locked_and_not_changed() -> None:
    store(received(STUDY, SERIES, "1.2.3.4.1"))
    before = Study.objects.values().get()
    with transaction.atomic():
        (place,), _tags = commit_sql.lock_places([key()])
        with pytest.raises(OperationalError, match="could not obtain lock"):
            elsewhere(lock_study_now).result()
    assert place.study_id == before["id"]
    assert Study.objects.values().get() == before
    elsewhere(lock_study_now).result()


def test_places_come_in_order_and_tell_what_is_held() -> None:
    held, new = received(STUDY, SERIES, "1.2.3.4.9"), "1.2.3.4.1"
    store(held)
    with transaction.atomic():
        (first, second), _ = commit_sql.lock_places([key("1.2.3.4.9"), key(new)])
    assert first.held is not None
    assert first.held.blob_key == held.blob_key
    assert second.held is None
    assert first.version_id < second.version_id


def test_a_study_deleted_while_a_store_waits_is_created_anew() -> None:
    store(received(STUDY, SERIES, "1.2.3.4.1"))
    item = Item(ADMIN, key()[0], received(STUDY, SERIES, "1.2.3.4.2"), replace=False)
    with transaction.atomic():
        Study.objects.select_for_update().get()
        waiting = elsewhere(commit, [item])
        while not _something_waits_for_a_lock():
            time.sleep(0.01)
        Instance.objects.all().delete()
        Study.objects.all().delete()
    waiting.result()
    assert Instance.objects.get().sop_instance_uid == "1.2.3.4.2"
    delete_instances(actor=ADMIN, partition="default", study_instance_uid=STUDY)
    assert not Study.objects.exists()


def test_nothing_commits_whose_bytes_are_not_durable() -> None:
    failed: Future[None] = Future()
    failed.set_exception(OSError("no space"))
    item = Item(system("test"), key()[0], received(STUDY, SERIES, "1.9"), replace=False)
    with pytest.raises(OSError, match="no space"):
        commit([item], [failed])
    assert not Study.objects.exists()


def _something_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND datname = current_database()"
        )
        return cursor.fetchone() is not None
