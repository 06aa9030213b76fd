"""How the state of a workitem and the status of its FHIR Task answer each other: pure.

| Procedure Step State | the Task is then | it may also be |
|---|---|---|
| SCHEDULED | ready | draft, requested, received, accepted |
| IN PROGRESS | in-progress | on-hold |
| COMPLETED | completed | |
| CANCELED | cancelled | rejected, failed, entered-in-error |

Neither standard has such a table: this one keeps to what each says of its own states.
States only go forward, so a Task that is behind its workitem is told, and one that is
ahead of it is a wish.

References
----------
DICOM PS3.4 CC.1.1; FHIR R4 Task, http://hl7.org/fhir/task-status.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any, Final, NamedTuple

from imaging.index import tag_of
from imaging.part10 import JsonModel
from worklist.data_set import first, text
from worklist.making.converting import code_item, concept_item
from worklist.making.people import PERFORMERS
from worklist.making.timing import read_moment
from worklist.rules import State, date_time

Json = Mapping[str, Any]


class Statuses(NamedTuple):
    """What a Task is while its workitem is in a state."""

    usual: str
    also: frozenset[str] = frozenset()


STATUSES: Final[Mapping[State, Statuses]] = {
    State.SCHEDULED: Statuses(
        "ready", frozenset({"draft", "requested", "received", "accepted"})
    ),
    State.IN_PROGRESS: Statuses("in-progress", frozenset({"on-hold"})),
    State.COMPLETED: Statuses("completed"),
    State.CANCELED: Statuses(
        "cancelled", frozenset({"rejected", "failed", "entered-in-error"})
    ),
}


class Wish(Enum):
    """What a Task that is ahead of its workitem asks for."""

    NOTHING = auto()
    CLAIM = auto()
    COMPLETE = auto()
    CANCEL = auto()


_WISHES: Final = {
    State.IN_PROGRESS: Wish.CLAIM,
    State.COMPLETED: Wish.COMPLETE,
    State.CANCELED: Wish.CANCEL,
}
_ORDER: Final = (State.SCHEDULED, State.IN_PROGRESS, State.COMPLETED)

PERFORMED: Final = tag_of("UnifiedProcedureStepPerformedProcedureSequence")
_STATIONS: Final = tag_of("ScheduledStationNameCodeSequence")
_CODES: Final = tag_of("ScheduledWorkitemCodeSequence")
_PERFORMED_STATIONS: Final = tag_of("PerformedStationNameCodeSequence")
_PERFORMED_CODES: Final = tag_of("PerformedWorkitemCodeSequence")
_BEGUN: Final = tag_of("PerformedProcedureStepStartDateTime")
_ENDED: Final = tag_of("PerformedProcedureStepEndDateTime")
_OUTPUT: Final = tag_of("OutputInformationSequence")
_REASON: Final = tag_of("ReasonForCancellation")
_REASON_CODES: Final = tag_of("ProcedureStepDiscontinuationReasonCodeSequence")
_PERFORMER_CODE: Final = tag_of("HumanPerformerCodeSequence")
_PERFORMER_NAME: Final = tag_of("HumanPerformerName")
_CODE_VALUE: Final = tag_of("CodeValue")
_SCHEME: Final = tag_of("CodingSchemeDesignator")
_A_TASK: Final = code_item("TASK", "99PORTAL", "FHIR Task")
SCHEME_URN: Final = "urn:portal:scheme:"
"""Before a coding scheme designator: the system of identifiers of people."""


def state_of(status: str) -> State | None:
    """Return the state of a workitem whose Task has a status; None for no status."""
    for state, statuses in STATUSES.items():
        if status == statuses.usual or status in statuses.also:
            return state
    return None


def wish_of(status: str, state: State) -> Wish:
    """Return what a Task of a status asks of its workitem in a state."""
    wanted = state_of(status)
    if wanted is None or state.is_final or wanted == state:
        return Wish.NOTHING
    if wanted is not State.CANCELED and _ORDER.index(wanted) < _ORDER.index(state):
        return Wish.NOTHING
    return _WISHES[wanted]


def performed(task: Json, model: JsonModel, now: str) -> JsonModel:
    """Return the update by which a workitem may be completed that a Task has ended.

    Parameters
    ----------
    model
        The workitem; where it says already what was performed, nothing is added.
    now
        As DT, where the Task does not say when work began and ended.
    """
    if first(model, PERFORMED):
        return {}
    period = task.get("executionPeriod")
    period = period if isinstance(period, Mapping) else {}
    times = [
        date_time(read) if (read := read_moment(period.get(name))) else now
        for name in ("start", "end")
    ]
    work: JsonModel = {
        _PERFORMED_STATIONS: _items(model, _STATIONS),
        _PERFORMED_CODES: _items(model, _CODES),
        _BEGUN: {"vr": "DT", "Value": [times[0]]},
        _ENDED: {"vr": "DT", "Value": [times[1]]},
        _OUTPUT: {"vr": "SQ"},
    }
    return {PERFORMED: {"vr": "SQ", "Value": [work]}}


def reason(task: Json) -> JsonModel:
    """Return why a Task was ended, as a request to cancel says it."""
    said: JsonModel = {}
    why = task.get("statusReason")
    if isinstance(why, Mapping):
        words = why.get("text")
        if isinstance(words, str) and words.strip():
            said[_REASON] = {"vr": "LT", "Value": [words.strip()[:10240]]}
        if item := concept_item(why):
            said[_REASON_CODES] = {"vr": "SQ", "Value": [item]}
    return said


def owner(model: JsonModel) -> dict[str, Any] | None:
    """Return who is to do a workitem as the owner of its Task; None where nobody is."""
    performer = first(model, PERFORMERS)
    if performer is None:
        return None
    code = first(performer, _PERFORMER_CODE) or {}
    name = first(performer, _PERFORMER_NAME) or {}
    scheme, value = text(code, _SCHEME), text(code, _CODE_VALUE)
    shown = " ".join(str(name.get("Alphabetic", "")).replace("^", " ").split())
    found: dict[str, Any] = {"type": "Practitioner"}
    if value:
        found["identifier"] = {"system": f"{SCHEME_URN}{scheme}", "value": value}
    if shown:
        found["display"] = shown
    return found


def _items(model: JsonModel, tag: str) -> dict[str, Any]:
    return {"vr": "SQ", "Value": model.get(tag, {}).get("Value") or [_A_TASK]}
