"""The list of studies that contradict themselves about their patient."""

from typing import Any

import pytest

from core.access import Verb
from core.errors import Forbidden, NotFound
from core.models import AuditRecord
from core.partitions import get_or_create_partition
from imaging import conflicts
from imaging.conflicts import PatientConflict, list_patient_conflicts
from imaging.delete import delete_instances
from imaging.models import Patient
from tests.actors import READING, acting
from tests.imaging.stores import ADMIN, received, store

pytestmark = pytest.mark.django_db


def listed(**more: Any) -> list[PatientConflict]:
    usual = {"actor": ADMIN, "partition": None, "after": 0, "limit": 100}
    return list_patient_conflicts(**{**usual, **more})


def uids(**more: Any) -> list[str]:
    return [conflict.study_instance_uid for conflict in listed(**more)]


def conflict(study: str, partition: str = "default") -> None:
    store(received(study, "2", "3"), partition=partition)
    store(received(study, "2", "4", patient_id="P2"), partition=partition)


def test_a_study_of_one_patient_is_not_listed() -> None:
    store(received("1", "2", "3"), received("1", "2", "4", name="a"))
    assert listed() == []


def test_each_spelling_is_told_the_commonest_first() -> None:
    store(
        received("1", "2", "3"),
        received("1", "2", "4", patient_id="P2", name="B"),
        received("1", "2", "5", patient_id="P2", name="B"),
    )
    (found,) = listed()
    assert (found.partition_name, found.number_of_variants) == ("default", 2)
    told = [
        (v.patient_id, v.patient_name, v.number_of_instances) for v in found.variants
    ]
    assert told == [("P2", "B", 2), ("P1", "A", 1)]


def test_the_list_follows_stores_replacements_and_deletes() -> None:
    conflict("1")
    assert uids() == ["1"]
    store(received("1", "2", "4"), replace=True)
    assert uids() == []
    store(received("1", "2", "4", patient_id="P2"), replace=True)
    store(received("1", "5", "6", name="C"))
    (found,) = listed()
    assert [v.number_of_instances for v in found.variants] == [1, 1, 1]
    uid = {"study_instance_uid": "1", "series_instance_uid": "2"}
    delete_instances(actor=ADMIN, partition="default", **uid)
    assert uids() == []


def test_pages_follow_each_other() -> None:
    for study in ("1", "2", "3"):
        conflict(study)
    first = listed(limit=2)
    assert [one.study_instance_uid for one in first] == ["1", "2"]
    assert uids(after=first[-1].cursor, limit=2) == ["3"]


def test_what_is_shown_of_one_study_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conflicts, "MAXIMUM_VARIANTS", 2)
    store(*(received("1", "2", str(n), patient_id=f"P{n}") for n in range(3)))
    (found,) = listed()
    assert (found.number_of_variants, len(found.variants)) == (3, 2)


def test_only_what_may_be_seen_is_listed() -> None:
    conflict("1")
    conflict("2", partition="site-1")
    key = get_or_create_partition(actor=ADMIN, name="site-1")
    bound = acting(1, "bound", READING, frozenset({key}))
    assert uids() == ["1", "2"]
    assert uids(actor=bound) == ["2"]
    assert uids(partition="site-1") == ["2"]
    assert uids(actor=acting(1, "x", READING, frozenset())) == []
    with pytest.raises(NotFound):
        uids(actor=bound, partition="default")
    with pytest.raises(Forbidden):
        uids(actor=acting(2, "writer", frozenset({Verb.STORE})))


def test_each_page_is_one_line_of_the_audit_log() -> None:
    conflict("1")
    listed()
    record = AuditRecord.objects.get(action="search")
    assert record.detail == "patient conflicts (1 studies)"


def test_the_log_names_every_patient_that_a_study_contradicts_itself_about() -> None:
    conflict("1")
    store(received("2", "2", "2", patient_id="P2"))
    (found,) = listed()
    ids = {variant.patient_id for variant in found.variants}
    known = Patient.objects.filter(patient_id__in=ids)
    record = AuditRecord.objects.get(action="search")
    assert record.patients == sorted(known.values_list("pk", flat=True))
    nameless = known.count() < len(found.variants)
    assert record.studies == (["1"] if nameless else [])
