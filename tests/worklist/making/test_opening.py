"""What a rule's workitems open: never another patient than whose they are."""

from typing import Any

import pytest

from tests.imaging.stores import received, store
from tests.worklist.making.making import resource, rule, study, work, workitems
from tests.worklist.opening import naming, opened
from tests.worklist.test_access import of_worklist, somebody

pytestmark = pytest.mark.usefixtures("committing")

OURS = "urn:oid:9.9"


@pytest.fixture(autouse=True)
def _ours(settings: Any) -> None:
    settings.ASSIGNING_AUTHORITY = OURS


def patient(fhir_id: str, number: str) -> None:
    identifier = {"system": OURS, "value": number}
    resource("Patient", fhir_id, identifier=[identifier], name=[{"text": "A"}])


def order(fhir_id: str, whose: str, named: str) -> None:
    resource(
        "ServiceRequest",
        fhir_id,
        status="active",
        intent="order",
        subject={"reference": f"Patient/{whose}"},
        identifier=[{"system": "urn:dicom:uid", "value": f"urn:oid:{named}"}],
    )


def test_the_study_that_a_rule_looks_at_is_opened() -> None:
    rule(worklist_label="Neuro", conditions="PatientID=P1")
    actor = somebody("Radiologist", of_worklist("Neuro"))
    uid = study("1.1", patient_id="P1")
    study("1.2", patient_id="P2")
    work()
    assert len(workitems()) == 1
    assert opened(actor) == {uid}


def test_so_is_one_of_nobody() -> None:
    rule(worklist_label="Neuro")
    uid = study("1.1", patient_id="")
    work()
    assert opened(somebody("Radiologist", of_worklist("Neuro"))) == {uid}


def test_what_a_template_names_is_opened_where_it_is_of_the_patient() -> None:
    study("1.1", patient_id="P1")
    study("1.2", patient_id="P2")
    named = naming("1.1", "1.2")
    rule(
        worklist_label="Neuro",
        conditions="StudyInstanceUID=1.3",
        template={"InputInformationSequence": {"Value": named["Value"]}},
    )
    study("1.3", patient_id="P1")
    work()
    assert len(workitems()) == 1
    assert opened(somebody("Radiologist", of_worklist("Neuro"))) == {"1.1", "1.3"}


def test_an_order_opens_studies_of_its_patient_alone() -> None:
    rule(source="ServiceRequest", worklist_label="Neuro")
    patient("p1", "P1")
    study("1.1", patient_id="P1")
    study("1.2", patient_id="P2")
    for number, named in enumerate(("1.1", "1.2", "1.3", "1.4")):
        order(f"o{number}", "p1", named)
    work()
    assert len(workitems()) == 4
    actor = somebody("Radiologist", of_worklist("Neuro"))
    assert opened(actor) == {"1.1"}
    study("1.3", patient_id="P1")  # it was ordered
    study("1.4", patient_id="P2")  # not this
    assert opened(actor) == {"1.1", "1.3"}


def test_an_order_of_nobody_opens_nothing() -> None:
    rule(source="ServiceRequest", worklist_label="Neuro")
    study("1.1", patient_id="P1")
    order("o1", "nobody", "1.1")
    work()
    assert len(workitems()) == 1
    assert opened(somebody("Radiologist", of_worklist("Neuro"))) == set()


def test_a_study_that_turns_out_to_be_of_another_is_closed() -> None:
    rule(source="ServiceRequest", worklist_label="Neuro")
    patient("p1", "P1")
    study("1.1", patient_id="P1")
    order("o1", "p1", "1.1")
    work()
    actor = somebody("Radiologist", of_worklist("Neuro"))
    assert opened(actor) == {"1.1"}
    store(received("1.1", "1.1.1", "1.1.1.2", patient_id="P2"))
    assert opened(actor) == set()
