"""Deletes: what remains tells the truth, and nothing waits in a circle."""

import random
import secrets
import threading

import pytest
from django.db import connection

from core.access import Actor
from core.errors import Forbidden, NotFound
from core.models import AuditRecord, FeedEntry
from core.partitions import get_or_create_partition
from imaging.delete import delete_instances
from imaging.models import (
    FreedBlob,
    Instance,
    InstanceVersion,
    Series,
    Study,
)
from imaging.receive import Received
from tests.actors import ALL_VERBS, READING, acting
from tests.imaging.stores import ADMIN, again, received, state, store

SR = "1.2.840.10008.5.1.4.1.1.88.22"


def delete(*uids: str, actor: Actor = ADMIN, partition: str = "default") -> int:
    names = ("study_instance_uid", "series_instance_uid", "sop_instance_uid")
    named = dict(zip(names, uids, strict=False))
    return delete_instances(actor=actor, partition=partition, **named)


@pytest.mark.django_db
def test_the_last_instance_takes_series_and_study_along() -> None:
    store(received("1", "2", "3"))
    assert delete("1", "2", "3") == 1
    assert state() == []
    assert not Instance.objects.filter(sop_instance_uid="3").exists()
    with pytest.raises(NotFound):
        delete("1", "2", "3")


@pytest.mark.django_db
def test_values_follow_what_remains() -> None:
    first = received("1", "2", "3", name="A", date="20200101", modality="CT")
    store(first)
    before = state()
    store(received("1", "2", "4", name="B", date="20210101"))
    store(received("1", "5", "6", modality="MR", sop_class="1.2.3"))
    study = Study.objects.get(study_instance_uid="1")
    assert (study.study_date, study.modalities_in_study) == ("20200101", ["CT", "MR"])
    assert (study.number_of_series, study.number_of_patient_variants) == (2, 2)
    assert delete("1", "5") == 1
    study.refresh_from_db()
    assert (study.study_date, study.modalities_in_study) == ("20210101", ["CT"])
    assert study.sop_classes_in_study == ["1.2.840.10008.5.1.4.1.1.2"]
    assert delete("1", "2", "4") == 1
    assert state() == before


@pytest.mark.django_db
def test_a_result_hides_nothing_that_images_say() -> None:
    image = received("1", "2", "3", name="A", date="20200101")
    report = received("1", "5", "6", name="", date="", modality="SR", sop_class=SR)
    store(report)
    study = Study.objects.get(study_instance_uid="1")
    assert study.study_date == ""  # nothing else is held
    store(image)
    study.refresh_from_db()
    assert (study.study_date, study.patient_name) == ("20200101", "A")
    store(received("1", "5", "7", date="20300101", modality="SR", sop_class=SR))
    newer = received("1", "2", "4", date="20210101")
    store(newer, received("1", "5", "8", date="", modality="SR", sop_class=SR))
    study.refresh_from_db()
    assert study.study_date == "20210101"
    assert study.modalities_in_study == ["CT", "SR"]
    delete("1", "2", "4")
    study.refresh_from_db()
    assert study.study_date == "20200101"
    delete("1", "2")
    study.refresh_from_db()
    assert study.study_date == ""  # of the newest report that is left


@pytest.mark.django_db
def test_an_empty_patient_id_does_not_hide_the_one_that_is_left() -> None:
    store(received("1", "2", "3", patient_id="P1"))
    store(received("1", "2", "4", patient_id=""))
    store(received("1", "2", "5", patient_id="P2"))
    delete("1", "2", "5")
    assert Study.objects.get(study_instance_uid="1").patient_id == "P1"
    delete("1", "2", "3")
    assert Study.objects.get(study_instance_uid="1").patient_id == ""


@pytest.mark.django_db
def test_blobs_are_freed_and_versions_kept() -> None:
    one, two = received("1", "2", "3"), received("1", "2", "4")
    store(one, two)
    delete("1")
    freed = FreedBlob.objects.filter(blob_key__startswith="1/")
    keys = {one.blob_key, two.blob_key}
    assert set(freed.values_list("blob_key", flat=True)) == keys
    assert InstanceVersion.objects.filter(blob_key__in=keys).count() == 2


@pytest.mark.django_db
def test_each_instance_is_one_entry_and_the_delete_one_audit_row() -> None:
    store(received("1", "2", "3"), received("1", "2", "4"))
    delete("1")
    entries = FeedEntry.objects.filter(op="delete", key__0="1").values_list(
        "key", "version"
    )
    assert list(entries) == [(["1", "2", "3"], None), (["1", "2", "4"], None)]
    record = AuditRecord.objects.get(action="delete", study_instance_uid="1")
    assert (record.patient_id, record.detail) == ("P1", "2 instances")


@pytest.mark.django_db
@pytest.mark.parametrize("uids", [("9",), ("1", "9"), ("1", "2", "9"), ("1", "9", "3")])
def test_what_is_not_there_is_not_found(uids: tuple[str, ...]) -> None:
    store(received("1", "2", "3"))
    before = state()
    with pytest.raises(NotFound):
        delete(*uids)
    assert state() == before
    assert not FeedEntry.objects.filter(op="delete", key__0="1").exists()


@pytest.mark.django_db
def test_partitions_and_verbs_are_minded() -> None:
    store(received("1", "2", "3"))
    elsewhere = get_or_create_partition(actor=ADMIN, name="site-1")
    with pytest.raises(NotFound):
        delete("1", partition="site-1")
    with pytest.raises(NotFound):
        delete("1", partition="no-such")
    bound = acting(1, "bound", ALL_VERBS, frozenset({elsewhere}))
    with pytest.raises(NotFound):
        delete("1", actor=bound)
    with pytest.raises(Forbidden):
        delete("1", actor=acting(2, "reader", READING))
    assert Study.objects.get(study_instance_uid="1").number_of_instances == 1


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(5))
def test_bit_by_bit_equals_a_rebuild(seed: int) -> None:
    dice = random.Random(seed)
    held: dict[tuple[str, str], Received] = {}
    for _ in range(30):
        series, sop = dice.choice("123"), dice.choice("1234")
        if (series, sop) in held and dice.random() < 0.6:
            delete("1", series, sop)
            del held[series, sop]
            continue
        new = received(
            "1",
            series,
            f"{series}.{sop}"[2:],
            modality="MR" if series == "1" else dice.choice(["CT", ""]),
            patient_id=dice.choice(["", "P1", "P2"]),
            name=dice.choice("AB"),
            date=dice.choice(["", "20200101", "20210101"]),
            sop_class=dice.choice(["1.1", "1.2", SR]),
        )
        store(new, replace=True)
        held.pop((series, sop), None)
        held[series, sop] = new
    built = state()
    if held:
        delete("1")
    for each in held.values():
        store(again(each))
    assert state() == built


@pytest.mark.usefixtures("committing")
def test_stores_and_deletes_of_one_study_do_not_disturb_each_other() -> None:
    uid = f"1.{secrets.randbits(60)}"
    failures: list[BaseException] = []

    def work(number: int) -> None:
        dice = random.Random(number)
        try:
            for step in range(15):
                store(received(uid, dice.choice("12"), f"{number}.{step}"))
                if dice.random() < 0.5:
                    delete_if_there(uid, *([dice.choice("12")] * dice.randint(0, 1)))
        except BaseException as error:  # noqa: BLE001 shown by the test
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    study = {"study__study_instance_uid": uid}
    held = Instance.objects.filter(**study).count()
    numbers = Series.objects.filter(**study).values_list(
        "number_of_instances", flat=True
    )
    assert sum(numbers) == held
    entries = FeedEntry.objects.filter(key__0=uid)
    assert entries.filter(op="create").count() == 60
    assert 60 - entries.filter(op="delete").count() == held
    freed = FreedBlob.objects.filter(blob_key__startswith=f"{uid}/")
    assert freed.count() == 60 - held


def delete_if_there(*uids: str) -> None:
    try:
        delete(*uids)
    except NotFound:
        return
