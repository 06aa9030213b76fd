"""Worklists and workitems in the graph: searched, followed down, seen by whom."""

from typing import Any, Final

import pytest

from core.access import Actor
from core.accounts.grants import Level
from core.graphql.nodes import make_id
from core.models import AuditRecord
from tests.graphql.graph import ask, errors
from tests.imaging.stores import ADMIN, received, store
from tests.worklist.steps import attribute, claim, code, request, schedule, send
from tests.worklist.test_access import of_worklist, somebody
from worklist import counting
from worklist.models import Workitem

pytestmark = pytest.mark.usefixtures("committing")

LIST: Final = """query ($f: WorkitemFilter, $o: WorkitemOrder! = URGENCY,
  $first: Int! = 10, $after: String) {
  workitems(filter: $f, orderBy: $o, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } edges { node { uid } } } }"""
ONE: Final = """query ($uid: UI!) { workitem(uid: $uid) { id state priority
  worklistLabel procedureStepLabel start expectedCompletion isOverdue progress
  progressDescription inputReadiness patientName { alphabetic } patientId
  patientBirthDate patientSex accessionNumbers studyInstanceUids claimedBy isMine
  actions comments scheduledStations { value scheme meaning } scheduledPerformers {
  name { alphabetic } } partition { name }
  studies { edges { node { studyInstanceUid } } }
  history { at by happened state reason } dicomJson } }"""
COUNTS: Final = """{ worklists { totalCount edges { node { label counts {
  scheduled inProgress completed canceled overdue } } } } }"""
EXPECTED: Final = "00404011"
PAST: Final = "20200101080000+0000"


def listed(*, actor: Actor = ADMIN, **given: Any) -> list[str]:
    found = ask(LIST, actor=actor, **given)["workitems"]
    uids = [each["node"]["uid"] for each in found["edges"]]
    if len(uids) < given.get("first", 10) and "after" not in given:
        assert found["totalCount"] == len(uids)
    return uids


def due(at: str) -> dict[str, Any]:
    return {"attributes": {EXPECTED: attribute("DT", at)}}


def test_a_workitem_tells_what_a_page_needs() -> None:
    store(received("1.2.3", "1.2.3.1", "1.2.3.1.1"))
    uid = schedule(
        label="Neuro",
        stations=[code("CT1", "Scanner 1")],
        requests=[request("A7", "RP1", "1.2.4")],
        **due("20200101"),
    )
    told = ask(ONE, uid=uid)["workitem"]
    content, past = told.pop("dicomJson"), told.pop("history")
    assert told == {
        "id": make_id("Workitem", f"default/{uid}"),
        "state": "SCHEDULED",
        "priority": "MEDIUM",
        "worklistLabel": "Neuro",
        "procedureStepLabel": "Read CT",
        "start": "2030-01-01T08:00:00+00:00",
        "expectedCompletion": "2020-01-02T00:00:00+00:00",
        "isOverdue": True,
        "progress": None,
        "progressDescription": None,
        "inputReadiness": "READY",
        "patientName": {"alphabetic": "Doe^John"},
        "patientId": "P1",
        "patientBirthDate": "19700101",
        "patientSex": "M",
        "accessionNumbers": ["A7"],
        "studyInstanceUids": ["1.2.3", "1.2.4"],
        "claimedBy": None,
        "isMine": False,
        "actions": ["UPDATE", "CLAIM", "HAND_OVER", "REQUEST_CANCEL"],
        "comments": "As soon as can be.",
        "scheduledStations": [
            {"value": "CT1", "scheme": "99HOUSE", "meaning": "Scanner 1"}
        ],
        "scheduledPerformers": [],
        "partition": {"name": "default"},
        "studies": {"edges": [{"node": {"studyInstanceUid": "1.2.3"}}]},
    }
    assert content == send(f"/workitems/{uid}").json()
    assert [each["happened"] for each in past] == [["CREATED", "ASSIGNED"]]
    assert past[0]["by"] == "reader"


def test_who_claims_over_upsrs_with_a_token_is_told() -> None:
    actor = somebody("Radiologist", of_worklist("Neuro"))
    uid = schedule(label="Neuro")
    lock = claim(uid, actor=actor)
    told = ask(ONE, uid=uid, actor=actor)["workitem"]
    assert (told["claimedBy"], told["isMine"]) == (actor.name, True)
    assert "COMPLETE" in told["actions"]
    third = somebody("Radiologist", of_worklist("Neuro"))
    others = ask(ONE, uid=uid, actor=third)["workitem"]
    assert (others["claimedBy"], others["isMine"]) == (actor.name, False)
    assert others["actions"] == ["REQUEST_CANCEL"]
    managers = ask(ONE, uid=uid)["workitem"]
    assert managers["actions"] == ["RELEASE", "HAND_OVER", "REQUEST_CANCEL"]
    assert lock not in str(told) + str(others) + str(managers)
    assert listed(f={"claimedByMe": True}, actor=actor) == [uid]
    assert listed(f={"claimedByMe": True}) == []


def test_filters_find_what_they_say() -> None:
    first = schedule(
        patient_id="P1",
        name="Müller^Anna",
        priority="HIGH",
        label="Neuro",
        study="1.7",
        stations=[code("CT1", "Scanner 1")],
        requests=[request("A7", "RP1", "1.7")],
        **due(PAST),
    )
    second = schedule(patient_id="P2", issuer="H", priority="LOW", **due("20990101"))
    claim(second)
    for given, uids in (
        ({"state": ["SCHEDULED"]}, [first]),
        ({"state": ["IN_PROGRESS", "COMPLETED"]}, [second]),
        ({"label": ["neuro"]}, [first]),
        ({"priority": ["LOW"]}, [second]),
        ({"overdue": True}, [first]),
        ({"patient": {"patientId": "P2", "issuerOfPatientId": "H"}}, [second]),
        ({"patient": {"name": "anna"}}, [first]),
        ({"studyInstanceUid": "1.7"}, [first]),
        ({"accessionNumber": "A7"}, [first]),
        ({"station": "CT1"}, [first]),
        ({"text": "mull"}, [first]),
        ({"text": "doe p2"}, [second]),
        ({"text": "a7"}, [first]),
        ({"text": "read"}, [first, second]),
        ({"text": "CT mull"}, [first]),  # of "Read CT"
        ({"text": "oe"}, []),  # of a name, only beginnings
        ({"text": "zzz"}, []),
        ({"performer": "nobody"}, []),
        ({"state": []}, [first, second]),
    ):
        assert listed(f=given) == uids, given


def test_text_has_ten_words_at_most() -> None:
    (told,) = errors(LIST, f={"text": "a " * 11})
    assert (told["code"], told["path"]) == ("INVALID", "text")


@pytest.mark.parametrize("order", ["URGENCY", "START", "DUE", "CHANGED"])
def test_pages_of_each_order_make_the_whole(order: str) -> None:
    made = [
        schedule(priority=priority, start=f"203001{day:02}080000+0000", **more)
        for priority in ("HIGH", "LOW")
        for day, more in ((3, due("20300105")), (2, {}), (1, due("20300104")), (4, {}))
    ]
    rows = Workitem.objects.filter(sop_instance_uid__in=made)
    key: Any = {
        "URGENCY": lambda row: (row.rank, row.start_at, row.pk),
        "START": lambda row: (row.start_at, row.pk),
        "DUE": lambda row: (str(row.due_at or "never"), row.pk),
        "CHANGED": lambda row: (-row.modified_at.timestamp(), -row.pk),
    }[order]
    ordered = [row.sop_instance_uid for row in sorted(rows, key=key)]
    assert listed(o=order) == ordered
    found: list[str] = []
    after = None
    while True:
        page = ask(LIST, o=order, first=3, after=after)["workitems"]
        found += [each["node"]["uid"] for each in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert found == ordered


def test_worklists_are_counted() -> None:
    schedule(label="Neuro", **due(PAST))
    claim(schedule(label="Neuro", **due("20990101")))
    schedule(label="Chest")
    found = ask(COUNTS)["worklists"]
    numbers = {each["node"]["label"]: each["node"]["counts"] for each in found["edges"]}
    none = dict.fromkeys(
        ("scheduled", "inProgress", "completed", "canceled", "overdue"), 0
    )
    assert numbers == {
        "Chest": none | {"scheduled": 1},
        "Neuro": none | {"scheduled": 1, "inProgress": 1, "overdue": 1},
    }
    assert found["totalCount"] == 2


def test_a_grant_on_a_worklist_shows_that_and_no_other() -> None:
    neuro, chest = schedule(label="Neuro"), schedule(label="Chest")
    of_worklist("Empty")
    actor = somebody("Radiologist", of_worklist("Neuro"), of_worklist("Empty"))
    assert listed(actor=actor) == [neuro]
    assert ask(ONE, uid=chest, actor=actor)["workitem"] is None
    lists = ask("{ worklists { edges { node { label } } } }", actor=actor)
    labels = [each["node"]["label"] for each in lists["worklists"]["edges"]]
    assert labels == ["Empty", "Neuro"]
    for kind, name in (("Workitem", f"default/{chest}"), ("Worklist", "default/Chest")):
        query = "query ($id: ID!) { node(id: $id) { id } }"
        assert ask(query, actor=actor, id=make_id(kind, name))["node"] is None
        assert ask(query, id=make_id(kind, name))["node"] is not None
    seen = somebody("Researcher", of_worklist("Neuro"), level=Level.SEE)
    (told,) = errors(LIST, actor=seen)
    assert told["code"] == "FORBIDDEN"


def test_a_worklist_is_granted_in_the_graph() -> None:
    schedule(label="Neuro")
    actor = somebody("Radiologist")
    grant = """mutation ($on: PlaceInput!, $a: String) {
      grant(on: $on, level: IDENTIFY, account: $a) {
        ... on Granted { grant { kind object { ... on Worklist { label } } } }
        ... on Fault { code } } }"""
    done = ask(grant, on={"worklist": "Neuro"}, a=actor.name)["grant"]
    assert done["grant"] == {"kind": "WORKLIST", "object": {"label": "Neuro"}}
    grants = '{ worklist(label: "Neuro") { grants { edges { node { account } } } } }'
    (given,) = ask(grants)["worklist"]["grants"]["edges"]
    assert given["node"]["account"] == actor.name
    both = {"worklist": "Neuro", "studyInstanceUid": "1.2"}
    assert ask(grant, on=both, a=actor.name)["grant"]["code"] == "INVALID"


def test_the_feed_tells_of_workitems() -> None:
    uid = schedule()
    query = """{ changes { edges { node { action ... on WorkitemChange {
      workitemUid event { happened } workitem { uid } } } } } }"""
    found = [each["node"] for each in ask(query)["changes"]["edges"]]
    assert found[-1] == {
        "action": "CREATE",
        "workitemUid": uid,
        "event": {"happened": ["CREATED"]},
        "workitem": {"uid": uid},
    }


def test_what_is_read_is_audited() -> None:
    uid = schedule(patient_id="P7")
    ask(ONE, uid=uid)
    (row,) = AuditRecord.objects.filter(action="retrieve")
    assert (row.patient_id, row.detail) == ("P7", f"workitem {uid}")
    listed(f={"text": "doe", "overdue": False})
    searched = AuditRecord.objects.filter(action="search").latest("pk")
    assert (searched.patient_id, searched.query) == ("P7", "text=doe")


NUMBERS: Final = """query ($f: WorkitemFilter) { workitemCounts(filter: $f) {
  scheduled inProgress completed canceled overdue } }"""


def numbers(*, actor: Actor = ADMIN, **given: Any) -> tuple[int, ...]:
    return tuple(ask(NUMBERS, actor=actor, **given)["workitemCounts"].values())


def test_what_a_filter_finds_is_counted_of_each_state() -> None:
    reader = somebody("Radiologist", of_worklist("Neuro"))
    schedule(label="Neuro", priority="HIGH", **due(PAST))
    schedule(label="Chest", patient_id="P2", **due(PAST))
    claim(schedule(label="Neuro", **due("20990101")), actor=reader)
    for given, found in (
        ({}, (2, 1, 0, 0, 2)),
        ({"label": ["Neuro"]}, (1, 1, 0, 0, 1)),
        ({"priority": ["HIGH"]}, (1, 0, 0, 0, 1)),
        ({"patient": {"patientId": "P2"}}, (1, 0, 0, 0, 1)),
        ({"text": "read p2"}, (1, 0, 0, 0, 1)),
        ({"overdue": True}, (2, 0, 0, 0, 2)),
        ({"state": ["IN_PROGRESS"]}, (0, 1, 0, 0, 0)),
        ({"claimedByMe": True}, (0, 0, 0, 0, 0)),
    ):
        assert numbers(f=given) == found, given
    # A number does not tell of what is not seen.
    assert numbers(actor=reader) == (1, 1, 0, 0, 1)
    assert numbers(actor=reader, f={"claimedByMe": True}) == (0, 1, 0, 0, 0)
    assert numbers(actor=reader, f={"patient": {"patientId": "P2"}}) == (0,) * 5
    for role, refusal in (("Radiologist", "NOT_FOUND"), ("Auditor", "FORBIDDEN")):
        assert errors(NUMBERS, actor=somebody(role))[0]["code"] == refusal
    told = AuditRecord.objects.filter(actor=reader.name, detail="numbers of workitems")
    assert told.count() == 3


def test_no_kind_is_counted_further_than_the_most(monkeypatch: Any) -> None:
    monkeypatch.setattr(counting, "MOST", 2)
    for _ in range(3):
        schedule(label="Neuro", **due(PAST))
    assert numbers() == (2, 0, 0, 0, 2)
    lists = ask(COUNTS)["worklists"]["edges"]
    assert lists[0]["node"]["counts"]["scheduled"] == 2
