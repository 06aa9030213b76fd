"""What the audit log is told, and the words for it.

Those of DICOM PS3.15 A.5 and FHIR R4 AuditEvent; `docs/conformance.md` has the table.
"""

import getpass
import os
import socket
from collections.abc import Collection
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final

from django.utils import timezone

from core.access import Actor


class Action(StrEnum):
    """What was done; `EVENTS` says how the standards call it."""

    STORE = "store"
    SEARCH = "search"
    RETRIEVE = "retrieve"
    UPDATE = "update"
    DELETE = "delete"
    READ_FEED = "read-feed"
    VIEW = "view"  # of what holds no patient data: operations, partitions
    IMPORT = "import"
    EXPORT = "export"
    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    GRANT = "grant"
    REVOKE = "revoke"
    CONFIGURE = "configure"
    OPERATE = "operate"  # long work, followers, sweeps
    READ_AUDIT = "read-audit"
    SEAL = "seal"
    CUT = "cut"  # the audit log, when its oldest rows have been kept long enough


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
    Action.VIEW: ("110100", "R"),  # Application Activity
    Action.IMPORT: ("110107", "C"),  # Data Import
    Action.EXPORT: ("110106", "R"),  # Data Export
    Action.SIGN_IN: ("110114", "E"),  # User Authentication
    Action.SIGN_OUT: ("110114", "E"),
    Action.GRANT: ("110113", "C"),  # Security Alert
    Action.REVOKE: ("110113", "D"),
    Action.CONFIGURE: ("110113", "E"),
    Action.OPERATE: ("110100", "E"),
    Action.READ_AUDIT: ("110101", "R"),  # Audit Log Used
    Action.SEAL: ("110101", "R"),
    Action.CUT: ("110101", "D"),
}

# EventTypeCode (DCM) of those that have one, DICOM PS3.15 A.5.3.
EVENT_TYPES: Final[dict[Action, str]] = {
    Action.SIGN_IN: "110122",  # Login
    Action.SIGN_OUT: "110123",  # Logout
    Action.GRANT: "110136",  # Security Roles Changed
    Action.REVOKE: "110136",
    Action.CONFIGURE: "110129",  # Software Configuration
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from, set once by the outer boundary.

    Attributes
    ----------
    source
        NetworkAccessPointID: the address of the client, or who runs a command where.
    """

    source: str = ""
    request_id: str = ""


def command_origin() -> Origin:
    """Return where a command comes from: who runs it, on which machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a number without a name
        user = f"{os.getuid()}"
    return Origin(f"{user}@{socket.gethostname()}")


ORIGIN: Final[ContextVar[Origin]] = ContextVar("origin", default=Origin())  # noqa: B039


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit log; time and origin are those of its making.

    Attributes
    ----------
    detail
        What was done, without patient data: a level, how many objects, a reason.
    query
        What was asked for, in the client's words: may hold patient data.
    patients
        Keys of the patients whose data were given, where not `patient_id` alone.
    studies
        The studies without a patient among what was given.
    """

    actor: Actor
    action: Action
    outcome: Outcome = Outcome.SUCCESS
    partition_id: int | None = None
    patient_id: str = ""
    study_instance_uid: str = ""
    detail: str = ""
    query: str = ""
    patients: Collection[int] = ()
    studies: Collection[str] = ()
    origin: Origin = field(default_factory=ORIGIN.get)
    at: datetime = field(default_factory=timezone.now)
