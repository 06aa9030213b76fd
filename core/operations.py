"""Long work with progress: started by an actor, done in steps, survives its workers.

The row in the database is the truth. A worker takes the operation's lease, does step
after step, and writes the progress of each; a thread renews the lease meanwhile. When
a worker dies the lease runs out and another goes on from the last progress. A worker
that had only seemed dead cannot write any more: the attempt it knows is not the last.
Celery wakes workers and holds nothing (`core.tasks`).

    notStarted ──► running ──► succeeded
        │            ├───────► failed ──┐ retry
        └────────────┴───────► canceled ┴──────► notStarted
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from core import audit
from core.access import Actor, Verb, require
from core.durable import send
from core.errors import Conflict, NotFound
from core.models import Operation, OperationItemError, OperationState
from core.reach import EVERYWHERE

RUN: Final = "core.tasks.run_operation"
NOT_FOUND: Final = "There is no such operation."
OPEN: Final = (OperationState.NOT_STARTED, OperationState.RUNNING)


@dataclass(frozen=True, slots=True)
class Progress:
    """What a step has done.

    Attributes
    ----------
    cursor
        Where the next step begins, JSON; handed to it as `Operation.progress`.
    result
        What came of the whole, JSON; set by the last step and ends the operation.
    errors
        The items of this step that could not be done, and why.
    """

    cursor: Mapping[str, Any]
    percent: int
    result: Mapping[str, Any] | None = None
    errors: Sequence[tuple[str, str]] = field(default=())


Step = Callable[[Operation], Progress]
"""Does a part of the work that takes less than a minute and commits it by itself.

It may be called again with the same `Operation.progress`, also after it has committed:
the second time must change nothing more. It reads `parameters` and `progress`.
"""

_steps: dict[str, Step] = {}


def register(kind: str, step: Step) -> None:
    """Have operations of `kind` done by `step`; called from `AppConfig.ready`."""
    if kind in _steps:
        message = f"there are two kinds of operations named {kind!r}"
        raise ValueError(message)
    _steps[kind] = step


def unregister(kind: str) -> None:
    """Forget a kind in this process."""
    _steps.pop(kind, None)


def step_of(kind: str) -> Step | None:
    """Return what does operations of `kind`; None where this process cannot."""
    return _steps.get(kind)


def start_operation(
    *,
    actor: Actor,
    kind: str,
    parameters: Mapping[str, Any],
    operation_id: UUID | None = None,
) -> Operation:
    """Create an operation; a worker takes it up once the transaction has committed.

    The caller has decided that the actor may do this.

    Parameters
    ----------
    operation_id
        Its key, where something lies in its name already.
    """
    if kind not in _steps:
        message = f"no kind of operations is named {kind!r}"
        raise ValueError(message)
    operation = Operation.objects.create(
        pk=operation_id or uuid4(),
        kind=kind,
        actor=actor.name,
        account_id=actor.account_id,
        parameters=dict(parameters),
    )
    send(RUN, str(operation.pk))
    return operation


class Which(NamedTuple):
    """Which operations are listed.

    Attributes
    ----------
    kind, state
        Only those of one kind, or in one state; of any where empty.
    """

    kind: str = ""
    state: str = ""

    def among(self, operations: QuerySet[Operation]) -> QuerySet[Operation]:
        """Return those of them."""
        if not self.kind.isprintable():  # nor can the database look for it
            return operations.none()
        asked = {name: value for name, value in self._asdict().items() if value}
        return operations.filter(**asked)


ALL: Final = Which()


def list_operations(*, actor: Actor, which: Which = ALL) -> QuerySet[Operation]:
    """Return the operations that the actor may see, the newest first.

    Its own; all of them for who may manage data in every partition.

    Raises
    ------
    Forbidden
        The actor may not see data at all: not what works on them either.
    """
    require(actor, Verb.READ)
    return which.among(_visible(actor))


def _visible(actor: Actor) -> QuerySet[Operation]:
    operations = Operation.objects.all()
    if actor.reach(Verb.MANAGE) == EVERYWHERE:
        return operations
    if actor.account_id is None:
        return operations.none()
    return operations.filter(account_id=actor.account_id)


def page_of_operations(
    *, actor: Actor, limit: int, after: UUID | None = None, which: Which = ALL
) -> list[Operation]:
    """Return operations that the actor may see, newest first, beginning after one.

    Raises
    ------
    Forbidden
        The actor may not see data at all.
    NotFound
        There is no operation `after` that it may see.
    """
    held = list_operations(actor=actor, which=which).order_by("-created_at", "-pk")
    if after is not None:
        last = get_operation(actor=actor, operation_id=after)
        same_moment = Q(created_at=last.created_at, pk__lt=last.pk)
        held = held.filter(Q(created_at__lt=last.created_at) | same_moment)
    return list(held[:limit])


def count_operations(*, actor: Actor, which: Which = ALL) -> int:
    """Return how many operations the actor may see."""
    return list_operations(actor=actor, which=which).count()


def last_changes(operation_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return when each operation has changed last; nothing of what it is or does."""
    held = Operation.objects.filter(pk__in=operation_ids)
    return dict(held.values_list("pk", "updated_at"))


def get_operation(*, actor: Actor, operation_id: UUID) -> Operation:
    """Return one operation.

    Raises
    ------
    Forbidden
        The actor may not see data at all.
    NotFound
        There is none, or the actor may not see it.
    """
    operation = list_operations(actor=actor).filter(pk=operation_id).first()
    if operation is None:
        raise NotFound(NOT_FOUND)
    return operation


def list_errors(*, actor: Actor, operation_id: UUID) -> QuerySet[OperationItemError]:
    """Return the items that an operation could not do, in the order it met them."""
    operation = get_operation(actor=actor, operation_id=operation_id)
    return OperationItemError.objects.filter(operation=operation)


def errors_of(
    *, actor: Actor, operation_ids: Collection[UUID], limit: int, after: int = 0
) -> dict[UUID, list[OperationItemError]]:
    """Return of each operation the first items that it could not do, after a key.

    Of one that there is not, or that the actor may not see, there are none.

    Raises
    ------
    Forbidden
        The actor may not see data at all.
    """
    found: dict[UUID, list[OperationItemError]] = {key: [] for key in operation_ids}
    place = Window(RowNumber(), partition_by="operation_id", order_by="pk")
    held = OperationItemError.objects.filter(
        operation__in=list_operations(actor=actor).filter(pk__in=operation_ids),
        pk__gt=after,
    )
    for each in held.annotate(place=place).filter(place__lte=limit).order_by("pk"):
        found[each.operation_id].append(each)
    return found


def cancel_operation(*, actor: Actor, operation_id: UUID) -> Operation:
    """End an operation: at once where nobody works on it, else after its step.

    Raises
    ------
    Forbidden, NotFound
        The actor may not manage data, or may not see the operation.
    Conflict
        It has ended already.
    """
    with transaction.atomic(durable=True):
        operation = _locked(actor, operation_id)
        if operation.state not in OPEN:
            message = f"The operation has ended already: {operation.state}."
            raise Conflict(message)
        operation.cancel_requested = True
        lease = operation.lease_until
        if lease is None or lease < timezone.now():
            operation.state = OperationState.CANCELED
        operation.save()
        _record(actor, operation, "canceled")
    return operation


def retry_operation(*, actor: Actor, operation_id: UUID) -> Operation:
    """Have an operation that failed or was canceled go on where it ended.

    Raises
    ------
    Forbidden, NotFound
        The actor may not manage data (any more), or may not see the operation.
    Conflict
        It is still open, or it succeeded.
    """
    with transaction.atomic(durable=True):
        operation = _locked(actor, operation_id)
        if operation.state not in {OperationState.FAILED, OperationState.CANCELED}:
            message = f"Only what failed can be tried again; it is {operation.state}."
            raise Conflict(message)
        operation.state = OperationState.NOT_STARTED
        operation.cancel_requested = False
        operation.attempts_without_progress = 0
        operation.error = ""
        operation.lease_until = None
        operation.save()
        _record(actor, operation, "tried again")
        send(RUN, str(operation.pk))
    return operation


def _record(actor: Actor, operation: Operation, done: str) -> None:
    detail = f"{done}: operation {operation.pk} ({operation.kind})"
    audit.record(audit.Event(actor, audit.Action.OPERATE, detail=detail))


def _locked(actor: Actor, operation_id: UUID) -> Operation:
    """Return an operation that the actor may see and change, locked."""
    require(actor, Verb.MANAGE)
    held = _visible(actor).select_for_update(of=("self",))
    operation = held.filter(pk=operation_id).first()
    if operation is None:
        raise NotFound(NOT_FOUND)
    return operation
