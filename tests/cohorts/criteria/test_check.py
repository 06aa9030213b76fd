"""What criteria may say, and what is told of those that may not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts.criteria import canonical, dumped, parse_criteria
from cohorts.criteria.schema import criteria_schema
from core.errors import Invalid

DX: dict[str, Any] = {"event": {"type": "condition", "as": "dx"}}
NEAR: dict[str, Any] = {"event": {"type": "imaging", "when": {"near": "dx"}}}


def query(where: Any, **more: Any) -> dict[str, Any]:
    return {"v": 1, "where": where, **more}


def event(**members: Any) -> dict[str, Any]:
    return {"event": {"type": "imaging", **members}}


@pytest.mark.parametrize(
    ("where", "path"),
    [
        ({}, "where"),
        ({"alle": []}, "where"),
        ({"all": []}, "where.all"),
        ({"event": {"type": "imagin"}}, "where.event.type"),
        (event(when={"last": "2Y"}), "where.event.when.last"),
        (event(when={"last": "-P2Y"}), "where.event.when.last"),
        (event(when={"from": None, "to": None}), "where.event.when"),
        (event(when={"from": "2024-02-30", "to": None}), "where.event.when.from"),
        (event(code={}), "where.event.code"),
        (event(code={"text": " "}), "where.event.code.text"),
        (event(body={"anyOf": []}), "where.event.body.anyOf"),
        (event(count={"gte": -1}), "where.event.count.gte"),
        (event(tags=[{"tag": "KVP"}]), "where.event.tags.0"),
        (event(tags=[{"tag": "0019;DROP", "eq": 1}]), "where.event.tags.0.tag"),
        (event(value={}), "where.event.value"),
        (event(extra=1), "where.event.extra"),
        ({"event": {"type": "condition", "tags": []}}, "where.event.tags"),
        ({"event": {"type": "condition", "modality": ["CT"]}}, "where.event.modality"),
        (
            {"event": {"type": "condition", "text": {"phrase": "x"}}},
            "where.event.text",
        ),
        ({"patient": {}}, "where.patient"),
        ({"patient": {"age": {"gt": "45"}}}, "where.patient.age.gt"),
        ({"patient": {"age": {"at": "now"}}}, "where.patient.age"),
        ({"patient": {"age": {"gt": 4, "at": "@dx"}}}, "where.patient.age.at"),
        ({"atleast": {"n": 0, "of": [DX]}}, "where.atleast.n"),
        (event(same="encounter"), "where.event.same"),
        (NEAR, "where.event.when"),
        ({"all": [NEAR, DX]}, "where.all.0.event.when"),
        ({"all": [{"not": DX}, NEAR]}, "where.all.1.event.when"),
        ({"all": [{"any": [DX, DX]}, NEAR]}, "where.all.0.any.1.event.as"),
        ({"all": [{"atleast": {"n": 1, "of": [DX]}}, NEAR]}, "where.all.1.event.when"),
        ({"all": [DX] * 101}, "where"),
    ],
)
def test_what_breaks_a_rule_is_refused_and_named(where: Any, path: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_criteria(query(where))
    assert caught.value.path == path
    assert "\n" not in caught.value.message


def test_names_are_bound_in_order_and_out_of_nested_groups() -> None:
    used = event(when={"near": "dx.end", "from": "-P30D", "to": None})
    parse_criteria(query({"all": [{"all": [DX]}, {"not": used}, {"any": [used]}]}))
    parse_criteria(query({"not": {"all": [DX, NEAR]}}))
    wanted = [{"what": "imaging", "when": {"near": "dx"}}]
    parse_criteria(query(DX, output=wanted))
    with pytest.raises(Invalid) as caught:
        parse_criteria(query({"not": DX}, output=wanted))
    assert caught.value.path == "output.0.when"


def test_what_is_deep_beyond_measure_is_refused() -> None:
    node: Any = DX
    for _ in range(5_000):
        node = {"not": node}
    with pytest.raises(Invalid, match="deep"):
        parse_criteria(query(node))


KEYS = st.sampled_from(["all", "event", "type", "v", "where", "x"])
ANYTHING = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
)


@given(ANYTHING)
def test_whatever_comes_is_taken_or_refused(data: Any) -> None:
    with pytest.raises(Invalid):
        parse_criteria(data)


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_text_that_no_database_holds_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="NUL"):
        parse_criteria(query(event(code={"codes": [{"system": text, "code": "1"}]})))


def test_what_was_read_is_written_as_it_was() -> None:
    given_ = query(
        {"all": [DX, event(when={"near": "dx", "from": None, "to": "P30D"})]},
        find="studies",
        output=[{"what": "imaging", "modality": ["CT"], "matching": True}],
    )
    assert dumped(parse_criteria(given_)) == given_


def test_what_means_the_same_has_one_form() -> None:
    one = query(
        {"all": [{"all": [event(modality=["MR", "CT"], when={"last": "P12M"})]}]}
    )
    other = query(
        {"all": [event(modality=["CT", "MR"], when={"last": "P1Y"})]},
    )
    assert canonical(one) == canonical(other)
    assert canonical(one) != canonical(query(event(modality=["CT"])))


def test_the_schema_names_what_there_is() -> None:
    schema = criteria_schema()
    assert {"Event", "Patient", "Tag", "Near"} <= set(schema["$defs"])
    assert "as" in schema["$defs"]["Event"]["properties"]
