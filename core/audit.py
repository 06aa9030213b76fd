"""The audit log: who did what to which patient's data, from where, how it ended.

Domain functions call `record` inside the transaction of what they write, so that both
commit or neither. What only reads calls `record_soon`: a server collects such events
and a thread writes them every `FLUSH_EVERY_S`; a process that is killed loses what it
has collected since, a stop does not. What gives data of several patients names them
(`record_answer`). What is refused to nobody in particular is counted, not listed
(`record_refusal`). `core.audit_chain` proves that no row was changed or removed.
"""

import logging
import math
import os
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from django.db import connection

from core.audit_events import EVENTS, ORIGIN, Action, Event, Origin, Outcome
from core.audit_refusals import Refusals
from core.database import AWAY, as_rows, raw_connection
from core.errors import Busy

__all__ = [
    "EVENTS",
    "ORIGIN",
    "Action",
    "Event",
    "Origin",
    "Outcome",
    "record",
    "record_answer",
    "record_refusal",
    "record_soon",
    "start_collecting",
    "stop_collecting",
    "writer_name",
]

logger = logging.getLogger(__name__)

FLUSH_EVERY_S: Final = 0.5
BATCH: Final = 1_000
MAXIMUM_COLLECTED: Final = 100_000  # events; then nothing is read unaudited
CHAIN_S: Final = 24 * 3600.0
MAXIMUM_NAMED: Final = 1_000  # patients, or studies, in one row


def record(*events: Event) -> None:
    """Write events on this thread's connection, inside its transaction if any."""
    if events:
        _write(events)


def record_soon(event: Event) -> None:
    """Have an event written within `FLUSH_EVERY_S`; at once where nobody collects.

    Raises
    ------
    Busy
        The log could not be written for long: what cannot be audited is not done.
    """
    if not _collector.running:
        record(event)
        return
    if len(_collector.events) >= MAXIMUM_COLLECTED:
        message = "The audit log cannot be written at the moment. Try again later."
        raise Busy(message)
    _collector.events.append(event)


def record_answer(
    event: Event, *, patients: Iterable[int | None], studies: Iterable[str | None] = ()
) -> None:
    """Have an event written soon, with whose data were given.

    More than `MAXIMUM_NAMED` are named by further rows of the same event, so that the
    log of a patient is whole whatever the size of a page.

    Parameters
    ----------
    patients
        Keys of the patients of all objects; None for those that have none.
    studies
        The studies that have no patient.
    """
    keys = sorted({key for key in patients if key is not None})
    uids = sorted({uid for uid in studies if uid is not None})
    starts = range(0, max(len(keys), len(uids), 1), MAXIMUM_NAMED)
    for start in starts:
        some = slice(start, start + MAXIMUM_NAMED)
        record_soon(replace(event, patients=keys[some], studies=uids[some]))


def record_refusal(event: Event) -> None:
    """Have a refusal written soon; to nobody known, the first of a source and a count.

    Whoever floods the server without credentials leaves two rows a minute.
    """
    is_known = event.actor.account_id is not None
    if is_known or not _collector.running or _collector.refusals.is_first(event):
        record_soon(event)


def is_collecting() -> bool:
    """Return whether this process is a server, in which recording does not wait."""
    return _collector.running


def start_collecting() -> None:
    """Start the thread that writes what `record_soon` collects; once in a server."""
    _collector.start()


def stop_collecting() -> None:
    """Write what was collected and end the thread."""
    _collector.stop()


class _Collector:
    """Events of reads on their way to the database."""

    def __init__(self) -> None:
        self.events: deque[Event] = deque()
        self.refusals = Refusals()
        self.running = False
        self.ending = threading.Event()
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        if self.running:
            return
        self.ending.clear()
        self.thread = threading.Thread(target=self.run, name="audit", daemon=True)
        self.running = True
        self.thread.start()

    def stop(self) -> None:
        self.running = False
        self.ending.set()
        if self.thread is not None:
            self.thread.join()

    def run(self) -> None:
        """Flush now and then, and once more at the end."""
        while not self.ending.wait(FLUSH_EVERY_S):
            self.events.extend(self.refusals.ended(time.monotonic()))
            self.flush()
        self.events.extend(self.refusals.ended(math.inf))
        self.flush()
        connection.close()

    def flush(self) -> None:
        """Write what was collected by now; what cannot be written now stays.

        What comes meanwhile waits for the next time: on a busy server it would be
        written a few events at a time, each few with a sync of the disk.
        """
        left = len(self.events)
        while left > 0:
            batch = [self.events.popleft() for _ in range(min(BATCH, left))]
            left -= len(batch)
            try:
                _write(batch)
            except AWAY as error:
                self.events.extendleft(reversed(batch))
                connection.close()
                logger.warning("the audit log waits: %s", type(error).__name__)
                return


_collector = _Collector()


class _Writer(threading.local):
    """The name of this thread's chain; another one in a forked process, and each day.

    So a chain of which all rows are old is one to which nobody will append.
    """

    pid = 0
    name = ""
    until = 0.0


_writer = _Writer()


def writer_name() -> str:
    """Return the name of the chain that this thread appends to."""
    if _writer.pid != os.getpid() or time.time() > _writer.until:
        _writer.pid = os.getpid()
        _writer.until = time.time() + CHAIN_S
        token = secrets.token_hex(4)
        _writer.name = f"{socket.gethostname()}/{_writer.pid}/{token}"
    return _writer.name


def _write(events: Sequence[Event]) -> None:
    """Insert events in their order; the database chains them (migration 0002)."""
    raw_connection().execute(_INSERT, (writer_name(), as_rows(map(_row, events))))


def _row(event: Event) -> dict[str, object]:
    return {
        "at": event.at,
        "actor": _clean(event.actor.name),
        "account_id": event.actor.account_id,
        "action": event.action.value,
        "outcome": event.outcome.value,
        "partition_id": event.partition_id,
        "patient_id": _clean(event.patient_id),
        "study_instance_uid": _clean(event.study_instance_uid),
        "detail": _clean(event.detail),
        "query": _clean(event.query),
        "via": _clean(event.actor.via),
        "patients": list(event.patients),
        "studies": list(event.studies),
        "source": _clean(event.origin.source),
        "request_id": _clean(event.origin.request_id),
    }


def _clean(text: str) -> str:
    """Replace what a PostgreSQL text cannot hold: NUL and lone surrogates."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


_INSERT: Final = (
    "INSERT INTO core_auditrecord (writer, at, actor, account_id, via, action,"
    " outcome, partition_id, patient_id, study_instance_uid, detail, query, patients,"
    " studies, source, request_id)"
    " SELECT %s::text, event.* FROM json_to_recordset(%s::json) AS event ("
    "at timestamptz, actor text, account_id bigint, via text, action text,"
    " outcome smallint, partition_id bigint, patient_id text, study_instance_uid text,"
    " detail text, query text, patients bigint[], studies text[], source text,"
    " request_id text)"
)
