"""What a rule has made is completed by one click, and says what is true."""

from typing import Any, Final

import pytest

from core.access import Actor
from tests.imaging.stores import ADMIN
from tests.synthetic import new_uid
from tests.worklist.making.making import resource, rule, study, value, work
from tests.worklist.steps import code, schedule
from tests.worklist.test_access import of_worklist, somebody
from tests.worklist.test_graph_changes import do
from worklist.change_state import change_state
from worklist.complete import complete_workitem
from worklist.data_set import unpacked
from worklist.errors import WorkitemRefused
from worklist.models import Workitem, WorkitemVersion
from worklist.rules import State

pytestmark = pytest.mark.usefixtures("committing")

STATION, CODE = "00404028", "00404019"
PORTAL: Final = code("PORTAL", "Imaging Research Portal", "99PORTAL")
VERIFIED: Final = code("110007", "Report Verification", "DCM")
READ: Final = {"ScheduledWorkitemCodeSequence": {"Value": [VERIFIED]}}


@pytest.fixture
def reader() -> Actor:
    return somebody("Radiologist", of_worklist("Neuro"))


def only() -> str:
    return Workitem.objects.get().sop_instance_uid


def done(uid: str) -> Any:
    """Return what a completed workitem says was performed."""
    held = Workitem.objects.get(sop_instance_uid=uid)
    assert held.state == State.COMPLETED
    return value(unpacked(bytes(held.content)), "00741216")


def click(uid: str, reader: Actor) -> Any:
    """Claim a workitem, and complete it without a word."""
    assert do("claimWorkitem", actor=reader, uid=uid)["workitem"]["isMine"]
    answer = do("completeWorkitem", actor=reader, uid=uid)
    assert answer["__typename"] == "ChangedWorkitem", answer
    return done(uid)


def test_of_a_study_it_was_interpreted_at_the_portal(reader: Actor) -> None:
    rule(worklist_label="Neuro")
    study()
    work()
    item = click(only(), reader)
    assert item[STATION]["Value"] == [PORTAL]
    assert item[CODE]["Value"] == [code("110005", "Interpretation", "DCM")]
    claimed = WorkitemVersion.objects.order_by("id")[1].at
    assert value(item, "00404050") == f"{claimed:%Y%m%d%H%M%S.%f}+0000"
    assert value(item, "00404051") > value(item, "00404050")
    assert item["00404033"] == {"vr": "SQ"}
    person = value(value(item, "00404035"), "00404009")
    assert value(person, "00080100") == reader.name


def test_of_a_resource_it_was_work(reader: Actor) -> None:
    rule(source="ServiceRequest", worklist_label="Neuro")
    resource(
        "ServiceRequest",
        "o1",
        status="active",
        intent="order",
        subject={"reference": "Patient/p"},
    )
    work()
    item = click(only(), reader)
    assert item[CODE]["Value"] == [code("WORK", "Work of a worklist", "99PORTAL")]


def test_what_the_rule_says_counts(reader: Actor) -> None:
    rule(worklist_label="Neuro", station="R1, 99HOUSE, Room 1", template=READ)
    study()
    work()
    item = click(only(), reader)
    assert item[STATION]["Value"] == [code("R1", "Room 1")]
    assert item[CODE]["Value"] == [VERIFIED]


def test_what_the_reader_says_counts_more(reader: Actor) -> None:
    rule(worklist_label="Neuro", station="R1, 99HOUSE, Room 1")
    study()
    work()
    do("claimWorkitem", actor=reader, uid=only())
    given = {"station": {"value": "R2", "scheme": "99HOUSE", "meaning": "Room 2"}}
    types = ", $performed: WorkitemPerformedInput!"
    do("completeWorkitem", types, actor=reader, uid=only(), performed=given)
    assert done(only())[STATION]["Value"] == [code("R2", "Room 2")]


def test_of_several_stations_none_is_guessed(reader: Actor, settings: Any) -> None:
    settings.STATION = ("DESK", "99HOUSE", "Reading desks")
    stations = [code("R1", "Room 1"), code("R2", "Room 2")]
    sequence = {"ScheduledStationNameCodeSequence": {"Value": stations}}
    rule(worklist_label="Neuro", template=sequence)
    study()
    work()
    item = click(only(), reader)
    assert item[STATION]["Value"] == [code("DESK", "Reading desks")]


def test_what_was_given_up_is_still_of_the_rule(reader: Actor) -> None:
    rule("Read", worklist_label="Neuro")
    study()
    work()
    uid = only()
    for _ in range(2):
        do("claimWorkitem", actor=reader, uid=uid)
        uid = do("releaseWorkitem", actor=reader, uid=uid)["uid"]
    item = click(uid, reader)
    assert item[STATION]["Value"] == [PORTAL]


def test_what_no_rule_made_is_asked_for(reader: Actor) -> None:
    uid = schedule(label="Neuro")
    do("claimWorkitem", actor=reader, uid=uid)
    answer = do("completeWorkitem", actor=reader, uid=uid)
    assert answer["path"].endswith(STATION)


def test_a_client_of_ups_rs_says_it_itself() -> None:
    rule()
    study()
    work()
    lock = new_uid()
    at: dict[str, Any] = {"actor": ADMIN, "partition": "default", "uid": only()}
    change_state(**at, state=State.IN_PROGRESS, transaction_uid=lock)
    with pytest.raises(WorkitemRefused):
        change_state(**at, state=State.COMPLETED, transaction_uid=lock)
    complete_workitem(**at, transaction_uid=lock)
    assert done(only())[STATION]["Value"] == [PORTAL]
