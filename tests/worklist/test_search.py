"""DICOM PS3.18 11.9, PS3.4 C.2.2.2: searches of workitems."""

from typing import Any

import pytest

from tests.worklist.steps import (
    attribute,
    claim,
    code,
    found,
    held,
    request,
    schedule,
    send,
)

pytestmark = pytest.mark.usefixtures("committing")


def test_the_most_urgent_come_first() -> None:
    late = schedule(priority="HIGH", start="20300102")
    low = schedule(priority="LOW", start="20200101")
    zoned = schedule(priority="HIGH", start="20300101100000+0200")
    local = schedule(priority="HIGH", start="20300101083000")
    medium = schedule(priority="MEDIUM", start="20300101")
    assert found("") == [zoned, local, late, medium, low]


@pytest.mark.parametrize(
    "query",
    [
        "PatientID=MRN-17",
        "patientid=mrn-17",
        "00100020=MRN-*",
        "PatientID=MRN-99%5CMRN-17",
        "PatientName=M%C3%BCller^*",
        "PatientName=muller^anne",
        "PatientName=ann&fuzzymatching=true",
        "ProcedureStepLabel=read ct h?ad",
        "WorklistLabel=neuro",
        "ScheduledProcedureStepPriority=HIGH",
        "ProcedureStepState=SCHEDULED&PatientID=MRN-17",
        "ProcedureStepState=SCHED*&PatientID=MRN-17",
        "PatientBirthDate=19700101-19701231&PatientID=MRN-17",
        "ScheduledProcedureStepStartDateTime=20300105-20300106",
        "ScheduledProcedureStepStartDateTime=20300105110000%2B0100",
        "ScheduledProcedureStepStartDateTime=203001051000-&PatientID=MRN*",
        "ScheduledStationNameCodeSequence.CodeValue=WS2",
        "00404025.00080100=WS2",
        "ReferencedRequestSequence.AccessionNumber=A2",
        "ReferencedRequestSequence.IssuerOfAccessionNumberSequence"
        ".LocalNamespaceEntityID=HOSPITAL",
        "InputInformationSequence.ReferencedSOPSequence"
        ".ReferencedSOPInstanceUID=1.2.3.4.5",
        "StudyInstanceUID=1.2.3.99,1.2.3.98",
        "IssuerOfPatientID=ACME",
        "CommentsOnTheScheduledProcedureStep=*can be*&PatientID=MRN-17",
    ],
)
def test_any_attribute_at_any_depth(query: str) -> None:
    second = request("A2", "RP2")
    second["00080051"] = attribute("SQ", {"00400031": attribute("UT", "HOSPITAL")})
    images = {
        "0040E020": attribute("CS", "DICOM"),
        "0020000D": attribute("UI", "1.2.3.99"),
        "0020000E": attribute("UI", "1.2.3.99.1"),
        "00081199": attribute(
            "SQ",
            {
                "00081150": attribute("UI", "1.2.840.10008.5.1.4.1.1.2"),
                "00081155": attribute("UI", "1.2.3.4.5"),
            },
        ),
        "0040E025": attribute("SQ", {"00081190": attribute("UR", "https://h/1")}),
    }
    uid = schedule(
        patient_id="MRN-17",
        issuer="ACME",
        name="Müller^Änne",
        priority="HIGH",
        label="Neuro",
        study="1.2.3.99",
        start="20300105100000+0000",
        stations=[code("WS1", "One"), code("WS2", "Two")],
        requests=[request("A1", "RP1"), second],
        attributes={
            "00741204": attribute("LO", "Read CT Head"),
            "00404021": attribute("SQ", images),
        },
    )
    schedule(patient_id="X1", name="Doe^John")
    assert found(query) == [uid]


@pytest.mark.parametrize(
    "query",
    [
        "PatientID=MRN",
        "PatientName=nne&fuzzymatching=true",
        "ScheduledProcedureStepStartDateTime=20300102-",
        "ScheduledProcedureStepStartDateTime=20300101090000%2B0200",
        "ReferencedRequestSequence.AccessionNumber=A",
        "StudyInstanceUID=1.2",
        "AccessionNumber=A1",
        "ProcedureStepState=CANCELED",
    ],
)
def test_what_does_not_match(query: str) -> None:
    schedule(patient_id="MRN-17", name="Doe^Anne", requests=[request("A1", "R1")])
    assert found(query) == []


def test_keys_of_one_sequence_hold_in_the_same_item() -> None:
    crossed = schedule(requests=[request("A1", "RP2"), request("A2", "RP1")])
    paired = schedule(requests=[request("A1", "RP1"), request("A2", "RP2")])
    sequence = "ReferencedRequestSequence"
    both = f"{sequence}.AccessionNumber=A1&{sequence}.RequestedProcedureID=RP1"
    assert found(both) == [paired]
    either = f"{sequence}.AccessionNumber=A1%5CA2&{sequence}.RequestedProcedureID=RP1"
    assert set(found(either)) == {crossed, paired}


def test_three_keys_hold_in_the_same_item_with_each_other() -> None:
    def station(value: str, scheme: str, meaning: str) -> dict[str, Any]:
        return code(value, meaning, scheme)

    # Each two of the keys stand together somewhere, all three in one item of the last.
    schedule(stations=[station("A", "S", "x"), station("A", "T", "M")])
    schedule(stations=[station("A", "S", "x"), station("B", "S", "M")])
    schedule(
        stations=[
            *(station("A", "S", "x"), station("A", "T", "M"), station("B", "S", "M")),
        ]
    )
    paired = schedule(stations=[station("B", "T", "x"), station("A", "S", "M")])
    sequence = "ScheduledStationNameCodeSequence"
    keys = ("CodeValue=A", "CodingSchemeDesignator=S", "CodeMeaning=M")
    query = "&".join(f"{sequence}.{each}" for each in keys)
    assert found(query) == [paired]
    assert found(query.replace("Meaning=M", "Meaning=M*")) == [paired]


def test_deeper_keys_hold_in_the_same_items_of_each_level() -> None:
    def issued(accession: str, *issuers: tuple[str, str]) -> dict[str, object]:
        item = request(accession, "RP")
        item["00080051"] = attribute(
            "SQ",
            *(
                {
                    "00400032": attribute("UT", entity),
                    "00400033": attribute("CS", kind),
                }
                for entity, kind in issuers
            ),
        )
        return dict(item)

    here = schedule(requests=[issued("A1", ("E1", "ISO")), issued("A2", ("E2", "DNS"))])
    schedule(requests=[issued("A1", ("E2", "DNS")), issued("A2", ("E1", "ISO"))])
    top = "ReferencedRequestSequence"
    below = f"{top}.IssuerOfAccessionNumberSequence"
    query = f"{top}.AccessionNumber=A1&{below}.UniversalEntityID=E1"
    assert found(query) == [here]
    assert found(f"{query}&{below}.UniversalEntityIDType=ISO") == [here]
    assert found(f"{query}&{below}.UniversalEntityIDType=DNS") == []


def test_empty_values_are_asked_for() -> None:
    bare = schedule()
    placed = schedule(stations=[code("WS1", "One")])
    key = "ScheduledStationNameCodeSequence.CodeValue"
    assert found(f'{key}=""&emptyvaluematching=true') == [bare]
    assert set(found(f"{key}=")) == {bare, placed}


def test_values_follow_each_change() -> None:
    uid = schedule(stations=[code("WS1", "One")])
    key = "ScheduledStationNameCodeSequence.CodeValue"
    change = {"00404025": attribute("SQ", code("WS2", "Two"))}
    assert send(f"/workitems/{uid}", "POST", json=change).status_code == 200
    assert found(f"{key}=WS1") == []
    assert found(f"{key}=WS2") == [uid]
    claim(uid)
    assert found("ProcedureStepState=IN PROGRESS") == [uid]
    assert found("ProcedureStepState=SCHEDULED") == []


def test_the_transaction_uid_is_neither_shown_nor_searched() -> None:
    uid = schedule()
    lock = claim(uid)
    refused = send(f"/workitems?TransactionUID={lock}")
    assert refused.status_code == 400
    for query in ("includefield=TransactionUID", "includefield=all", ""):
        answer = send(f"/workitems?{query}")
        assert lock not in answer.text
        assert "00081195" not in answer.text
    assert "00081195" not in held(uid)
    assert found(f"StudyInstanceUID={lock}") == []


def test_what_is_answered() -> None:
    schedule(requests=[request("A1", "RP1")])
    (usual,) = send("/workitems").json()
    assert usual["00741204"]["Value"] == ["Read CT"]
    assert usual["0040A370"]["Value"][0]["00080050"]["Value"] == ["A1"]
    assert "00400400" not in usual
    (more,) = send("/workitems?includefield=CommentsOnTheScheduledProcedureStep").json()
    assert more["00400400"]["Value"] == ["As soon as can be."]
    (whole,) = send("/workitems?includefield=all").json()
    assert whole == held(whole["00080018"]["Value"][0])


def test_pages_by_cursor_neither_repeat_nor_lose() -> None:
    uids = [schedule(start=f"2030010{day}") for day in range(1, 6)]
    answer = send("/workitems?limit=2&total=true")
    assert answer.status_code == 206
    assert answer.headers["x-total-count"] == "5"
    assert "There are 3 additional results" in answer.headers["warning"]
    seen = [row["00080018"]["Value"][0] for row in answer.json()]
    first = schedule(start="20300101", priority="HIGH")  # before the place of the page
    while "link" in answer.headers:
        address = answer.headers["link"].partition(">")[0].removeprefix("<")
        answer = send(address.removeprefix("http://h/dicomweb"))
        seen += [row["00080018"]["Value"][0] for row in answer.json()]
    assert answer.status_code == 200
    assert seen == uids
    assert found("limit=1") == [first]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=x",
        "offset=-1",
        "cursor=x",
        "cursor=0.0.0&offset=1",
        "cursor=1.99999999999999999999999999.0",
        "cursor=9999999.0.0",
        "ScheduledProcedureStepStartDateTime=tomorrow",
        "StudyInstanceUID=abc",
        "PatientID=1&00100020=2",
        "ScheduledStationNameCodeSequence=1",
        "PatientID=%ff",
    ],
)
def test_what_cannot_be_searched_is_refused(query: str) -> None:
    assert send(f"/workitems?{query}").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "PatientID=%00",
        "PatientName=%ED%A0%80",
        "PatientName=" + "^" * 200,
        "PatientName=a=b=c",
        "PatientID=" + "x" * 5000,
        "PatientName=*&fuzzymatching=true",
        "includefield=99999999,PatientSex,nothing",
        "PatientID='; DROP TABLE worklist_workitem; --",
    ],
)
def test_hostile_queries_are_answered(query: str) -> None:
    schedule()
    assert send(f"/workitems?{query}").status_code in {200, 204, 400}


def test_unknown_parameters_are_passed_over_with_a_warning() -> None:
    schedule()
    answer = send("/workitems?nothing=1&limit=5000")
    assert answer.status_code == 200
    assert "nothing" in answer.headers["warning"]
    assert "At most 1000" in answer.headers["warning"]


def test_nothing_is_204() -> None:
    assert send("/workitems?PatientID=none").status_code == 204


def test_many_kinds_of_names() -> None:
    name = {
        "Alphabetic": "Yamada^Tarou",
        "Ideographic": "山田^太郎",
        "Phonetic": "やまだ^たろう",
    }
    uid = schedule(attributes={"00100010": attribute("PN", name)})
    schedule(name="Yamada^Hanako")
    assert found("PatientName=山田*") == [uid]
    assert found("PatientName=yamada*=山田*") == [uid]
    assert found("PatientName=yamada*=佐藤*") == []
