"""The states of a workitem and what may happen in each: DICOM PS3.4 table CC.1.1-2.

Pure. The table is data (`TRANSITIONS`): by what is asked, the state, and how the
Transaction UID of the request stands to that of the workitem. `decide` looks it up; who
holds the workitem does what the `Outcome` says, in one transaction.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hmac import compare_digest
from typing import Final

from worklist.rules.status_table import (
    IS_CANCELED,
    IS_COMPLETED,
    NOT_CLAIMED,
    STATE_INCONSISTENT,
    TRANSACTION_UID_INCORRECT,
    TRANSACTION_UID_MISSING,
    UPDATE_INCONSISTENT,
    Status,
)


class State(StrEnum):
    """The Procedure Step State (0074,1000), table CC.1.1-1."""

    SCHEDULED = "SCHEDULED"
    IN_PROGRESS = "IN PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"

    @property
    def is_final(self) -> bool:
        """Return whether nothing can change any more."""
        return self in {State.COMPLETED, State.CANCELED}


class Event(StrEnum):
    """What is asked of a workitem."""

    CREATE = "create"
    CLAIM = "change state to IN PROGRESS"
    SCHEDULE = "change state to SCHEDULED"
    COMPLETE = "change state to COMPLETED"
    CANCEL = "change state to CANCELED"
    REQUEST_CANCEL = "request cancellation"
    UPDATE = "update"


CHANGES: Final[Mapping[State, Event]] = {
    State.SCHEDULED: Event.SCHEDULE,
    State.IN_PROGRESS: Event.CLAIM,
    State.COMPLETED: Event.COMPLETE,
    State.CANCELED: Event.CANCEL,
}
"""What a change to each state is (Change UPS State, CC.2.1)."""


class Lock(StrEnum):
    """How the Transaction UID of a request stands to that of the workitem."""

    ABSENT = "absent"
    """The request has none."""
    RIGHT = "right"
    """It is that of the workitem, or the workitem has none yet."""
    WRONG = "wrong"
    """It is another."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows.

    Attributes
    ----------
    status
        Of DIMSE, with its words.
    state
        The state afterwards; None where there is no workitem.
    passes
        The states that it comes to, each to be reported, in order: two where a
        scheduled workitem is canceled on request (CC.2.2.3).
    sets_lock
        Whether the request's Transaction UID becomes that of the workitem.
    asks_performer
        Whether who performs it is to be told of the wish to cancel (CC.2.2.3). Where
        nobody can be told, the outcome is `unreachable` instead.
    warning
        The text of the ``Warning`` header that PS3.18 11 has for it, mostly none.
    """

    status: Status
    state: State | None
    passes: tuple[State, ...] = ()
    sets_lock: bool = False
    asks_performer: bool = False
    warning: str = ""

    @property
    def is_failure(self) -> bool:
        """Return whether the request is refused; nothing changes then."""
        return self.status.is_failure

    @property
    def final_state(self) -> State | None:
        """Return the final state that it comes to, if any.

        The attributes have to be what that state asks for. Where they are not
        (`worklist.rules.missing_for`), the outcome is `unmet` instead.
        """
        last = self.passes[-1] if self.passes else None
        return last if last and last.is_final else None


def lock_of(given: str | None, held: str | None) -> Lock:
    """Tell how a request's Transaction UID stands to that of the workitem.

    Parameters
    ----------
    given
        That of the request, None or empty without one.
    held
        That by which the workitem was claimed, None or empty where it never was.
    """
    if not given:
        return Lock.ABSENT
    # The lock is a secret: how long a comparison takes must not tell of it.
    if not held or compare_digest(_bytes(given), _bytes(held)):
        return Lock.RIGHT
    return Lock.WRONG


def decide(event: Event, state: State | None, lock: Lock = Lock.ABSENT) -> Outcome:
    """Return what follows when `event` comes to a workitem in `state`.

    Parameters
    ----------
    state
        None where there is no such workitem.
    lock
        Does not matter to a creation and to a request to cancel.

    References
    ----------
    DICOM PS3.4 table CC.1.1-2; of an update CC.2.6.2, CC.2.6.3 and table CC.2.6-1.
    """
    return TRANSITIONS[event, state, lock]


def unmet(state: State) -> Outcome:
    """Return the refusal of a final state whose requirements are not met."""
    return Outcome(Status.FINAL_STATE_UNMET, state, warning=STATE_INCONSISTENT)


def unreachable(state: State) -> Outcome:
    """Return the refusal of a wish to cancel that its performer cannot hear."""
    return Outcome(Status.PERFORMER_UNREACHABLE, state)


def declined(state: State) -> Outcome:
    """Return the refusal of a wish to cancel by who performs the workitem."""
    return Outcome(Status.PERFORMER_REFUSES, state)


def _bytes(uid: str) -> bytes:
    return uid.encode("utf-8", "surrogatepass")


def _done(state: State) -> Outcome:
    return Outcome(Status.SUCCESS, state, passes=(state,))


_SCHEDULED: Final = State.SCHEDULED
_IN_PROGRESS: Final = State.IN_PROGRESS
_COMPLETED: Final = State.COMPLETED
_CANCELED: Final = State.CANCELED

_Cells = Mapping[State, Status | Outcome]

# Columns are the states; a status is a refusal, or a warning that changes nothing.
_WITH_LOCK: Final[Mapping[Event, _Cells]] = {
    Event.CLAIM: {
        _SCHEDULED: Outcome(
            Status.SUCCESS, _IN_PROGRESS, passes=(_IN_PROGRESS,), sets_lock=True
        ),
        _IN_PROGRESS: Status.ALREADY_IN_PROGRESS,
        _COMPLETED: Status.NO_LONGER_UPDATED,
        _CANCELED: Status.NO_LONGER_UPDATED,
    },
    Event.COMPLETE: {
        _SCHEDULED: Status.NOT_IN_PROGRESS,
        _IN_PROGRESS: _done(_COMPLETED),
        _COMPLETED: Status.ALREADY_COMPLETED,
        _CANCELED: Status.NO_LONGER_UPDATED,
    },
    Event.CANCEL: {
        _SCHEDULED: Status.NOT_IN_PROGRESS,
        _IN_PROGRESS: _done(_CANCELED),
        _COMPLETED: Status.NO_LONGER_UPDATED,
        _CANCELED: Status.ALREADY_CANCELED,
    },
}
"""Rows that ask for the right Transaction UID."""

_WITHOUT_LOCK: Final[Mapping[Event, _Cells]] = {
    Event.CREATE: dict.fromkeys(State, Status.DUPLICATE),
    Event.SCHEDULE: dict.fromkeys(State, Status.SCHEDULED_BY_CREATE_ONLY),
    Event.REQUEST_CANCEL: {
        _SCHEDULED: Outcome(
            Status.SUCCESS, _CANCELED, passes=(_IN_PROGRESS, _CANCELED)
        ),
        _IN_PROGRESS: Outcome(Status.SUCCESS, _IN_PROGRESS, asks_performer=True),
        _COMPLETED: Status.COMPLETED_BEFORE_CANCEL,
        _CANCELED: Status.ALREADY_CANCELED,
    },
}
"""Rows that do not look at the Transaction UID."""

_UPDATE: Final[Mapping[State, Mapping[Lock, Status]]] = {
    _SCHEDULED: {
        Lock.ABSENT: Status.SUCCESS,
        Lock.RIGHT: Status.NOT_IN_PROGRESS,
        Lock.WRONG: Status.NOT_IN_PROGRESS,
    },
    _IN_PROGRESS: {
        Lock.ABSENT: Status.WRONG_TRANSACTION_UID,
        Lock.RIGHT: Status.SUCCESS,
        Lock.WRONG: Status.WRONG_TRANSACTION_UID,
    },
    _COMPLETED: dict.fromkeys(Lock, Status.NO_LONGER_UPDATED),
    _CANCELED: dict.fromkeys(Lock, Status.NO_LONGER_UPDATED),
}
"""A Transaction UID has to be absent before a claim and is needed after one."""

_WARNINGS: Final[Mapping[Status, str]] = {
    Status.ALREADY_CANCELED: IS_CANCELED,
    Status.ALREADY_COMPLETED: IS_COMPLETED,
}
_UPDATE_WARNINGS: Final[Mapping[Status, str]] = {
    Status.NOT_IN_PROGRESS: NOT_CLAIMED,
    Status.WRONG_TRANSACTION_UID: NOT_CLAIMED,
    Status.NO_LONGER_UPDATED: UPDATE_INCONSISTENT,
}
_LOCK_WARNINGS: Final[Mapping[Lock, str]] = {
    Lock.ABSENT: TRANSACTION_UID_MISSING,
    Lock.WRONG: TRANSACTION_UID_INCORRECT,
}


def _cell(event: Event, state: State, lock: Lock) -> Outcome:
    if event is Event.UPDATE:
        status = _UPDATE[state][lock]
        return Outcome(status, state, warning=_UPDATE_WARNINGS.get(status, ""))
    if event in _WITH_LOCK and lock is not Lock.RIGHT:
        warning = _LOCK_WARNINGS[lock]
        return Outcome(Status.WRONG_TRANSACTION_UID, state, warning=warning)
    cell = {**_WITH_LOCK, **_WITHOUT_LOCK}[event][state]
    if isinstance(cell, Outcome):
        return cell
    inconsistent = STATE_INCONSISTENT if event in CHANGES.values() else ""
    return Outcome(cell, state, warning=_WARNINGS.get(cell, inconsistent))


def _table() -> Iterator[tuple[tuple[Event, State | None, Lock], Outcome]]:
    unknown = Outcome(Status.UNKNOWN_WORKITEM, None)
    for event in Event:
        for lock in Lock:
            created = event is Event.CREATE
            yield (event, None, lock), _done(_SCHEDULED) if created else unknown
            for state in State:
                yield (event, state, lock), _cell(event, state, lock)


TRANSITIONS: Final[Mapping[tuple[Event, State | None, Lock], Outcome]] = dict(_table())
"""Table CC.1.1-2 in full; None is the state of what is not there."""
