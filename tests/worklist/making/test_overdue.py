"""What is overdue is escalated, each step once, until somebody has claimed it."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from core import changefeed
from core.changefeed import Filter
from tests.imaging.stores import ADMIN
from tests.synthetic import new_uid
from tests.worklist.making.making import problems, rule, study, value, work, workitems
from worklist.change_state import change_state
from worklist.making import overdue
from worklist.making.configuring import configure_rule
from worklist.models import MadeWorkitem, Workitem, WorkitemRule, WorkitemVersion
from worklist.release import release_workitem
from worklist.rules import State, date_time
from worklist.update import update_workitem

pytestmark = pytest.mark.usefixtures("committing")

STEPS = [
    {"after": "0 min", "priority": "HIGH"},
    {"after": "1 h", "worklist_label": "Senior"},
    {"after": "2 h", "performer": "jdoe, 99HOUSE, Doe^Jane, Radiology"},
]


def escalated() -> list[Any]:
    while overdue.escalate(time_limit_s=60):
        pass
    return workitems()


def happened() -> list[list[str]]:
    return [each.happened for each in WorkitemVersion.objects.order_by("id")]


def test_steps_are_taken_in_their_time_and_each_once(late: Any) -> None:
    rule(priority="LOW", due="arrival + 4 h", steps=STEPS)
    study()
    work()
    (model,) = escalated()
    assert value(model, "00741200") == "LOW"
    late(hours=4, minutes=1)
    (model,) = escalated()
    assert value(model, "00741200") == "HIGH"
    assert value(model, "00741202") != "Senior"
    escalated()
    late(hours=7)
    (model,) = escalated()
    escalated()
    assert value(model, "00741202") == "Senior"
    performer = value(model, "00404034")
    assert value(performer, "00404037") == {"Alphabetic": "Doe^Jane"}
    assert happened()[1:] == [["changed"], ["changed"], ["assigned"]]
    entries = changefeed.read(
        actor=ADMIN, after=0, limit=10, where=Filter(kind="workitem")
    )
    assert [each.op for each in entries] == ["create", "update", "update", "update"]
    assert MadeWorkitem.objects.get().next_at is None
    assert not problems()


def test_who_has_claimed_it_is_left_alone_until_it_is_given_up(late: Any) -> None:
    rule(priority="LOW", due="arrival", steps=STEPS)
    study()
    work()
    uid, lock = Workitem.objects.get().sop_instance_uid, new_uid()
    change_state(
        actor=ADMIN,
        partition="default",
        uid=uid,
        state=State.IN_PROGRESS,
        transaction_uid=lock,
    )
    late(hours=9)
    (model,) = escalated()
    assert value(model, "00741200") == "LOW"
    release_workitem(actor=ADMIN, partition="default", uid=uid, transaction_uid=lock)
    late(hours=9, minutes=11)
    _, model = escalated()
    assert value(model, "00741200") == "HIGH"
    assert value(model, "00741202") == "Senior"


def test_what_was_put_off_is_not_overdue(late: Any) -> None:
    rule(priority="LOW", due="arrival + 1 h", steps=STEPS)
    study()
    work()
    uid = Workitem.objects.get().sop_instance_uid
    due = timezone.now() + dt.timedelta(hours=8)
    model = {"00404011": {"vr": "DT", "Value": [date_time(due)]}}
    update_workitem(actor=ADMIN, partition="default", uid=uid, model=model)
    late(hours=5)
    (model,) = escalated()
    assert value(model, "00741200") == "LOW"
    late(hours=8, minutes=5)
    (model,) = escalated()
    assert value(model, "00741200") == "HIGH"


def test_a_deleted_workitem_needs_no_step(late: Any) -> None:
    rule(due="arrival", steps=STEPS)
    study()
    work()
    Workitem.objects.all().delete()
    late(hours=5)
    assert escalated() == []
    assert MadeWorkitem.objects.get().next_at is None


def test_steps_that_are_gone_are_not_taken(late: Any) -> None:
    held = rule(priority="LOW", due="arrival", steps=STEPS)
    study()
    work()
    configure_rule(actor=ADMIN, rule=held, values={"steps": []})
    late(hours=5)
    (model,) = escalated()
    assert value(model, "00741200") == "LOW"


def test_a_step_that_cannot_be_taken_is_told_and_stops_nobody(late: Any) -> None:
    broken = rule("Broken", priority="LOW", due="arrival", steps=STEPS)
    rule("Sound", priority="LOW", due="arrival", steps=STEPS)
    study()
    work()
    WorkitemRule.objects.filter(pk=broken.pk).update(steps=[{"priority": "STAT"}])
    late(minutes=1)
    priorities = {
        value(each, "00741204"): value(each, "00741200") for each in escalated()
    }
    assert priorities == {"Broken": "LOW", "Sound": "HIGH"}
    (problem,) = problems()
    assert problem.startswith("Step 1: ")
