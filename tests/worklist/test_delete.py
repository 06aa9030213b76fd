"""Workitems that have ended are deleted: by name, or when they have been kept."""

import datetime as dt
from typing import Any

import pytest
from django.db.models import F

from core.access import Verb
from core.errors import Conflict
from core.models import AuditRecord, FeedEntry
from core.partitions import delete_partition
from tests.actors import acting
from tests.imaging.stores import ADMIN
from tests.worklist.steps import READER, claim, found, held, schedule, send, step
from worklist.delete import delete_old_workitems
from worklist.models import Workitem, WorkitemValue, WorkitemVersion

pytestmark = pytest.mark.usefixtures("committing")


def test_one_that_has_ended_is_deleted_with_all_of_it() -> None:
    uid, other = schedule(patient_id="P9"), schedule()
    send(f"/workitems/{uid}/cancelrequest", "POST")
    assert send(f"/workitems/{uid}", "DELETE", actor=ADMIN).status_code == 204
    assert send(f"/workitems/{uid}").status_code == 410
    assert found("") == [other]
    left = Workitem.objects.get().pk
    assert set(WorkitemValue.objects.values_list("workitem_id")) == {(left,)}
    assert not WorkitemVersion.objects.filter(sop_instance_uid=uid).exists()
    last = FeedEntry.objects.filter(kind="workitem").latest("seq")
    assert (last.op, last.key, last.version) == ("delete", [uid], None)
    event = AuditRecord.objects.filter(action="delete").get()
    assert event.patient_id == "P9"
    assert send(f"/workitems/{uid}", "DELETE", actor=ADMIN).status_code == 404


def test_it_may_be_created_anew() -> None:
    uid = schedule()
    send(f"/workitems/{uid}/cancelrequest", "POST")
    send(f"/workitems/{uid}", "DELETE", actor=ADMIN)
    schedule(uid)
    assert held(uid)["00741000"]["Value"] == ["SCHEDULED"]


def test_what_somebody_has_to_do_is_not_deleted() -> None:
    uid = schedule()
    for _ in range(2):
        answer = send(f"/workitems/{uid}", "DELETE", actor=ADMIN)
        assert (answer.status_code, answer.text[:4]) == (409, "C314")
        if held(uid)["00741000"]["Value"] == ["SCHEDULED"]:
            claim(uid)


def test_who_may_not_delete_is_refused() -> None:
    uid = schedule()
    assert send(f"/workitems/{uid}", "DELETE", actor=READER).status_code == 403
    blind = acting(1, "blind", {Verb.DELETE})
    assert send(f"/workitems/{uid}", "DELETE", actor=blind).status_code == 404


def test_those_that_were_kept_long_enough_go(settings: Any) -> None:
    old, young, open_ = schedule(), schedule(), schedule()
    for uid in (old, young):
        send(f"/workitems/{uid}/cancelrequest", "POST")
    rows = Workitem.objects.filter(sop_instance_uid=old)
    rows.update(ended_at=F("ended_at") - dt.timedelta(days=31))
    assert delete_old_workitems(time_limit_s=60) == 0
    settings.WORKITEM_DAYS = 30
    assert delete_old_workitems(time_limit_s=60) == 1
    assert delete_old_workitems(time_limit_s=60) == 0
    assert found("") == [open_, young]
    event = AuditRecord.objects.filter(action="delete").get()
    assert event.actor == "system:retention of workitems"


def test_a_partition_with_workitems_is_not_deleted() -> None:
    send("/partitions/ward/workitems", "POST", json=step(), actor=ADMIN)
    with pytest.raises(Conflict, match="1 workitems"):
        delete_partition(actor=ADMIN, name="ward")
