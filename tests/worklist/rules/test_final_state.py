"""What COMPLETED and CANCELED ask for (PS3.4 CC.2.5.1.1), by the table's codes."""

import pytest

from imaging.part10.model import JsonModel
from tests.worklist.rules.samples import COMPLETED, LEAST, fresh, items_at
from tests.worklist.rules.test_completing import NOW
from worklist.rules import BY_PATH, Attribute, Rule, State, missing_for, with_defaults
from worklist.rules.final_state import needs_character_set
from worklist.rules.findings import Finding

ROWS = list(BY_PATH.values())
HELD = with_defaults(COMPLETED, uid="1.2.3", now=NOW, worklist_label="reading") | {
    tag: COMPLETED[tag] for tag in ("00741002", "00741216")
}
NEEDED = {State.COMPLETED: "RP", State.CANCELED: "RX"}
OUTPUT = "00741216.00404033"
WHOLE = ("00741002", "00741216")
HELD_ROWS = [
    row for row in ROWS if any(row.tag in item for item, _ in items_at(HELD, row.path))
]


def paths(state: State, model: JsonModel) -> list[str]:
    found: tuple[Finding, ...] = missing_for(state, model)
    assert all(each.rule is Rule.MISSING for each in found)
    return [each.path for each in found]


@pytest.mark.parametrize("state", list(State))
def test_nothing_is_missing_where_all_is_there(state: State) -> None:
    assert paths(state, HELD) == []


@pytest.mark.parametrize("state", [State.SCHEDULED, State.IN_PROGRESS])
def test_other_states_ask_for_nothing(state: State) -> None:
    assert paths(state, {}) == []


def without(row: Attribute, *, is_there: bool) -> tuple[JsonModel, str]:
    """Return the workitem without a value of an attribute, and where that was."""
    model = fresh(HELD)
    ((item, where),) = items_at(model, row.path)
    assert row.tag in item
    del item[row.tag]
    if is_there:
        item[row.tag] = {"vr": row.vr}
    return model, where + row.tag


@pytest.mark.parametrize("state", list(NEEDED))
@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row.path)
        for row in ROWS
        if row.final in {"R", "P", "X"} and row.path not in {*WHOLE, OUTPUT}
    ],
)
def test_each_attribute_is_needed_by_its_code(row: Attribute, state: State) -> None:
    for is_there in (False, True):
        model, where = without(row, is_there=is_there)
        assert paths(state, model) == ([where] if row.final in NEEDED[state] else [])


def test_what_is_optional_is_not_needed() -> None:
    optional = [row for row in ROWS if row.final in {"O", "RC"} and row in HELD_ROWS]
    assert len(optional) > 500
    for row in optional:
        model, _ = without(row, is_there=False)
        for state in NEEDED:
            assert paths(state, model) == [], row.path


def test_what_to_send_before_it_is_completed() -> None:
    model = fresh(HELD) | {"00741216": {"vr": "SQ"}, "00741002": {"vr": "SQ"}}
    assert paths(State.COMPLETED, model) == [
        "00741216/1/00404028",
        "00741216/1/00404050",
        "00741216/1/00404019",
        "00741216/1/00404051",
        "00741216/1/00404033",
    ]
    del model["00741216"]
    assert len(paths(State.COMPLETED, model)) == 5


def test_what_to_send_before_it_is_canceled() -> None:
    model = fresh(HELD) | {"00741216": {"vr": "SQ"}, "00741002": {"vr": "SQ"}}
    assert paths(State.CANCELED, model) == [
        "00741002/1/00404052",
        "00741002/1/0074100E",
    ]
    for finding in missing_for(State.CANCELED, model):
        assert "CANCELED" in finding.message
        assert "Update" in finding.message


def test_outputs_may_be_none_but_are_named() -> None:
    model = fresh(HELD)
    ((item, where),) = items_at(model, OUTPUT)
    item["00404033"] = {"vr": "SQ"}
    assert paths(State.COMPLETED, model) == []
    del item["00404033"]
    assert paths(State.COMPLETED, model) == [where + "00404033"]
    assert paths(State.CANCELED, model) == []


def test_each_item_is_looked_at() -> None:
    model = fresh(HELD)
    model["00741216"]["Value"].append({})
    assert "00741216/2/00404051" in paths(State.COMPLETED, model)
    assert not any(
        path.startswith("00741216/1") for path in paths(State.COMPLETED, model)
    )


def test_a_new_workitem_may_be_completed_by_nobody() -> None:
    new = with_defaults(LEAST, uid="1.2.3", now=NOW, worklist_label="x")
    assert all(path.startswith("00741216/1/") for path in paths(State.COMPLETED, new))


@pytest.mark.parametrize(
    ("attribute", "needs"),
    [
        ({"vr": "LO", "Value": ["Bäder"]}, True),
        ({"vr": "LO", "Value": ["Baths"]}, False),
        ({"vr": "PN", "Value": [{"Alphabetic": "A", "Ideographic": "山"}]}, True),
        ({"vr": "PN", "Value": [None, {"Alphabetic": "A"}]}, False),
        ({"vr": "SQ", "Value": [{}, {"00741204": {"vr": "LO", "Value": ["ä"]}}]}, True),
        ({"vr": "SQ", "Value": [{"00741204": {"vr": "LO"}}]}, False),
        ({"vr": "DS", "Value": [1.5]}, False),
        ({"vr": "OB", "InlineBinary": "QQ=="}, False),
    ],
)
def test_a_character_set_is_needed_for_text_beyond_ascii(
    attribute: dict[str, object], needs: bool
) -> None:
    assert needs_character_set({"00091001": attribute}) is needs
    model = {**HELD, "00091001": attribute}
    model.pop("00080005", None)
    for state in NEEDED:
        assert paths(state, model) == (["00080005"] if needs else [])
