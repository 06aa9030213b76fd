"""The rows that a resource is found by: pure, but for the twin in the database."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.database import raw_connection
from fhirlink.search import slots
from fhirlink.search.index import AS_WRITTEN, IndexRows, index_rows, unit_key
from fhirlink.search.slots import Owner, compartment, hashed, term
from fhirlink.search.units import SYSTEM, scale_of

LOINC = "http://loinc.org"
PRESSURE: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "p",
    "status": "final",
    "code": {"coding": [{"system": LOINC, "code": "85354-9", "display": "Pressure"}]},
    "subject": {"reference": "Patient/ada"},
    "effectiveDateTime": "2026-03-01T10:00:00+01:00",
    "component": [
        {
            "code": {"coding": [{"system": LOINC, "code": "8480-6"}]},
            "valueQuantity": {"value": 16, "system": SYSTEM, "code": "kPa"},
        }
    ],
}


def rows_of(resource: dict[str, Any]) -> IndexRows:
    return index_rows(7, resource)


def owner(parameter: str, type_: str = "Observation") -> Owner:
    return Owner(7, type_, parameter)


@pytest.mark.parametrize(
    ("parameter", "key"),
    [
        ("code", (slots.CODE, "85354-9")),
        ("code", (slots.TOKEN, LOINC, "85354-9")),
        ("code", (slots.SYSTEM, LOINC)),
        ("code", (slots.SAID, "pressure")),
        ("code", (slots.PRESENT,)),
        ("status", (slots.CODE, "final")),
        ("subject", (slots.TO, "Patient", "ada")),
        ("patient", (slots.TO, "Patient", "ada")),
        ("component-code", (slots.CODE, "8480-6")),
        ("component-code-value-quantity", (slots.TOKEN, LOINC, "8480-6")),
        ("component-value-quantity", (slots.PRESENT,)),
    ],
)
def test_a_value_has_its_term(parameter: str, key: tuple[str, ...]) -> None:
    assert term(owner(parameter), *key) in rows_of(PRESSURE).terms


def test_terms_are_of_a_partition_a_type_and_a_parameter() -> None:
    keys = [
        Owner(7, "Observation", "code"),
        Owner(8, "Observation", "code"),
        Owner(7, "Condition", "code"),
        Owner(7, "Observation", "component-code"),
    ]

    assert len({term(each, slots.CODE, "1") for each in keys}) == len(keys)


def test_a_date_is_an_interval_in_utc() -> None:
    first = datetime(2026, 3, 1, 9, tzinfo=UTC)

    assert rows_of(PRESSURE).dates == [
        (term(owner("date"), slots.MOMENT), first, first.replace(second=1))
    ]


def test_quantities_are_found_as_written_and_in_the_unit_of_their_dimension() -> None:
    at = owner("component-value-quantity")
    composite = owner("component-code-value-quantity")
    within = (slots.CODE, "8480-6")
    mercury = pytest.approx(120.00985)
    key = unit_key("", "mm[Hg]")

    assert sorted(rows_of(PRESSURE).quantities) == sorted(
        [
            (term(at, slots.POINT), 16.0, 16.0, AS_WRITTEN),
            (term(at, slots.CONVERTED, slots.POINT), mercury, mercury, key),
            (term(composite, slots.POINT, *within), 16.0, 16.0, AS_WRITTEN),
            (
                term(composite, slots.CONVERTED, slots.POINT, *within),
                mercury,
                mercury,
                key,
            ),
        ]
    )


def test_what_leads_to_a_patient_lies_in_the_compartment() -> None:
    procedure = {
        "resourceType": "Procedure",
        "subject": {"reference": "Group/g"},
        "performer": [{"actor": {"reference": "Patient/bob"}}],
        "asserter": {"reference": "Patient/eve"},
    }

    held = set(rows_of(procedure).terms)

    assert compartment(7, "ada") in rows_of(PRESSURE).terms
    assert compartment(7, "ada") in rows_of({"resourceType": "Patient", "id": "ada"})[0]
    assert compartment(7, "bob") in held
    assert compartment(7, "eve") not in held  # an asserter is no performer
    assert compartment(8, "bob") not in held


@pytest.mark.parametrize(
    "hostile",
    [
        {"resourceType": "Observation", "code": ["x", None, {"coding": "y"}]},
        {"resourceType": "Observation", "valueQuantity": {"value": 1e308}},
        {"resourceType": "Observation", "effectivePeriod": {"start": "yes"}},
        {"resourceType": "Observation", "effectiveDateTime": "9999-12-31T23:59:59Z"},
        {"resourceType": "Observation", "component": {"code": {"coding": {}}}},
        {"resourceType": "Patient", "name": {"family": "x" * 100_000}},
        {"resourceType": "Patient", "id": 3, "name": "Ada", "deceasedBoolean": 1},
        {"resourceType": "NoType", "meta": {"tag": 3}},
    ],
)
def test_other_forms_than_the_definition_says_break_nothing(
    hostile: dict[str, Any],
) -> None:
    rows = rows_of(hostile)

    assert rows.terms == sorted(set(rows.terms))
    assert all(len(text) <= 600 for _, text in rows.strings)


@pytest.mark.parametrize(
    ("code", "number", "unit", "converted"),
    [
        ("g/L", 1, "mg/dL", 100),
        ("[degF]", 98.6, "Cel", 37),
        ("{beats}/min", 72, "/min", 72),
        ("{score}", 3, "%", 300),
        ("mL/min/{1.73_m2}", 90, "mL/min", 90),
        ("uGy.m2", 5, "dGy.cm2", 5),
    ],
)
def test_units_of_a_dimension_compare(
    code: str, number: float, unit: str, converted: float
) -> None:
    scale = scale_of(SYSTEM, code)

    assert scale is not None
    assert scale.unit == unit
    assert float(scale.factor) * number + float(scale.offset) == pytest.approx(
        converted
    )


def test_units_written_in_words_count_where_no_system_is_named() -> None:
    assert scale_of("", "mmHg") == scale_of(SYSTEM, "mm[Hg]")
    assert scale_of(SYSTEM, "mmHg") is None
    assert scale_of("urn:other", "mg") is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["", "7\x1fPatient\x1fto", "Zoë ☂ \U00020000", "a" * 5_000]
)
def test_the_database_hashes_as_python_does(text: str) -> None:
    found = raw_connection().execute("SELECT fhirlink_term(%s)", (text,)).fetchone()

    assert found == (hashed(text),)
