"""Paths, moments, values and templates: what they give, and what they refuse."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from worklist.making.converting import converted
from worklist.making.escalation import parse_steps
from worklist.making.paths import Related, parse, values_at
from worklist.making.template import compiled, filled
from worklist.making.timing import moment_at, parse_duration, parse_moment, read_moment

ARRIVAL = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
STUDY: dict[str, Any] = {
    "00081030": {"vr": "LO", "Value": ["Chest"]},
    "00080061": {"vr": "CS", "Value": ["CT", "SR"]},
    "0040A370": {
        "vr": "SQ",
        "Value": [
            {"00080050": {"vr": "SH", "Value": ["A1"]}},
            {"00080050": {"vr": "SH", "Value": ["A2"]}},
        ],
    },
}
ORDER: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "status": "active",
    "identifier": [
        {"system": "urn:a", "value": "1"},
        {"system": "urn:b", "value": "2"},
    ],
    "occurrencePeriod": {"start": "2026-06-01T08:00:00Z"},
    "subject": {"reference": "Patient/p1"},
    "doNotPerform": False,
}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("StudyDescription", ["Chest"]),
        ("00081030", ["Chest"]),
        ("ModalitiesInStudy", ["CT", "SR"]),
        ("ModalitiesInStudy[1]", ["SR"]),
        ("ModalitiesInStudy.last()", ["SR"]),
        ("ReferencedRequestSequence.AccessionNumber", ["A1", "A2"]),
        ("ReferencedRequestSequence[0].AccessionNumber", ["A1"]),
        ("ReferencedRequestSequence.where(AccessionNumber = 'A2')", [
            {"00080050": {"vr": "SH", "Value": ["A2"]}}
        ]),
        ("PatientName", []),
        ("ModalitiesInStudy[7]", []),
    ],
)  # fmt: skip
def test_a_path_into_a_study(path: str, values: list[Any]) -> None:
    assert values_at(parse(path, is_dicom=True), STUDY, Related()) == values


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("status", ["active"]),
        ("identifier.value", ["1", "2"]),
        ("identifier.first().value", ["1"]),
        ("identifier[1].value", ["2"]),
        ("identifier.where(system = 'urn:b').value", ["2"]),
        ("identifier.where(system='urn:c').value", []),
        ("occurrence.start", ["2026-06-01T08:00:00Z"]),
        ("doNotPerform", [False]),
        ("nothing.at.all", []),
    ],
)
def test_a_path_into_a_resource(path: str, values: list[Any]) -> None:
    assert values_at(parse(path, is_dicom=False), ORDER, Related()) == values


def test_a_reference_is_followed_once_it_is_read() -> None:
    path, related = parse("subject.resolve().name", is_dicom=False), Related()
    assert values_at(path, ORDER, related) == []
    assert related.missing == {"Patient/p1"}
    related.held["Patient/p1"] = {"name": [{"family": "A"}]}
    assert values_at(path, ORDER, related) == [{"family": "A"}]


@pytest.mark.parametrize(
    "path",
    ["", ".", "a.", "a[", "a[x]", "a.where(", "a.where(b = c)", "a b", "exists()",
     "a..b", "a" * 501, "'text'", "a)"],
)  # fmt: skip
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(Invalid):
        parse(path, is_dicom=False)


@given(st.text(max_size=60))
def test_any_text_is_a_path_or_refused(text: str) -> None:
    for is_dicom in (True, False):
        try:
            path = parse(text, is_dicom=is_dicom)
        except Invalid:
            continue
        values_at(path, ORDER, Related())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["coding", "code", "text", "value", "start"]), inner
        )
    ),
)


@given(JSON, st.sampled_from(["PN", "SQ", "DT", "DA", "TM", "LO", "IS", "UI", "CS"]))
def test_any_value_is_converted_or_left_out(value: Any, vr: str) -> None:
    for each in converted("00081030", vr, [value]):
        assert each not in ("", None)


@pytest.mark.parametrize(
    ("vr", "value", "made"),
    [
        ("PN", {"family": "Doe", "given": ["J", "K", "L"], "prefix": ["Dr"]}, [
            {"Alphabetic": "Doe^J^K L^Dr"}]),
        ("PN", {"text": "Jane Doe"}, [{"Alphabetic": "Jane Doe"}]),
        ("PN", {"family": "D^o=e"}, [{"Alphabetic": "D o e"}]),
        ("DA", "1970-02-03", ["19700203"]),
        ("DA", "19700203", ["19700203"]),
        ("DT", "2026-05-01T10:00:00+02:00", ["20260501080000+0000"]),
        ("DT", "2026-13-01", []),
        ("TM", "2026-05-01T10:11:12Z", ["101112"]),
        ("LO", {"text": "x" * 70}, ["x" * 64]),
        ("SH", "x" * 70, ["x" * 70]),
        ("IS", "7", [7]),
        ("IS", "seven", []),
        ("UI", "urn:oid:1.2.3", ["1.2.3"]),
        ("LO", {"value": 3, "unit": "mm"}, ["3 mm"]),
        ("SQ", {"text": "no code"}, []),
    ],
)  # fmt: skip
def test_a_value_becomes_one_of_the_representation(
    vr: str, value: Any, made: list[Any]
) -> None:
    assert converted("00081030", vr, [value]) == made


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("arrival", ARRIVAL),
        ("arrival + 4 h", ARRIVAL + dt.timedelta(hours=4)),
        ("arrival - 30 min", ARRIVAL - dt.timedelta(minutes=30)),
        ("{occurrence} + 1.5 d", dt.datetime(2026, 6, 2, 20, tzinfo=dt.UTC)),
        ("{nothing} + 1 h", ARRIVAL + dt.timedelta(hours=1)),
    ],
)
def test_a_moment_is_relative(text: str, at: dt.datetime) -> None:
    moment = parse_moment(text, is_dicom=False)
    assert moment_at(moment, ORDER, Related(), arrival=ARRIVAL) == at


@pytest.mark.parametrize("text", ["", "now", "arrival +", "+ 4 h", "{a} 4 h", "{a"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_moment(text, is_dicom=False)


@pytest.mark.parametrize("text", ["", "4", "h", "4 parsecs", "-4 h", "999999 w"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_duration(text)


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_none(text: str) -> None:
    read_moment(text)


def test_steps_come_in_the_order_of_their_time() -> None:
    steps = parse_steps(
        [{"after": "2 h", "worklist_label": "Senior"}, {"priority": "HIGH"}]
    )
    assert [each.after for each in steps] == [dt.timedelta(0), dt.timedelta(hours=2)]
    assert steps[0].changes == {"00741200": {"vr": "CS", "Value": ["HIGH"]}}


def test_an_item_that_leads_nowhere_is_left_out() -> None:
    code = {
        "CodeValue": {"Value": ["{StudyID}"]},
        "CodingSchemeDesignator": {"Value": ["99X"]},
        "CodeMeaning": {"Value": ["{StudyID}"]},
    }
    raw = {"ScheduledStationNameCodeSequence": {"Value": [code]}}
    template = compiled(raw, is_dicom=True)
    assert filled(template, STUDY, Related())["00404025"] == {"vr": "SQ"}
    named = {**STUDY, "00200010": {"vr": "SH", "Value": ["S1"]}}
    (item,) = filled(template, named, Related())["00404025"]["Value"]
    assert item["00080100"]["Value"] == ["S1"]


def test_what_the_standard_wants_is_there_empty() -> None:
    model = filled(compiled({}, is_dicom=True), STUDY, Related())
    assert model["00380010"] == {"vr": "LO"}
    raw: Any = {"ReferencedRequestSequence": {"Value": [{"AccessionNumber": {}}]}}
    (item,) = filled(compiled(raw, is_dicom=True), STUDY, Related())["0040A370"][
        "Value"
    ]
    assert {"00080051", "00400026", "00401001"} <= item.keys()
