"""The change feed of instances: state when read, metadata of the entry's moment."""

from typing import Any

import pytest

from core import changefeed
from core.access import Verb
from core.changefeed import Filter
from core.errors import Forbidden
from core.models import AuditRecord
from core.partitions import change_partition, get_or_create_partition
from imaging.delete import delete_instances
from imaging.feed import InstanceEntry, Metadata, State, latest_entry, read_feed
from imaging.metadata import unpack
from imaging.models import Study
from tests.actors import READING, acting
from tests.imaging.stores import ADMIN, received, store

pytestmark = pytest.mark.django_db


@pytest.fixture
def start() -> int:
    return changefeed.head()


def read(start: int, **more: Any) -> list[InstanceEntry]:
    usual = {
        "actor": ADMIN,
        "where": Filter(),
        "after": start,
        "offset": 0,
        "limit": 100,
        "metadata": Metadata.OF_ITS_MOMENT,
    }
    return read_feed(**{**usual, **more})


def delete(study: str, partition: str = "default") -> None:
    delete_instances(actor=ADMIN, partition=partition, study_instance_uid=study)


def states(entries: list[InstanceEntry]) -> list[tuple[str, str]]:
    return [(each.entry.op, each.state) for each in entries]


def test_an_entry_names_instance_and_partition() -> None:
    get_or_create_partition(actor=ADMIN, name="site-1")
    start = changefeed.head()
    store(received("1", "2", "3"), partition="site-1")
    (found,) = read(start)
    assert found.entry.seq == start + 1
    assert found.entry.key == ("1", "2", "3")
    assert (found.partition_name, found.state) == ("site-1", State.CURRENT)
    assert found.metadata is not None
    assert b'"00080018":{"vr":"UI","Value":["3"]}' in unpack(found.metadata)


def test_create_delete_create_is_replaced_replaced_current(start: int) -> None:
    store(received("1", "2", "3"))
    delete("1")
    assert states(read(start)) == [("create", "deleted"), ("delete", "deleted")]
    assert [each.metadata for each in read(start)] == [None, None]
    store(received("1", "2", "3"))
    found = read(start)
    assert states(found) == [
        ("create", "replaced"),
        ("delete", "replaced"),
        ("create", "current"),
    ]
    assert [each.metadata is None for each in found] == [False, True, False]


def test_each_entry_keeps_the_metadata_of_its_moment(start: int) -> None:
    store(received("1", "2", "3", date="20200101"))
    store(received("1", "2", "3", date="20210101"), replace=True)
    found = read(start)
    assert states(found) == [("create", "replaced"), ("update", "current")]
    assert [b'"20200101"' in unpack(each.metadata or b"") for each in found] == [
        True,
        False,
    ]


def test_or_the_metadata_of_the_current_version(start: int) -> None:
    store(received("1", "2", "3", date="20200101"))
    delete("1")
    store(received("1", "2", "3", date="20210101"))
    found = read(start, metadata=Metadata.CURRENT)
    assert [b'"20210101"' in unpack(each.metadata or b"") for each in found] == [
        True
    ] * 3
    delete("1")
    assert [each.metadata for each in read(start, metadata=Metadata.CURRENT)] == (
        [None] * 4
    )


def test_entries_of_a_disabled_partition_come_without_metadata(start: int) -> None:
    store(received("1", "2", "3"), partition="site-1")
    change_partition(actor=ADMIN, name="site-1", is_disabled=True)
    (found,) = read(start)
    assert (found.state, found.metadata) == (State.CURRENT, None)
    change_partition(actor=ADMIN, name="site-1", is_disabled=False)
    assert read(start)[0].metadata is not None


def test_metadata_is_left_out_on_request_and_what_is_read_is_audited(
    start: int,
) -> None:
    store(received("1", "2", "3"))
    assert [each.metadata for each in read(start, metadata=Metadata.NONE)] == [None]
    read(start)
    uids, metadata = AuditRecord.objects.filter(action="read-feed").order_by("id")
    assert uids.detail == f"UIDs of 1 instances, from entry {start + 1}"
    assert metadata.detail == f"metadata of 1 instances, from entry {start + 1}"
    patient = Study.objects.get().linked_patient_id
    assert uids.patients == metadata.patients == [patient]


def test_who_polls_for_nothing_new_is_not_audited(start: int) -> None:
    assert read(start) == []
    assert not AuditRecord.objects.filter(action="read-feed").exists()


def test_entries_of_what_is_deleted_are_audited_by_their_study(start: int) -> None:
    store(received("1", "2", "3"))
    delete("1")
    read(start)
    record = AuditRecord.objects.get(action="read-feed")
    assert (record.patients, record.studies) == ([], ["1"])


def test_the_same_uids_elsewhere_are_other_instances(start: int) -> None:
    store(received("1", "2", "3"))
    store(received("1", "2", "3"), partition="site-1")
    delete("1", "site-1")
    assert states(read(start)) == [
        ("create", "current"),
        ("create", "deleted"),
        ("delete", "deleted"),
    ]


def test_only_what_may_be_seen_is_told(start: int) -> None:
    store(received("1", "2", "3"))
    store(received("4", "5", "6"), partition="site-1")
    key = get_or_create_partition(actor=ADMIN, name="site-1")
    bound = acting(1, "bound", READING, frozenset({key}))
    assert [each.entry.key[0] for each in read(start, actor=bound)] == ["4"]
    with pytest.raises(Forbidden):
        read(start, actor=acting(2, "writer", frozenset({Verb.STORE})))


def test_pages_follow_each_other(start: int) -> None:
    store(*(received("1", "2", str(number)) for number in range(5)))
    first = read(start, limit=2)
    rest = read(first[-1].entry.seq)
    assert [each.entry.key[2] for each in first + rest] == list("01234")
    assert [each.entry.key[2] for each in read(start, offset=3)] == ["3", "4"]


def test_the_latest_is_the_last_that_may_be_seen(start: int) -> None:
    store(*(received("1", "2", str(number)) for number in range(3)))
    latest = latest_entry(actor=ADMIN, where=Filter(), metadata=Metadata.OF_ITS_MOMENT)
    assert latest is not None
    assert latest.entry.key == ("1", "2", "2")
    nowhere = acting(1, "bound", READING, frozenset())
    assert latest_entry(actor=nowhere, where=Filter(), metadata=Metadata.NONE) is None
