"""What the graph does with workitems: claimed, released, handed over, ended."""

import threading
from typing import Any, Final

import pytest
from django.db import connections

from core.access import Actor, Verb
from core.models import Account, FeedEntry
from tests.actors import acting
from tests.graphql.graph import ask
from tests.imaging.stores import ADMIN
from tests.worklist.steps import attribute, claim, code, held, schedule, send, state
from tests.worklist.test_access import of_worklist, somebody
from worklist.models import Workitem, WorkitemVersion

pytestmark = pytest.mark.usefixtures("committing")

TOLD: Final = """{ __typename ... on Fault { code path message }
  ... on ChangedWorkitem { uid warning workitem { uid state claimedBy isMine actions
  progress progressDescription priority worklistLabel replacedUids comments
  reasonForCancellation scheduledPerformers { name { alphabetic } organization
  code { value scheme }
  } cancelRequest { by reason contact } } } }"""
STATION: Final = {"value": "WS1", "scheme": "99HOUSE", "meaning": "Workstation 1"}
PERFORMED: Final = "00741216"
PROGRESS: Final = "00741002"


def do(name: str, types: str = "", *, actor: Actor, **given: Any) -> dict[str, Any]:
    """Return what a mutation answers; the types of its arguments are SDL."""
    types = f"$uid: UI!{types}" if "uid" in given else types.lstrip(", ")
    names = [part.split(":")[0].strip(" $") for part in types.split(",")]
    passed = ", ".join(f"{each}: ${each}" for each in names)
    query = f"mutation ({types}) {{ {name}({passed}) {TOLD} }}"
    (done,) = ask(query, actor=actor, **given).values()
    answer: dict[str, Any] = done
    return answer


@pytest.fixture
def reader() -> Actor:
    return somebody("Radiologist", of_worklist("Neuro"))


@pytest.fixture
def other() -> Actor:
    return somebody("Radiologist", of_worklist("Neuro"))


def one(**more: Any) -> str:
    return schedule(label="Neuro", **more)


def claimed(actor: Actor, **more: Any) -> str:
    uid = one(**more)
    assert do("claimWorkitem", actor=actor, uid=uid)["workitem"]["isMine"]
    return uid


def test_who_claims_needs_no_transaction_uid_and_is_told_none(reader: Actor) -> None:
    uid = one()
    done = do("claimWorkitem", actor=reader, uid=uid)["workitem"]
    assert (done["state"], done["claimedBy"]) == ("IN_PROGRESS", reader.name)
    row = Workitem.objects.get(sop_instance_uid=uid)
    assert row.transaction_uid.startswith("2.25.")
    assert row.is_claimed_here
    assert row.transaction_uid not in str(done) + send(f"/workitems/{uid}").text
    change = {PERFORMED: attribute("SQ")}
    assert send(f"/workitems/{uid}", "POST", json=change).status_code == 400


def test_what_another_has_claimed_is_theirs(reader: Actor, other: Actor) -> None:
    by_lock = one()
    claim(by_lock, actor=other)
    before = FeedEntry.objects.count()
    for uid in (by_lock, claimed(other)):
        entries = FeedEntry.objects.count()
        for name, types, more in (
            ("claimWorkitem", "", {}),
            ("updateWorkitem", ", $changes: WorkitemUpdateInput!", {"changes": {}}),
            ("releaseWorkitem", "", {}),
            ("handOverWorkitem", ", $to: String!", {"to": reader.name}),
            ("completeWorkitem", "", {}),
            ("cancelWorkitem", "", {}),
        ):
            done = do(name, types, actor=reader, uid=uid, **more)
            assert done.get("code") == "CLAIMED_BY_ANOTHER", name
        assert FeedEntry.objects.count() == entries
    assert FeedEntry.objects.count() == before + 2


def test_of_many_who_claim_at_once_one_has_it() -> None:
    actors = [somebody("Radiologist", of_worklist("Neuro")) for _ in range(4)]
    uid, answers = one(), []

    def go(actor: Actor) -> None:
        try:
            answers.append(do("claimWorkitem", actor=actor, uid=uid))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kinds = sorted(each["__typename"] for each in answers)
    assert kinds == ["ChangedWorkitem", "Fault", "Fault", "Fault"]


def test_what_is_released_is_on_the_list_again(reader: Actor) -> None:
    uid = claimed(reader, patient_id="P5")
    entries = FeedEntry.objects.count()
    types = ", $reason: String!"
    done = do("releaseWorkitem", types, actor=reader, uid=uid, reason="lunch")
    new = done["uid"]
    assert FeedEntry.objects.count() == entries + 2
    assert new != uid
    assert done["workitem"]["state"] == "SCHEDULED"
    assert done["workitem"]["claimedBy"] is None
    assert done["workitem"]["replacedUids"] == [uid]
    old = held(uid)
    assert old["00741000"]["Value"] == ["CANCELED"]
    (told,) = old[PROGRESS]["Value"]
    assert told["00741238"]["Value"] == ["Released. lunch"]
    fresh, same = held(new), {"00741000", "00741002", "00080018", "00404010"}
    del fresh["00741224"]
    for tag in fresh.keys() - same:
        assert fresh[tag] == old[tag], tag
    again = do("releaseWorkitem", types, actor=reader, uid=uid, reason="again")
    assert again["uid"] == new
    assert FeedEntry.objects.count() == entries + 2


def test_what_nobody_has_claimed_or_has_ended_is_not_released(reader: Actor) -> None:
    uid = one()
    assert do("releaseWorkitem", actor=reader, uid=uid)["code"] == "WORKITEM_REFUSED"
    canceled = claimed(reader)
    do("cancelWorkitem", actor=reader, uid=canceled)
    done = do("releaseWorkitem", actor=reader, uid=canceled)
    assert done["code"] == "WORKITEM_REFUSED"


def test_who_manages_data_releases_for_others(reader: Actor, other: Actor) -> None:
    uid = claimed(reader)
    done = do("releaseWorkitem", actor=ADMIN, uid=uid)
    assert done["workitem"]["state"] == "SCHEDULED"
    assert "RELEASE" not in done["workitem"]["actions"]


@pytest.mark.parametrize("is_claimed", [False, True])
def test_what_is_handed_over_is_scheduled_for_somebody(
    reader: Actor, other: Actor, *, is_claimed: bool
) -> None:
    account = Account.objects.get(username=other.name)
    account.first_name, account.last_name = "Ann", "Lee"
    account.save()
    uid = claimed(reader) if is_claimed else one()
    types, given = ", $to: String!", {"uid": uid, "to": other.name}
    done = do("handOverWorkitem", types, actor=reader, **given)
    assert (done["uid"] == uid) is not is_claimed
    assert done["workitem"]["scheduledPerformers"] == [
        {
            "name": {"alphabetic": "Lee^Ann"},
            "organization": "default",
            "code": {"value": other.name, "scheme": "99PORTAL"},
        }
    ]
    again = do("handOverWorkitem", types, actor=reader, **given)
    assert again["uid"] == done["uid"]
    query = """query ($f: WorkitemFilter) { workitems(filter: $f) {
      edges { node { uid } } } }"""
    for wanted in (other.name, "lee"):
        found = ask(query, f={"performer": wanted})["workitems"]["edges"]
        assert [each["node"]["uid"] for each in found] == [done["uid"]]
    mine = do("claimWorkitem", actor=other, uid=done["uid"])
    assert mine["workitem"]["isMine"]
    free = do("releaseWorkitem", actor=other, uid=done["uid"])
    assert free["workitem"]["scheduledPerformers"] == []
    if is_claimed:
        third = {"uid": uid, "to": reader.name}
        code_ = do("handOverWorkitem", types, actor=reader, **third)["code"]
        assert code_ == "CONFLICT"


def test_only_who_may_do_it_is_handed_anything(reader: Actor) -> None:
    stranger = somebody("Radiologist", of_worklist("Chest"))
    viewer = somebody("Referrer", of_worklist("Neuro"))
    uid = claimed(reader)
    told = set()
    for name in (stranger.name, viewer.name, "nobody at all"):
        types = ", $to: String!"
        done = do("handOverWorkitem", types, actor=reader, uid=uid, to=name)
        told.add((done["code"], done["path"], done["message"]))
    assert len(told) == 1
    assert told.pop()[:2] == ("NOT_FOUND", "to")
    assert held(uid)["00741000"]["Value"] == ["IN PROGRESS"]


def test_what_is_completed_says_who_where_and_when(reader: Actor) -> None:
    uid = claimed(reader, stations=[code("CT1", "Scanner 1")])
    done = do("completeWorkitem", actor=reader, uid=uid)
    assert done["workitem"]["state"] == "COMPLETED"
    (item,) = held(uid)[PERFORMED]["Value"]
    assert item["00404028"]["Value"] == [code("CT1", "Scanner 1")]
    assert item["00404019"]["Value"] == [code("READ", "Read the images")]
    versions = WorkitemVersion.objects.filter(sop_instance_uid=uid).order_by("pk")
    begun = versions[1].at
    assert item["00404050"]["Value"] == [f"{begun:%Y%m%d%H%M%S.%f}+0000"]
    assert item["00404051"]["Value"] > item["00404050"]["Value"]
    assert item["00404033"] == {"vr": "SQ"}
    (person,) = item["00404035"]["Value"]
    (who,) = person["00404009"]["Value"]
    assert who["00080100"]["Value"] == [reader.name]
    again = do("completeWorkitem", actor=reader, uid=uid)
    assert "COMPLETED already" in again["warning"]


def test_what_nobody_knows_is_asked_for(reader: Actor) -> None:
    uid = claimed(reader)
    done = do("completeWorkitem", actor=reader, uid=uid)
    assert (done["code"], done["path"]) == ("WORKITEM_REFUSED", "00741216/1/00404028")
    assert "PerformedStationNameCodeSequence" in done["message"]
    types, performed = ", $performed: WorkitemPerformedInput!", {"station": STATION}
    wrong = {"station": {**STATION, "scheme": "far too long for a scheme"}}
    done = do("completeWorkitem", types, actor=reader, uid=uid, performed=wrong)
    assert done["code"] == "WORKITEM_INVALID"
    done = do("completeWorkitem", types, actor=reader, uid=uid, performed=performed)
    assert done["workitem"]["state"] == "COMPLETED"


def test_who_cancels_says_why(reader: Actor) -> None:
    uid = claimed(reader)
    types, why = ", $why: WorkitemCancelInput!", {"reason": "Wrong patient"}
    done = do("cancelWorkitem", types, actor=reader, uid=uid, why=why)
    assert done["workitem"]["state"] == "CANCELED"
    assert done["workitem"]["reasonForCancellation"] == "Wrong patient"
    scheduled = one()
    done = do("cancelWorkitem", types, actor=reader, uid=scheduled, why=why)
    assert done["code"] == "WORKITEM_REFUSED"
    done = do("requestWorkitemCancel", types, actor=reader, uid=scheduled, why=why)
    assert done["workitem"]["state"] == "CANCELED"


def test_who_claimed_here_is_told_of_a_wish_to_cancel(
    reader: Actor, other: Actor
) -> None:
    uid = claimed(reader)
    types = ", $why: WorkitemCancelInput!"
    why = {"reason": "Duplicate", "contact": "Ward 3", "contactUri": "tel:+1"}
    done = do("requestWorkitemCancel", types, actor=other, uid=uid, why=why)
    assert done["workitem"]["state"] == "IN_PROGRESS"
    wish = {"by": other.name, "reason": "Duplicate", "contact": "Ward 3"}
    assert done["workitem"]["cancelRequest"] == wish
    by_lock = one()
    claim(by_lock, actor=other)
    done = do("requestWorkitemCancel", types, actor=reader, uid=by_lock, why=why)
    assert done["code"] == "WORKITEM_REFUSED"


def test_progress_is_told_and_what_was_told_before_stays(reader: Actor) -> None:
    uid, types = claimed(reader), ", $changes: WorkitemUpdateInput!"
    first = {"progress": 33.333333, "progressDescription": "half of it"}
    do("updateWorkitem", types, actor=reader, uid=uid, changes=first)
    more = {"progress": 50, "priority": "HIGH", "comments": "Soon"}
    done = do("updateWorkitem", types, actor=reader, uid=uid, changes=more)
    told = done["workitem"]
    assert (told["progress"], told["progressDescription"]) == (50, "half of it")
    assert (told["priority"], told["comments"]) == ("HIGH", "Soon")
    versions = WorkitemVersion.objects.filter(sop_instance_uid=uid).order_by("pk")
    assert versions.last().happened == ["changed", "progress"]  # type: ignore[union-attr]


def test_a_scheduled_one_is_updated_by_whoever_may(reader: Actor, other: Actor) -> None:
    uid, types = one(), ", $changes: WorkitemUpdateInput!"
    for actor in (reader, other):
        label = {"procedureStepLabel": actor.name}
        done = do("updateWorkitem", types, actor=actor, uid=uid, changes=label)
        assert done["uid"] == uid


def test_work_is_put_on_a_list(reader: Actor) -> None:
    types = ", $workitem: WorkitemInput!"
    given = {
        "procedureStepLabel": "Read MR",
        "worklistLabel": "Neuro",
        "priority": "HIGH",
        "start": "2030-01-01T09:00:00+01:00",
        "expectedCompletion": "2030-01-02T09:00:00Z",
        "patient": {"patientId": "P9", "name": "Roe^Jane", "sex": "F"},
        "requests": [{"studyInstanceUid": "1.9", "accessionNumber": "A9"}],
        "station": STATION,
    }
    uid = do("createWorkitem", types, actor=reader, workitem=given)["uid"]
    query = """query ($uid: UI!) { workitem(uid: $uid) { procedureStepLabel start
      expectedCompletion patientName { alphabetic } accessionNumbers priority
      studyInstanceUids scheduledStations { value } } }"""
    assert ask(query, uid=uid)["workitem"] == {
        "procedureStepLabel": "Read MR",
        "start": "2030-01-01T08:00:00+00:00",
        "expectedCompletion": "2030-01-02T09:00:00+00:00",
        "patientName": {"alphabetic": "Roe^Jane"},
        "accessionNumbers": ["A9"],
        "priority": "HIGH",
        "studyInstanceUids": ["1.9"],
        "scheduledStations": [{"value": "WS1"}],
    }
    twice = do("createWorkitem", types, actor=reader, workitem={**given, "uid": uid})
    assert twice["code"] == "WORKITEM_REFUSED"
    bare = {"procedureStepLabel": "x", "worklistLabel": "Chest"}
    far = do("createWorkitem", types, actor=reader, workitem=bare)
    assert far["code"] == "FORBIDDEN"
    writer = acting(None, "writer", {Verb.SCHEDULE})
    made = do("createWorkitem", types, actor=writer, workitem=bare)
    assert made["workitem"] is None
    assert made["uid"]


def test_who_may_only_see_changes_nothing(reader: Actor) -> None:
    viewer = somebody("Referrer", of_worklist("Neuro"))
    uid = one()
    entries = FeedEntry.objects.count()
    for name in ("claimWorkitem", "releaseWorkitem", "completeWorkitem"):
        assert do(name, actor=viewer, uid=uid)["code"] == "FORBIDDEN"
    hidden = schedule(label="Chest")
    done = do("claimWorkitem", actor=reader, uid=hidden)
    assert done["code"] == "NO_SUCH_WORKITEM"
    assert FeedEntry.objects.count() == entries + 1


def test_an_account_that_is_no_more_holds_nothing(reader: Actor) -> None:
    uid = claimed(reader)
    Account.objects.get(username=reader.name).delete()
    done = do("releaseWorkitem", actor=ADMIN, uid=uid)
    assert done["workitem"]["state"] == "SCHEDULED"


def test_a_claim_over_upsrs_is_completed_by_its_account(reader: Actor) -> None:
    uid = one(stations=[code("CT1", "Scanner 1")])
    lock = claim(uid, actor=reader)
    done = do("completeWorkitem", actor=reader, uid=uid)
    assert done["workitem"]["state"] == "COMPLETED"
    body = [state("COMPLETED", lock)]
    answer = send(f"/workitems/{uid}/state", "PUT", json=body)
    assert "B306" in answer.headers["warning"]
