"""What a rule says, read once and applied often: pure."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple
from uuid import UUID

from core.errors import Invalid
from imaging.index import tag_of
from imaging.part10 import JsonModel
from imaging.query.attributes import resolve
from worklist.making import escalation, people
from worklist.making.escalation import Escalation, parse_steps
from worklist.making.keys import key_of, uid_of
from worklist.making.paths import Path, Related, parse, values_at
from worklist.making.people import NOBODY, Known
from worklist.making.template import Item, compiled, filled
from worklist.making.timing import (
    ARRIVAL,
    Moment,
    Wait,
    moment_at,
    parse_moment,
    parse_wait,
)
from worklist.making.usual import STUDY, usual_template
from worklist.rules import (
    ATTRIBUTES,
    Attribute,
    Creation,
    Finding,
    check_some,
    date_time,
)
from worklist.rules.attributes import keyword_of

_START: Final = tag_of("ScheduledProcedureStepStartDateTime")
DUE: Final = tag_of("ExpectedCompletionDateTime")
_STEP_LABEL: Final = tag_of("ProcedureStepLabel")
_STATE: Final = tag_of("ProcedureStepState")
_OF_SERVER: Final = frozenset(
    map(tag_of, ("SOPClassUID", "SOPInstanceUID", "TransactionUID"))
)
_LONGEST_STEP_LABEL: Final = 64


class Said(NamedTuple):
    """What a rule says, as people write it: see `worklist.models.WorkitemRule`."""

    uuid: UUID
    name: str
    source: str
    template: Any
    key_path: str = ""
    priority: str = ""
    worklist_label: str = ""
    station: str = ""
    performer: str = ""
    start: str = ""
    due: str = ""
    quiet: str = ""
    longest_wait: str = ""
    steps: Any = ()
    people: Known = NOBODY


class Subject(NamedTuple):
    """What a workitem is made of.

    Attributes
    ----------
    address
        Its StudyInstanceUID, or type and id of a resource.
    item
        Its DICOM JSON, or the JSON of the resource.
    arrival
        When it came to us, with a time zone.
    """

    address: str
    item: Any
    arrival: dt.datetime


class Filled(NamedTuple):
    """A workitem as a rule makes it of a subject.

    Attributes
    ----------
    key
        By which it is known that it was made.
    creation
        What it says, and what is wrong with it.
    due
        When it is due; None where the rule does not say.
    """

    key: UUID
    creation: Creation
    due: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A rule that can be applied.

    Attributes
    ----------
    is_dicom
        Whether its subjects are studies.
    template
        What depends on the subject.
    fixed
        What does not, checked once.
    rows
        What the table of the standard says of the former.
    """

    uuid: UUID
    is_dicom: bool
    template: Item
    fixed: JsonModel
    rows: Mapping[str, Attribute]
    key_path: Path | None
    start: Moment | None
    due: Moment | None
    wait: Wait | None
    steps: tuple[Escalation, ...]

    def fill(self, subject: Subject, related: Related) -> Filled:
        """Return what the rule makes of a subject; what is wrong with it is told.

        Parameters
        ----------
        related
            What is held of what paths lead to; afterwards it says what is missing.
        """
        key = self.key_of(subject, related)
        model = filled(self.template, subject.item, related)
        due = self._moment(self.due, subject, related)
        start = self._moment(self.start, subject, related)
        for tag, at in ((_START, start), (DUE, due)):
            if at is not None:
                model[tag] = {"vr": "DT", "Value": [date_time(at)]}
        dataset, findings = check_some(model, self.rows)
        creation = Creation(self.fixed | dataset, uid_of(key), findings)
        return Filled(key, creation, due)

    def key_of(self, subject: Subject, related: Related) -> UUID:
        """Return the key of what the rule makes of a subject."""
        values: Sequence[Any] = ()
        if self.key_path is not None:
            values = values_at(self.key_path, subject.item, related)
        return key_of(self.uuid, subject.address, values)

    def _moment(
        self, moment: Moment | None, subject: Subject, related: Related
    ) -> dt.datetime | None:
        if moment is None:
            return None
        return moment_at(moment, subject.item, related, arrival=subject.arrival)


def plan_of(said: Said) -> Plan:
    """Return a rule as it is applied.

    Raises
    ------
    Invalid
        It says something that has no meaning; `path` is the field, and where in it.
    """
    is_dicom = said.source == STUDY
    own = _by_tag(said.template)
    fields = dict(_fields(said, own))
    start = said.start or ("" if _START in own else ARRIVAL)
    usual = _by_tag(usual_template(said.source))
    label = {"vr": "LO", "Value": [said.name[:_LONGEST_STEP_LABEL]]}
    whole = {
        _STATE: {"vr": "CS", "Value": ["SCHEDULED"]},
        _STEP_LABEL: label,
        **usual,
        **own,
        **fields,
    }
    template = _in_field("template", compiled, whole, is_dicom=is_dicom)
    moments = {
        _START: _moment("start", start, is_dicom=is_dicom),
        DUE: _moment("due", said.due, is_dicom=is_dicom),
    }
    depends = {each.tag for each in template.filled}
    depends |= {tag for tag, moment in moments.items() if moment is not None}
    empty = {tag: each for tag, each in template.fixed.items() if tag in depends}
    fixed = {tag: each for tag, each in template.fixed.items() if tag not in depends}
    key_path = None
    if said.key_path:
        key_path = _in_field("key_path", parse, said.key_path, is_dicom=is_dicom)
    steps = parse_steps(said.steps, said.people)
    if steps and moments[DUE] is None:
        message = "Steps are taken when work is overdue: say when it is due."
        raise Invalid(message, path="due")
    return Plan(
        said.uuid,
        is_dicom,
        replace(template, fixed=empty),
        _checked(fixed, depends),
        {tag: row for tag, row in ATTRIBUTES.items() if tag in depends},
        key_path,
        moments[_START],
        moments[DUE],
        parse_wait(said.quiet, said.longest_wait),
        steps,
    )


def _moment(field: str, text: str, *, is_dicom: bool) -> Moment | None:
    found: Moment | None = None
    if text:
        found = _in_field(field, parse_moment, text, is_dicom=is_dicom)
    return found


def _by_tag(template: object) -> dict[str, Any]:
    """Return a template with tags for keywords, those it does not know as they are.

    Raises
    ------
    Invalid
        It is no object, or names an attribute twice.
    """
    if not isinstance(template, Mapping):
        message = "A template is an object: attributes by tag or keyword."
        raise Invalid(message, path="template")
    found: dict[str, Any] = {}
    for name, attribute in template.items():
        tag = resolve(str(name)) or str(name)
        if tag in found:
            message = f"{name} is there twice."
            raise Invalid(message, path=f"template.{name}")
        found[tag] = attribute
    return found


def _fields(said: Said, own: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the attributes that fields of their own say."""
    found: list[tuple[str, str, Any]] = []
    if said.priority:
        value = escalation.priority(said.priority, "priority")
        found.append((escalation.PRIORITY, "priority", value))
    if said.worklist_label:
        value = escalation.label(said.worklist_label, "worklist_label")
        found.append((escalation.LABEL, "worklist_label", value))
    if said.station:
        value = people.station(said.station, "station")
        found.append((people.STATIONS, "station", value))
    if said.performer:
        value = people.performer(said.performer, "performer", said.people)
        found.append((people.PERFORMERS, "performer", value))
    named = [(tag, field) for tag, field, _ in found]
    named += [(_START, "start")] * bool(said.start) + [(DUE, "due")] * bool(said.due)
    for tag in own.keys() & _OF_SERVER:
        message = "This is what the portal says of each workitem: leave it out."
        raise Invalid(message, path=f"template.{keyword_of(tag)}")
    for tag, field in named:
        if tag in own:
            message = "The template says it as well: say it in one place."
            raise Invalid(message, path=field)
    return [(tag, value) for tag, _, value in found]


def _in_field(field: str, read: Any, *given: Any, **more: Any) -> Any:
    """Read what a field says; an error names the field."""
    try:
        return read(*given, **more)
    except Invalid as error:
        path = f"{field}.{error.path}" if error.path else field
        raise Invalid(error.message, path=path) from error


def _checked(fixed: JsonModel, depends: Collection[str]) -> JsonModel:
    """Return what does not depend on the subject, as the standard has it.

    Raises
    ------
    Invalid
        It breaks the standard whatever the subject is.
    """
    rows = {tag: row for tag, row in ATTRIBUTES.items() if tag not in depends}
    dataset, findings = check_some(fixed, rows)
    if findings:
        raise Invalid(told(findings), path=f"template.{findings[0].name}")
    return dataset


def told(findings: Sequence[Finding]) -> str:
    """Return findings in one line; they hold no values."""
    return " ".join(each.message for each in findings[:3])
