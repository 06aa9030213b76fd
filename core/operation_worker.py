"""The worker's side of operations: leases, steps, and what ends an operation.

Nothing here asks who may: an operation runs as it was started.
"""

import logging
import threading
import time
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from core.database import AWAY
from core.durable import TURN_S
from core.errors import PortalError
from core.followers import is_transient
from core.models import Operation, OperationItemError, OperationState
from core.operations import OPEN, Progress, Step, step_of

logger = logging.getLogger(__name__)

LEASE_S: Final = 30.0  # then a worker that does not renew it is dead
STEP_LIMIT_S: Final = 900.0  # a step that takes longer is taken for stuck
MAXIMUM_ATTEMPTS: Final = 5  # without any progress


class LeaseLostError(Exception):
    """Somebody else works on the operation now: this worker must not write."""


def run_operation(operation_id: UUID, *, time_limit_s: float = TURN_S) -> bool:
    """Do steps of an operation until it ends or the time is up.

    Does nothing where another worker holds the lease.

    Returns
    -------
    bool
        Whether there is more to do at once.
    """
    operation = _take(operation_id)
    if operation is None:
        return False
    step = step_of(operation.kind)
    until = time.monotonic() + time_limit_s
    try:
        with _Lease(operation):
            while more := _do(operation, step):
                if time.monotonic() >= until:
                    break
        if more:  # after the last renewal
            _write(operation, lease_until=None)
    except LeaseLostError:
        logger.warning("operation %s was taken over", operation.pk)
        return False
    return more


def open_operations() -> list[UUID]:
    """Return the operations that nobody works on and somebody should."""
    free = Q(lease_until=None) | Q(lease_until__lt=timezone.now())
    return list(
        Operation.objects.filter(free, state__in=OPEN).values_list("pk", flat=True)
    )


def _take(operation_id: UUID) -> Operation | None:
    """Take the lease; None where it is held, or nothing is left to do."""
    now = timezone.now()
    taken = Operation.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now), pk=operation_id, state__in=OPEN
    ).update(
        state=OperationState.RUNNING,
        lease_until=now + _lease_time(),
        attempt=F("attempt") + 1,
        attempts_without_progress=F("attempts_without_progress") + 1,
        updated_at=now,
    )
    return Operation.objects.get(pk=operation_id) if taken else None


def _do(operation: Operation, step: Step | None) -> bool:
    """Do one step and write what came of it; return whether there is more to do."""
    if operation.cancel_requested:
        return _end(operation, OperationState.CANCELED)
    if step is None:
        return _fail(operation, "This version of the portal cannot do it.")
    if operation.attempts_without_progress > MAXIMUM_ATTEMPTS:
        return _fail(operation, "Its workers died again and again.")
    try:
        progress = step(operation)
    except PortalError as error:
        if not is_transient(error):
            return _fail(operation, error.message)
        return _wait(operation, error)
    except Exception as error:
        if is_transient(error):
            return _wait(operation, error)
        reference = uuid4().hex
        logger.exception("operation %s failed, reference %s", operation.pk, reference)
        return _fail(operation, f"An internal error; its reference is {reference}.")
    return _advance(operation, progress)


def _advance(operation: Operation, progress: Progress) -> bool:
    """Write the progress of a step; return whether there is more to do."""
    with transaction.atomic(durable=True):
        new = OperationItemError.objects.bulk_create(
            [
                OperationItemError(operation=operation, item=item, error=error)
                for item, error in progress.errors
            ],
            update_conflicts=True,
            unique_fields=["operation", "item"],
            update_fields=["error"],
        )
        number = operation.item_errors.count() if new else operation.number_of_errors
        ended = progress.result is not None
        _write(
            operation,
            progress=dict(progress.cursor),
            percent=100 if ended else progress.percent,
            number_of_errors=number,
            attempts_without_progress=0,
            state=OperationState.SUCCEEDED if ended else OperationState.RUNNING,
            result=dict(progress.result) if progress.result is not None else None,
            lease_until=None if ended else timezone.now() + _lease_time(),
        )
    return not ended


def _end(operation: Operation, state: OperationState, error: str = "") -> bool:
    _write(operation, state=state, lease_until=None, error=error)
    return False


def _fail(operation: Operation, message: str) -> bool:
    return _end(operation, OperationState.FAILED, message)


def _wait(operation: Operation, error: Exception) -> bool:
    """Let nobody try again before a lease has passed."""
    logger.warning("operation %s waits: %s", operation.pk, type(error).__name__)
    if isinstance(error, AWAY):
        connection.close()
    _write(
        operation,
        attempts_without_progress=0,
        lease_until=timezone.now() + _lease_time(),
    )
    return False


def _write(operation: Operation, **values: Any) -> None:
    """Write fields of an operation whose lease this worker holds, and read the rest.

    Raises
    ------
    LeaseLostError
        Another worker has taken the lease since.
    """
    written = Operation.objects.filter(
        pk=operation.pk, attempt=operation.attempt, state=OperationState.RUNNING
    ).update(updated_at=timezone.now(), **values)
    if not written:
        raise LeaseLostError
    operation.refresh_from_db()


def _lease_time() -> timedelta:
    return timedelta(seconds=LEASE_S)


class _Lease:
    """Renews the lease of an operation while its steps run."""

    def __init__(self, operation: Operation) -> None:
        self.pk = operation.pk
        self.attempt = operation.attempt
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.renew, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.ending.set()
        self.thread.join()

    def renew(self) -> None:
        """Renew until the end; while the database is away, try again."""
        every = LEASE_S / 3
        while not self.ending.wait(every):
            try:
                self.renew_once()
            except AWAY:
                connection.close()
        connection.close()

    def renew_once(self) -> None:
        """Renew unless the step is stuck: its progress has not moved for long."""
        now = timezone.now()
        Operation.objects.filter(
            pk=self.pk,
            attempt=self.attempt,
            state=OperationState.RUNNING,
            updated_at__gt=now - timedelta(seconds=STEP_LIMIT_S),
        ).update(lease_until=now + _lease_time())
