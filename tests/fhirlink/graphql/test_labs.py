"""What was measured of a patient, in the graph: curves of laboratory values."""

from typing import Any, Final

import pytest

from core.followers import run_until_caught_up
from core.models import AuditRecord
from fhirlink.events.follower import EventFollower
from tests.actors import READING, acting
from tests.fhirlink.service import Fhir
from tests.graphql.graph import ask, errors

pytestmark = pytest.mark.usefixtures("committing")

LOINC: Final = "http://loinc.org"
CODE: Final = {"coding": [{"system": LOINC, "code": "2823-3", "display": "Potassium"}]}
LABS: Final = """query ($p: String!, $code: String!, $from: String, $to: String,
  $first: Int = 10, $after: String) { patient(partition: $p, fhirId: "ada") {
  labs(code: $code, from: $from, to: $to, first: $first, after: $after) {
  pageInfo { hasNextPage endCursor } edges { node { fhirId label code { text
  codings { code } } start value unit low high canonicalUnit status
  referenceLow { value unit } referenceHigh { value } interpretation { text } } } } } }
"""


def measured(day: str, value: str, **members: Any) -> dict[str, Any]:
    """Return a potassium with its usual range."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "subject": {"reference": "Patient/ada"},
        "code": CODE,
        "effectiveDateTime": day,
        "valueQuantity": {"value": float(value), "unit": "mmol/L"},
        "referenceRange": [
            {"low": {"value": 3.5, "unit": "mmol/L"}, "high": {"value": 5.1}}
        ],
        "interpretation": [{"text": "high"}],
        **members,
    }


@pytest.fixture
def fhir() -> Fhir:
    made = Fhir()
    made.put("Patient/ada", {"resourceType": "Patient", "id": "ada"})
    for id_, day, value in (
        ("k2", "2024-05-02T08:30:00+02:00", "6.1"),
        ("k1", "2024-04", "4.5"),
        ("k3", "2025-01-01", "5.5"),
    ):
        made.put(f"Observation/{id_}", {**measured(day, value), "id": id_})
    below = {"value": 3, "comparator": "<", "unit": "mmol/L"}
    low = measured("2025-02-01", "3", id="k4", valueQuantity=below)
    made.put("Observation/k4", low)
    parts = [
        {"code": {"text": "Ward"}, "valueString": "3b"},
        {
            "code": {"text": "Sodium"},
            "valueQuantity": {"value": 140, "unit": "mmol/L"},
            "referenceRange": [{"low": {"value": 135}, "high": {"value": 145}}],
        },
    ]
    whole = measured(
        "2024-06-01", "1", id="na", code={"text": "Panel"}, component=parts
    )
    del whole["valueQuantity"]
    made.put("Observation/na", whole)
    run_until_caught_up(EventFollower())
    return made


def values(fhir: Fhir, **asked: Any) -> list[dict[str, Any]]:
    found = ask(LABS, p=fhir.name, **asked)["patient"]["labs"]
    return [edge["node"] for edge in found["edges"]]


def test_values_come_in_the_order_of_days_with_unit_and_what_is_usual(
    fhir: Fhir,
) -> None:
    found = values(fhir, code=f"{LOINC}|2823-3")

    assert [(each["fhirId"], each["start"], each["value"]) for each in found] == [
        ("k1", "2024-04", "4.5"),
        ("k2", "2024-05-02T08:30:00+02:00", "6.1"),
        ("k3", "2025-01-01", "5.5"),
        ("k4", "2025-02-01", "<3"),
    ]
    first = found[0]
    assert (first["label"], first["code"]["codings"]) == (
        "Potassium",
        [{"code": "2823-3"}],
    )
    assert (first["unit"], first["status"]) == ("mmol/L", "final")
    assert (first["low"], first["high"], first["canonicalUnit"]) == (4.5, 4.5, "mmol/L")
    assert first["referenceLow"] == {"value": 3.5, "unit": "mmol/L"}
    assert first["referenceHigh"] == {"value": 5.1}
    assert first["interpretation"] == {"text": "high"}
    assert (found[3]["low"], found[3]["high"]) == (None, 3)


def test_a_component_has_its_own_usual_range(fhir: Fhir) -> None:
    (sodium,) = values(fhir, code="sodium")

    assert (sodium["fhirId"], sodium["value"]) == ("na", "140")
    assert sodium["referenceLow"] == {"value": 135, "unit": None}
    assert sodium["code"]["text"] == "Sodium"
    assert (sodium["start"], sodium["interpretation"]) == ("2024-06-01", None)


def test_days_and_pages_are_chosen(fhir: Fhir) -> None:
    def ids(**asked: Any) -> list[str]:
        return [each["fhirId"] for each in values(fhir, code="2823-3", **asked)]

    assert ids(**{"from": "2024-05", "to": "2025-01"}) == ["k2", "k3"]
    assert ids(to="2024") == ["k1", "k2"]
    assert ids(**{"from": "2026"}) == []
    seen, after = [], None
    for more in (True, True, True, False):
        page = ask(LABS, p=fhir.name, code="2823-3", first=1, after=after)
        labs = page["patient"]["labs"]
        seen += [edge["node"]["fhirId"] for edge in labs["edges"]]
        assert labs["pageInfo"]["hasNextPage"] == more
        after = labs["pageInfo"]["endCursor"]
    assert seen == ["k1", "k2", "k3", "k4"]


def test_what_means_nothing_is_refused_by_its_name(fhir: Fhir) -> None:
    for wrong, path in (
        ({"from": "tomorrow"}, "from"),
        ({"to": "2024-13"}, "to"),
        ({"after": "x"}, "after"),
        ({"after": "2024-01-01.x.1"}, "after"),
        ({"first": 201}, "first"),
    ):
        (error,) = errors(LABS, p=fhir.name, code="2823-3", **wrong)
        assert (error["code"], error["path"]) == ("INVALID", path)


def test_who_may_not_see_the_patient_gets_nothing_and_each_look_is_recorded(
    fhir: Fhir,
) -> None:
    stranger = acting(7, "stranger", READING, frozenset())
    found = ask(LABS, actor=stranger, p=fhir.name, code="2823-3")
    assert found == {"patient": None}
    values(fhir, code="2823-3")
    looks = AuditRecord.objects.filter(query="Patient/ada 2823-3")
    assert [each.detail for each in looks] == ["4 events"]
