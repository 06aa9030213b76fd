"""What is told of a change, and to whom: PS3.4 table CC.2.4-1, without a server."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from core.errors import Invalid
from tests.worklist.steps import attribute, code
from worklist.events.number import Number
from worklist.events.reports import (
    EventType,
    Report,
    reports_of,
    state_report,
    status_text,
    text_of,
)
from worklist.events.watching import Range, Told, Watching

STATION = attribute("SQ", code("CT1", "Scanner 1"))
PERSON: dict[str, Any] = {
    "00404009": attribute("SQ", code("DOE", "John Doe")),
    "00404036": attribute("LO", "Radiology"),
    "00404037": attribute("PN", {"Alphabetic": "Doe^John"}),
}
WHY = {
    "00741238": attribute("LT", "No bed"),
    "0074100E": attribute("SQ", code("1", "x")),
}
INFORMATION: dict[str, Any] = {
    "00404025": STATION,
    "00404034": attribute("SQ", PERSON),
    "00404041": attribute("CS", "READY"),
    "00741000": attribute("CS", "SCHEDULED"),
    "00741002": attribute("SQ", {"00741004": attribute("DS", 50), **WHY}),
}


def types(happened: Iterable[str], passed: Iterable[str] = ()) -> list[int]:
    return [each.type for each in reports_of(list(happened), list(passed), INFORMATION)]


@pytest.mark.parametrize(
    ("happened", "passed", "told"),
    [
        (["created"], ["SCHEDULED"], [1]),
        (["created", "assigned"], ["SCHEDULED"], [1, 5]),
        (["state"], ["IN PROGRESS"], [1]),
        (["cancel requested", "state"], ["IN PROGRESS", "CANCELED"], [2, 1, 1]),
        (["cancel requested"], [], [2]),
        (["readiness"], [], [1]),
        (["progress"], [], [3]),
        (["assigned"], [], [5]),
        (["changed", "progress", "assigned", "readiness"], [], [1, 5, 3]),
        (["changed"], [], []),
    ],
)
def test_what_a_change_tells(
    happened: list[str], passed: list[str], told: list[int]
) -> None:
    assert types(happened, passed) == told


def test_a_state_report() -> None:
    report = state_report(INFORMATION)
    assert report == Report(
        EventType.STATE,
        {"00404041": INFORMATION["00404041"], "00741000": INFORMATION["00741000"]},
    )
    canceled = state_report(INFORMATION, "CANCELED").attributes
    assert canceled["00741000"]["Value"] == ["CANCELED"]
    assert {tag: canceled[tag] for tag in WHY} == WHY
    assert state_report({}).attributes == {
        "00404041": {"vr": "CS"},
        "00741000": {"vr": "CS"},
    }


def test_an_assignment_and_progress() -> None:
    assigned, progress = reports_of(["progress", "assigned"], [], INFORMATION)
    assert assigned.attributes == {
        "00404025": STATION,
        "00404034": INFORMATION["00404034"],
        "00404009": PERSON["00404009"],
        "00404036": PERSON["00404036"],
    }
    assert progress.attributes == {"00741002": INFORMATION["00741002"]}
    (empty,) = reports_of(["progress"], [], {})
    assert empty.attributes == {"00741002": {"vr": "SQ"}}


def test_a_cancel_request_tells_what_was_said_and_no_more() -> None:
    said = {
        "00741236": attribute("AE", "RIS"),
        "0074100A": attribute("UR", "tel:1"),
        "0074100C": attribute("LO", "Ward 3"),
        **WHY,
    }
    (report,) = reports_of(["cancel requested"], [], {**INFORMATION, **said})
    assert report.attributes == said


def test_an_event_as_it_is_sent() -> None:
    told = json.loads(text_of(state_report(INFORMATION), "1.2.3", Number(70_000, 1)))
    assert told["00000002"] == attribute("UI", "1.2.840.10008.5.1.4.34.6.1")
    assert told["00001000"] == attribute("UI", "1.2.3")
    assert told["00001002"] == attribute("US", 1)
    assert told["00091001"] == attribute("LO", "70000.1")
    assert 0 < told["00000110"]["Value"][0] < 1 << 16
    status = json.loads(status_text("GOING DOWN", comment="x" * 100))
    assert status["00741242"] == attribute("CS", "GOING DOWN")
    assert status["00000902"] == attribute("LO", "x" * 64)
    assert "00091001" not in status


def test_numbers_of_events() -> None:
    assert str(Number.read("12.3")) == "12.3"
    assert str(Number.read("12")) == "12"
    assert Number.read("12.3") < Number.read("12") < Number.read("13.0")
    assert (Number.read("12.3").complete_seq, Number.read("12").complete_seq) == (
        11,
        12,
    )
    ids = {Number(5, place).message_id for place in range(5)}
    assert len(ids) == 5
    for bad in ("", "x", "-1", "1.", "1.2.3", "٣", "1" * 19):
        with pytest.raises(Invalid):
            Number.read(bad)


def test_what_was_said_of_one_goes_before_the_ranges() -> None:
    ranges = [Range(0, 5, 10, deletion_lock=False), Range(5, None, 20, True)]
    alone = {3: None, 4: Told(30, deletion_lock=True, initial_version=9)}
    watching = Watching(ranges, alone)
    assert [watching.of(key) for key in (3, 4, 5, 6)] == [
        None,
        Told(30, deletion_lock=True, initial_version=9),
        Told(10, deletion_lock=False),
        Told(20, deletion_lock=True),
    ]
    assert Watching().of(1) is None
