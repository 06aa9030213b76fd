"""Criteria as types: a question of patients, studies or events, and what is wanted.

Their JSON is the public form (`docs/criteria.md`); members are named as there.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator
from pydantic import Tag as Tagged

from cohorts.criteria.values import (
    MOST_CHARACTERS,
    MOST_VALUES,
    SOME,
    Age,
    Concept,
    CountRange,
    DayRange,
    Name,
    Part,
    Tag,
    Text,
    Value,
    When,
    Words,
    by_member,
)

VERSION: Final = 1

EventType = Literal[
    "condition",
    "medication",
    "procedure",
    "observation",
    "encounter",
    "allergy",
    "immunization",
    "report",
    "imaging",
    "device",
    "specimen",
]
Pick = Literal["first", "last", "any"]
Code = Annotated[str, Field(min_length=1, max_length=64)]
Modality = Annotated[str, Field(pattern=r"^[A-Z0-9_]{1,16}$")]
Codes = Annotated[tuple[Code, ...], SOME]
Modalities = Annotated[tuple[Modality, ...], SOME]
Tags = Annotated[tuple[Tag, ...], SOME]


class Death(Part):
    """When somebody died, which has to be known."""

    when: When


class Patient(Part):
    """What holds of the patient."""

    gender: Literal["male", "female", "other", "unknown"] | None = None
    age: Age | None = None
    birth: DayRange | None = None
    deceased: bool | Death | None = None
    site: Words | None = None
    project: Words | None = None

    @model_validator(mode="after")
    def _asks(self) -> "Patient":
        if not self.model_fields_set:
            message = "Nothing is asked of the patient: name at least one member."
            raise ValueError(message)
        return self


class Series(Part):
    """What has to hold of one and the same series."""

    modality: Modalities | None = None
    body: Concept | None = None
    tags: Tags | None = None
    count: CountRange | None = None
    instances: CountRange | None = None


class Report(Part):
    """A report of the study."""

    text: Text | None = None
    code: Concept | None = None
    status: Codes | None = None


class Event(Part):
    """Something that happened to the patient; all of it holds of one and the same."""

    type: EventType
    code: Concept | None = None
    category: Words | None = None
    status: Codes | None = None
    value: Value | None = None
    text: Text | None = None
    age: Age | None = None
    when: When | None = None
    count: CountRange | None = None
    pick: Pick | None = None
    as_: Name | None = Field(default=None, alias="as")
    same: Literal["encounter", "study"] | None = None
    modality: Modalities | None = None
    body: Concept | None = None
    instances: CountRange | None = None
    tags: Tags | None = None
    series: Series | None = None
    report: Report | None = None


class AllOf(Part):
    """All of them hold."""

    all: "Nodes"


class AnyOf(Part):
    """At least one of them holds."""

    any: "Nodes"


class NotThis(Part):
    """It does not hold, in what is held here."""

    not_: "Node" = Field(alias="not")


class Some(Part):
    """How many of how many."""

    n: Annotated[int, Field(strict=True, ge=1, le=MOST_VALUES)]
    of: "Nodes"


class AtLeast(Part):
    """Some of them hold."""

    atleast: Some


class OfPatient(Part):
    """Something of the patient."""

    patient: Patient


class OfEvent(Part):
    """An event of the patient."""

    event: Event


class OfCohort(Part):
    """Whoever is in a cohort that was saved."""

    cohort: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)]


Node = Annotated[
    Annotated[AllOf, Tagged("AllOf")]
    | Annotated[AnyOf, Tagged("AnyOf")]
    | Annotated[NotThis, Tagged("NotThis")]
    | Annotated[AtLeast, Tagged("AtLeast")]
    | Annotated[OfPatient, Tagged("OfPatient")]
    | Annotated[OfEvent, Tagged("OfEvent")]
    | Annotated[OfCohort, Tagged("OfCohort")],
    by_member(
        all="AllOf",
        any="AnyOf",
        atleast="AtLeast",
        patient="OfPatient",
        event="OfEvent",
        cohort="OfCohort",
        **{"not": "NotThis"},
    ),
]
Nodes = Annotated[tuple[Node, ...], SOME]

What = Literal["patient", "count", "document", EventType]


class Output(Part):
    """What is wanted of those who are found."""

    what: What
    of: Literal["imaging"] | None = None
    modality: Modalities | None = None
    body: Concept | None = None
    code: Concept | None = None
    category: Words | None = None
    status: Codes | None = None
    when: When | None = None
    pick: Pick | None = None
    matching: bool | None = None
    as_: Literal["table", "bundle", "zip"] | None = Field(default=None, alias="as")


class Query(Part):
    """A question, whole."""

    v: Literal[1]
    find: Literal["patients", "studies", "events"] = "patients"
    where: Node
    output: Annotated[tuple[Output, ...], SOME] = (Output(what="patient"),)
    sort: Literal["date", "-date"] | None = None
    limit: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] | None = None


_OPEN: Final = ("from", "to")


def dumped(part: Part) -> dict[str, Any]:
    """Return a part as JSON has it: what is not asked for is left out.

    Ends of a window that are open are written as null: so a reader sees that they are.
    """
    found: dict[str, Any] = {}
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        key = field.alias or name
        is_open = key in _OPEN and "last" not in type(part).model_fields
        if is_open or (value is not None and _is_told(part, name, value)):
            found[key] = _plain(value)
    return found


def _is_told(part: Part, name: str, value: Any) -> bool:
    """Tell whether a member is written: those with a default only where it is not."""
    default = type(part).model_fields[name].default
    return name in part.model_fields_set or value != default


def _plain(value: Any) -> Any:
    if isinstance(value, Part):
        return dumped(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


for each in (AllOf, AnyOf, NotThis, Some, AtLeast, Query):
    each.model_rebuild()
