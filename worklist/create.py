"""Creating workitems (DICOM PS3.18 11.4), one of a client or many of a rule."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.access import Actor, Verb, require
from core.database import raw_connection
from core.errors import Forbidden
from core.partitions import get_or_create_partition
from imaging.part10 import JsonModel
from worklist import data_set
from worklist.access import within
from worklist.errors import WorkitemInvalid, refusal
from worklist.models import Happened
from worklist.opening import BY_WRITER, Origin
from worklist.rules import (
    Creation,
    Event,
    Finding,
    State,
    check_create,
    decide,
    with_defaults,
)
from worklist.uids import new_uid
from worklist.write import ASSIGNING, Change, write


class New(NamedTuple):
    """A workitem that is to be.

    Attributes
    ----------
    model
        DICOM JSON, as it was sent or made.
    uid
        Of its address; empty: that of the data set, or one that is made.
    """

    model: object
    uid: str = ""


class Made(NamedTuple):
    """What came of a workitem that was to be.

    Attributes
    ----------
    is_new
        Whether it was created now; not where there is one of its UID.
    findings
        Why it was not, where its data set breaks the rules.
    """

    uid: str
    is_new: bool
    findings: tuple[Finding, ...] = ()


def create_workitem(
    *,
    actor: Actor,
    partition: str,
    model: object,
    uid: str = "",
    is_azure: bool = False,
) -> str:
    """Create a scheduled workitem.

    Parameters
    ----------
    model
        DICOM JSON, as it was sent.
    uid
        Of the address; empty: that of the data set, or one that is made.
    is_azure
        Whether the rules are those of Azure's DICOM service.

    Returns
    -------
    str
        Its UID.

    Raises
    ------
    Forbidden, NotFound
        The actor may not create workitems, not in this partition, or not this one.
    WorkitemInvalid
        The data set breaks the rules.
    WorkitemRefused
        There is a workitem of this UID.
    """
    require(actor, Verb.SCHEDULE)
    creation = check_create(model, uid=uid, is_azure=is_azure)
    if creation.findings:
        raise WorkitemInvalid(creation.findings)
    key = get_or_create_partition(actor=actor, name=partition, verb=Verb.SCHEDULE)
    change = _change(creation, timezone.now())
    with transaction.atomic():
        if not _written(actor, key, [change]):
            raise refusal(decide(Event.CREATE, State.SCHEDULED))
    return change.sop_instance_uid


def create_many(
    *, actor: Actor, partition: str, workitems: Sequence[New]
) -> list[Made]:
    """Create scheduled workitems in one transaction, or in that of the caller.

    Those whose UID is there already stay as they are, so that the same may be asked for
    again; those that break the rules are left out and told.

    Returns
    -------
    list of Made
        In the order of `workitems`.

    Raises
    ------
    Forbidden, NotFound
        The actor may not create workitems, not in this partition, or not one of these.
    """
    require(actor, Verb.SCHEDULE)
    key = get_or_create_partition(actor=actor, name=partition, verb=Verb.SCHEDULE)
    at = timezone.now()
    creations = [check_create(each.model, uid=each.uid) for each in workitems]
    changes = [None if each.findings else _change(each, at) for each in creations]
    wanted = {each.sop_instance_uid: each for each in reversed(changes) if each}
    with transaction.atomic():
        new = set(_written(actor, key, list(wanted.values())))
    made = []
    for creation, change in zip(creations, changes, strict=True):
        if change is None:
            made.append(Made(creation.uid, is_new=False, findings=creation.findings))
        else:
            uid = change.sop_instance_uid
            made.append(Made(uid, is_new=uid in new))
            new.discard(uid)  # a second one of the same UID is none
    return made


def create_checked(
    *,
    actor: Actor,
    partition_id: int,
    creations: Sequence[Creation],
    origins: Sequence[Origin],
) -> list[str]:
    """Create workitems without findings, each with its UID, for who has the right to.

    Their entries of the feed are the last statement of the caller's transaction.

    Parameters
    ----------
    origins
        Where the studies that they name come from, in their order.

    Returns
    -------
    list of str
        UIDs of those that were not there.
    """
    at = timezone.now()
    changes = [
        _change(each, at, origin)
        for each, origin in zip(creations, origins, strict=True)
    ]
    return _written(actor, partition_id, changes)


def _change(creation: Creation, at: datetime, origin: Origin = BY_WRITER) -> Change:
    return scheduled(creation.dataset, creation.uid or new_uid(), at, origin)


def scheduled(
    dataset: JsonModel, uid: str, at: datetime, origin: Origin = BY_WRITER
) -> Change:
    """Return a new workitem that says what a well-formed data set does."""
    model = with_defaults(
        dataset, uid=uid, now=at, worklist_label=settings.WORKLIST_LABEL
    )
    happened = [Happened.CREATED]
    if any(data_set.first(model, tag) is not None for tag in ASSIGNING):
        happened.append(Happened.ASSIGNED)
    return Change(
        uid,
        model,
        at,
        tuple(happened),
        "created",
        passed=(State.SCHEDULED,),
        origin=origin,
    )


def _written(actor: Actor, partition_id: int, changes: Sequence[Change]) -> list[str]:
    """Write workitems, and return the UIDs of those that were not there."""
    keys = write(actor, partition_id, changes)
    _require_reached(actor, partition_id, list(keys.values()))
    return list(keys)


def _require_reached(actor: Actor, partition_id: int, keys: Sequence[int]) -> None:
    """Refuse what lies beyond the scopes in which the actor may put work on lists."""
    reach = actor.reach(Verb.SCHEDULE)
    if reach.has_whole(partition_id) or not keys:
        return
    reached, values = within(reach, partition_id)
    row = (
        raw_connection()
        .execute(
            "SELECT bool_and(reached) FROM (SELECT"  # noqa: S608 own names
            f" {reached} AS reached FROM worklist_workitem w"
            " WHERE id = ANY(%s)) AS new",
            (*values, list(keys)),
        )
        .fetchone()
    )
    if row is None or not row[0]:
        message = (
            "Your grants are for other patients, studies and worklists than those of"
            " this workitem."
        )
        raise Forbidden(message)
