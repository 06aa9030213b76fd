"""Updating what a workitem says of the work (DICOM PS3.18 11.6)."""

from collections.abc import Callable, Iterator
from typing import Final

from django.db import transaction
from django.utils import timezone

from core.access import Actor, Verb, require
from core.partitions import get_partition
from imaging.index import tag_of
from imaging.part10 import JsonModel
from worklist.errors import WorkitemInvalid, refusal
from worklist.held import Held
from worklist.models import Happened
from worklist.rules import Event, Update, check_update, decide, lock_of, merged
from worklist.working import lock_given, locked
from worklist.write import ASSIGNING, Change, write

_MODIFIED: Final = tag_of("ScheduledProcedureStepModificationDateTime")
_TELLS: Final = {
    tag_of("ProcedureStepProgressInformationSequence"): Happened.PROGRESS,
    tag_of("InputReadinessState"): Happened.READINESS,
    **dict.fromkeys(ASSIGNING, Happened.ASSIGNED),
}
"""What it is to events that an attribute has another value (PS3.4 CC.2.4)."""


def update_workitem(
    *,
    actor: Actor,
    partition: str,
    uid: str,
    model: object,
    transaction_uid: str | None = "",
    is_azure: bool = False,
) -> None:
    """Replace the attributes that a data set has; sequences as a whole.

    Parameters
    ----------
    model
        DICOM JSON, as it was sent; or what makes it of what the workitem says.
    transaction_uid
        Of whoever has claimed the workitem; empty: that of the data set, which has
        none while it is scheduled. None: the actor's account acts by its own claim
        (`worklist.working`).
    is_azure
        Whether the rules are those of Azure's DICOM service.

    Raises
    ------
    Forbidden, NoSuchWorkitem
        The actor may not work at it, or not see it.
    WrongTransactionUid, ClaimedByAnother
        It is claimed by another, or no Transaction UID was sent.
    WorkitemRefused
        Its state does not allow it.
    WorkitemInvalid
        The data set breaks the rules.
    """
    require(actor, Verb.PERFORM)
    read = _reading(model, is_azure=is_azure)
    partition_id = get_partition(actor=actor, name=partition, verb=Verb.VIEW_PHI)
    with transaction.atomic():
        held = locked(actor, partition_id, uid)
        asked = read(held)
        given = lock_given(actor, held, transaction_uid) or asked.transaction_uid
        lock = lock_of(given, held.transaction_uid)
        outcome = decide(Event.UPDATE, held.state, lock)
        if outcome.is_failure:
            raise refusal(outcome)
        if asked.findings:
            raise WorkitemInvalid(asked.findings)
        before, at = held.model(), timezone.now()
        if before | asked.dataset == before:
            return
        after = merged(before, asked.dataset, now=at)
        happened = tuple(dict.fromkeys(_happened(before, after)))
        change = Change(
            uid,
            after,
            at,
            happened,
            ", ".join(happened),
            claim=held.claim,
            held=held,
        )
        write(actor, partition_id, [change])


def _reading(model: object, *, is_azure: bool) -> Callable[[Held], Update]:
    """Return what reads the request; what was sent is read now, before locks."""
    if callable(model):
        return lambda held: check_update(model(held.model()))
    asked = check_update(model, is_azure=is_azure)
    return lambda _held: asked


def _happened(before: JsonModel, after: JsonModel) -> Iterator[Happened]:
    """Yield what the difference is to events."""
    for tag in sorted(after):
        if tag != _MODIFIED and before.get(tag) != after[tag]:
            yield _TELLS.get(tag, Happened.CHANGED)
