"""Rows of the audit log as FHIR R4 AuditEvents: valid, complete, and nothing hidden."""

import base64
import json
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from fhir.resources.R4B.auditevent import AuditEvent

from core import audit
from core.access import Actor, deputy, system
from core.audit import Action, Event, Origin, Outcome
from core.audit_events import EVENT_TYPES, EVENTS
from core.audit_fhir import DISPLAYS, audit_event
from core.audit_search import AuditEntry, masked
from core.models import AuditRecord, Partition
from tests.actors import acting

ENTRY = AuditEntry(
    id=7,
    at=datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC),
    actor="ada",
    account_id=3,
    via="token 12",
    action=Action.SEARCH,
    outcome=Outcome.SUCCESS,
    partition_id=5,
    patient_id="",
    study_instance_uid="",
    detail="study (2 results)",
    query="PatientName=Doe*",
    patients=(41, 42),
    studies=("1.2.3",),
    source="192.0.2.7",
    request_id="request-1",
    writer="host/1/ab",
    sequence=9,
)


def of(**changes: Any) -> dict[str, Any]:
    """Return the JSON of the event of a row."""
    event = audit_event(ENTRY._replace(**changes))
    found: dict[str, Any] = json.loads(event.model_dump_json())
    return found


def identifiers(event: dict[str, Any], role: str) -> list[tuple[str, str]]:
    """Return the identifiers of the entities in a role."""
    return [
        (entity["what"]["identifier"]["system"], entity["what"]["identifier"]["value"])
        for entity in event["entity"]
        if entity.get("role", {}).get("code") == role
    ]


def test_an_event_tells_who_what_whose_where_and_how_it_ended() -> None:
    event = of()
    assert event["resourceType"] == "AuditEvent"
    assert event["id"] == "7"
    assert event["type"]["code"] == "110112"
    assert event["type"]["display"] == "Query"
    assert event["subtype"][-1]["code"] == "search"
    assert (event["action"], event["outcome"]) == ("E", "0")
    assert event["recorded"] == "2026-03-04T05:06:07.000089Z"
    who, through = event["agent"]
    assert who["requestor"] is True
    assert who["who"]["display"] == "ada"
    assert who["who"]["identifier"]["value"] == "3"
    assert who["network"] == {"address": "192.0.2.7", "type": "2"}
    assert through == {"requestor": False, "who": {"display": "token 12"}}
    assert identifiers(event, "1") == [
        ("urn:imaging-research-portal:patient", "41"),
        ("urn:imaging-research-portal:patient", "42"),
    ]
    assert identifiers(event, "3") == [("urn:dicom:uid", "urn:oid:1.2.3")]
    (asked,) = [one for one in event["entity"] if "query" in one]
    assert base64.b64decode(asked["query"]) == b"PatientName=Doe*"
    assert asked["what"]["identifier"]["value"] == "request-1"


def test_one_patient_is_named_by_the_id_in_its_partition() -> None:
    event = of(patient_id="P1", patients=(), studies=(), study_instance_uid="1.2")
    system = "urn:imaging-research-portal:partition:5:patient-id"
    assert identifiers(event, "1") == [(system, "P1")]
    assert identifiers(event, "3") == [("urn:dicom:uid", "urn:oid:1.2")]


def test_what_a_row_hides_the_event_does_not_tell() -> None:
    hidden = masked(ENTRY._replace(patient_id="SECRET-ID", query="PatientName=SECRET"))
    text = audit_event(hidden).model_dump_json()
    assert "SECRET" not in text
    assert "•" not in text
    assert base64.b64encode(b"PatientName=SECRET").decode() not in text


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("action", Action)
def test_every_row_makes_a_valid_event(action: Action, outcome: Outcome) -> None:
    bare = {
        name: "" if isinstance(value, str) else value
        for name, value in ENTRY._asdict().items()
        if name not in {"actor", "writer", "action", "outcome"}
    }
    empty = {"account_id": None, "partition_id": None, "patients": (), "studies": ()}
    for more in ({}, bare | empty):
        event = of(**{**more, "action": action, "outcome": outcome})
        AuditEvent.model_validate(event)
        assert event["type"]["code"] == EVENTS[action][0]
        assert event["outcome"] == str(outcome.value)


def test_every_code_has_its_name() -> None:
    codes = {code for code, _ in EVENTS.values()} | set(EVENT_TYPES.values())
    assert codes == set(DISPLAYS)


@pytest.fixture
def log(db: None) -> int:
    """Hold rows of three days about a patient; return the partition's key."""
    partition = Partition.objects.create(name="site-1")
    ada = acting(3, "ada")
    job = deputy(3, "ada", via="operation 9")
    rows: list[tuple[Actor, Action, int]] = [
        (ada, Action.RETRIEVE, 1),
        (job, Action.STORE, 2),
        (ada, Action.DELETE, 3),
    ]
    for actor, action, day in rows:
        audit.record(
            Event(
                actor,
                action,
                partition_id=partition.pk,
                patient_id="P1",
                study_instance_uid="1.2",
                detail="1 instances",
                origin=Origin("192.0.2.7", "request-1"),
                at=datetime(2026, 3, day, 12, tzinfo=UTC),
            )
        )
    return partition.pk


def say(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("audit", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_the_export_is_an_event_a_line_of_the_time_asked_for(log: int) -> None:
    lines = say("export", "--from", "2026-03-02", "--to", "2026-03-03T12:00")
    (line,) = lines
    AuditEvent.model_validate_json(line)
    event = json.loads(line)
    assert (event["action"], event["type"]["code"]) == ("C", "110104")
    assert event["agent"][1]["who"]["display"] == "operation 9"
    everything = say("export", "--format", "ndjson")
    assert len(everything) == 5  # that it was exported is in the log, twice
    exported = AuditRecord.objects.filter(action="read-audit").order_by("id")
    assert exported[0].detail == "export"
    assert exported[0].actor == "system:command line"


def test_the_report_says_who_saw_the_patient(log: int) -> None:
    lines = say("report", "--patient", "P1", "--partition", "site-1")
    assert [line.split("\t")[:6] for line in lines] == [
        ["2026-03-01 12:00:00", "ada", "", "192.0.2.7", "retrieve", "success"],
        ["2026-03-02 12:00:00", "ada", "operation 9", "192.0.2.7", "store", "success"],
        ["2026-03-03 12:00:00", "ada", "", "192.0.2.7", "delete", "success"],
    ]
    assert say("report", "--patient", "P2", "--partition", "site-1") == []
    with pytest.raises(CommandError, match="No such partition"):
        say("report", "--patient", "P1", "--partition", "site-2")
    assert AuditRecord.objects.filter(detail="report of a patient").count() == 2


@pytest.mark.parametrize("moment", ["yesterday", "2026-13-01"])
def test_a_moment_that_is_none_is_refused(moment: str, log: int) -> None:
    with pytest.raises(CommandError):
        say("export", "--from", moment)


def test_the_system_has_no_account() -> None:
    event = of(actor=system("expiry").name, account_id=None, source="root@host")
    assert "identifier" not in event["agent"][0]["who"]
    assert event["agent"][0]["network"] == {"address": "root@host", "type": "1"}
