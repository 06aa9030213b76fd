"""Updating: each row of table CC.2.5-3 in N-SET (PS3.4 CC.2.6)."""

from typing import Any

import pytest

from tests.worklist.rules.samples import FULL_UPDATE, fresh, items_at, sample
from worklist.rules import (
    ATTRIBUTES,
    BY_PATH,
    Attribute,
    Rule,
    State,
    check_cancel_request,
    check_state_change,
    check_update,
)

ROWS = list(BY_PATH.values())
TRANSACTION_UID = {"vr": "UI", "Value": ["1.2.3.4"]}


def told(model: object, **options: Any) -> list[tuple[str, Rule]]:
    return [(each.path, each.rule) for each in check_update(model, **options).findings]


def nested(scu: str, *, conditional: bool = False) -> list[Any]:
    return [
        pytest.param(row, id=row.path)
        for row in ROWS
        if "." in row.path
        if row.update.scu == scu and bool(row.condition) is conditional
        if any(row.tag in item for item, _ in items_at(FULL_UPDATE, row.path))
    ]


def at(model: dict[str, Any], row: Attribute) -> tuple[dict[str, Any], str]:
    return next(items_at(model, row.path))


def test_all_at_once_and_each_alone() -> None:
    assert told(FULL_UPDATE) == []
    assert told({}) == []
    for tag, attribute in FULL_UPDATE.items():
        assert told({tag: attribute}) == []
        assert told({tag: attribute}, is_azure=True) == []


def test_what_azure_names_as_not_allowed_is_not() -> None:
    for keyword in (
        "SOPClassUID", "SOPInstanceUID", "PatientName", "PatientID", "PatientSex",
        "PatientBirthDate", "AdmissionID", "IssuerOfAdmissionIDSequence",
        "AdmittingDiagnosesDescription", "AdmittingDiagnosesCodeSequence",
        "ReferencedRequestSequence", "ReplacedProcedureStepSequence",
        "ProcedureStepState",
    ):  # fmt: skip
        (row,) = (each for each in ATTRIBUTES.values() if each.keyword == keyword)
        for is_azure in (False, True):
            model = {row.tag: sample(row, "create", full=True)}
            assert told(model, is_azure=is_azure) == [(row.tag, Rule.NOT_ALLOWED)]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row.path)
        for row in ATTRIBUTES.values()
        if row.update.scu == "no"
    ],
)
def test_not_allowed_is_not_allowed_even_empty(row: Attribute) -> None:
    assert told({row.tag: {"vr": row.vr}}) == [(row.tag, Rule.NOT_ALLOWED)]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row.path)
        for row in ATTRIBUTES.values()
        if row.update.scu == "3"
    ],
)
def test_what_the_server_has_to_hold_cannot_be_emptied(row: Attribute) -> None:
    expected = [(row.tag, Rule.EMPTY)] if row.update.scp == "1" else []
    assert told({row.tag: {"vr": row.vr}}) == expected


@pytest.mark.parametrize("row", nested("1"))
def test_items_need_what_is_of_type_1(row: Attribute) -> None:
    model = fresh(FULL_UPDATE)
    item, where = at(model, row)
    item[row.tag] = {"vr": row.vr}
    assert (where + row.tag, Rule.EMPTY) in told(model)
    del item[row.tag]
    assert (where + row.tag, Rule.MISSING) in told(model)


@pytest.mark.parametrize("row", nested("2"))
def test_items_need_what_is_of_type_2(row: Attribute) -> None:
    model = fresh(FULL_UPDATE)
    item, where = at(model, row)
    item[row.tag] = {"vr": row.vr}
    assert told(model) == []
    del item[row.tag]
    assert told(model) == [(where + row.tag, Rule.MISSING)]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row.path)
        for row in ROWS
        if "." in row.path and row.update.scu == "no"
        if any(True for _ in items_at(FULL_UPDATE, row.path))
    ],
)
def test_items_may_not_have_what_is_not_allowed(row: Attribute) -> None:
    model = fresh(FULL_UPDATE)
    item, where = at(model, row)
    item[row.tag] = sample(row, "create", full=True)
    assert told(model) == [(where + row.tag, Rule.NOT_ALLOWED)]


@pytest.mark.parametrize("row", nested("1C", conditional=True))
def test_conditions_are_not_azures(row: Attribute) -> None:
    model = fresh(FULL_UPDATE)
    item, _ = at(model, row)
    del item[row.tag]
    assert told(model, is_azure=True) == []


def test_the_transaction_uid_is_taken_out() -> None:
    update = check_update(
        {"00081195": TRANSACTION_UID, "00741204": {"vr": "LO", "Value": ["a"]}}
    )
    assert update.transaction_uid == "1.2.3.4"
    assert list(update.dataset) == ["00741204"]
    assert check_update({}).transaction_uid == ""
    assert told({"00081195": {"vr": "UI", "Value": ["x"]}}) == [
        ("00081195", Rule.VALUE)
    ]


def test_what_the_server_sets_is_not_taken() -> None:
    update = check_update(
        {
            "00404010": {"vr": "DT", "Value": ["20200101"]},
            "00080005": {"vr": "CS", "Value": ["ISO_IR 100"]},
        }
    )
    assert (update.dataset, update.findings) == ({}, ())


def test_other_attributes_are_of_type_3() -> None:
    model = {
        "00101010": {"vr": "AS", "Value": ["030Y"]},
        "00091001": {"vr": "LO", "Value": ["private"]},
        "00380300": {"vr": "LO"},
    }
    assert told(model) == []
    assert check_update(model).dataset == {tag: model[tag] for tag in sorted(model)}


class TestStateChange:
    @pytest.mark.parametrize("state", list(State))
    def test_a_state_and_the_transaction_uid(self, state: State) -> None:
        change = check_state_change(
            {
                "00741000": {"vr": "CS", "Value": [state.value]},
                "00081195": TRANSACTION_UID,
            }
        )
        assert change == (state, "1.2.3.4", ())

    def test_a_missing_transaction_uid_is_for_the_state_machine(self) -> None:
        change = check_state_change({"00741000": {"vr": "CS", "Value": ["COMPLETED"]}})
        assert change == (State.COMPLETED, "", ())

    @pytest.mark.parametrize(
        ("attribute", "rule"),
        [
            (None, Rule.MISSING),
            ({"vr": "CS"}, Rule.MISSING),
            ({"vr": "CS", "Value": ["CANCELLED"]}, Rule.ENUMERATED),
            ({"vr": "CS", "Value": ["IN_PROGRESS"]}, Rule.ENUMERATED),
            ({"vr": "CS", "Value": ["completed"]}, Rule.VALUE),
            ({"vr": "CS", "Value": ["COMPLETED", "CANCELED"]}, Rule.VALUE),
            ({"vr": "LO", "Value": ["COMPLETED"]}, Rule.VALUE),
            ("COMPLETED", Rule.SYNTAX),
        ],
    )
    def test_no_such_state(self, attribute: Any, rule: Rule) -> None:
        change = check_state_change({"00741000": attribute} if attribute else {})
        assert change.state is None
        assert [(each.path, each.rule) for each in change.findings] == [
            ("00741000", rule)
        ]


class TestCancelRequest:
    def test_it_need_not_say_anything(self) -> None:
        assert check_cancel_request() == ({}, ())
        assert check_cancel_request({}) == ({}, ())

    def test_what_it_may_say(self) -> None:
        said = {
            "0074100A": {"vr": "UR", "Value": ["tel:+41"]},
            "0074100C": {"vr": "LO", "Value": ["Desk"]},
            "0074100E": FULL_UPDATE["00741002"]["Value"][0]["0074100E"],
            "00741238": {"vr": "LT", "Value": ["why"]},
        }
        assert check_cancel_request(said) == (said, ())
        more = said | {"00100010": {"vr": "PN", "Value": [{"Alphabetic": "A"}]}}
        assert check_cancel_request(more) == (said, ())

    def test_codes_are_codes(self) -> None:
        said = {"0074100E": {"vr": "SQ", "Value": [{}]}}
        paths = [each.path for each in check_cancel_request(said).findings]
        assert paths == ["0074100E/1/00080100", "0074100E/1/00080104"]

    def test_what_is_said_is_not_empty(self) -> None:
        (finding,) = check_cancel_request({"00741238": {"vr": "LT"}}).findings
        assert (finding.path, finding.rule) == ("00741238", Rule.EMPTY)
