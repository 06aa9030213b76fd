"""Storing: what is held after any sequence of stores, by any number of writers."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.db import connection
from pydicom.dataset import Dataset

from core import changefeed
from core.errors import Forbidden, NotFound
from core.partitions import get_or_create_partition
from imaging.blobs import store as blob_store
from imaging.errors import StorageUnavailable
from imaging.models import FreedBlob, Instance, InstanceVersion, PatientVariant, Study
from imaging.receive import EXECUTABLE_HINT, Incoming, Received
from imaging.store import Refused, Stored, StoreOutcome, store_instances
from imaging.store_status import FailureReason, WarningReason
from tests.actors import ALL_VERBS, acting
from tests.synthetic import encode, instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")
WRITER = acting(None, "writer", ALL_VERBS)


@pytest.fixture
def partition() -> int:
    return get_or_create_partition(actor=WRITER, name=f"store-{new_uid()[-12:]}")


def receive(content: bytes, study: str | None = None) -> Received | Refused:
    incoming = Incoming(study)
    incoming.write(content)
    return incoming.finish()


def store(
    partition: int, *datasets: Dataset, replace: bool = False
) -> list[StoreOutcome]:
    received = [receive(encode(dataset)) for dataset in datasets]
    return store_instances(
        WRITER,
        partition_id=partition,
        received=[one for one in received if isinstance(one, Received)],
        replace=replace,
    ).result()


def study_of(partition: int, dataset: Dataset) -> Study:
    return Study.objects.get(
        partition_id=partition, study_instance_uid=dataset.StudyInstanceUID
    )


def value(study: Study, tag: str) -> Any:
    members = orjson.loads(b"{" + bytes(study.summary) + b"}")
    return members[tag].get("Value")


def test_a_stored_instance_is_held_with_bytes_metadata_and_index(
    partition: int,
) -> None:
    dataset = instance(PatientName="Müller^Jörg")
    content = encode(dataset)
    received = receive(content)
    assert isinstance(received, Received)

    (outcome,) = store_instances(
        WRITER, partition_id=partition, received=[received], replace=False
    ).result()

    assert isinstance(outcome, Stored)
    assert outcome.warning is None
    held = Instance.objects.get(sop_instance_uid=dataset.SOPInstanceUID)
    with blob_store().open(held.version.blob_key, len(content)) as blob:
        assert blob.read(0, blob.size) == content
    assert bytes(held.version.sha256) == hashlib.sha256(content).digest()
    assert held.instance_number == dataset.InstanceNumber
    study = study_of(partition, dataset)
    assert study.patient_name_alphabetic_folded == "muller^jorg"
    assert (study.number_of_series, study.number_of_instances) == (1, 1)
    assert study.modalities_in_study == ["CT"]
    assert study.sop_classes_in_study == [dataset.SOPClassUID]
    assert study.linked_patient is not None
    assert study.linked_patient.patient_id == "P1"


def test_a_second_store_fails_and_says_whether_the_bytes_are_identical(
    partition: int,
) -> None:
    dataset = instance()
    store(partition, dataset)
    blobs = InstanceVersion.objects.count()

    (same,) = store(partition, dataset)
    dataset.PatientName = "Other^Name"
    (different,) = store(partition, dataset)

    assert isinstance(same, Refused)
    assert same.reason == FailureReason.INSTANCE_EXISTS
    assert "identical" in same.comments[0]
    assert isinstance(different, Refused)
    assert "different" in different.comments[0]
    assert InstanceVersion.objects.count() == blobs
    assert study_of(partition, dataset).patient_name == "Doe^Jane"


def test_the_same_instance_twice_in_one_request_is_stored_once(partition: int) -> None:
    dataset = instance()

    first, second = store(partition, dataset, dataset)

    assert isinstance(first, Stored)
    assert isinstance(second, Refused)
    assert second.reason == FailureReason.INSTANCE_EXISTS
    assert study_of(partition, dataset).number_of_instances == 1


def test_a_replacement_gives_a_new_version_and_frees_the_old_blob(
    partition: int,
) -> None:
    dataset = instance()
    store(partition, dataset)
    old = Instance.objects.get(sop_instance_uid=dataset.SOPInstanceUID).version
    before = changefeed.head()
    dataset.PatientName = "Roe^Richard"

    (outcome,) = store(partition, dataset, replace=True)

    assert isinstance(outcome, Stored)
    assert outcome.replaced
    new = Instance.objects.get(sop_instance_uid=dataset.SOPInstanceUID).version
    assert new.pk != old.pk
    assert FreedBlob.objects.filter(blob_key=old.blob_key).exists()
    study = study_of(partition, dataset)
    assert study.patient_name == "Roe^Richard"
    assert study.number_of_instances == 1
    assert study.number_of_patient_variants == 1
    (entry,) = changefeed.read(actor=WRITER, after=before, limit=10)
    assert entry.op == "update"
    assert entry.version == new.pk
    assert entry.key == (
        dataset.StudyInstanceUID,
        dataset.SeriesInstanceUID,
        dataset.SOPInstanceUID,
    )


def test_an_empty_patient_id_never_replaces_one(partition: int) -> None:
    first = instance(PatientID="")
    second, third = (
        instance(
            PatientID=patient_id,
            StudyInstanceUID=first.StudyInstanceUID,
            SeriesInstanceUID=first.SeriesInstanceUID,
            StudyDescription=f"of {patient_id or 'nobody'}",
        )
        for patient_id in ("123", "")
    )

    assert [store(partition, one)[0] for one in (first, second, third)]

    study = study_of(partition, first)
    assert study.patient_id == "123"
    assert value(study, "00100020") == ["123"]
    assert study.study_description == "of nobody"


def test_contradicting_patients_in_one_study_are_stored_and_flagged(
    partition: int,
) -> None:
    first = instance(PatientName="Doe^Jane")
    second = instance(PatientName="Doe^John", StudyInstanceUID=first.StudyInstanceUID)

    store(partition, first, second)

    study = study_of(partition, first)
    assert study.number_of_patient_variants == 2
    names = PatientVariant.objects.filter(study=study).values_list(
        "patient_name", "number_of_instances"
    )
    assert sorted(names) == [("Doe^Jane", 1), ("Doe^John", 1)]
    assert study.patient_name == "Doe^John"


def test_the_same_triple_may_lie_in_two_partitions(partition: int) -> None:
    other = get_or_create_partition(actor=WRITER, name=f"other-{new_uid()[-12:]}")
    dataset = instance()

    assert isinstance(store(partition, dataset)[0], Stored)
    assert isinstance(store(other, dataset)[0], Stored)


def test_of_many_writers_of_one_instance_exactly_one_wins(partition: int) -> None:
    dataset = instance()

    def write(number: int) -> StoreOutcome:
        copy = instance(
            SOPInstanceUID=dataset.SOPInstanceUID,
            StudyInstanceUID=dataset.StudyInstanceUID,
            SeriesInstanceUID=dataset.SeriesInstanceUID,
            PatientName=f"Writer^{number}",
        )
        return store(partition, copy)[0]

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(write, range(24)))

    assert sum(isinstance(outcome, Stored) for outcome in outcomes) == 1
    assert study_of(partition, dataset).number_of_instances == 1


def test_entries_and_rows_commit_together(partition: int) -> None:
    before = changefeed.head()
    datasets = [instance() for _ in range(5)]

    store(partition, *datasets)

    entries = changefeed.read(actor=WRITER, after=before, limit=100)
    assert [entry.seq for entry in entries] == list(range(before + 1, before + 6))
    assert {entry.key[2] for entry in entries} == {d.SOPInstanceUID for d in datasets}
    versions = Instance.objects.filter(
        sop_instance_uid__in=[d.SOPInstanceUID for d in datasets]
    ).values_list("version_id", flat=True)
    assert {entry.version for entry in entries} == set(versions)


@pytest.mark.parametrize(
    ("keyword", "named"),
    [
        ("SOPClassUID", "(0008,0016)"),
        ("SOPInstanceUID", "(0008,0018)"),
        ("StudyInstanceUID", "(0020,000d)"),
        ("SeriesInstanceUID", "(0020,000e)"),
        ("PatientID", "(0010,0020)"),
    ],
)
def test_a_missing_identity_refuses_the_instance_and_is_named(
    keyword: str, named: str
) -> None:
    received = receive(encode(instance(**{keyword: None})))

    assert isinstance(received, Refused)
    assert received.reason == FailureReason.DATA_SET_INVALID
    assert named in received.comments[0]


def test_an_instance_of_another_study_than_the_address_is_refused() -> None:
    received = receive(encode(instance()), study="1.2.3")

    assert isinstance(received, Refused)
    assert "(0020,000d)" in received.comments[0]


@pytest.mark.parametrize("content", [b"", b"no DICOM", bytes(4096), b"\xff" * 300])
def test_what_is_no_dicom_is_refused_without_uids(content: bytes) -> None:
    received = receive(content)

    assert isinstance(received, Refused)
    assert received.sop_instance_uid == ""
    assert received.comments[0]


def test_a_bad_nested_value_leaves_the_root_attribute_alone(partition: int) -> None:
    item = Dataset()
    item.add_new("StudyDate", "LO", "no date at all")
    item["StudyDate"].VR = "DA"
    dataset = instance(RequestAttributesSequence=[item])

    (outcome,) = store(partition, dataset)

    assert isinstance(outcome, Stored)
    assert outcome.warning == WarningReason.ATTRIBUTES_INVALID
    assert outcome.comments[0].startswith("DICOM100: (0040,0275)[1](0008,0020)")
    assert study_of(partition, dataset).study_date == "20200131"


def test_an_executable_preamble_is_zeroed_and_any_other_kept() -> None:
    content = encode(instance(), preamble=b"MZ" + b"x" * 126)
    harmless = encode(instance(), preamble=b"II*\0" + b"y" * 124)

    zeroed, kept = receive(content), receive(harmless)

    assert isinstance(zeroed, Received)
    assert zeroed.hints[0] == EXECUTABLE_HINT
    zeroed.durable.result()
    with blob_store().open(zeroed.blob_key, zeroed.size_bytes) as blob:
        assert blob.read(0, blob.size) == bytes(128) + content[128:]
    assert isinstance(kept, Received)
    kept.durable.result()
    with blob_store().open(kept.blob_key, kept.size_bytes) as blob:
        assert blob.read(0, blob.size) == harmless


def test_who_may_not_store_stores_nothing(partition: int) -> None:
    received = receive(encode(instance()))
    assert isinstance(received, Received)
    reader = acting(None, "reader", frozenset())
    elsewhere = acting(None, "elsewhere", ALL_VERBS, partitions=frozenset())

    for actor, error in ((reader, Forbidden), (elsewhere, NotFound)):
        with pytest.raises(error):
            store_instances(
                actor, partition_id=partition, received=[received], replace=False
            )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM imaging_instanceversion WHERE blob_key = %s",
            [received.blob_key],
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.folder
def test_a_store_whose_name_cannot_be_made_durable_is_refused(partition: int) -> None:
    dataset = instance()
    incoming = Incoming()
    incoming.write(encode(dataset))
    files = settings.BLOB_FOLDER.rglob("*.dcm")
    folder = max(files, key=lambda file: file.stat().st_ctime_ns).parent
    away = folder.rename(folder.with_name("away"))
    received = incoming.finish()
    assert isinstance(received, Received)

    with pytest.raises(StorageUnavailable):
        store_instances(
            WRITER, partition_id=partition, received=[received], replace=False
        ).result()

    away.rename(folder)
    assert not Instance.objects.filter(sop_instance_uid=dataset.SOPInstanceUID).exists()
    blob_store.cache_clear()  # that folder takes no more names


@pytest.mark.folder
def test_a_refused_blob_that_cannot_be_removed_does_not_fail_the_others(
    partition: int,
) -> None:
    held, new = instance(), instance()
    store(partition, held)
    again, other = receive(encode(held)), receive(encode(new))
    assert isinstance(again, Received)
    assert isinstance(other, Received)
    path = settings.BLOB_FOLDER / again.blob_key
    path.unlink()
    path.mkdir()  # cannot be removed as a file is

    outcomes = store_instances(
        WRITER, partition_id=partition, received=[again, other], replace=False
    ).result()

    path.rmdir()
    assert isinstance(outcomes[0], Refused)
    assert outcomes[0].reason == FailureReason.INSTANCE_EXISTS
    assert isinstance(outcomes[1], Stored)
