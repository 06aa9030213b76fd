"""The event table as its follower keeps it, and that it equals a rebuild."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from core.models import DeadLetter
from core.partitions import get_or_create_partition
from fhirlink.events import sources
from imaging.delete import delete_instances
from imaging.models import Study
from imaging.move import move_study
from tests.core import house
from tests.fhirlink.events.record import (
    FOLLOWER,
    follow,
    patient,
    put,
    remove,
    resource,
    rows,
    snapshot,
    words,
)
from tests.imaging.stores import ADMIN, received, store

pytestmark = pytest.mark.django_db

ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def codes() -> list[str]:
    """Return the codes of all events, in the order of their resources."""
    found = rows(
        f"SELECT {words('e.code')} FROM fhirlink_event e ORDER BY resource_id, part"
    )
    return [row[0] or "" for row in found]


def persons() -> list[tuple[Any, ...]]:
    """Return all patients, by the names of what stands for them."""
    return rows(
        "SELECT i.name, p.birth_first, p.gender FROM fhirlink_clinicalpatient p"
        " JOIN fhirlink_patientidentity i USING (id) ORDER BY i.name"
    )


def owners() -> list[tuple[str, str]]:
    """Return of each event whose it is, and as whom it was told."""
    found = rows(
        "SELECT p.name, i.name FROM fhirlink_event e"
        " JOIN fhirlink_patientidentity p ON p.id = e.patient"
        " JOIN fhirlink_patientidentity i ON i.id = e.identity ORDER BY e.id"
    )
    return [(row[0], row[1]) for row in found]


def merged(into: str) -> dict[str, Any]:
    other = {"reference": f"Patient/{into}"}
    return {"link": [{"type": "replaced-by", "other": other}]}


def imaging(study: str, **members: Any) -> dict[str, Any]:
    identifier = {"system": "urn:dicom:uid", "value": f"urn:oid:{study}"}
    return resource("ImagingStudy", f"i{study}", identifier=[identifier], **members)


def test_a_resource_becomes_an_event_and_changes_and_goes_with_it() -> None:
    put(patient(), resource("Condition", "c", code={"text": "pneumonia"}))
    follow()
    assert codes() == ["pneumonia"]

    put(resource("Condition", "c", code={"text": "asthma"}))
    follow()
    assert codes() == ["asthma"]

    remove("Condition/c")
    follow()
    assert codes() == []
    assert snapshot()["codes"] == []


def test_numbers_are_kept_in_one_unit_and_shown_as_written() -> None:
    kilograms = {
        "value": 100,
        "unit": "kg",
        "code": "kg",
        "system": "http://unitsofmeasure.org",
    }
    pounds = {"value": 220.0, "unit": "lbs"}
    put(
        resource("Observation", "a", valueQuantity=kilograms),
        resource("Observation", "b", valueQuantity=pounds),
        resource(
            "Observation",
            "c",
            valueQuantity={"value": 5, "unit": "furlong", "comparator": "<"},
        ),
    )
    follow()

    found = rows(
        "SELECT low, high, e.words, u.canonical FROM fhirlink_event e"
        " JOIN fhirlink_unit u ON u.id = e.unit_id ORDER BY resource_id"
    )
    assert found == [
        (100, 100, "100", "kg"),
        (99.7903214, 99.7903214, "220.0", "kg"),
        (float("-inf"), 5, "<5", ""),
    ]


def test_a_drug_follows_its_medication_that_comes_later_changes_and_goes() -> None:
    link = {"reference": "Medication/m"}
    put(resource("MedicationRequest", "r", medicationReference=link))
    follow()
    assert codes() == [""]

    put({"resourceType": "Medication", "id": "m", "code": {"text": "metformin"}})
    follow()
    assert codes() == ["metformin"]

    put({"resourceType": "Medication", "id": "m", "code": {"text": "insulin"}})
    follow()
    assert codes() == ["insulin"]

    remove("Medication/m")
    follow()
    assert codes() == [""]


def test_events_of_one_encounter_share_its_key_whichever_comes_first() -> None:
    link = {"reference": "Encounter/e"}
    put(resource("Condition", "c", encounter=link))
    follow()
    put(resource("Encounter", "e") | {"class": {"system": ACT, "code": "EMER"}})
    follow()

    assert len(rows("SELECT DISTINCT encounter FROM fhirlink_event")) == 1
    assert codes()[1] == f"{ACT}|EMER|"


def test_partial_dates_are_intervals_in_the_table() -> None:
    put(patient(birthDate="1970-05"), resource("Condition", "c", onsetDateTime="2020"))
    follow()

    (event,) = rows("SELECT start_first::text, start_last::text FROM fhirlink_event")
    assert event == ("2020-01-01", "2020-12-31")
    (born,) = rows("SELECT birth_last::text FROM fhirlink_clinicalpatient")
    assert born == ("1970-05-31",)


def test_events_of_a_patient_who_has_not_come_yet_are_of_nobody_until_then() -> None:
    put(resource("Condition", "c"))
    follow()
    assert persons() == []

    put(patient(gender="female"))
    follow()
    assert persons() == [("Patient/p", None, "female")]
    assert owners() == [("Patient/p", "Patient/p")]

    remove("Patient/p")
    follow()
    assert persons() == []


def test_a_merged_patient_is_one_person_and_two_again_when_split() -> None:
    put(patient("a", gender="male"), patient("b", birthDate="1970-01-01"))
    put(resource("Condition", "c", "a"), resource("Condition", "d", "b"))
    follow()
    assert len(persons()) == 2

    put(patient("a", gender="male", **merged("b")))
    follow()
    ((name, born, gender),) = persons()
    assert (name, str(born), gender) == ("Patient/b", "1970-01-01", "male")
    assert owners() == [("Patient/b", "Patient/a"), ("Patient/b", "Patient/b")]

    put(patient("a", gender="male"))
    follow()
    assert [each[0] for each in persons()] == ["Patient/a", "Patient/b"]
    assert owners() == [("Patient/a", "Patient/a"), ("Patient/b", "Patient/b")]


def test_a_patient_that_is_not_in_use_is_somebody_only_if_something_happened() -> None:
    put(patient(active=False))
    follow()
    assert persons() == []

    put(resource("Condition", "c"))
    follow()
    assert [each[0] for each in persons()] == ["Patient/p"]

    remove("Condition/c")
    follow()
    assert persons() == []


def test_patients_merged_in_a_circle_are_one_person() -> None:
    put(*(patient(x, **merged(y)) for x, y in ("ab", "bc", "ca")))
    follow()

    assert [each[0] for each in persons()] == ["Patient/a"]


def test_a_study_without_a_patient_resource_is_of_the_patient_of_images() -> None:
    store(received("1", "1.1", "1.1.1"))
    follow()

    ((name, _, _),) = persons()
    assert name.startswith("imaging/")
    (event,) = rows(
        f"SELECT {words('category')}, start_first::text, status FROM fhirlink_event"
    )
    assert event == (
        "http://dicom.nema.org/resources/ontology/DCM|CT|",
        "2020-01-01",
        "available",
    )

    delete_instances(actor=ADMIN, partition="default", study_instance_uid="1")
    follow()
    assert persons() == []


def test_a_study_that_an_imaging_study_tells_of_is_one_event_of_its_patient() -> None:
    store(received("1", "1.1", "1.1.1"))
    put(patient(), imaging("1", description="Chest", started="2021-01-01"))
    follow()

    assert owners() == [("Patient/p", "Patient/p")]
    assert [each[0] for each in persons()] == ["Patient/p"]
    assert rows("SELECT start_first::text FROM fhirlink_event") == [("2020-01-01",)]
    assert rows("SELECT modality, number_of_instances FROM fhirlink_eventseries") == [
        ("CT", 1)
    ]

    delete_instances(actor=ADMIN, partition="default", study_instance_uid="1")
    follow()
    assert rows("SELECT start_first::text FROM fhirlink_event") == [("2021-01-01",)]

    store(received("1", "1.1", "1.1.1"))
    remove("ImagingStudy/i1")
    follow()
    assert [each[0].partition("/")[0] for each in persons()] == ["Patient", "imaging"]
    assert len(owners()) == 1


def test_a_report_is_about_a_study_that_comes_after_it() -> None:
    link = [{"reference": "ImagingStudy/i1"}]
    put(resource("DiagnosticReport", "r", imagingStudy=link, conclusion="A nodule."))
    follow()
    assert rows("SELECT study_instance_uid FROM fhirlink_eventstudy") == []

    put(imaging("1"))
    follow()
    found = rows(
        "SELECT study_instance_uid, text FROM fhirlink_eventstudy"
        " JOIN fhirlink_eventtext USING (event_id)"
    )
    assert found == [("1", "A nodule.")]


def test_what_is_too_long_for_an_index_is_cut_and_parks_nothing() -> None:
    # What cannot be compressed, in characters of four bytes.
    chance = random.Random(7)
    long = "".join(chr(chance.randint(0x10000, 0x2FFFF)) for _ in range(5000))
    coding = {"system": long, "code": long, "display": long}
    quantity = {"value": 1, "system": long, "code": long, "unit": long}
    put(
        resource(
            "Observation",
            "o",
            code={"coding": [coding], "text": long},
            valueQuantity=quantity,
            component=[{"code": {"text": "x"}}] * 2000,
            status=long,
            performer=[{"display": long}],
        )
    )
    follow()

    assert not DeadLetter.objects.exists()
    assert rows("SELECT count(*) FROM fhirlink_event") == [(1001,)]


def test_resources_that_do_not_fit_into_memory_together_are_read_bit_by_bit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sources, "LARGEST", 100)
    link = {"reference": "Medication/m"}
    put(
        *(
            resource("MedicationRequest", f"{n}", medicationReference=link)
            for n in range(9)
        ),
        imaging("1", description="Chest"),
        resource(
            "DiagnosticReport", "r", imagingStudy=[{"reference": "ImagingStudy/i1"}]
        ),
        {"resourceType": "Medication", "id": "m", "code": {"text": "insulin"}},
    )
    follow()

    assert sorted(codes()) == ["", "Chest", *["insulin"] * 9]
    assert len(rows("SELECT FROM fhirlink_eventstudy")) == 2


def test_partitions_share_no_codes_and_no_patients() -> None:
    for name in ("default", "other"):
        put(patient(), resource("Condition", "c", code={"text": "flu"}), partition=name)
    follow()

    assert len(persons()) == 2
    assert len(rows("SELECT id FROM fhirlink_codeableconcept")) == 2


def test_a_code_is_counted_by_what_it_is_used_for() -> None:
    flu = {"coding": [{"system": "urn:s", "code": "1", "display": "Flu"}]}
    put(
        resource("Condition", "c", code=flu),
        resource("Condition", "d", code=flu),
        resource("Observation", "o", valueCodeableConcept=flu),
    )
    follow()

    assert snapshot()["uses"] == [("urn:s|1|Flu", 0, 1, 2), ("urn:s|1|Flu", 2, 6, 1)]


def some_resource(chance: random.Random) -> dict[str, Any]:
    who, number = chance.choice("pqr"), chance.choice("123")
    code = {"text": chance.choice(["flu", "asthma"]), "coding": [{"code": number}]}
    quantity = {"value": chance.randint(1, 9), "unit": chance.choice(["kg", "lb"])}
    into = chance.choice([{}, merged(chance.choice("pqr"))])
    link = {"reference": f"Medication/{number}"}
    series = [{"modality": {"code": "MR"}, "bodySite": {"display": "Knee"}}]
    report = {
        "conclusion": chance.choice(["A nodule.", "None."]),
        "imagingStudy": [{"reference": f"ImagingStudy/i{number}"}],
    }
    return chance.choice(
        [
            patient(who, active=chance.random() < 0.7, gender="male", **into),
            resource("Condition", number, who, code=code, onsetDateTime="2020"),
            resource("Observation", number, who, code=code, valueQuantity=quantity),
            resource("MedicationRequest", number, who, medicationReference=link),
            {"resourceType": "Medication", "id": number, "code": code},
            {
                **imaging(number, series=series),
                "subject": {"reference": f"Patient/{who}"},
            },
            resource("DiagnosticReport", number, who, **report),
        ]
    )


def some_write(chance: random.Random) -> Callable[[], object]:
    kind = chance.choice(["put", "put", "put", "remove", "store", "delete", "move"])
    study = chance.choice("123")
    if kind == "put":
        return partial(put, some_resource(chance))
    if kind == "remove":
        one = some_resource(chance)
        return partial(remove, f"{one['resourceType']}/{one['id']}")
    if kind == "store":
        patient_id = chance.choice(["P1", "P2", ""])
        made = received(study, f"{study}.1", f"{study}.1.1", patient_id=patient_id)
        return partial(store, made, replace=True)
    if kind == "delete":
        return partial(_delete, study)
    return partial(_move, study)


def _is_held(study: str, partition: str = "default") -> bool:
    held = Study.objects.filter(partition__name=partition, study_instance_uid=study)
    return held.exists()


def _delete(study: str) -> None:
    if _is_held(study):
        delete_instances(actor=ADMIN, partition="default", study_instance_uid=study)


def _move(study: str) -> None:
    get_or_create_partition(actor=ADMIN, name="other")
    if _is_held(study) and not _is_held(study, "other"):
        move_study(
            actor=ADMIN,
            partition="default",
            study_instance_uid=study,
            to="other",
            reason="x",
        )


@pytest.mark.parametrize("seed", range(6))
def test_what_was_built_bit_by_bit_equals_a_rebuild(seed: int) -> None:
    chance = random.Random(seed)
    writes = [some_write(chance) for _ in range(6)]

    found = house.check(FOLLOWER, writes=writes, snapshot=snapshot, seed=seed)

    assert found["orphans"] == [(0,)]
    assert found["events"]
