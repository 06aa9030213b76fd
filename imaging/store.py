"""Storing received instances: the way from durable blobs to held instances.

Requests that arrive while a commit runs are committed together by the next one: the
change feed orders all writers, so one transaction for ten requests costs one turn
instead of ten. Each request gets its own outcomes; one that fails fails alone.
"""

import logging
import queue
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import timedelta
from typing import Final

from django.db import connection

from core import audit
from core.access import Actor, Verb, require, require_partition
from core.database import guarded
from core.reach import Reach
from imaging.commit import Item, commit
from imaging.errors import StorageUnavailable
from imaging.receive import Received
from imaging.results import is_result
from imaging.store_status import Refused, Stored, StoreOutcome

logger = logging.getLogger(__name__)

MAXIMUM_TOGETHER: Final = 500  # instances in one transaction of several requests

NAMED: Final = 10  # of the instances that a store refuses, in the audit log

_Batch = tuple[list[Item], Future[list[StoreOutcome]]]


def require_expiry(actor: Actor, expires_after: timedelta | None) -> None:
    """Refuse that a study is to expire to an actor who may not delete it.

    Raises
    ------
    Forbidden
        The study goes as a whole, with what others have stored.
    """
    if expires_after is not None:
        require(actor, Verb.DELETE)


def store_instances(
    actor: Actor,
    *,
    partition_id: int,
    received: Sequence[Received],
    replace: bool,
    expires_after: timedelta | None = None,
) -> "Future[list[StoreOutcome]]":
    """Make received instances held; the future is done once they are durable.

    Blobs of instances that are refused are removed.

    Parameters
    ----------
    replace
        Whether an instance may take the place of a held one.
    expires_after
        How long from now on the studies are kept, whatever was said before; for ever
        without.

    Returns
    -------
    Future
        An outcome for each received instance, in their order. Fails with
        `core.errors.Busy` where the disk cannot be written or the database is away,
        and then nothing is stored.

    Raises
    ------
    Forbidden, NotFound
        The actor may not store, not into this partition, or not let studies expire.
    """
    require(actor, Verb.STORE if replace else Verb.STORE_RESULTS)
    require_partition(actor, Verb.STORE_RESULTS, partition_id)
    require_expiry(actor, expires_after)
    items = [
        Item(
            actor,
            partition_id,
            one,
            replace,
            expires_after,
            within=_within(actor, partition_id, one),
        )
        for one in received
    ]
    outcomes: Future[list[StoreOutcome]] = Future()
    _committer.submit((items, outcomes))
    return outcomes


def _within(actor: Actor, partition_id: int, received: Received) -> Reach | None:
    """Return where the study of an instance has to be held already; None: nowhere.

    Who may store in a partition as a whole brings new studies; others add results, or
    whatever they may, to those that they reach.
    """
    reach = actor.reach(Verb.STORE)
    if reach.has_whole(partition_id):
        return None
    if is_result(received.instance.sop_class_uid):
        reach = actor.reach(Verb.STORE_RESULTS)
    return reach.within(partition_id)


def record_refused(
    *, actor: Actor, partition_id: int, outcomes: Sequence[StoreOutcome]
) -> None:
    """Record in the audit log which instances of a store were refused, and why.

    What was stored stands there already: with the transaction that stored it.
    """
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    if not refused:
        return
    reasons = Counter(outcome.reason for outcome in refused)
    told = ", ".join(f"{number} {reason:04X}" for reason, number in reasons.items())
    uids = [one.sop_instance_uid for one in refused[:NAMED] if one.sop_instance_uid]
    event = audit.Event(
        actor,
        audit.Action.STORE,
        audit.Outcome.MINOR_FAILURE,
        partition_id=partition_id,
        detail=f"refused {len(refused)} of {len(outcomes)} instances ({told})",
        query=" ".join(uids),
    )
    audit.record_soon(event)


def stop() -> None:
    """Commit what waits and give the connection back: the process ends."""
    _committer.stop()


class _Committer:
    """The thread of this process that commits, one transaction at a time."""

    def __init__(self) -> None:
        self._batches: queue.SimpleQueue[_Batch | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def submit(self, batch: _Batch) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._work, name="committer", daemon=True
                )
                self._thread.start()
        self._batches.put(batch)

    def stop(self) -> None:
        """Commit what waits and end the thread."""
        if self._thread is not None:
            self._batches.put(None)
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        while waiting := self._next():
            # From here on a client that goes away no longer stops its store.
            batches = [one for one in waiting if one[1].set_running_or_notify_cancel()]
            if batches:
                _commit_together(batches)
        connection.close()

    def _next(self) -> list[_Batch]:
        """Wait for a request and take those that wait behind it; none at the end."""
        taken: list[_Batch] = []
        number = 0
        while not taken or (number < MAXIMUM_TOGETHER and not self._batches.empty()):
            batch = self._batches.get()
            if batch is None:
                if taken:
                    self._batches.put(None)
                break
            taken.append(batch)
            number += len(batch[0])
        return taken


def _commit_together(batches: Sequence[_Batch]) -> None:
    """Commit several requests at once, or each alone where that fails."""
    try:
        outcomes = _durable([item for items, _ in batches for item in items])
    except Exception as error:  # noqa: BLE001 handed to whoever waits
        if len(batches) == 1:
            _fail(batches[0], error)
            return
        for batch in batches:
            _commit_together([batch])
        return
    for items, future in batches:
        future.set_result(outcomes[: len(items)])
        outcomes = outcomes[len(items) :]


def _durable(items: list[Item]) -> list[StoreOutcome]:
    durable = [item.received.durable for item in items]
    try:
        outcomes = guarded(commit, items, durable)
    except OSError as error:
        raise StorageUnavailable from error
    for item, outcome in zip(items, outcomes, strict=True):
        if isinstance(outcome, Refused):
            item.received.discard()
    return outcomes


def _fail(batch: _Batch, error: Exception) -> None:
    """Tell the waiting request; its blobs stay until it is sure that no row names them.

    A connection lost during the commit leaves open whether it took place: only the
    sweeper, which asks the database, may remove the blobs. A disk that cannot be
    written fails before it.
    """
    items, future = batch
    if isinstance(error, StorageUnavailable):
        for item in items:
            item.received.discard()
    logger.warning("a store of %d instances failed: %r", len(items), error)
    future.set_exception(error)


_committer = _Committer()

__all__ = [
    "Refused",
    "StoreOutcome",
    "Stored",
    "record_refused",
    "require_expiry",
    "stop",
    "store_instances",
]
