"""What is wrong with a resource is found where it is, and nothing else is."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from core.boundary import fault_of
from core.errors import Invalid
from fhirlink.json_text import parse
from fhirlink.validation import InvalidResource, Issue, check, require_valid
from fhirlink.validation.issues import MAXIMUM
from tests.fhirlink.hapi.validator import errors
from tests.fhirlink.validation.cases_table import BAD, GOOD, TAKEN, Case

SAMPLES: Final = Path(__file__).parents[3].parent / "shared" / "data" / "fhir"
NO_RESOURCES: Final = frozenset({"PACKAGE.json"})  # says what the folder is


def text(resource: Any) -> bytes:
    return json.dumps(resource).encode()


def found(resource: Any) -> list[Issue]:
    return check(parse(text(resource)))


def named(case: Case) -> str:
    value = json.dumps(case.value, default=lambda _: "removed")
    return f"{case.expression()}-{value[:30]}"


@pytest.mark.parametrize("resource", GOOD, ids=lambda each: each["resourceType"])
def test_nothing_is_found_in_good_resources(resource: dict[str, Any]) -> None:
    assert found(resource) == []


@pytest.mark.parametrize("case", BAD, ids=named)
def test_what_is_wrong_is_found_in_its_place(case: Case) -> None:
    issues = found(case.changed())
    assert case.expression() in {each.expression for each in issues}
    assert all(each.severity == "error" and each.diagnostics for each in issues)


@pytest.mark.parametrize("case", TAKEN, ids=named)
def test_what_is_left_to_those_who_use_it_is_taken(case: Case) -> None:
    assert case.reason
    assert found(case.changed()) == []


@pytest.mark.peer("hapi")
def test_the_referee_finds_nothing_in_good_resources() -> None:
    assert errors(map(text, GOOD)) == [[] for _ in GOOD]


@pytest.mark.peer("hapi")
def test_the_referee_refuses_what_we_do_but_for_what_has_a_reason() -> None:
    judged = errors(text(case.changed()) for case in BAD)
    for case, findings in zip(BAD, judged, strict=True):
        assert bool(findings) == (not case.reason), (named(case), findings)


@pytest.mark.peer("hapi")
def test_what_the_referee_refuses_and_we_do_not_is_written_down() -> None:
    judged = errors(text(case.changed()) for case in TAKEN)
    assert all(judged), [named(c) for c, e in zip(TAKEN, judged, strict=True) if not e]


def test_all_is_told_at_once_where_the_structure_is_wrong() -> None:
    resource = {
        "resourceType": "Observation",
        "status": "done",
        "component": [{"valueQuantity": {"value": "5.0"}}],
        "colour": "red",
    }
    assert [(each.code, each.expression) for each in found(resource)] == [
        ("code-invalid", "Observation.status"),
        ("value", "Observation.component[0].valueQuantity.value"),
        ("required", "Observation.component[0].code"),
        ("structure", "Observation.colour"),
        ("required", "Observation.code"),
    ]


def test_no_more_is_told_than_anybody_reads() -> None:
    resource = {"resourceType": "Patient", "name": [{"use": "x"}] * 5000}
    assert len(found(resource)) == MAXIMUM


def test_what_is_told_holds_no_data_of_the_patient() -> None:
    resource = {
        "resourceType": "Patient",
        "birthDate": "3rd of May 1974",
        "name": "Anna Muster",
    }
    for issue in found(resource):
        assert "Muster" not in issue.diagnostics
        assert "May" not in issue.diagnostics


@pytest.mark.parametrize(
    "type_", [None, 5, "", "Nothing", "DomainResource", ["Patient"]]
)
def test_what_is_of_no_type_of_fhir_is_refused(type_: object) -> None:
    (issue,) = found({"resourceType": type_, "id": "x"})
    assert issue.expression.endswith("resourceType")


def test_an_invalid_resource_is_refused_with_all_its_issues() -> None:
    with pytest.raises(InvalidResource) as caught:
        require_valid({"resourceType": "Patient", "gender": "x", "active": 1})
    assert isinstance(caught.value, Invalid)
    assert fault_of(caught.value).http == 400
    assert caught.value.path == "Patient.gender"
    assert [each.expression for each in caught.value.issues] == [
        "Patient.gender",
        "Patient.active",
    ]
    require_valid({"resourceType": "Patient", "gender": "male"})


@pytest.mark.parametrize(
    "folder", ["hl7-r4-examples", "synthea-r4", "synthea-imaging-r4"]
)
def test_real_and_official_resources_are_valid(folder: str) -> None:
    files = sorted((SAMPLES / folder).glob("*.json"))
    if not files:
        pytest.skip("needs the sample folder ../shared/data/fhir")
    for file in files:
        if file.name not in NO_RESOURCES:
            assert check(parse(file.read_bytes())) == [], file.name
