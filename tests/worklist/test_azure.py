"""Workitems in the dialects of Azure's DICOM service, and where those differ."""

import pytest

from tests.synthetic import new_uid
from tests.worklist.steps import (
    READER,
    attribute,
    claim,
    found,
    performed,
    send,
    state,
    step,
)

pytestmark = [
    pytest.mark.usefixtures("committing"),
    pytest.mark.parametrize("dialect", ["v1", "v2"]),
]


def create(dialect: str, **more: object) -> str:
    uid = new_uid()
    answer = send(f"/workitems?{uid}", "POST", json=[step(**more)], dialect=dialect)
    assert answer.status_code == 201, answer.text
    return uid


def test_the_cases_of_a_workitem(dialect: str) -> None:
    uid = new_uid()
    model = step()
    for tag in ("00741000", "00741202"):  # the server sets these
        del model[tag]
    path = f"/workitems?{uid}"
    made = send(path, "POST", json=[model], dialect=dialect)
    assert made.status_code == 201, made.text
    address = f"http://h/dicomweb/{dialect}/workitems/{uid}"
    assert made.headers["location"] == made.headers["content-location"] == address
    assert made.headers["api-supported-versions"] == "1, 2"
    held = send(f"/workitems/{uid}", dialect=dialect).json()
    assert "00081195" not in held
    assert held["00741000"]["Value"] == ["SCHEDULED"]
    assert held["00741202"]["Value"] == ["worklist"]
    assert send(path, "POST", json=[model], dialect=dialect).status_code == 409


def test_the_cases_of_a_cancel_request(dialect: str) -> None:
    uid = create(dialect)
    path = f"/workitems/{uid}/cancelrequest"
    assert send(path, "POST", json=[{}], dialect=dialect).status_code == 202
    held = send(f"/workitems/{uid}", dialect=dialect).json()
    assert held["00741000"]["Value"] == ["CANCELED"]
    again = send(path, "POST", json=[{}], dialect=dialect)
    assert again.status_code == 409
    words = "The UPS is already in the requested state of CANCELED."
    assert again.headers["warning"] == f'299 h: "{words}"'
    unknown = f"/workitems/{new_uid()}/cancelrequest"
    assert send(unknown, "POST", json=[{}], dialect=dialect).status_code == 404
    claimed = create(dialect)
    claim(claimed, dialect=dialect)
    path = f"/workitems/{claimed}/cancelrequest"
    assert send(path, "POST", json=[{}], dialect=dialect).status_code == 409


def test_conditional_attributes_are_optional(dialect: str) -> None:
    model = step()
    del model["00100020"]  # 1C: needed where the patient is a subject
    model["00404034"] = attribute("SQ")
    uid = new_uid()
    path = f"/workitems?{uid}"
    assert send(path, "POST", json=[model], dialect=dialect).status_code == 201


def test_type_1_and_2_are_not(dialect: str) -> None:
    for tag in ("00741200", "00404021", "00100010"):
        model = step()
        del model[tag]
        answer = send("/workitems", "POST", json=[model], dialect=dialect)
        assert answer.status_code == 400, tag


def test_the_first_of_an_array_counts(dialect: str) -> None:
    body = [step(patient_id="first"), step(patient_id="second")]
    made = send("/workitems", "POST", json=body, dialect=dialect)
    assert made.status_code == 201
    uid = made.headers["location"].rpartition("/")[2]
    held = send(f"/workitems/{uid}", dialect=dialect).json()
    assert held["00100020"]["Value"] == ["first"]
    empty = send("/workitems", "POST", json=[], dialect=dialect)
    assert empty.status_code == 400


def test_xml_is_not_taken_nor_made(dialect: str) -> None:
    headers = {"content-type": "application/dicom+xml"}
    body = b"<NativeDicomModel/>"
    answer = send("/workitems", "POST", content=body, headers=headers, dialect=dialect)
    assert answer.status_code == 415
    uid = create(dialect)
    headers = {"accept": "application/dicom+xml"}
    answer = send(f"/workitems/{uid}", headers=headers, dialect=dialect)
    assert answer.status_code == 406


def test_an_update_and_its_statuses(dialect: str) -> None:
    uid = create(dialect)
    change = [{"00741204": attribute("LO", "Read MR")}]
    path = f"/workitems/{uid}"
    done = send(path, "POST", json=change, dialect=dialect)
    assert done.status_code == 200
    assert done.headers["content-location"].endswith(path)
    unclaimed = send(f"{path}?1.2.3", "POST", json=change, dialect=dialect)
    assert unclaimed.status_code == 400
    lock = claim(uid, dialect=dialect)
    assert send(path, "POST", json=change, dialect=dialect).status_code == 400
    wrong = send(f"{path}?1.2.3", "POST", json=change, dialect=dialect)
    assert wrong.status_code == 400
    named = [{"00100010": attribute("PN", {"Alphabetic": "Roe"})}]
    refused = send(f"{path}?{lock}", "POST", json=named, dialect=dialect)
    assert refused.status_code == 400
    done = send(f"{path}?{lock}", "POST", json=[performed()], dialect=dialect)
    assert done.status_code == 200
    ended = state("COMPLETED", lock)
    answer = send(f"{path}/state", "PUT", json=[ended], dialect=dialect)
    assert answer.status_code == 200
    answer = send(f"{path}?{lock}", "POST", json=change, dialect=dialect)
    assert answer.status_code == 409
    again = send(f"{path}/state", "PUT", json=[ended], dialect=dialect)
    assert again.status_code == 200
    words = "The UPS is already in the requested state of COMPLETED."
    assert again.headers["warning"] == f'299 h: "{words}"'


def test_a_change_of_state_and_its_statuses(dialect: str) -> None:
    uid = create(dialect)
    path = f"/workitems/{uid}/state"
    early = send(path, "PUT", json=[state("COMPLETED", "1.2")], dialect=dialect)
    assert early.status_code == 409
    lock = claim(uid, dialect=dialect)
    for given, status in (
        (state("IN PROGRESS", lock), 409),
        (state("COMPLETED", "1.2.3"), 400),
        (state("COMPLETED", lock), 409),
        (state("SCHEDULED", lock), 409),
        ({"00081195": attribute("UI", lock)}, 400),
    ):
        answer = send(path, "PUT", json=[given], dialect=dialect)
        assert answer.status_code == status, given
    missing = f"/workitems/{new_uid()}/state"
    answer = send(missing, "PUT", json=[state("COMPLETED", "1.2")], dialect=dialect)
    assert answer.status_code == 404


def test_ten_keys_are_searched_to_the_letter(dialect: str) -> None:
    uid = create(
        dialect, patient_id="MRN17", name="Doe^John", start="20300102103000+0000"
    )
    create(dialect, patient_id="MRN18", name="Roe^Jane", start="20310102")
    for query in (
        "PatientID=MRN17",
        "00100020=mrn17",
        "PatientName=doe^john",
        "PatientName=jo&fuzzymatching=true",
        "ScheduledProcedureStepStartDateTime=20300101-20300103",
        "ProcedureStepState=SCHEDULED&PatientID=MRN17",
    ):
        assert found(query, dialect=dialect) == [uid], query
    assert found("PatientID=MRN*", dialect=dialect) == []
    assert len(found("StudyInstanceUID=1.2.3", dialect=dialect)) == 2


@pytest.mark.parametrize(
    "query",
    [
        "ProcedureStepLabel=Read",
        "unknown=1",
        "limit=0",
        "limit=201",
        "total=true",
        "cursor=0.0.0",
        "PatientID=",
        "patientid=17",
        "TransactionUID=1.2",
        "PatientID=%3Cscript%3E",
    ],
)
def test_what_a_search_refuses(dialect: str, query: str) -> None:
    assert send(f"/workitems?{query}", dialect=dialect).status_code == 400


def test_pages_by_offset(dialect: str) -> None:
    uids = {create(dialect) for _ in range(3)}
    answer = send("/workitems?limit=2", dialect=dialect)
    assert answer.status_code == 200
    assert "link" not in answer.headers
    pages = found("limit=2", dialect=dialect) + found(
        "limit=2&offset=2", dialect=dialect
    )
    assert set(pages) == uids
    assert len(pages) == 3
    assert send("/workitems?offset=3", dialect=dialect).status_code == 204


def test_there_is_no_delete(dialect: str) -> None:
    uid = create(dialect)
    answer = send(f"/workitems/{uid}", "DELETE", dialect=dialect, actor=READER)
    assert answer.status_code in {403, 405}
