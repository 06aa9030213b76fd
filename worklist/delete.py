"""Deleting workitems that have ended: one that is named, or all whose time is over."""

import contextlib
import datetime as dt
import time
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import audit, changefeed
from core.access import Actor, Verb, require, system
from core.changefeed_access import WORKITEM
from core.database import raw_connection
from core.errors import Forbidden
from core.partitions import get_partition
from worklist.errors import NoSuchWorkitem, WorkitemRefused
from worklist.events.locks import Locked, locked, remove_locks
from worklist.held import Held, lock
from worklist.rules import Outcome, Status
from worklist.writers import begin_writing

BATCH: Final = 100

_ACTOR: Final = system("retention of workitems")


def delete_workitem(*, actor: Actor, partition: str, uid: str) -> None:
    """Delete a workitem that has ended, with all that is known of it.

    Raises
    ------
    Forbidden, NoSuchWorkitem
        The actor may not delete it, or not see it.
    WorkitemRefused
        Somebody has still to do it, or does, or a deletion lock keeps it.
    """
    require(actor, Verb.DELETE)
    partition_id = get_partition(actor=actor, name=partition, verb=Verb.VIEW_PHI)
    with transaction.atomic():
        held = lock(
            partition_id,
            uid,
            seen=actor.reach(Verb.VIEW_PHI),
            reach=actor.reach(Verb.DELETE),
        )
        if not held.is_reached:
            message = "Your roles do not allow you to delete this workitem."
            raise Forbidden(message)
        begin_writing(partition_id)
        refused = WorkitemRefused(Outcome(Status.ACTION_NOT_APPROPRIATE, held.state))
        if not held.state.is_final:
            raise refused
        try:
            _delete(actor, partition_id, held)
        except Locked as error:
            raise refused from error


def delete_old_workitems(*, time_limit_s: float) -> int:
    """Delete up to `BATCH` workitems that ended ``PORTAL_WORKITEM_DAYS`` ago.

    Those that a deletion lock keeps stay. Each in a transaction of its own; those first
    that ended first. Any number may run at once.

    Returns
    -------
    int
        How many; where the time is over, not all of them.
    """
    days = settings.WORKITEM_DAYS
    if not days:
        return 0
    end = time.monotonic() + time_limit_s
    number = 0
    for partition_id, uid in _ended(timezone.now() - dt.timedelta(days=days)):
        if time.monotonic() > end:
            break
        with contextlib.suppress(Locked):  # just set
            number += _delete_old(partition_id, uid)
    return number


def _ended(before: dt.datetime) -> list[tuple[int, str]]:
    condition, values = locked()
    rows = raw_connection().execute(
        "SELECT partition_id, sop_instance_uid FROM worklist_workitem w"  # noqa: S608 own names
        f" WHERE ended_at <= %s AND NOT {condition} ORDER BY ended_at, id LIMIT %s",
        (before, *values, BATCH),
    )
    return [(row[0], row[1]) for row in rows]


def _delete_old(partition_id: int, uid: str) -> bool:
    with transaction.atomic():
        reach = _ACTOR.reach(Verb.DELETE)
        try:
            held = lock(partition_id, uid, seen=reach, reach=reach)
        except NoSuchWorkitem:  # another was faster
            return False
        begin_writing(partition_id)
        if not held.state.is_final:  # deleted, and created anew meanwhile
            return False
        _delete(_ACTOR, partition_id, held)
    return True


def _delete(actor: Actor, partition_id: int, held: Held) -> None:
    """Remove the rows of a locked workitem; its entry of the feed is the last thing.

    Raises
    ------
    Locked
        A deletion lock keeps it.
    """
    key, uid = held.id, held.sop_instance_uid
    titles = remove_locks(key)
    spite = f" in spite of the deletion locks of {', '.join(titles)}" if titles else ""
    connection = raw_connection()
    connection.execute(
        "DELETE FROM worklist_workitemvalue WHERE workitem_id = %s", (key,)
    )
    connection.execute(
        "DELETE FROM worklist_workitemversion"
        " WHERE partition_id = %s AND sop_instance_uid = %s",
        (partition_id, uid),
    )
    connection.execute(
        "DELETE FROM worklist_subscription WHERE workitem_id = %s", (key,)
    )
    connection.execute("DELETE FROM worklist_workitem WHERE id = %s", (key,))
    audit.record(
        audit.Event(
            actor,
            audit.Action.DELETE,
            partition_id=partition_id,
            patient_id=held.patient_id,
            detail=f"workitem {uid}: deleted{spite}",
        )
    )
    changefeed.append(
        [changefeed.Change(WORKITEM, "delete", (uid,), partition_id)], actor=actor
    )
