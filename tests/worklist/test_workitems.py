"""DICOM PS3.18 11.4 to 11.8: one workitem over HTTP, in the standard's dialect."""

import orjson
import pytest
from pydicom import Dataset

from core.models import AuditRecord, FeedEntry
from imaging import native_xml
from tests.imaging.stores import ADMIN
from tests.synthetic import new_uid
from tests.worklist.steps import (
    Model,
    attribute,
    claim,
    code,
    discontinued,
    found,
    held,
    performed,
    request,
    schedule,
    send,
    state,
    step,
)
from worklist import cancel
from worklist.models import Happened, Workitem, WorkitemVersion

pytestmark = pytest.mark.usefixtures("committing")


def value(uid: str, tag: str) -> object:
    return held(uid)[tag]["Value"][0]


def test_a_workitem_is_created_and_retrieved() -> None:
    uid = new_uid()
    made = send(f"/workitems?workitem={uid}", "POST", json=[step(label="MR room")])
    assert made.status_code == 201
    address = f"http://h/dicomweb/workitems/{uid}"
    assert made.headers["location"] == made.headers["content-location"] == address
    model = held(uid)
    assert model["00080018"]["Value"] == [uid]
    assert model["00080016"]["Value"] == ["1.2.840.10008.5.1.4.34.6.1"]
    assert model["00741000"]["Value"] == ["SCHEDULED"]
    assert model["00741202"]["Value"] == ["MR room"]
    assert model["00404010"]["Value"][0].endswith("+0000")
    assert "00081195" not in model


def test_it_can_be_read_as_dicom_by_others() -> None:
    uid = schedule(requests=[request("A1", "RP1")], name="Müller^Änne")
    dataset = Dataset.from_json(held(uid))
    assert dataset.SOPInstanceUID == uid
    assert str(dataset.PatientName) == "Müller^Änne"
    assert dataset.SpecificCharacterSet == "ISO_IR 192"
    assert dataset.ReferencedRequestSequence[0].AccessionNumber == "A1"
    assert dataset.ScheduledProcedureStepPriority == "MEDIUM"


def test_the_server_makes_a_uid_where_there_is_none() -> None:
    made = send("/workitems", "POST", json=step())
    assert made.status_code == 201
    uid = made.headers["location"].rpartition("/")[2]
    assert uid.startswith("2.25.")
    assert value(uid, "00080018") == uid


def test_the_uid_may_stand_in_the_data_set() -> None:
    uid = new_uid()
    model = step(attributes={"00080018": attribute("UI", uid)})
    made = send("/workitems", "POST", json=model)
    assert made.headers["location"].endswith(uid)
    other = send(f"/workitems?{new_uid()}", "POST", json=model)
    assert other.status_code == 400


def test_a_second_one_of_a_uid_is_refused() -> None:
    uid = schedule()
    again = send(f"/workitems?{uid}", "POST", json=step(patient_id="P2"))
    assert again.status_code == 409
    assert "0111" in again.headers["warning"]
    assert value(uid, "00100020") == "P1"


@pytest.mark.parametrize(
    ("tag", "given", "named"),
    [
        ("00741200", None, "ScheduledProcedureStepPriority"),
        ("00741200", attribute("CS", "URGENT"), "ScheduledProcedureStepPriority"),
        ("00404005", attribute("DT", "tomorrow"), "ScheduledProcedureStepStart"),
        ("00741000", attribute("CS", "COMPLETED"), "ProcedureStepState"),
        ("00404021", None, "InputInformationSequence"),
        ("00741216", attribute("SQ", {}), "UnifiedProcedureStepPerformed"),
        ("00100010", attribute("LO", "Doe"), "PatientName"),
    ],
)
def test_what_breaks_the_rules_is_refused_by_name(
    tag: str, given: Model | None, named: str
) -> None:
    model = step()
    if given is None:
        del model[tag]
    else:
        model[tag] = given
    answer = send("/workitems", "POST", json=model)
    assert answer.status_code == 400
    assert named in answer.text
    assert not Workitem.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"[{}, {}]", 400),
        (b"17", 400),
        (b"{", 400),
        (b'{"00741200": 17}', 400),
        (b"[" * 5000 + b"]" * 5000, 400),
    ],
)
def test_whatever_is_sent_is_answered(body: bytes, status: int) -> None:
    headers = {"content-type": "application/dicom+json"}
    answer = send("/workitems", "POST", content=body, headers=headers)
    assert answer.status_code == status


def test_other_types_of_bodies_are_refused() -> None:
    headers = {"content-type": "application/dicom"}
    answer = send("/workitems", "POST", content=b"DICM", headers=headers)
    assert answer.status_code == 415


def test_what_is_not_there_is_404() -> None:
    uid = new_uid()
    assert send(f"/workitems/{uid}").status_code == 404
    assert send(f"/workitems/{uid}", "POST", json={}).status_code == 404
    body = state("IN PROGRESS", "1.2")
    answer = send(f"/workitems/{uid}/state", "PUT", json=body)
    assert answer.status_code == 404
    assert answer.text.startswith("C307")
    assert send(f"/workitems/{uid}/cancelrequest", "POST").status_code == 404
    assert send("/workitems/abc").status_code == 400


def test_a_workitem_is_claimed_and_completed() -> None:
    uid = schedule()
    lock = claim(uid)
    assert value(uid, "00741000") == "IN PROGRESS"
    assert "00081195" not in held(uid)
    body = state("COMPLETED", lock)
    early = send(f"/workitems/{uid}/state", "PUT", json=body)
    assert early.status_code == 409
    assert early.text.startswith("C304")
    assert "UnifiedProcedureStepPerformedProcedureSequence" in early.text
    done = send(f"/workitems/{uid}?transaction={lock}", "POST", json=performed())
    assert done.status_code == 200
    assert done.headers["content-location"].endswith(uid)
    ended = send(f"/workitems/{uid}/state", "PUT", json=body)
    assert ended.status_code == 200
    assert "warning" not in ended.headers
    row = Workitem.objects.get()
    assert (row.state, row.transaction_uid) == ("COMPLETED", lock)
    assert row.ended_at is not None
    again = send(f"/workitems/{uid}/state", "PUT", json=body)
    assert again.status_code == 200
    assert "already in the requested state of COMPLETED" in again.headers["warning"]
    assert "B306" in again.headers["warning"]


def test_a_claimed_workitem_is_canceled_by_who_claimed_it() -> None:
    uid = schedule()
    lock = claim(uid)
    early = send(f"/workitems/{uid}/state", "PUT", json=state("CANCELED", lock))
    assert early.status_code == 409
    send(f"/workitems/{uid}?{lock}", "POST", json=discontinued())
    ended = send(f"/workitems/{uid}/state", "PUT", json=state("CANCELED", lock))
    assert ended.status_code == 200
    assert value(uid, "00741000") == "CANCELED"


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        (("IN PROGRESS", "1.9.9"), 400, "C301"),
        (("IN PROGRESS", ""), 400, "C301"),
        (("COMPLETED", "1.9.9"), 400, "C301"),
        (("SCHEDULED", "lock"), 409, "C303"),
        (("IN PROGRESS", "lock"), 409, "C302"),
    ],
)
def test_what_the_table_of_states_refuses(
    given: tuple[str, str], status: int, code: str
) -> None:
    uid = schedule()
    lock = claim(uid)
    asked, sent = given
    body = state(asked, lock if sent == "lock" else sent)
    answer = send(f"/workitems/{uid}/state", "PUT", json=body)
    assert (answer.status_code, answer.text[:4]) == (status, code)
    assert code in answer.headers["warning"]
    assert value(uid, "00741000") == "IN PROGRESS"


def test_an_unclaimed_workitem_cannot_be_ended() -> None:
    uid = schedule()
    body = state("COMPLETED", "1.2.3.4")
    answer = send(f"/workitems/{uid}/state", "PUT", json=body)
    assert (answer.status_code, answer.text[:4]) == (409, "C310")


def test_a_state_that_is_none_is_refused() -> None:
    uid = schedule()
    answer = send(f"/workitems/{uid}/state", "PUT", json=state("DONE", "1.2.3"))
    assert answer.status_code == 400
    assert "ProcedureStepState" in answer.text


def test_an_update_replaces_what_it_names() -> None:
    uid = schedule(stations=[code("WS1", "One"), code("WS2", "Two")])
    before = value(uid, "00404010")
    change = {
        "00404025": attribute("SQ", code("WS3", "Three")),
        "00741204": attribute("LO", "Read MR"),
    }
    assert send(f"/workitems/{uid}", "POST", json=change).status_code == 200
    model = held(uid)
    assert [each["00080100"]["Value"] for each in model["00404025"]["Value"]] == [
        ["WS3"]
    ]
    assert model["00741204"]["Value"] == ["Read MR"]
    assert model["00100020"]["Value"] == ["P1"]
    assert model["00404010"]["Value"][0] > str(before)


def test_an_update_that_changes_nothing_is_none() -> None:
    uid = schedule()
    number = WorkitemVersion.objects.count()
    change = {"00741204": attribute("LO", "Read CT")}
    assert send(f"/workitems/{uid}", "POST", json=change).status_code == 200
    assert WorkitemVersion.objects.count() == number


@pytest.mark.parametrize("tag", ["00100010", "0040A370", "00741000", "00080018"])
def test_what_cannot_be_updated_is_refused(tag: str) -> None:
    uid = schedule()
    before = held(uid)
    vrs = {"0040A370": "SQ", "00741000": "CS", "00100010": "PN"}
    change = {tag: attribute(vrs.get(tag, "UI"))}
    answer = send(f"/workitems/{uid}", "POST", json=change)
    assert answer.status_code == 400
    assert held(uid) == before


def test_an_update_needs_the_lock_once_there_is_one() -> None:
    uid = schedule()
    change = {"00741204": attribute("LO", "Read MR")}
    unclaimed = send(f"/workitems/{uid}?transaction=1.2.3", "POST", json=change)
    assert (unclaimed.status_code, unclaimed.text[:4]) == (409, "C310")
    lock = claim(uid)
    for query in ("", "?transaction=1.2.3"):
        refused = send(f"/workitems/{uid}{query}", "POST", json=change)
        assert (refused.status_code, refused.text[:4]) == (400, "C301")
        assert "did not reference a claimed Workitem" in refused.headers["warning"]
    done = send(f"/workitems/{uid}?transaction={lock}", "POST", json=change)
    assert done.status_code == 200


def test_what_has_ended_is_not_updated() -> None:
    uid = schedule()
    send(f"/workitems/{uid}/cancelrequest", "POST")
    change = {"00741204": attribute("LO", "Read MR")}
    answer = send(f"/workitems/{uid}", "POST", json=change)
    assert (answer.status_code, answer.text[:4]) == (409, "C300")


def test_a_scheduled_workitem_is_canceled_on_request() -> None:
    uid = schedule()
    why = {"00741238": attribute("LT", "Patient went home")}
    answer = send(f"/workitems/{uid}/cancelrequest", "POST", json=[why])
    assert answer.status_code == 202
    model = held(uid)
    assert model["00741000"]["Value"] == ["CANCELED"]
    (progress,) = model["00741002"]["Value"]
    assert progress["00741238"]["Value"] == ["Patient went home"]
    assert progress["00404052"]["Value"][0].endswith("+0000")
    assert progress["0074100E"]["Value"][0]["00080100"]["Value"] == ["110513"]
    last = WorkitemVersion.objects.last()
    assert last is not None
    assert last.passed == ["IN PROGRESS", "CANCELED"]
    again = send(f"/workitems/{uid}/cancelrequest", "POST")
    assert again.status_code == 409
    assert "already in the requested state of CANCELED" in again.headers["warning"]
    assert again.text.startswith("B304")


def test_a_wish_that_nobody_hears_is_refused() -> None:
    uid = schedule()
    claim(uid)
    answer = send(f"/workitems/{uid}/cancelrequest", "POST")
    assert (answer.status_code, answer.text[:4]) == (409, "C312")
    assert value(uid, "00741000") == "IN PROGRESS"


def test_a_wish_is_told_where_somebody_hears(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancel, "_listening", [lambda _partition, _uid: True])
    uid = schedule()
    claim(uid)
    why = {
        "00741238": attribute("LT", "No bed"),
        "0074100C": attribute("LO", "Ward 3"),
    }
    answer = send(f"/workitems/{uid}/cancelrequest", "POST", json=why)
    assert answer.status_code == 202
    assert value(uid, "00741000") == "IN PROGRESS"
    last = WorkitemVersion.objects.last()
    assert last is not None
    assert last.happened == [Happened.CANCEL_REQUESTED]
    told = orjson.loads(last.information)
    assert told["00741238"]["Value"] == ["No bed"]
    assert told["0074100C"]["Value"] == ["Ward 3"]
    assert told["00741236"]["Value"] == ["reader"]


def test_a_completed_workitem_cannot_be_canceled() -> None:
    uid = schedule()
    lock = claim(uid)
    send(f"/workitems/{uid}?{lock}", "POST", json=performed())
    send(f"/workitems/{uid}/state", "PUT", json=state("COMPLETED", lock))
    answer = send(f"/workitems/{uid}/cancelrequest", "POST")
    assert (answer.status_code, answer.text[:4]) == (409, "C311")


def test_each_change_is_one_version_and_one_entry() -> None:
    uid = schedule(stations=[code("WS1", "One")])
    lock = claim(uid)
    send(f"/workitems/{uid}?{lock}", "POST", json=performed())
    progress = {"00741004": attribute("DS", 50)}
    change = {"00741002": attribute("SQ", progress)}
    send(f"/workitems/{uid}?{lock}", "POST", json=change)
    change = {"00404041": attribute("CS", "INCOMPLETE")}
    send(f"/workitems/{uid}?{lock}", "POST", json=change)
    send(f"/workitems/{uid}/state", "PUT", json=state("COMPLETED", lock))
    versions = list(WorkitemVersion.objects.all())
    assert [each.happened for each in versions] == [
        ["created", "assigned"],
        ["state"],
        ["changed"],
        ["progress"],
        ["readiness"],
        ["state"],
    ]
    entries = FeedEntry.objects.filter(kind="workitem").order_by("seq")
    assert [(each.op, each.key, each.version) for each in entries] == [
        ("create" if not number else "update", [uid], version.pk)
        for number, version in enumerate(versions)
    ]
    assert Workitem.objects.get().version_id == versions[-1].pk
    told = orjson.loads(versions[3].information)
    assert told["00741002"]["Value"][0]["00741004"]["Value"] == [50]


def test_each_change_and_each_look_is_audited() -> None:
    uid = schedule(patient_id="P7")
    claim(uid)
    held(uid)
    found("PatientID=P7")
    rows = AuditRecord.objects.filter(patient_id="P7").order_by("pk")
    assert [row.action for row in rows] == ["store", "update", "retrieve", "search"]
    assert rows[1].detail == f"workitem {uid}: SCHEDULED -> IN PROGRESS"
    assert rows[3].query == "PatientID=P7"


def test_a_workitem_lies_in_its_partition() -> None:
    uid = new_uid()
    for place in ("/partitions/ward-1", "/partitions/ward-2"):
        made = send(f"{place}/workitems?{uid}", "POST", json=step(), actor=ADMIN)
        assert made.status_code == 201
        assert f"/dicomweb{place}/workitems/{uid}" in made.headers["location"]
    send(f"/partitions/ward-1/workitems/{uid}/cancelrequest", "POST", actor=ADMIN)
    states = Workitem.objects.order_by("partition__name").values_list("state")
    assert list(states) == [("CANCELED",), ("SCHEDULED",)]
    assert send(f"/workitems/{uid}").status_code == 404


def test_all_in_xml() -> None:
    uid = new_uid()
    xml = {"content-type": "application/dicom+xml", "accept": "application/dicom+xml"}
    content = native_xml.write(step(name="Jónás^Éva"))
    made = send(f"/workitems?{uid}", "POST", content=content, headers=xml)
    assert made.status_code == 201, made.text
    body = native_xml.write(state("IN PROGRESS", "1.2.3.4"))
    done = send(f"/workitems/{uid}/state", "PUT", content=body, headers=xml)
    assert done.status_code == 200, done.text
    answer = send(f"/workitems/{uid}", headers={"accept": "application/dicom+xml"})
    assert answer.headers["content-type"].startswith("application/dicom+xml")
    assert native_xml.read(answer.content) == held(uid)
    several = 'multipart/related; type="application/dicom+xml"'
    rows = send("/workitems", headers={"accept": several})
    assert rows.status_code == 200
    assert rows.content.count(b"<NativeDicomModel") == 1
    broken = send("/workitems", "POST", content=b"<a>", headers=xml)
    assert broken.status_code == 400
