"""Which workitems a client asks for, as a search of `worklist.query`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import strawberry
from django.utils import timezone

from core.access import Actor
from core.errors import Invalid
from core.graphql.connections import checked_page
from imaging.graphql.scalars import UI
from imaging.query.attributes import resolve
from imaging.query.matching import criterion
from imaging.query.terms import Criterion
from worklist.graphql.choices import WorkitemOrder, WorkitemPriority, WorkitemState
from worklist.orders import Order, Place
from worklist.query import Choice, WorkitemQuery, attribute_of
from worklist.rules import State

MOST_WORDS: Final = 10
NOBODY: Final = 0  # no account has this key

_PERFORMER: Final = "ScheduledHumanPerformersSequence"
_PERFORMERS: Final = (
    f"{_PERFORMER}.HumanPerformerCodeSequence.CodeValue",
    f"{_PERFORMER}.HumanPerformerCodeSequence.LongCodeValue",
    f"{_PERFORMER}.HumanPerformerName",
)
_STATION: Final = "ScheduledStationNameCodeSequence.CodeValue"
_ACCESSION: Final = "ReferencedRequestSequence.AccessionNumber"
_SEPARATORS: Final = str.maketrans("*?\\=^,", "      ")


@strawberry.input(
    description="What a patient of workitems has to be like; * and ? are wild cards."
)
class WorkitemPatientFilter:
    """Keys of the patient."""

    patient_id: str | None = strawberry.field(
        description="What the issuer calls the patient.", default=None
    )
    issuer_of_patient_id: str | None = strawberry.field(
        description="Who has given the patient this ID.", default=None
    )
    name: str | None = strawberry.field(
        description="Words of the name, each by its beginning, without regard to case"
        " and accents.",
        default=None,
    )


@strawberry.input(
    description="What workitems have to be like; all that is given counts. In text *"
    " and ? are wild cards."
)
class WorkitemFilter:
    """Keys of workitems."""

    state: list[WorkitemState] | None = strawberry.field(
        description="They are in one of these states.", default=None
    )
    label: list[str] | None = strawberry.field(
        description="They are on one of these worklists.", default=None
    )
    priority: list[WorkitemPriority] | None = strawberry.field(
        description="They have one of these priorities.", default=None
    )
    overdue: bool = strawberry.field(
        description="They are open, and were expected to be done by now.",
        default=False,
    )
    patient: WorkitemPatientFilter | None = strawberry.field(
        description="They are of such a patient.", default=None
    )
    study_instance_uid: UI | None = strawberry.field(
        description="They name this study, anywhere in them.", default=None
    )
    accession_number: str | None = strawberry.field(
        description="They are part of the order of this number.", default=None
    )
    station: str | None = strawberry.field(
        description="They are scheduled for the station of this code.", default=None
    )
    performer: str | None = strawberry.field(
        description="They are scheduled for whoever has this code, or this name: of an"
        " account of the portal the code is what it is called.",
        default=None,
    )
    claimed_by_me: bool = strawberry.field(
        description="You have claimed them.", default=False
    )
    text: str | None = strawberry.field(
        description="Words, each of which stands in the procedure step label, or is the"
        " beginning of a word of the patient's name, of a patient ID or of an accession"
        " number.",
        default=None,
    )


def query_of(
    given: WorkitemFilter | None,
    actor: Actor,
    *,
    order: WorkitemOrder = WorkitemOrder.URGENCY,
    first: int = 1,
    after: str | None = None,
) -> WorkitemQuery:
    """Return the search that the arguments of a field ask for.

    Raises
    ------
    Invalid
        `path` names what breaks a rule.
    """
    asked = _Asked(given or WorkitemFilter())
    criteria, choice = tuple(asked.criteria()), asked.choice(actor)
    return WorkitemQuery(
        criteria=criteria,
        # A page of none is asked for to see whether there is any.
        limit=max(1, checked_page(first)),
        after=None if after is None else Place.read(after),
        text=asked.text,
        choice=choice,
        order=Order[order.name],
    )


@dataclass
class _Asked:
    """What a filter asks, and how the audit log tells of it."""

    given: WorkitemFilter
    told: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return the query as one of DICOMweb would say it."""
        return "&".join(self.told)

    def criteria(self) -> Iterator[Criterion]:
        """Yield what has to hold of attributes."""
        given = self.given
        patient = given.patient or WorkitemPatientFilter()
        keys = (
            ("ProcedureStepState", [State[s.name].value for s in given.state or ()]),
            ("WorklistLabel", given.label),
            ("ScheduledProcedureStepPriority", [p.name for p in given.priority or ()]),
            ("PatientID", [patient.patient_id]),
            ("IssuerOfPatientID", [patient.issuer_of_patient_id]),
            ("PatientName", [patient.name]),
            (_ACCESSION, [given.accession_number]),
            (_STATION, [given.station]),
        )
        for keyword, values in keys:
            if listed := "\\".join(filter(None, values or ())):
                self.told.append(f"{keyword}={listed}")
                if found := _criterion(keyword, listed):
                    yield found

    def choice(self, actor: Actor) -> Choice:
        """Return what is asked besides attributes."""
        given = self.given
        own = actor.account_id or NOBODY
        for name, value in (
            ("study", given.study_instance_uid),
            ("overdue", given.overdue or None),
            ("claimedByMe", given.claimed_by_me or None),
            ("performer", given.performer),
            ("text", given.text),
        ):
            if value is not None:
                self.told.append(f"{name}={value}")
        return Choice(
            claimed_by=own if given.claimed_by_me else None,
            overdue_at=timezone.now() if given.overdue else None,
            study=given.study_instance_uid,
            groups=tuple(self._groups()),
        )

    def _groups(self) -> Iterator[tuple[Criterion, ...]]:
        if self.given.performer:
            yield _any(_PERFORMERS, self.given.performer)
        words = (self.given.text or "").translate(_SEPARATORS).split()
        if len(words) > MOST_WORDS:
            message = f"text may have {MOST_WORDS} words at most."
            raise Invalid(message, path="text")
        for word in words:
            yield (
                *_any(("PatientName",), word),
                *_any(("PatientID", _ACCESSION), f"{word}*"),
                *_any(("ProcedureStepLabel",), f"*{word}*"),
            )


def _any(keywords: tuple[str, ...], value: str) -> tuple[Criterion, ...]:
    found = (_criterion(keyword, value) for keyword in keywords)
    return tuple(each for each in found if each is not None)


def _criterion(keyword: str, value: str) -> Criterion | None:
    """Return what a value asks; None where everything has it."""
    path = resolve(keyword)
    if path is None:
        raise TypeError(keyword)
    return criterion(attribute_of(path), value, fuzzy=True)
