"""Criteria against a small record: who matches, and how many after each criterion."""

from datetime import date
from typing import Any

import pytest

from cohorts.criteria import parse_criteria
from cohorts.execution.asking import Counted, count, found, prepare
from tests.fhirlink.events.record import ACTOR, follow, patient, put, resource, rows

pytestmark = pytest.mark.django_db

NOW = date(2026, 1, 1)


def asked(where: dict[str, Any], actor: Any = ACTOR, **members: Any) -> Any:
    query = parse_criteria({"v": 1, "where": where, **members})
    return prepare(actor=actor, partition="default", criteria=query, now=NOW)


def counted(where: dict[str, Any]) -> Counted:
    return count(asked(where))


def who(where: dict[str, Any]) -> set[str]:
    with found(asked(where)) as relation:
        names = rows(
            "SELECT substr(i.name, 9) FROM fhirlink_patientidentity i"
            f" JOIN {relation.patients} f ON f.patient = i.patient"
        )
    return {row[0] for row in names}


def condition(id_: str, text: str, day: str, patient: str = "p") -> dict[str, Any]:
    return resource("Condition", id_, patient, code={"text": text}, onsetDateTime=day)


def test_first() -> None:
    put(
        patient("a", birthDate="1970-01-01", gender="female"),
        patient("b", birthDate="1990-01-01"),
        condition("c1", "Osteosarcoma of femur", "2025-03-01", "a"),
        condition("c2", "Osteosarcomas", "2020", "b"),
    )
    follow()
    osteo = {"event": {"type": "condition", "code": {"text": "osteosarcoma"}}}
    assert who(osteo) == {"a", "b"}
    assert who({"all": [{"patient": {"age": {"gt": 45}}}, osteo]}) == {"a"}
    assert who({"not": osteo}) == set()
    got = counted({"all": [osteo, {"patient": {"gender": "female"}}]})
    assert (got.total, got.could, [e.count for e in got.attrition]) == (1, 0, [2, 2, 1])
    named = {
        "event": {**osteo["event"], "as": "dx", "count": {"gte": 1}, "pick": "first"}
    }
    near = {
        "event": {
            "type": "condition",
            "when": {"near": "dx", "from": "P0D", "to": "P30D"},
        }
    }
    assert who({"all": [named, near]}) == {"a", "b"}
    late = {"event": {**osteo["event"], "when": {"from": "2020-02-01", "to": None}}}
    assert counted(late).could == 1
