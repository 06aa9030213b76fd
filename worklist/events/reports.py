"""What is told of a change: event reports of DICOM PS3.4 CC.2.4: pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Any, Final, NamedTuple

import orjson

from imaging.index import tag_of
from imaging.part10 import JsonModel
from worklist.data_set import first
from worklist.events.number import Number
from worklist.models import Happened
from worklist.rules import UPS_PUSH

GLOBAL: Final = "1.2.840.10008.5.1.4.34.5"
FILTERED: Final = "1.2.840.10008.5.1.4.34.5.1"
"""The well-known UIDs that stand for all workitems, and for those that match."""


class EventType(IntEnum):
    """Event Type ID (0000,1002), table CC.2.4-1."""

    STATE = 1
    CANCEL_REQUESTED = 2
    PROGRESS = 3
    SCP_STATUS = 4
    ASSIGNED = 5


class Report(NamedTuple):
    """An event: its type and what is told of it."""

    type: EventType
    attributes: Mapping[str, Any]


_STATE: Final = tag_of("ProcedureStepState")
_READINESS: Final = tag_of("InputReadinessState")
_PROGRESS: Final = tag_of("ProcedureStepProgressInformationSequence")
_STATIONS: Final = tag_of("ScheduledStationNameCodeSequence")
_PERFORMERS: Final = tag_of("ScheduledHumanPerformersSequence")
_OF_PERFORMER: Final = (
    tag_of("HumanPerformerCodeSequence"),
    tag_of("HumanPerformerOrganization"),
)
_WHY: Final = (
    tag_of("ReasonForCancellation"),
    tag_of("ProcedureStepDiscontinuationReasonCodeSequence"),
)
_OF_CANCEL_REQUEST: Final = (
    tag_of("RequestingAE"),
    *_WHY,
    tag_of("ContactURI"),
    tag_of("ContactDisplayName"),
)
_EMPTY_PROGRESS: Final = {"vr": "SQ"}
_SCP_STATUS: Final = tag_of("SCPStatus")
_SUBSCRIPTIONS_STATUS: Final = tag_of("SubscriptionListStatus")
_WORKITEMS_STATUS: Final = tag_of("UnifiedProcedureStepListStatus")
_COMMENT: Final = "00000902"
_LONGEST_COMMENT: Final = 64  # characters of LO

_CREATOR: Final = ("00090010", {"vr": "LO", "Value": ["RESEARCH PORTAL"]})
NUMBER: Final = "00091001"
"""The private attribute with the number of an event."""


def reports_of(
    happened: Sequence[str], passed: Sequence[str], information: JsonModel
) -> list[Report]:
    """Return the events that a version of a workitem is, in their order.

    Parameters
    ----------
    happened, passed
        As `worklist.WorkitemVersion` has them.
    information
        What it tells, as it was then.
    """
    return list(_reports_of(frozenset(happened), passed, information))


def _reports_of(
    happened: frozenset[str], passed: Sequence[str], information: JsonModel
) -> Iterator[Report]:
    if Happened.CANCEL_REQUESTED in happened:
        told = _present(information, _OF_CANCEL_REQUEST)
        yield Report(EventType.CANCEL_REQUESTED, told)
    if passed:
        yield from (state_report(information, state) for state in passed)
    elif Happened.READINESS in happened:
        yield state_report(information)
    if Happened.ASSIGNED in happened:
        yield Report(EventType.ASSIGNED, dict(_assigned(information)))
    if Happened.PROGRESS in happened:
        progress = information.get(_PROGRESS, _EMPTY_PROGRESS)
        yield Report(EventType.PROGRESS, {_PROGRESS: progress})


def state_report(information: JsonModel, state: str = "") -> Report:
    """Return the event that tells a state, and whether the input is ready.

    Parameters
    ----------
    state
        One that was passed; empty: the one that it has.
    """
    told = {
        _READINESS: information.get(_READINESS, {"vr": "CS"}),
        _STATE: information.get(_STATE, {"vr": "CS"}),
    }
    if state:
        told[_STATE] = {"vr": "CS", "Value": [state]}
    if first(told, _STATE) == "CANCELED":
        progress = first(information, _PROGRESS)
        told |= _present(progress or {}, _WHY)
    return Report(EventType.STATE, told)


def _assigned(information: JsonModel) -> Iterator[tuple[str, Any]]:
    """Yield who is to do it: table CC.2.4-1 names parts, CC.2.4.3 the sequence."""
    performer = first(information, _PERFORMERS)
    yield from _present(information, (_STATIONS, _PERFORMERS)).items()
    yield from _present(performer or {}, _OF_PERFORMER).items()


def _present(model: JsonModel, tags: Iterable[str]) -> dict[str, Any]:
    return {tag: model[tag] for tag in tags if first(model, tag) is not None}


def text_of(report: Report, uid: str, number: Number) -> str:
    """Return an event as it is sent: a data set of DICOM JSON (PS3.18 8.10.5, 11.13).

    Parameters
    ----------
    uid
        Of the workitem.
    """
    return _text(report, uid, number.message_id, {NUMBER: _lo(str(number))})


def status_text(status: str, *, comment: str = "", number: Number | None = None) -> str:
    """Return the event that tells of the server itself: SCP Status Change.

    Parameters
    ----------
    status
        SCP Status (0074,1242): ``RESTARTED`` or ``GOING DOWN``. Workitems and
        subscriptions are kept in any case.
    comment
        What is to be known besides, for a person: Error Comment (0000,0902).
    number
        All events up to it are told by this one.
    """
    told: dict[str, Any] = {_SCP_STATUS: {"vr": "CS", "Value": [status]}}
    for tag in (_SUBSCRIPTIONS_STATUS, _WORKITEMS_STATUS):
        told[tag] = {"vr": "CS", "Value": ["WARM START"]}
    more = {_COMMENT: _lo(comment[:_LONGEST_COMMENT])} if comment else {}
    if number is not None:
        more[NUMBER] = _lo(str(number))
    return _text(Report(EventType.SCP_STATUS, told), GLOBAL, 1, more)


def _text(report: Report, uid: str, message_id: int, more: Mapping[str, Any]) -> str:
    told = {
        "00000002": {"vr": "UI", "Value": [UPS_PUSH]},
        "00000110": {"vr": "US", "Value": [message_id]},
        "00001000": {"vr": "UI", "Value": [uid]},
        "00001002": {"vr": "US", "Value": [int(report.type)]},
        **report.attributes,
        **more,
    }
    if NUMBER in more:
        told |= [_CREATOR]
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()


def _lo(text: str) -> dict[str, Any]:
    return {"vr": "LO", "Value": [text]}
