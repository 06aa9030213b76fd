"""What mutations are told of workitems, as DICOM JSON."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import strawberry

from core.graphql.scalars import aware
from imaging.graphql.scalars import DA, UI
from imaging.index import tag_of
from imaging.part10 import JsonModel
from worklist import data_set
from worklist.describing import Code, attribute, empty_workitem
from worklist.graphql.choices import InputReadiness, WorkitemPriority
from worklist.rules import date_time

_INFORMATION: Final = tag_of("ProcedureStepProgressInformationSequence")


@strawberry.input(description="A code, and what it means (DICOM PS3.3 8.8).")
class CodedValueInput:
    """An item of a code sequence."""

    value: str = strawberry.field(description="The code.")
    scheme: str = strawberry.field(
        description="Designator of its coding scheme, such as DCM or 99LOCAL."
    )
    meaning: str = strawberry.field(description="What it means.")

    def item(self) -> JsonModel:
        """Return it as DICOM JSON."""
        return Code(self.value, self.scheme, self.meaning).item()


@strawberry.input(description="The patient of a workitem.")
class WorkitemPatientInput:
    """Patient's attributes."""

    patient_id: str = strawberry.field(description="What the issuer calls the patient.")
    issuer_of_patient_id: str = strawberry.field(
        description="Who has given the ID; empty: nobody is named.", default=""
    )
    name: str = strawberry.field(
        description="In letters, its components separated by '^'.", default=""
    )
    birth_date: DA | None = strawberry.field(
        description="When the patient was born.", default=None
    )
    sex: str = strawberry.field(description="F, M or O.", default="")

    def model(self) -> JsonModel:
        """Return it as DICOM JSON."""
        name = {"Alphabetic": self.name} if self.name else None
        return {
            **attribute("PatientID", "LO", self.patient_id),
            **attribute("IssuerOfPatientID", "LO", self.issuer_of_patient_id),
            **attribute("PatientName", "PN", name),
            **attribute("PatientBirthDate", "DA", self.birth_date),
            **attribute("PatientSex", "CS", self.sex),
        }


@strawberry.input(description="The order that a workitem is part of, and its study.")
class WorkitemRequestInput:
    """An item of Referenced Request Sequence."""

    study_instance_uid: UI = strawberry.field(description="The UID of the study.")
    accession_number: str = strawberry.field(
        description="The number of the order.", default=""
    )
    requested_procedure_id: str = strawberry.field(
        description="What the order calls the procedure.", default=""
    )
    requested_procedure_description: str = strawberry.field(
        description="What the procedure is.", default=""
    )

    def item(self) -> JsonModel:
        """Return it as DICOM JSON, with what has to be there without a value."""
        about = self.requested_procedure_description
        return {
            **attribute("StudyInstanceUID", "UI", self.study_instance_uid),
            **attribute("AccessionNumber", "SH", self.accession_number),
            **attribute("IssuerOfAccessionNumberSequence", "SQ"),
            **attribute("OrderPlacerIdentifierSequence", "SQ"),
            **attribute("OrderFillerIdentifierSequence", "SQ"),
            **attribute("RequestedProcedureID", "SH", self.requested_procedure_id),
            **attribute("RequestedProcedureDescription", "LO", about),
            **attribute("RequestedProcedureCodeSequence", "SQ"),
        }


@strawberry.input(description="A workitem that is to be.")
class WorkitemInput:
    """What a new workitem says."""

    procedure_step_label: str = strawberry.field(description="What is to be done.")
    uid: UI | None = strawberry.field(
        description="What it is to be called; null: one is made.", default=None
    )
    worklist_label: str = strawberry.field(
        description="The worklist that it is on; empty: the usual one.", default=""
    )
    priority: WorkitemPriority = strawberry.field(
        description="How urgent it is.", default=WorkitemPriority.MEDIUM
    )
    start: datetime | None = strawberry.field(
        description="When it is to begin; null: now.", default=None
    )
    expected_completion: datetime | None = strawberry.field(
        description="When it is expected to be done.", default=None
    )
    input_readiness: InputReadiness = strawberry.field(
        description="Whether what it works on is there.", default=InputReadiness.READY
    )
    comments: str = strawberry.field(
        description="What else there is to say of it.", default=""
    )
    patient: WorkitemPatientInput | None = strawberry.field(
        description="Its patient.", default=None
    )
    requests: list[WorkitemRequestInput] = strawberry.field(
        description="The orders that it is part of, with their studies.",
        default_factory=list,
    )
    workitem_code: CodedValueInput | None = strawberry.field(
        description="What is to be done, as a code.", default=None
    )
    station: CodedValueInput | None = strawberry.field(
        description="Where it is to be done; null: anywhere.", default=None
    )

    def model(self, now: datetime) -> JsonModel:
        """Return it as DICOM JSON."""
        start = aware(self.start, "start") or now
        return {
            **empty_workitem(),
            **attribute("ProcedureStepState", "CS", "SCHEDULED"),
            **attribute("ProcedureStepLabel", "LO", self.procedure_step_label),
            **attribute("WorklistLabel", "LO", self.worklist_label),
            **attribute("ScheduledProcedureStepPriority", "CS", self.priority.name),
            **_moment("ScheduledProcedureStepStartDateTime", start),
            **_expected(self.expected_completion),
            **attribute("InputReadinessState", "CS", self.input_readiness.name),
            **attribute("CommentsOnTheScheduledProcedureStep", "LT", self.comments),
            **(self.patient.model() if self.patient else {}),
            **_items("ReferencedRequestSequence", *self.requests),
            **_items("ScheduledWorkitemCodeSequence", self.workitem_code),
            **_items("ScheduledStationNameCodeSequence", self.station),
        }


@strawberry.input(description="What a workitem is to say; what is null stays as it is.")
class WorkitemUpdateInput:
    """What is changed of a workitem."""

    progress: float | None = strawberry.field(
        description="How much of it is done, in percent.", default=None
    )
    progress_description: str | None = strawberry.field(
        description="How far it is, in words.", default=None
    )
    worklist_label: str | None = strawberry.field(
        description="The worklist that it is on.", default=None
    )
    procedure_step_label: str | None = strawberry.field(
        description="What is to be done.", default=None
    )
    priority: WorkitemPriority | None = strawberry.field(
        description="How urgent it is.", default=None
    )
    start: datetime | None = strawberry.field(
        description="When it is to begin.", default=None
    )
    expected_completion: datetime | None = strawberry.field(
        description="When it is expected to be done.", default=None
    )
    input_readiness: InputReadiness | None = strawberry.field(
        description="Whether what it works on is there.", default=None
    )
    comments: str | None = strawberry.field(
        description="What else there is to say of it.", default=None
    )
    station: CodedValueInput | None = strawberry.field(
        description="Where it is to be done.", default=None
    )

    def described(self) -> Callable[[JsonModel], JsonModel]:
        """Return what makes the update of what a workitem says."""
        said = self._said()
        return lambda held: {**said, **self._progress(held)}

    def _said(self) -> JsonModel:
        texts: tuple[tuple[str, str, str | None], ...] = (
            ("WorklistLabel", "LO", self.worklist_label),
            ("ProcedureStepLabel", "LO", self.procedure_step_label),
            ("CommentsOnTheScheduledProcedureStep", "LT", self.comments),
            (
                "ScheduledProcedureStepPriority",
                "CS",
                self.priority and self.priority.name,
            ),
            (
                "InputReadinessState",
                "CS",
                self.input_readiness and self.input_readiness.name,
            ),
        )
        said: JsonModel = {}
        for keyword, vr, value in texts:
            if value is not None:
                said |= attribute(keyword, vr, value)
        if start := aware(self.start, "start"):
            said |= _moment("ScheduledProcedureStepStartDateTime", start)
        if self.expected_completion:
            said |= _expected(self.expected_completion)
        if self.station:
            said |= _items("ScheduledStationNameCodeSequence", self.station)
        return said

    def _progress(self, held: JsonModel) -> JsonModel:
        """Return the progress information with what it had before."""
        if self.progress is None and self.progress_description is None:
            return {}
        item = dict(next(iter(data_set.items(held, _INFORMATION)), {}))
        if self.progress is not None:
            item |= attribute("ProcedureStepProgress", "DS", round(self.progress, 2))
        if self.progress_description is not None:
            words = self.progress_description
            item |= attribute("ProcedureStepProgressDescription", "ST", words)
        return attribute("ProcedureStepProgressInformationSequence", "SQ", item)


@strawberry.input(
    description="What was performed. What is null is as it was scheduled: the station,"
    " the code; from the claim until now, by your account."
)
class WorkitemPerformedInput:
    """What is told of work that was done."""

    station: CodedValueInput | None = strawberry.field(
        description="Where it was done.", default=None
    )
    workitem_code: CodedValueInput | None = strawberry.field(
        description="What was done, as a code.", default=None
    )
    description: str = strawberry.field(
        description="What was done, in words.", default=""
    )
    comments: str = strawberry.field(
        description="What else there is to say of it.", default=""
    )
    start: datetime | None = strawberry.field(
        description="When it began.", default=None
    )
    end: datetime | None = strawberry.field(description="When it ended.", default=None)

    def model(self) -> JsonModel:
        """Return what is said, as an item of the performed procedure."""
        said: JsonModel = {}
        if self.station:
            said |= _items("PerformedStationNameCodeSequence", self.station)
        if self.workitem_code:
            said |= _items("PerformedWorkitemCodeSequence", self.workitem_code)
        for keyword, vr, text in (
            ("PerformedProcedureStepDescription", "LO", self.description),
            ("CommentsOnThePerformedProcedureStep", "ST", self.comments),
        ):
            if text:
                said |= attribute(keyword, vr, text)
        if start := aware(self.start, "start"):
            said |= _moment("PerformedProcedureStepStartDateTime", start)
        if end := aware(self.end, "end"):
            said |= _moment("PerformedProcedureStepEndDateTime", end)
        return said


@strawberry.input(description="Why a workitem is not to be done, and whom to ask.")
class WorkitemCancelInput:
    """What is told of a wish to cancel."""

    reason: str = strawberry.field(description="Why; may be empty.", default="")
    code: CodedValueInput | None = strawberry.field(
        description="Why, as a code of DICOM's context group 9300 or one of yours.",
        default=None,
    )
    contact: str = strawberry.field(
        description="The name of whom to ask about it.", default=""
    )
    contact_uri: str = strawberry.field(
        description="How to reach them, as a URI.", default=""
    )

    def model(self) -> JsonModel:
        """Return it as DICOM JSON."""
        said: JsonModel = {}
        for keyword, vr, text in (
            ("ReasonForCancellation", "LT", self.reason),
            ("ContactDisplayName", "LO", self.contact),
            ("ContactURI", "UR", self.contact_uri),
        ):
            if text:
                said |= attribute(keyword, vr, text)
        if self.code:
            keyword = "ProcedureStepDiscontinuationReasonCodeSequence"
            said |= _items(keyword, self.code)
        return said


def _moment(keyword: str, at: datetime) -> JsonModel:
    return attribute(keyword, "DT", date_time(at))


def _expected(at: datetime | None) -> JsonModel:
    at = aware(at, "expectedCompletion")
    return {} if at is None else _moment("ExpectedCompletionDateTime", at)


def _items(keyword: str, *given: Any) -> JsonModel:
    return attribute(keyword, "SQ", *(each.item() for each in given if each))
