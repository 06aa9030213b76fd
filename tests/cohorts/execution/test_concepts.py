"""What concepts mean: words of displays and texts, codes, what lies below a code."""

import pytest

from core.errors import Invalid
from tests.cohorts.execution.asked import asked, coded, condition, event, who
from tests.fhirlink.events.record import follow, patient, put, resource, rows

pytestmark = pytest.mark.django_db

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"


def codes(system: str, code: str, *, below: bool = False) -> dict[str, object]:
    one = {"system": system, "code": code, "descendants": below}
    return {"event": {"type": "condition", "code": {"codes": [one]}}}


def test_words_are_whole_and_in_sequence_without_case_accents_and_number() -> None:
    put(
        *(patient(id_) for id_ in "abcdefg"),
        condition("a", "Pulmonary Nodules, right", patient="a"),
        condition("b", "nodule, pulmonary", patient="b"),
        condition("c", "Pulmonary nodulectomy", patient="c"),
        condition("d", "Ménière's disease", patient="d"),
        condition("e", "Mass/pulmonary-nodule", patient="e"),
        condition("f", "Metastases of bone", patient="f"),
    )
    follow()

    assert who(event("condition", "pulmonary nodule")) == "a e"
    assert who(event("condition", "PULMONARY  nodules")) == "a e"
    assert who(event("condition", "meniere disease")) == "d"
    assert who(event("condition", "metastasis")) == "f"
    assert who(event("condition", "pulmonary")) == "a b c e"
    assert who(event("condition", "?!")) == ""


def test_a_code_without_display_is_called_as_elsewhere_in_the_partition() -> None:
    put(
        *(patient(id_) for id_ in "abc"),
        coded("a", SNOMED, "38341003", "Hypertensive disorder", patient="a"),
        coded("b", SNOMED, "38341003", patient="b"),
        coded("c", SNOMED, "38341003", "HTN", patient="c"),
    )
    put(
        patient("z"),
        coded("z", SNOMED, "44054006", "Hypertensive disorder", patient="z"),
        partition="other",
    )
    put(patient("d"), coded("d", SNOMED, "44054006", patient="d"))
    follow()

    assert who(event("condition", "hypertensive disorder")) == "a b"


def test_codes_compare_the_system_exactly_and_lie_below_by_prefix() -> None:
    put(
        *(patient(id_) for id_ in "abcd"),
        coded("a", ICD, "C50", patient="a"),
        coded("b", ICD, "C50.911", patient="b"),
        coded("c", "http://hl7.org/fhir/sid/icd-10", "C50.9", patient="c"),
        coded("d", SNOMED, "C501", patient="d"),
    )
    follow()

    assert who(codes(ICD, "C50")) == "a"
    assert who(codes(ICD, "C50", below=True)) == "a b"
    assert who(codes(SNOMED, "C50", below=True)) == ""


def test_a_loaded_hierarchy_says_what_lies_below() -> None:
    put(
        *(patient(id_) for id_ in "ab"),
        coded("a", SNOMED, "1", patient="a"),
        coded("b", SNOMED, "2", patient="b"),
    )
    follow()
    rows("UPDATE fhirlink_concept SET is_loaded = true RETURNING 1")
    rows(
        "INSERT INTO fhirlink_conceptancestor (ancestor_id, concept_id)"
        " SELECT up.id, down.id FROM fhirlink_concept up, fhirlink_concept down"
        " WHERE up.code = '1' AND down.code = '2' RETURNING 1"
    )

    assert who(codes(SNOMED, "1", below=True)) == "a b"
    assert who(codes(SNOMED, "1")) == "a"


def test_any_of_some_but_not_others() -> None:
    put(
        *(patient(id_) for id_ in "abc"),
        condition("a", "lung cancer", patient="a"),
        condition("b", "history of lung cancer", patient="b"),
        condition("c", "breast cancer", patient="c"),
    )
    follow()
    code = {
        "anyOf": [{"text": "lung cancer"}, {"text": "breast cancer"}],
        "not": [{"text": "history"}],
    }

    assert who({"event": {"type": "condition", "code": code}}) == "a c"


def test_an_encounter_is_its_class_too_and_a_drug_is_its_medication() -> None:
    act = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    put(
        *(patient(id_) for id_ in "ab"),
        resource("Encounter", "e", "a", **{"class": {"system": act, "code": "IMP"}}),
        {"resourceType": "Medication", "id": "m", "code": {"text": "Aspirin 100"}},
        resource(
            "MedicationRequest",
            "r",
            "b",
            medicationReference={"reference": "Medication/m"},
        ),
    )
    follow()

    assert who(event("encounter", "inpatient")) == "a"
    assert who(event("medication", "aspirin")) == "b"


def test_a_category_is_told_by_its_code_or_its_words() -> None:
    category = [{"coding": [{"system": "x", "code": "laboratory"}]}]
    put(patient(), resource("Observation", "o", category=category, code={"text": "x"}))
    follow()

    assert who(event("observation", category="Laboratory")) == "p"
    assert who(event("observation", category="vital signs")) == ""


def test_a_set_that_is_not_saved_is_refused() -> None:
    with pytest.raises(Invalid, match="no saved set"):
        asked({"event": {"type": "condition", "code": {"set": "mine"}}})
    with pytest.raises(Invalid, match="no saved cohort"):
        asked({"not": {"cohort": "mine"}})
