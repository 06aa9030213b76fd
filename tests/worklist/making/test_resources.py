"""Orders, tasks and appointments of the record make workitems."""

from typing import Any

import pytest

from core import followers
from tests.worklist.making.making import (
    problems,
    resource,
    rule,
    study,
    value,
    work,
    workitems,
)
from worklist.making.follower import RuleFollower
from worklist.models import MadeWorkitem, Workitem

pytestmark = pytest.mark.usefixtures("committing")

ACCESSION = {
    "type": {
        "coding": [
            {
                "system": "http://terminology.hl7.org/CodeSystem/v2-0203",
                "code": "ACSN",
            }
        ]
    },
    "system": "urn:oid:1.2.3",
    "value": "A17",
}
CHEST = {
    "coding": [{"system": "http://loinc.org", "code": "24627-2", "display": "Chest CT"}]
}


def patient(**more: Any) -> None:
    resource(
        "Patient",
        "p1",
        name=[{"use": "official", "family": "Müller", "given": ["Änne", "Eva"]}],
        birthDate="1970-02-03",
        gender="female",
        identifier=[{"system": "urn:oid:9.9", "value": "MRN-7"}],
        **more,
    )


def order(fhir_id: str = "o1", **more: Any) -> None:
    content: dict[str, Any] = {
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "code": CHEST,
        "identifier": [ACCESSION],
        "priority": "stat",
        "authoredOn": "2026-05-01T10:00:00+02:00",
        "requester": {"display": "Dr. House"},
    }
    resource("ServiceRequest", fhir_id, **{**content, **more})


def test_an_order_makes_a_workitem() -> None:
    rule(source="ServiceRequest", conditions="status=active", start="{authoredOn}")
    patient()
    order()
    work()
    assert not problems()
    (model,) = workitems()
    assert value(model, "00100010") == {"Alphabetic": "Müller^Änne^Eva"}
    assert value(model, "00100020") == "MRN-7"
    assert value(model, "00100021") == "urn:oid:9.9"
    assert value(model, "00100030") == "19700203"
    assert value(model, "00100040") == "F"
    assert value(model, "00741200") == "HIGH"
    assert value(model, "00404005") == "20260501080000.000000+0000"
    request = value(model, "0040A370")
    assert value(request, "00080050") == "A17"
    assert value(request, "00321060") == "Chest CT"
    code = value(request, "00321064")
    assert (value(code, "00080100"), value(code, "00080102")) == ("24627-2", "LN")
    assert value(request, "00321032") == {"Alphabetic": "Dr. House"}
    assert MadeWorkitem.objects.get().subject == "ServiceRequest/o1"


def test_orders_have_studies_of_their_own_unless_they_name_one() -> None:
    rule(source="ServiceRequest")
    patient()
    order("o1")
    order("o2")
    named = [{"system": "urn:dicom:uid", "value": "urn:oid:1.2.840.77"}]
    order("o3", identifier=named)
    work()
    uids = {each.study_instance_uids[0] for each in Workitem.objects.all()}
    assert len(uids) == 3
    assert "1.2.840.77" in uids


def test_each_version_of_an_order_is_the_same_subject() -> None:
    rule(source="ServiceRequest", conditions="status=active")
    patient()
    order(status="draft")
    work()
    assert not workitems()
    order(status="active")
    work()
    order(status="active", priority="routine")
    work()
    followers.rebuild(RuleFollower())
    work()
    assert len(workitems()) == 1


def test_a_key_path_makes_another_where_its_value_is_another() -> None:
    rule(source="ServiceRequest", key_path="occurrence")
    patient()
    order(occurrenceDateTime="2026-06-01")
    work()
    order(occurrenceDateTime="2026-06-01", priority="routine")
    work()
    assert len(workitems()) == 1
    order(occurrenceDateTime="2026-07-01")
    work()
    assert not problems()
    assert len(workitems()) == 2


def test_a_task_follows_its_order_and_names_its_patient() -> None:
    rule(
        source="Task",
        conditions="status=requested",
        template={
            "ProcedureStepLabel": {
                "Value": ["{code.text | basedOn.resolve().code.coding.display}"]
            },
            "CommentsOnTheScheduledProcedureStep": {
                "Value": ["For {basedOn.resolve().subject.resolve().name.family}"]
            },
        },
    )
    patient()
    order()
    resource(
        "Task",
        "t1",
        status="requested",
        intent="order",
        basedOn=[{"reference": "ServiceRequest/o1"}],
        **{"for": {"reference": "Patient/p1"}},  # type: ignore[arg-type] # no partition
    )
    work()
    (model,) = workitems()
    assert value(model, "00741204") == "Chest CT"
    assert value(model, "00400400") == "For Müller"
    assert value(model, "00100020") == "MRN-7"
    assert value(value(model, "0040A370"), "00080050") == "A17"


def test_an_appointment_begins_when_it_says() -> None:
    rule(source="Appointment", conditions="status=booked", start="{start} - 15 min")
    patient()
    resource(
        "Appointment",
        "a1",
        status="booked",
        start="2026-09-01T09:00:00Z",
        end="2026-09-01T09:30:00Z",
        participant=[
            {"actor": {"reference": "Patient/p1"}, "status": "accepted"},
        ],
    )
    work()
    (model,) = workitems()
    assert value(model, "00404005") == "20260901084500.000000+0000"
    assert value(model, "00100020") == "MRN-7"


def test_a_search_of_any_type_is_a_source() -> None:
    rule(
        source="Observation",
        conditions="code=http://loinc.org|1975-2&value-quantity=gt5",
    )
    patient()
    for fhir_id, number in (("high", 7), ("low", 1)):
        resource(
            "Observation",
            fhir_id,
            status="final",
            subject={"reference": "Patient/p1"},
            code={"coding": [{"system": "http://loinc.org", "code": "1975-2"}]},
            valueQuantity={"value": number},
        )
    work()
    assert MadeWorkitem.objects.get().subject == "Observation/high"


def test_who_images_are_of_is_named_as_they_do(settings: Any) -> None:
    settings.ASSIGNING_AUTHORITY = "urn:oid:9.9"
    rule(source="ServiceRequest")
    patient()
    study(patient_id="MRN-7")
    order()
    work()
    (model,) = workitems()
    assert value(model, "00100020") == "MRN-7"
    assert model["00100021"] == {"vr": "LO"}  # as images say it: no issuer


def test_what_leads_nowhere_is_left_out() -> None:
    rule(source="ServiceRequest")
    resource(
        "ServiceRequest",
        "o1",
        status="active",
        intent="order",
        subject={"reference": "Patient/none"},
    )
    work()
    (model,) = workitems()
    assert model["00100020"] == {"vr": "LO"}
    assert model["00100010"] == {"vr": "PN"}


def test_hostile_content_makes_nothing_else_fail() -> None:
    rule(source="ServiceRequest")
    patient()
    order("bad", code={"text": "x" * 5000}, requester={"display": "a^b=c\\d"})
    order("good")
    work()
    assert not problems()
    assert len(workitems()) == 2
