"""What is done about a workitem that is overdue, step by step: pure.

Steps are written as a list of objects::

    [{"after": "0 min", "priority": "HIGH"},
     {"after": "2 h", "worklist_label": "Senior", "performer": "…"}]

``after`` is how long after the workitem was due.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from core.errors import Invalid
from imaging.index import tag_of
from imaging.part10 import JsonModel
from worklist.making import people
from worklist.making.timing import parse_duration
from worklist.rules.attributes_table import ENUMERATED

MOST: Final = 10
PRIORITY: Final = tag_of("ScheduledProcedureStepPriority")
LABEL: Final = tag_of("WorklistLabel")
PRIORITIES: Final = ENUMERATED["ScheduledProcedureStepPriority"]
_DOES: Final = ("priority", "worklist_label", "station", "performer")
_LONGEST_LABEL: Final = 64


class Escalation(NamedTuple):
    """One step.

    Attributes
    ----------
    after
        The moment at which the workitem was due.
    changes
        What it becomes, as an update of the workitem.
    """

    after: dt.timedelta
    changes: JsonModel


def parse_steps(
    raw: object, known: people.Known = people.NOBODY
) -> tuple[Escalation, ...]:
    """Return the steps of a rule, in the order of their time.

    Parameters
    ----------
    known
        The people whom they may name.

    Raises
    ------
    Invalid
        They are none; `path` names the step.
    """
    if not isinstance(raw, list | tuple) or len(raw) > MOST:
        message = f"Steps are a list of {MOST} objects at most."
        raise Invalid(message, path="steps")
    found = [_step(each, f"steps[{number}]", known) for number, each in enumerate(raw)]
    return tuple(sorted(found, key=lambda each: each.after))


def next_at(
    steps: Sequence[Escalation], number: int, due: dt.datetime | None
) -> dt.datetime | None:
    """Return when a step is to be taken; None where there is none, or nothing is due.

    Parameters
    ----------
    number
        Of the step, from 0.
    """
    if due is None or number >= len(steps):
        return None
    return due + steps[number].after


def _step(raw: object, path: str, known: people.Known) -> Escalation:
    if not isinstance(raw, dict) or not raw.keys() <= {"after", *_DOES}:
        message = f"A step is an object with after and of {', '.join(_DOES)} some."
        raise Invalid(message, path=path)
    if not raw.keys() & set(_DOES):
        message = "A step that changes nothing is none: say what it does."
        raise Invalid(message, path=path)
    for name, value in raw.items():
        if not isinstance(value, str) or not value.strip():
            message = "What a step says is text."
            raise Invalid(message, path=f"{path}.{name}")
    try:
        after = parse_duration(raw.get("after", "0 min"))
    except Invalid as error:
        raise Invalid(error.message, path=f"{path}.after") from error
    return Escalation(
        after, dict(_change(raw, name, path, known) for name in _DOES if name in raw)
    )


def _change(
    raw: dict[str, str], name: str, path: str, known: people.Known
) -> tuple[str, dict[str, Any]]:
    value, where = raw[name], f"{path}.{name}"
    match name:
        case "priority":
            return PRIORITY, priority(value, where)
        case "worklist_label":
            return LABEL, label(value, where)
        case "station":
            return people.STATIONS, people.station(value, where)
    return people.PERFORMERS, people.performer(value, where, known)


def priority(value: str, path: str) -> dict[str, Any]:
    """Return the attribute of a priority.

    Raises
    ------
    Invalid
        It is none.
    """
    if value not in PRIORITIES:
        message = f"A priority is one of {', '.join(PRIORITIES)}."
        raise Invalid(message, path=path)
    return {"vr": "CS", "Value": [value]}


def label(value: str, path: str) -> dict[str, Any]:
    """Return the attribute of a worklist's label.

    Raises
    ------
    Invalid
        It is too long, or holds what no LO may (DICOM PS3.5 6.2).
    """
    if len(value) > _LONGEST_LABEL or "\\" in value or not value.isprintable():
        message = f"A label is a line of at most {_LONGEST_LABEL} characters, no \\."
        raise Invalid(message, path=path)
    return {"vr": "LO", "Value": [value]}
