"""Stores that meet a rename, a disabling or a delete of their partition."""

import secrets
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from core import partitions
from core.errors import Conflict, PortalError
from core.models import Partition
from core.partitions import (
    change_partition,
    create_partition,
    delete_partition,
    get_or_create_partition,
)
from imaging.commit import Item, commit
from imaging.delete import delete_instances
from imaging.models import Study
from imaging.store_status import StoreOutcome
from tests.imaging.stores import ADMIN, DURABLE, received

pytestmark = pytest.mark.usefixtures("committing")
LONG_S = 20
DELETES, TRIES = 4, 500


@pytest.fixture
def name() -> str:
    return f"race-{secrets.token_hex(4)}"


@pytest.fixture
def key(name: str) -> int:
    return create_partition(actor=ADMIN, name=name).pk


def store(
    partition_id: int, study: str = "1", durable: "Future[None]" = DURABLE
) -> list[StoreOutcome]:
    """Store one instance as a server does that has found the partition before."""
    try:
        item = Item(ADMIN, partition_id, received(study, "2", "3"), replace=False)
        return commit([item], [durable])
    finally:
        connection.close()


def delete(name: str) -> None:
    try:
        delete_partition(actor=ADMIN, name=name)
    finally:
        connection.close()


def number_of_studies(key: int) -> int:
    return Study.objects.filter(partition_id=key).count()


def test_a_delete_waits_for_a_store_and_then_refuses(name: str, key: int) -> None:
    durable: Future[None] = Future()
    with ThreadPoolExecutor(2) as threads:
        storing = threads.submit(store, key, "1", durable)
        wait_for_study_row(key)
        deleting = threads.submit(delete, name)
        with pytest.raises(TimeoutError):
            deleting.result(0.3)
        durable.set_result(None)
        storing.result(LONG_S)
        with pytest.raises(Conflict, match="holds 1 studies"):
            deleting.result(LONG_S)
    assert number_of_studies(key) == 1


def wait_for_study_row(key: int) -> None:
    """Wait until a store has locked the partition's row, which others then cannot."""
    for _ in range(LONG_S * 100):
        with transaction.atomic():
            free = Partition.objects.select_for_update(skip_locked=True)
            if not free.filter(pk=key).exists():
                return
        threading.Event().wait(0.01)
    raise AssertionError


def test_a_store_waits_for_a_delete_and_is_then_refused(name: str, key: int) -> None:
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            delete_partition(actor=ADMIN, name=name)
            storing = threads.submit(store, key)
            with pytest.raises(TimeoutError):
                storing.result(0.3)
        with pytest.raises(Conflict, match="disabled or deleted"):
            storing.result(LONG_S)
    assert number_of_studies(key) == 0


@pytest.mark.parametrize("change", ["disabled", "deleted"])
def test_a_store_that_comes_late_is_refused(name: str, key: int, change: str) -> None:
    if change == "disabled":
        change_partition(actor=ADMIN, name=name, is_disabled=True)
    else:
        delete_partition(actor=ADMIN, name=name)
    with pytest.raises(Conflict, match="disabled or deleted"):
        store(key)
    assert number_of_studies(key) == 0


def test_a_store_into_a_study_of_a_disabled_partition_is_refused(
    name: str, key: int
) -> None:
    store(key)
    change_partition(actor=ADMIN, name=name, is_disabled=True)
    item = Item(ADMIN, key, received("1", "2", "4"), replace=False)
    with pytest.raises(Conflict):
        commit([item])


def test_a_store_goes_on_where_it_was_addressed_to_after_a_rename(
    name: str, key: int
) -> None:
    change_partition(actor=ADMIN, name=name, new_name=f"{name}-new")
    store(key)
    assert number_of_studies(key) == 1


def test_nothing_lands_in_a_deleted_partition_whatever_the_timing(name: str) -> None:
    """Writers, by name as a server finds it, against one who empties and deletes."""
    stop = threading.Event()
    keys: set[int] = set()
    pause = [0.03]  # of a writer; longer on a machine where they are always quicker

    def write(number: int) -> int:
        stored = 0
        try:
            while not stop.is_set():
                try:
                    key = get_or_create_partition(actor=ADMIN, name=name)
                    keys.add(key)
                    store(key, f"1.{number}.{stored}")
                    stored += 1
                    stop.wait(pause[0])
                except PortalError:  # disabled, deleted, or the name still rests
                    stop.wait(0.005)
        finally:
            connection.close()
        return stored

    def clear() -> int:
        deleted = 0
        try:
            for _ in range(TRIES):
                deleted += clear_once(name)
                if deleted == DELETES:
                    break
                pause[0] *= 1.02
                stop.wait(0.01)
        finally:
            connection.close()
            stop.set()
        return deleted

    with ThreadPoolExecutor(4) as threads:
        writers = [threads.submit(write, number) for number in range(3)]
        deleted = threads.submit(clear).result(120)
        assert sum(writer.result(LONG_S) for writer in writers) > 0
    gone = Partition.objects.exclude(deleted_at=None).filter(name=name)
    assert gone.count() == deleted > 0
    assert not Study.objects.filter(partition__in=gone).exists()
    assert keys >= {each.pk for each in gone}


def clear_once(name: str) -> bool:
    """Delete the studies of a partition, and then it: a writer may be quicker."""
    partitions.forget()
    held = Partition.objects.filter(name=name, deleted_at=None).first()
    if held is None:
        _let_names_rest_no_longer()
        return False
    try:
        for study in Study.objects.filter(partition=held):
            delete_instances(
                actor=ADMIN,
                partition=name,
                study_instance_uid=study.study_instance_uid,
            )
        delete_partition(actor=ADMIN, name=name)
    except PortalError:
        return False
    return True


def _let_names_rest_no_longer() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_formerpartitionname")
