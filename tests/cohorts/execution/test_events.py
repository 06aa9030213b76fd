"""One event or several: names, numbers, the first and the last, groups of criteria."""

import pytest

from cohorts.execution.asking import count
from tests.cohorts.execution.asked import (
    asked,
    condition,
    counted,
    event,
    matches,
    study,
    who,
)
from tests.fhirlink.events.record import follow, patient, put, resource

pytestmark = pytest.mark.django_db


def record() -> None:
    put(
        *(patient(id_) for id_ in "abc"),
        condition("a1", "flu", "2020-01-01", "a"),
        condition("a2", "flu", "2024-01-01", "a"),
        condition("a3", "cough", "2020-01-10", "a"),
        condition("b1", "flu", "2020-01-01", "b"),
        condition("b3", "cough", "2024-01-10", "b"),
    )
    follow()


def near(name: str, to: str = "P30D") -> dict[str, str]:
    return {"near": name, "from": "P0D", "to": to}


def test_what_is_named_is_bound_by_existence_unless_it_is_picked() -> None:
    record()
    cough = event("condition", "cough", when=near("a"))

    def flu(pick: str) -> dict[str, object]:
        return event("condition", "flu", as_="a", pick=pick)

    assert who({"all": [flu("any"), cough]}) == "a"
    assert who({"all": [flu("first"), cough]}) == "a"
    assert who({"all": [flu("last"), cough]}) == ""


def test_what_is_picked_is_picked_of_all_that_matches() -> None:
    record()
    late = event(
        "condition", "flu", as_="a", pick="first", when={"from": "2023", "to": None}
    )

    assert who({"all": [late, event("condition", "cough", when=near("a"))]}) == ""
    assert who({"all": [late, event("condition", "flu", when=near("a"))]}) == "a"


def test_names_are_bound_in_a_nested_all_and_used_below_not_and_any() -> None:
    record()
    flu = event("condition", "flu", as_="a")
    cough = event("condition", "cough", when=near("a"))
    nested = {"all": [{"all": [flu, event("condition", "flu")]}, cough]}

    assert who(nested) == "a"
    assert (
        who({"all": [flu, {"any": [cough, {"patient": {"gender": "other"}}]}]}) == "a"
    )
    # There is a flu without a cough soon after: of a the second one.
    assert who({"all": [flu, {"not": cough}]}) == "a b"


def test_counts_and_none_of_it() -> None:
    record()

    assert who(event("condition", "flu", count={"gte": 2})) == "a"
    assert who(event("condition", "flu", count={"lte": 1})) == "b c"
    assert who(event("condition", "flu", count={"eq": 0})) == "c"
    assert who(event("condition", "flu", count={"eq": 1})) == "b"
    assert who({"not": event("condition", "flu", count={"gte": 2})}) == "b c"
    both = [
        event("condition", "flu", count={"gt": 1}, as_="a"),
        event("condition", "cough", when=near("a")),
    ]
    assert who({"all": both}) == "a"
    # Counted around each of those that are named.
    for to, found in (("P8D", ""), ("P9D", "a")):
        around = event("condition", when=near("b", to), count={"gte": 2})
        assert who({"all": [event("condition", "flu", as_="b"), around]}) == found


def test_an_observation_with_components_is_counted_once_and_each_has_its_value() -> (
    None
):
    parts = [
        {
            "code": {"text": f"{name} pressure"},
            "valueQuantity": {"value": value, "unit": "mmHg"},
        }
        for name, value in (("systolic", 150), ("diastolic", 90))
    ]
    put(patient(), resource("Observation", "o", code={"text": "bp"}, component=parts))
    follow()

    assert who(event("observation", count={"eq": 1})) == "p"
    high = {"gte": 140, "unit": "mm[Hg]"}
    assert who(event("observation", "systolic pressure", value=high)) == "p"
    assert who(event("observation", "diastolic pressure", value=high)) == ""


def test_two_criteria_on_one_event_are_one_and_two_may_be_two() -> None:
    put(
        patient(),
        study("1", "2020-01-01", ("CT", "Chest", 5)),
        study("2", "2024-01-01", ("MR", "Knee", 5)),
    )
    follow()
    late = {"when": {"from": "2023", "to": None}}

    assert who(event("imaging", modality=["CT"], **late)) == ""
    assert (
        who({"all": [event("imaging", modality=["CT"]), event("imaging", **late)]})
        == "p"
    )


def test_the_same_encounter_is_that_of_the_event_named_last() -> None:
    def during(id_: str, type_: str, text: str, encounter: str) -> dict[str, object]:
        reference = {"reference": f"Encounter/{encounter}"}
        return resource(type_, id_, code={"text": text}, encounter=reference)

    put(
        patient(),
        during("c", "Condition", "flu", "1"),
        during("x", "Procedure", "biopsy", "1"),
        during("y", "Procedure", "scan", "2"),
    )
    follow()
    flu = event("condition", "flu", as_="a")

    assert who({"all": [flu, event("procedure", "biopsy", same="encounter")]}) == "p"
    assert who({"all": [flu, event("procedure", "scan", same="encounter")]}) == ""


def test_some_of_several() -> None:
    record()
    parts = [event("condition", "flu"), event("condition", "cough"), event("device")]

    assert who({"atleast": {"n": 2, "of": parts}}) == "a b"
    assert who({"not": {"atleast": {"n": 2, "of": parts}}}) == "c"
    assert who({"atleast": {"n": 4, "of": parts}}) == ""


def test_not_runs_over_all_patients_also_those_of_whom_nothing_is_told() -> None:
    record()

    assert who({"not": event("imaging")}) == "a b c"


def test_default_statuses_are_out_and_those_asked_for_replace_them() -> None:
    verified = {"coding": [{"code": "refuted"}]}
    resolved = {"coding": [{"code": "resolved"}]}
    put(
        *(patient(id_) for id_ in "abcd"),
        condition("a", "flu", patient="a", verificationStatus=verified),
        condition("b", "flu", patient="b", clinicalStatus=resolved),
        condition("c", "flu", patient="c"),
        resource("Procedure", "d", "d", code={"text": "x"}, status="not-done"),
    )
    follow()

    assert who(event("condition", "flu")) == "b c"
    assert who(event("condition", "flu", status=["refuted"])) == "a"
    assert who(event("condition", status=["refuted", "resolved"])) == "a b"
    assert who(event("procedure")) == ""


def test_attrition_says_how_many_are_left_after_each_criterion() -> None:
    record()
    where = {
        "all": [
            event("condition", "flu", as_="a"),
            event("condition", "cough", when=near("a")),
            {"patient": {"deceased": False}},
        ]
    }

    found = counted(where)

    assert [(each.path, each.count) for each in found.attrition] == [
        ("where", 3),
        ("where.all.0", 2),
        ("where.all.1", 1),
        ("where.all.2", 1),
    ]
    assert found.attrition[1].criterion == where["all"][0]
    assert [e.count for e in counted(event("condition", "flu")).attrition] == [3, 2]
    assert count(asked({"all": [event("device")]})).total == 0


def test_events_are_those_that_satisfied_their_leaf_together_with_the_others() -> None:
    record()
    flu = event("condition", "flu", as_="a")
    cough = event("condition", "cough", when=near("a"))

    assert matches({"all": [flu, cough]}) == {(0, "a1"), (1, "a3")}
    assert matches(event("condition", "flu")) == {(0, "a1"), (0, "a2"), (0, "b1")}
    first = event("condition", "flu", pick="first")
    assert matches(first) == {(0, "a1"), (0, "b1")}
    either = {"any": [{"all": [flu, cough]}, event("condition", "cough")]}
    assert matches(either) == {(0, "a1"), (1, "a3"), (2, "a3"), (2, "b3")}
    without = {"all": [event("condition", "cough"), {"not": event("device")}]}
    assert matches(without) == {(0, "a3"), (0, "b3")}
