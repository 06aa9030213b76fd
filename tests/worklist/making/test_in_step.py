"""A workitem and the FHIR Task that it was made of are kept in step, both ways."""

from typing import Any

import orjson
import pytest

from core import changefeed, followers
from core.changefeed import Filter
from fhirlink import store as record
from fhirlink.read import current
from tests.imaging.stores import ADMIN
from tests.synthetic import new_uid
from tests.worklist.making.making import (
    problems,
    resource,
    rule,
    value,
    work,
    workitems,
)
from tests.worklist.steps import code, performed
from worklist import cancel
from worklist.change_state import change_state
from worklist.making.follower import RuleFollower
from worklist.making.task_states import STATUSES, Wish, state_of, wish_of
from worklist.models import MadeWorkitem, Workitem
from worklist.release import release_workitem
from worklist.rules import State
from worklist.update import update_workitem

pytestmark = pytest.mark.usefixtures("committing")


def task(status: str = "requested", **more: Any) -> None:
    content = {"intent": "order", "status": status, **more}
    resource("Task", "t1", **content)
    work()


def told() -> dict[str, Any]:
    """Return the Task as it is held."""
    work()
    key = Workitem.objects.values_list("partition_id", flat=True).first()
    held = current(key or 1, "Task", "t1")
    assert held is not None
    found: dict[str, Any] = orjson.loads(held.json())
    return found


def state() -> str:
    return Workitem.objects.get().state


def uid() -> str:
    return Workitem.objects.get().sop_instance_uid


def become(wanted: State, lock: str) -> None:
    change_state(
        actor=ADMIN,
        partition="default",
        uid=uid(),
        state=wanted,
        transaction_uid=lock,
    )


@pytest.fixture(autouse=True)
def _ruled(committing: None) -> None:
    rule(source="Task", conditions="status=requested")


def test_each_status_is_that_of_one_state() -> None:
    every = "draft requested received accepted rejected ready cancelled in-progress"
    for status in [
        *every.split(),
        "on-hold",
        "failed",
        "completed",
        "entered-in-error",
    ]:
        held = [s for s, each in STATUSES.items() if status in {each.usual, *each.also}]
        assert held == [state_of(status)], status
    assert state_of("unheard of") is None


@pytest.mark.parametrize(
    ("status", "held", "wish"),
    [
        ("ready", State.SCHEDULED, Wish.NOTHING),
        ("in-progress", State.SCHEDULED, Wish.CLAIM),
        ("completed", State.SCHEDULED, Wish.COMPLETE),
        ("rejected", State.SCHEDULED, Wish.CANCEL),
        ("ready", State.IN_PROGRESS, Wish.NOTHING),
        ("on-hold", State.IN_PROGRESS, Wish.NOTHING),
        ("completed", State.IN_PROGRESS, Wish.COMPLETE),
        ("failed", State.IN_PROGRESS, Wish.CANCEL),
        ("in-progress", State.COMPLETED, Wish.NOTHING),
        ("cancelled", State.COMPLETED, Wish.NOTHING),
        ("completed", State.CANCELED, Wish.NOTHING),
    ],
)
def test_what_is_ahead_is_a_wish(status: str, held: State, wish: Wish) -> None:
    assert wish_of(status, held) is wish


def test_a_task_that_agrees_is_not_written() -> None:
    task()
    assert state() == "SCHEDULED"
    assert told()["meta"]["versionId"] == "1"


def test_a_claimed_and_completed_workitem_is_told_to_its_task() -> None:
    task()
    lock = new_uid()
    become(State.IN_PROGRESS, lock)
    assert told()["status"] == "in-progress"
    update_workitem(
        actor=ADMIN,
        partition="default",
        uid=uid(),
        model=performed(),
        transaction_uid=lock,
    )
    become(State.COMPLETED, lock)
    found = told()
    assert found["status"] == "completed"
    assert found["meta"]["versionId"] == "3"


def test_a_canceled_workitem_is_told_to_its_task() -> None:
    task()
    cancel.request_cancel(actor=ADMIN, partition="default", uid=uid())
    assert told()["status"] == "cancelled"


def test_who_is_to_do_it_owns_the_task() -> None:
    task(owner={"reference": "Practitioner/other", "display": "Other"})
    assert told()["owner"]["display"] == "Other"
    person = {
        "00404009": {"vr": "SQ", "Value": [code("jdoe", "Jane Doe")]},
        "00404036": {"vr": "LO", "Value": ["Radiology"]},
        "00404037": {"vr": "PN", "Value": [{"Alphabetic": "Doe^Jane"}]},
    }
    update_workitem(
        actor=ADMIN,
        partition="default",
        uid=uid(),
        model={"00404034": {"vr": "SQ", "Value": [person]}},
    )
    assert told()["owner"] == {
        "type": "Practitioner",
        "identifier": {"system": "urn:portal:scheme:99HOUSE", "value": "jdoe"},
        "display": "Doe Jane",
    }


def test_a_task_that_begins_claims_its_workitem_and_ends_it() -> None:
    task()
    task("in-progress")
    assert state() == "IN PROGRESS"
    lock = Workitem.objects.get().transaction_uid
    period = {"start": "2026-05-01T10:00:00Z", "end": "2026-05-01T11:00:00Z"}
    task("completed", executionPeriod=period)
    assert state() == "COMPLETED"
    (model,) = workitems()
    work_done = value(model, "00741216")
    assert value(work_done, "00404050") == "20260501100000.000000+0000"
    assert value(work_done, "00404051") == "20260501110000.000000+0000"
    assert lock not in orjson.dumps(model).decode()
    assert told()["meta"]["versionId"] == "3"  # all by others


def test_a_task_that_is_completed_at_once_passes_all_states() -> None:
    task()
    task("completed")
    assert state() == "COMPLETED"


def test_a_task_that_is_cancelled_cancels_its_workitem() -> None:
    task()
    task("cancelled", statusReason={"text": "No more needed"})
    assert state() == "CANCELED"
    (model,) = workitems()
    assert value(value(model, "00741002"), "00741238") == "No more needed"
    assert told()["status"] == "cancelled"


def test_a_task_that_fails_while_it_has_the_workitem_cancels_it() -> None:
    task()
    task("in-progress")
    task("failed", statusReason={"text": "Broken"})
    assert state() == "CANCELED"
    assert told()["status"] == "failed"


def test_what_another_performs_a_task_cannot_end() -> None:
    task()
    become(State.IN_PROGRESS, new_uid())
    work()
    task("completed")
    assert state() == "IN PROGRESS"
    found = told()
    assert found["status"] == "in-progress"
    assert found["statusReason"]["text"].startswith("C301")


def test_a_cancel_request_that_nobody_hears_is_told() -> None:
    task()
    become(State.IN_PROGRESS, new_uid())
    work()
    task("cancelled")
    assert state() == "IN PROGRESS"
    found = told()
    assert found["status"] == "in-progress"
    assert "C312" in found["statusReason"]["text"]


def test_a_task_whose_workitem_has_ended_is_told_so() -> None:
    task()
    cancel.request_cancel(actor=ADMIN, partition="default", uid=uid())
    work()
    task("in-progress")
    assert told()["status"] == "cancelled"
    assert state() == "CANCELED"


def test_nothing_goes_round_in_circles() -> None:
    task()
    task("in-progress")
    become_cancelled = [*STATUSES[State.CANCELED].also]
    task(become_cancelled[0])
    work()
    head = changefeed.head()
    work()
    work()
    assert changefeed.head() == head
    followers.rebuild(RuleFollower())
    work()
    assert changefeed.head() == head
    assert not problems()


def test_a_task_goes_with_the_workitem_in_the_place_of_one_given_up() -> None:
    task()
    lock = new_uid()
    become(State.IN_PROGRESS, lock)
    assert told()["status"] == "in-progress"
    new = release_workitem(
        actor=ADMIN, partition="default", uid=uid(), transaction_uid=lock
    )
    assert told()["status"] == "ready"
    assert MadeWorkitem.objects.get().sop_instance_uid == new
    task("in-progress")
    held = Workitem.objects.get(sop_instance_uid=new)
    assert held.state == "IN PROGRESS"


def test_a_task_that_was_deleted_ends_its_workitem() -> None:
    task()
    record.delete(actor=ADMIN, partition="default", type_="Task", fhir_id="t1")
    work()
    assert state() == "CANCELED"


def test_a_task_that_was_deleted_while_it_has_its_workitem_ends_it() -> None:
    task()
    task("in-progress")
    record.delete(actor=ADMIN, partition="default", type_="Task", fhir_id="t1")
    work()
    assert state() == "CANCELED"
    (model,) = workitems()
    reason = value(value(model, "00741002"), "00741238")
    assert reason == "Task/t1 was deleted."
    assert not problems()


def test_who_performs_what_a_deleted_task_asked_for_is_not_stopped() -> None:
    task()
    become(State.IN_PROGRESS, new_uid())
    record.delete(actor=ADMIN, partition="default", type_="Task", fhir_id="t1")
    work()
    assert state() == "IN PROGRESS"
    (problem,) = problems()
    assert "was deleted" in problem


def test_what_is_in_step_has_entries_of_the_feed_by_whoever_did_it() -> None:
    task()
    task("in-progress")
    entries = changefeed.read(
        actor=ADMIN, after=0, limit=10, where=Filter(kind="workitem")
    )
    assert [(each.op, each.actor) for each in entries] == [
        ("create", "system:worklist rules"),
        ("update", "system:worklist rules"),
    ]
    assert MadeWorkitem.objects.get().refusal == ""
