"""Subscribing, unsubscribing, suspending: DICOM PS3.4 CC.2.3, PS3.18 11.10 to 11.12.

What was said is an entry of the change feed, too: so it has its place among what
happens to workitems, and the states that are told first are events like all others.
"""

from typing import Any, Final, LiteralString

from django.db import transaction

from core import audit, changefeed
from core.access import Actor, Verb, require
from core.changefeed import Op
from core.changefeed_access import SUBSCRIPTION
from core.database import raw_connection
from core.errors import Conflict, Invalid
from core.partitions import get_partition
from worklist.access import within
from worklist.errors import NoSuchSubscription, NoSuchWorkitem
from worklist.events import subscribe_sql as sql
from worklist.events.filters import Filter, matching
from worklist.events.reports import FILTERED, GLOBAL
from worklist.events.subscribers import Own, checked_aetitle, own_subscriber
from worklist.writers import wait_for_writers

MAXIMUM_FILTERS: Final = 20  # of a subscriber
_OF_MANY: Final = frozenset({GLOBAL, FILTERED})


def subscribe(
    *,
    actor: Actor,
    partition: str,
    aetitle: str,
    uid: str,
    deletion_lock: bool = False,
    filter_query: bytes = b"",
) -> bool:
    """Have an AE told of a workitem, of all, or of those that match.

    Parameters
    ----------
    uid
        Of the workitem, or a well-known one: `GLOBAL`, `FILTERED`.
    deletion_lock
        Whether workitems are to stay, once they have ended, while it is told of them.
    filter_query
        Matching keys as in a search, for `FILTERED`.

    Returns
    -------
    bool
        Whether there is a deletion lock, if one was asked for: who only reads gets
        none, nor of all in a partition of which they work at parts.

    Raises
    ------
    Forbidden, NotFound
        The actor may see no workitems, or not this one, or the AE is somebody else's.
    Invalid
        The AE title, or a key, cannot be.
    """
    require(actor, Verb.VIEW_PHI)
    partition_id = get_partition(actor=actor, name=partition, verb=Verb.VIEW_PHI)
    title = checked_aetitle(aetitle)
    chosen = Filter.read(filter_query) if uid == FILTERED else None
    is_locked = deletion_lock and _may_lock(actor, partition_id, uid)
    with transaction.atomic():
        subscriber = own_subscriber(actor, partition_id, title)
        if uid in _OF_MANY:
            wait_for_writers(partition_id)
        version: int | None
        if chosen is not None:
            version = _to_matching(
                subscriber, partition_id, chosen, is_locked=is_locked
            )
        elif uid == GLOBAL:
            version = _to_all(subscriber, partition_id, is_locked=is_locked)
        else:
            version = _to_one(actor, subscriber, partition_id, uid, is_locked=is_locked)
        _tell(actor, partition_id, subscriber, uid, "create", version)
    return is_locked == deletion_lock


def unsubscribe(*, actor: Actor, partition: str, aetitle: str, uid: str) -> None:
    """Have an AE told no more: of a workitem, of all, or of what filters have found.

    With `GLOBAL` of nothing at all. Deletion locks go with it. Who manages the data of
    the partition may do so for others.

    Raises
    ------
    Forbidden, NotFound
        As `subscribe`; or there is no such subscription.
    """
    partition_id, title = _asked(actor, partition, aetitle)
    with transaction.atomic():
        subscriber = own_subscriber(actor, partition_id, title, may_manage=True)
        if uid in _OF_MANY:
            wait_for_writers(partition_id)
            statement = sql.FORGET_ALL if uid == GLOBAL else sql.FORGET_FILTERS
            number = _run(statement, {"subscriber": subscriber.id})
        else:
            number = _from_one(subscriber, partition_id, uid)
        if not number:
            raise NoSuchSubscription
        _tell(actor, partition_id, subscriber, uid, "delete", None)


def suspend(*, actor: Actor, partition: str, aetitle: str, uid: str) -> None:
    """Have an AE told of no more new workitems; of those that it knows it still is.

    Raises
    ------
    Forbidden, NotFound
        As `unsubscribe`.
    Invalid
        The UID is not one that stands for many.
    """
    partition_id, title = _asked(actor, partition, aetitle)
    if uid not in _OF_MANY:
        message = f"Subscriptions to {GLOBAL} and {FILTERED} can be suspended."
        raise Invalid(message, path="workitem")
    with transaction.atomic():
        subscriber = own_subscriber(actor, partition_id, title, may_manage=True)
        wait_for_writers(partition_id)
        statement = sql.CLOSE_RANGE if uid == GLOBAL else sql.DROP_FILTERS
        if not _run(statement, {"subscriber": subscriber.id}):
            raise NoSuchSubscription
        _tell(actor, partition_id, subscriber, uid, "update", None)


def _asked(actor: Actor, partition: str, aetitle: str) -> tuple[int, str]:
    require(actor, Verb.VIEW_PHI)
    partition_id = get_partition(actor=actor, name=partition, verb=Verb.VIEW_PHI)
    return partition_id, checked_aetitle(aetitle)


def _may_lock(actor: Actor, partition_id: int, uid: str) -> bool:
    """Return whether workitems may be kept for an actor."""
    reach = actor.reach(Verb.PERFORM)
    if uid in _OF_MANY:
        return reach.has_whole(partition_id)
    return reach.enters(partition_id)


def _to_one(
    actor: Actor, subscriber: Own, partition_id: int, uid: str, *, is_locked: bool
) -> int:
    """Return the version whose state is told first.

    The workitem stays as it is meanwhile, so that no event comes between.
    """
    visible, values = within(actor.reach(Verb.VIEW_PHI), partition_id)
    row = (
        raw_connection()
        .execute(
            "SELECT id, version_id FROM worklist_workitem w"  # noqa: S608 own names
            f" WHERE partition_id = %s AND sop_instance_uid = %s AND {visible}"
            " FOR SHARE",
            (partition_id, uid, *values),
        )
        .fetchone()
    )
    if row is None:
        raise NoSuchWorkitem
    key, version = row
    _run(
        sql.SUBSCRIBE_TO_ONE,
        {
            "subscriber": subscriber.id,
            "workitem": key,
            "lock": is_locked,
            "head": changefeed.head(),
        },
    )
    return int(version)


def _to_all(subscriber: Own, partition_id: int, *, is_locked: bool) -> int | None:
    """Return after which entry states are told first, if they are: with a lock."""
    head = changefeed.head()
    values = {
        "subscriber": subscriber.id,
        "partition": partition_id,
        "lock": is_locked,
        "head": head,
    }
    for statement in (
        sql.CLOSE_RANGE,
        sql.DROP_EMPTY_RANGES,
        sql.SWITCH_ON,
        sql.OPEN_RANGE,
    ):
        _run(statement, values)
    return head if is_locked else None


def _to_matching(
    subscriber: Own, partition_id: int, chosen: Filter, *, is_locked: bool
) -> int:
    """Return after which entry states are told first: those of what matches now."""
    head = changefeed.head()
    values = {
        "subscriber": subscriber.id,
        "filter": chosen.text,
        "lock": is_locked,
        "head": head,
    }
    _run(sql.KEEP_FILTER, values)
    number = raw_connection().execute(sql.NUMBER_OF_FILTERS, values).fetchone()
    if number is not None and number[0] > MAXIMUM_FILTERS:
        message = f"An AE has {MAXIMUM_FILTERS} filters at most. Unsubscribe first."
        raise Conflict(message, path="filter")
    condition, parameters = matching(chosen, partition_id)
    raw_connection().execute(
        sql.subscribe_to_matching(condition),
        (subscriber.id, is_locked, head, *parameters, subscriber.id),
    )
    return head


def _from_one(subscriber: Own, partition_id: int, uid: str) -> int:
    values = {"subscriber": subscriber.id, "partition": partition_id, "uid": uid}
    return _run(sql.SWITCH_OFF, values)


def _run(statement: LiteralString, values: dict[str, Any]) -> int:
    """Return the number of rows that a statement has written."""
    return raw_connection().execute(statement, values).rowcount


def _tell(
    actor: Actor,
    partition_id: int,
    subscriber: Own,
    uid: str,
    op: Op,
    version: int | None,
) -> None:
    """Write audit row and, last of all, the entry of the feed."""
    words = {"create": "is told of", "update": "is told of no new", "delete": "not of"}
    audit.record(
        audit.Event(
            actor,
            audit.Action.CONFIGURE,
            partition_id=partition_id,
            detail=f"{subscriber.aetitle} {words[op]} workitems {uid}",
        )
    )
    key = (subscriber.aetitle, uid)
    changefeed.append(
        [changefeed.Change(SUBSCRIPTION, op, key, partition_id, version)], actor=actor
    )
