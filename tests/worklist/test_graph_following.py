"""Workitems and worklists followed in the graph: what is told, and to whom."""

import asyncio
from typing import Any, Final

import pytest

from core import changefeed, feed_listener
from core.access import Actor
from core.accounts.actors import actor_of_account
from core.accounts.grants import Level
from core.models import Account, AuditRecord
from tests.access.socket import first_message
from tests.graphql.graph import application
from tests.imaging.stores import ADMIN
from tests.worklist.steps import attribute, claim, schedule, send
from tests.worklist.test_access import of_worklist, somebody
from worklist.delete import delete_workitem
from worklist.feed import Watched

pytestmark = pytest.mark.usefixtures("committing")

LONG_S: Final = 30.0
QUIET_S: Final = 0.5
LIST: Final = """subscription ($l: String, $f: WorkitemFilter, $after: String) {
  worklist(label: $l, filter: $f, after: $after) { cursor isOnList workitemUid
    event { happened state by } workitem { uid state } } }"""
ONE: Final = """subscription ($uid: UI!, $after: String) {
  workitem(uid: $uid, after: $after) { workitemUid event { happened } } }"""


def told(
    query: str, *, actor: Actor = ADMIN, timeout_s: float = LONG_S, **variables: Any
) -> Any:
    """Return the first message of a subscription."""
    payload = {"query": query, "variables": variables}

    async def run() -> Any:
        feed_listener.start_listening()
        try:
            app = application(actor)
            return await first_message(app, None, payload, timeout_s=timeout_s)
        finally:
            await feed_listener.stop_listening()

    return asyncio.run(run())


def first(query: str, **more: Any) -> dict[str, Any]:
    """Return what a subscription tells first."""
    message = told(query, **more)
    assert message["type"] == "next", message
    assert "errors" not in message["payload"], message
    (found,) = message["payload"]["data"].values()
    change: dict[str, Any] = found
    return change


def seen(watched: Watched, actor: Actor, after: int = 0) -> list[tuple[str, bool]]:
    """Return which workitems entries tell of, and whether they are on the list."""
    found = watched(actor=actor, after=after, limit=100)
    return [(each.entry.key[0], each.is_on_list) for each in found]


def test_what_happens_over_upsrs_is_told() -> None:
    uid = schedule(label="Neuro")
    after = changefeed.head()
    claim(uid)
    change = first(LIST, l="Neuro", after=str(after))
    assert change == {
        "cursor": str(after + 1),
        "isOnList": True,
        "workitemUid": uid,
        "event": {"happened": ["STATE"], "state": "IN_PROGRESS", "by": "reader"},
        "workitem": {"uid": uid, "state": "IN_PROGRESS"},
    }
    scheduled = {"state": ["SCHEDULED"]}
    change = first(LIST, l="Neuro", f=scheduled, after=str(after))
    assert change["isOnList"] is False
    assert first(ONE, uid=uid, after="0")["event"] == {"happened": ["CREATED"]}


def test_without_a_cursor_only_what_comes_is_told() -> None:
    uid = schedule()
    payload = {"query": ONE, "variables": {"uid": uid}}

    async def run() -> Any:
        feed_listener.start_listening()
        try:
            told = asyncio.create_task(
                first_message(application(), None, payload, timeout_s=LONG_S)
            )
            while not feed_listener.hears() and not told.done():
                await asyncio.sleep(0.05)
            await asyncio.sleep(QUIET_S)
            assert not told.done()
            await asyncio.to_thread(_change, uid)
            return await told
        finally:
            await feed_listener.stop_listening()

    message = asyncio.run(run())
    change = message["payload"]["data"]["workitem"]
    assert change == {"workitemUid": uid, "event": {"happened": ["CHANGED"]}}


def _change(uid: str) -> None:
    change = {"00741204": attribute("LO", "Read MR")}
    assert send(f"/workitems/{uid}", "POST", json=change).status_code == 200


def test_what_leaves_a_list_is_told_to_who_follows_it() -> None:
    uid, other = schedule(label="Neuro"), schedule(label="Chest")
    after = changefeed.head()
    change = {"00741202": attribute("LO", "Chest")}
    send(f"/workitems/{uid}", "POST", json=change)
    claim(other)
    assert seen(Watched("default", label="Neuro"), ADMIN, after) == [(uid, False)]
    chest = Watched("default", label="Chest")
    assert seen(chest, ADMIN, after) == [(uid, True), (other, True)]
    assert seen(Watched("default", uid=other), ADMIN, after) == [(other, True)]


def test_a_grant_on_a_worklist_tells_of_that_and_no_other() -> None:
    uid = schedule(label="Neuro")
    schedule(label="Chest")
    grant_on = of_worklist("Neuro")
    actor = somebody("Radiologist", grant_on)
    everything = Watched("default")
    assert seen(everything, actor) == [(uid, True)]
    assert len(seen(everything, ADMIN)) == 2
    account = Account.objects.get(username=actor.name)
    grant_on.account_grants.filter(user=account).delete()
    other = somebody("Radiologist", of_worklist("Chest"))
    assert uid not in dict(seen(everything, other))
    message = told(LIST, actor=actor_of_account(account), after="0")
    (error,) = message["payload"]["errors"]
    assert error["extensions"]["code"] == "NOT_FOUND"


def test_who_may_see_no_patient_is_told_so_at_once() -> None:
    viewer = somebody("Researcher", of_worklist("Neuro"), level=Level.SEE)
    message = told(LIST, actor=viewer, timeout_s=LONG_S)
    assert message == 4403 or "FORBIDDEN" in str(message)


def test_what_was_deleted_is_told_to_who_saw_all() -> None:
    uid = schedule(label="Neuro")
    actor = somebody("Radiologist", of_worklist("Neuro"))
    send(f"/workitems/{uid}/cancelrequest", "POST")
    after = changefeed.head()
    delete_workitem(actor=ADMIN, partition="default", uid=uid)
    assert seen(Watched("default", label="Neuro"), ADMIN, after) == [(uid, False)]
    assert seen(Watched("default", label="Neuro"), actor, after) == []
    change = first(LIST, after=str(after))
    assert (change["event"], change["workitem"]) == (None, None)


def test_who_follows_is_in_the_audit_log() -> None:
    schedule(patient_id="P7", study="1.77")
    first(ONE, uid=schedule(patient_id="P8", study="1.78"), after="0")
    rows = AuditRecord.objects.filter(action="read-feed")
    assert [row.study_instance_uid or row.studies for row in rows] == [["1.78"]]
