"""What the server puts into a workitem itself: pure.

In creating it (DICOM PS3.4 table CC.2.5-3, the SCP's side), in updating and in
canceling it. All functions return new data sets; those given stay as they are.
"""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, Final

from imaging.part10.model import JsonModel
from worklist.rules.attributes import ATTRIBUTES
from worklist.rules.checking import (
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    TRANSACTION_UID,
    UPS_PUSH,
)
from worklist.rules.conditions import has_value, values_of
from worklist.rules.final_state import needs_character_set
from worklist.rules.requirements import (
    CHARACTER_SET,
    MODIFIED,
    STATE,
    WORKLIST_LABEL,
)
from worklist.rules.states import State

UTF_8: Final = "ISO_IR 192"
PROGRESS: Final = "00741002"
CANCELED_AT: Final = "00404052"
CANCEL_REASON: Final = "00741238"
REASON_CODES: Final = "0074100E"
COMMUNICATIONS: Final = "00741008"
CONTACT_URI: Final = "0074100A"
CONTACT_NAME: Final = "0074100C"

_HELD_EMPTY: Final = tuple(
    attribute
    for attribute in ATTRIBUTES.values()
    if attribute.create.scp == "2" and attribute.create.scu in {"1C", "2"}
    if attribute.tag != TRANSACTION_UID
)
"""What a workitem has even without a value: of type 2 on the server's side."""

UNSPECIFIED_REASON: Final[JsonModel] = {
    "00080100": {"vr": "SH", "Value": ["110513"]},
    "00080102": {"vr": "SH", "Value": ["DCM"]},
    "00080104": {
        "vr": "LO",
        "Value": ["Discontinued for unspecified reason"],
    },
}
"""The code of a cancellation without a reason (PS3.16 CID 9300)."""


def date_time(moment: datetime) -> str:
    """Return a moment as DT writes it, in universal time with its offset."""
    at = moment.astimezone(UTC)
    day = f"{at.year:04}{at.month:02}{at.day:02}"
    return f"{day}{at.hour:02}{at.minute:02}{at.second:02}.{at.microsecond:06}+0000"


def with_defaults(
    dataset: JsonModel, *, uid: str, now: datetime, worklist_label: str
) -> JsonModel:
    """Return what is kept of a workitem that is created.

    Parameters
    ----------
    dataset
        As `check_create` returns it.
    uid
        Its SOP Instance UID.
    now
        With a time zone; becomes Scheduled Procedure Step Modification DateTime.
    worklist_label
        The label of a workitem that names none.

    Notes
    -----
    Attributes of type 2 that were not sent are there afterwards, empty.
    """
    made: JsonModel = {each.tag: {"vr": each.vr} for each in _HELD_EMPTY}
    made |= dataset
    if not has_value(made, WORKLIST_LABEL):
        made[WORKLIST_LABEL] = _one("LO", worklist_label)
    made[SOP_CLASS_UID] = _one("UI", UPS_PUSH)
    made[SOP_INSTANCE_UID] = _one("UI", uid)
    made[STATE] = _one("CS", State.SCHEDULED.value)
    made[MODIFIED] = _one("DT", date_time(now))
    made.pop(TRANSACTION_UID, None)
    return _in_order(made)


def merged(dataset: JsonModel, changes: JsonModel, *, now: datetime) -> JsonModel:
    """Return a workitem with the attributes of an update; sequences replace whole.

    Parameters
    ----------
    dataset
        What is held.
    changes
        As `check_update` returns them.
    """
    return _in_order(dataset | changes | {MODIFIED: _one("DT", date_time(now))})


def with_state(dataset: JsonModel, state: State, *, now: datetime) -> JsonModel:
    """Return a workitem in another state.

    A canceled one says when it was canceled, now where nothing else is said (table
    CC.2.5-3, Procedure Step Cancellation DateTime).
    """
    changes: JsonModel = {STATE: _one("CS", state.value)}
    if state is State.CANCELED:
        progress = _progress(dataset)
        if not has_value(progress, CANCELED_AT):
            progress[CANCELED_AT] = _one("DT", date_time(now))
        changes[PROGRESS] = _one("SQ", _sorted(progress))
    return merged(dataset, changes, now=now)


def with_cancellation(
    dataset: JsonModel, wish: JsonModel, *, now: datetime
) -> JsonModel:
    """Return a scheduled workitem that is canceled on request (PS3.4 CC.2.2.3).

    Parameters
    ----------
    wish
        What the request says, as `check_cancel_request` returns it: reason, codes and
        whom to ask go into the progress information. Without a code of its own it is
        `UNSPECIFIED_REASON`, so that the final state's requirements are met.
    """
    progress = _progress(dataset)
    codes = values_of(wish, REASON_CODES) or values_of(progress, REASON_CODES)
    progress[REASON_CODES] = {
        "vr": "SQ",
        "Value": codes or [deepcopy(UNSPECIFIED_REASON)],
    }
    if has_value(wish, CANCEL_REASON):
        progress[CANCEL_REASON] = wish[CANCEL_REASON]
    if has_value(wish, CONTACT_URI):
        contact = {tag: wish[tag] for tag in (CONTACT_URI, CONTACT_NAME) if tag in wish}
        progress[COMMUNICATIONS] = _one("SQ", contact)
    changes: JsonModel = {PROGRESS: _one("SQ", _sorted(progress))}
    return with_state(dataset | changes, State.CANCELED, now=now)


def _progress(dataset: JsonModel) -> JsonModel:
    """Return the first item of the progress information, a new one if there is none."""
    items = values_of(dataset, PROGRESS)
    return dict(items[0]) if items else {}


def _in_order(dataset: JsonModel) -> JsonModel:
    """Return a data set by tags, with the character set that its text needs.

    DICOM JSON is UTF-8, whatever its sender had before (PS3.18 F.2).
    """
    dataset = {tag: dataset[tag] for tag in dataset if tag != CHARACTER_SET}
    if needs_character_set(dataset):
        dataset[CHARACTER_SET] = _one("CS", UTF_8)
    return _sorted(dataset)


def _sorted(dataset: JsonModel) -> JsonModel:
    return {tag: dataset[tag] for tag in sorted(dataset)}


def _one(vr: str, value: Any) -> dict[str, Any]:
    return {"vr": vr, "Value": [value]}
