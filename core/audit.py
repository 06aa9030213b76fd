"""The audit log: who did what to which patient's data, from where, how it ended.

Domain functions call `record` inside the transaction of what they write, so that both
commit or neither. What only reads calls `record_soon`: a server collects such events
and a thread writes them every `FLUSH_EVERY_S`; a process that is killed loses what it
has collected since, a stop does not. The words are those of DICOM PS3.15 A.5 and FHIR
R4 AuditEvent. `core.audit_chain` proves that no row was changed or removed.
"""

import logging
import os
import secrets
import socket
import threading
from collections import deque
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final

from django.db import connection
from django.utils import timezone

from core.access import Actor
from core.database import AWAY, as_rows, raw_connection
from core.errors import Busy

logger = logging.getLogger(__name__)

FLUSH_EVERY_S: Final = 0.5
BATCH: Final = 1_000
MAXIMUM_COLLECTED: Final = 100_000  # events; then nothing is read unaudited


class Action(StrEnum):
    """What was done; `EVENTS` says how the standards call it."""

    STORE = "store"
    SEARCH = "search"
    RETRIEVE = "retrieve"
    UPDATE = "update"
    DELETE = "delete"
    READ_FEED = "read-feed"
    IMPORT = "import"
    EXPORT = "export"
    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    CONFIGURE = "configure"
    SEAL = "seal"


class Outcome(IntEnum):
    """EventOutcomeIndicator, DICOM PS3.15 A.5.2.5."""

    SUCCESS = 0
    MINOR_FAILURE = 4
    SERIOUS_FAILURE = 8
    MAJOR_FAILURE = 12


# EventID (DCM) and EventActionCode of DICOM PS3.15 A.5.3.
EVENTS: Final[dict[Action, tuple[str, str]]] = {
    Action.STORE: ("110104", "C"),  # DICOM Instances Transferred
    Action.SEARCH: ("110112", "E"),  # Query
    Action.RETRIEVE: ("110103", "R"),  # DICOM Instances Accessed
    Action.UPDATE: ("110103", "U"),
    Action.DELETE: ("110105", "D"),  # DICOM Study Deleted
    Action.READ_FEED: ("110103", "R"),
    Action.IMPORT: ("110107", "C"),  # Data Import
    Action.EXPORT: ("110106", "R"),  # Data Export
    Action.SIGN_IN: ("110114", "E"),  # User Authentication
    Action.SIGN_OUT: ("110114", "E"),
    Action.CONFIGURE: ("110113", "E"),  # Security Alert
    Action.SEAL: ("110101", "R"),  # Audit Log Used
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from, set once by the outer boundary.

    Attributes
    ----------
    source
        NetworkAccessPointID: the address of the client.
    """

    source: str = ""
    request_id: str = ""


ORIGIN: Final[ContextVar[Origin]] = ContextVar("origin", default=Origin())  # noqa: B039


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit log; time and origin are those of its making.

    Attributes
    ----------
    detail
        What was asked for: a query, or how many objects.
    """

    actor: Actor
    action: Action
    outcome: Outcome = Outcome.SUCCESS
    partition_id: int | None = None
    patient_id: str = ""
    study_instance_uid: str = ""
    detail: str = ""
    origin: Origin = field(default_factory=ORIGIN.get)
    at: datetime = field(default_factory=timezone.now)


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
            self.flush()
        self.flush()
        connection.close()

    def flush(self) -> None:
        """Write what was collected; what cannot be written now stays."""
        while self.events:
            batch = [self.events.popleft() for _ in range(min(BATCH, len(self.events)))]
            try:
                _write(batch)
            except AWAY as error:
                self.events.extendleft(reversed(batch))
                connection.close()
                logger.warning("the audit log waits: %s", type(error).__name__)
                return


_collector = _Collector()


class _Writer(threading.local):
    """The name of this thread's chain; another one in a forked process."""

    pid = 0
    name = ""


_writer = _Writer()


def writer_name() -> str:
    """Return the name of the chain that this thread appends to."""
    if _writer.pid != os.getpid():
        _writer.pid = os.getpid()
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
        "source": _clean(event.origin.source),
        "request_id": _clean(event.origin.request_id),
    }


def _clean(text: str) -> str:
    """Replace what a PostgreSQL text cannot hold: NUL and lone surrogates."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


_INSERT: Final = (
    "INSERT INTO core_auditrecord (writer, at, actor, account_id, action, outcome,"
    " partition_id, patient_id, study_instance_uid, detail, source, request_id)"
    " SELECT %s::text, event.* FROM json_to_recordset(%s::json) AS event ("
    "at timestamptz, actor text, account_id bigint, action text, outcome smallint,"
    " partition_id bigint, patient_id text, study_instance_uid text, detail text,"
    " source text, request_id text)"
)
