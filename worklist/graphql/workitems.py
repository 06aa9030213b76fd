"""Workitems in the graph."""

from asyncio import gather
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Final

import orjson
import strawberry
from django.utils import timezone

from core.graphql.connections import (
    DEFAULT_PAGE,
    MAXIMUM_PAGE,
    After,
    Connection,
    First,
    connect_all,
)
from core.graphql.context import Context, Info
from core.graphql.nodes import Node, found_by
from core.graphql.partitions import Partition, find_partition
from core.graphql.scalars import Json
from imaging.graphql.by_uid import find_study
from imaging.graphql.nodes import Study
from imaging.graphql.scalars import DA, UI
from imaging.graphql.values import PersonName
from imaging.index import tag_of
from imaging.part10 import JsonModel
from worklist import data_set
from worklist.candidates import may_hand_over
from worklist.data_set import items
from worklist.graphql.choices import (
    InputReadiness,
    WorkitemAction,
    WorkitemHappening,
    WorkitemPriority,
    WorkitemState,
)
from worklist.graphql.looking_up import maker_of, name_of_account, past_of, row_of
from worklist.graphql.values import (
    CodedValue,
    HumanPerformer,
    coded,
    codes,
    name,
    name_of,
    text,
)
from worklist.history import Past
from worklist.models import Happened
from worklist.rows import Row
from worklist.rules import State

_STATE: Final = tag_of("ProcedureStepState")
_PRIORITY: Final = tag_of("ScheduledProcedureStepPriority")
_READINESS: Final = tag_of("InputReadinessState")
_INFORMATION: Final = tag_of("ProcedureStepProgressInformationSequence")
_PROGRESS: Final = tag_of("ProcedureStepProgress")
_DESCRIPTION: Final = tag_of("ProcedureStepProgressDescription")
_REASON: Final = tag_of("ReasonForCancellation")
_REQUESTS: Final = tag_of("ReferencedRequestSequence")
_ACCESSION: Final = tag_of("AccessionNumber")
_REPLACED: Final = tag_of("ReplacedProcedureStepSequence")
_REFERENCED: Final = tag_of("ReferencedSOPInstanceUID")
_PERFORMERS: Final = tag_of("ScheduledHumanPerformersSequence")
_PERFORMER_CODE: Final = tag_of("HumanPerformerCodeSequence")
_PERFORMER_NAME: Final = tag_of("HumanPerformerName")
_ORGANIZATION: Final = tag_of("HumanPerformerOrganization")


@strawberry.type(description="What happened to a workitem at one moment.")
class WorkitemEvent:
    """One of its versions."""

    past: strawberry.Private[Past]

    @strawberry.field(description="When.")
    def at(self) -> datetime:
        """Return the moment."""
        return self.past.at

    @strawberry.field(description="Who did it, as feed and audit log call them.")
    def by(self) -> str:
        """Return the name."""
        return self.past.by

    @strawberry.field(description="What it was.")
    def happened(self) -> list[WorkitemHappening]:
        """Return what it was."""
        return [WorkitemHappening(each) for each in self.past.happened]

    @strawberry.field(description="Its state since then.")
    def state(self) -> WorkitemState:
        """Return the state."""
        return WorkitemState(self.past.state.value)

    @strawberry.field(
        description="Why it was canceled, or is to be; null where nobody said."
    )
    def reason(self) -> str | None:
        """Return the reason."""
        return self.past.reason or None

    @strawberry.field(
        description="Whom to ask about a wish to cancel; null where nobody was named."
    )
    def contact(self) -> str | None:
        """Return the name."""
        return self.past.contact or None


@strawberry.type(
    description="A workitem: something that is to be done for a patient, as a Unified"
    " Procedure Step (DICOM PS3.3 C.30)."
)
class Workitem(Node):
    """A workitem that the actor sees."""

    row: strawberry.Private[Row]
    partition_name: strawberry.Private[str]

    @cached_property
    def model(self) -> JsonModel:
        """Return its data set."""
        return data_set.unpacked(self.row.content)

    @cached_property
    def _progress(self) -> JsonModel:
        return next(iter(items(self.model, _INFORMATION)), {})

    @strawberry.field(description="What it is called everywhere.")
    def uid(self) -> UI:
        """Return its SOP Instance UID."""
        return UI(self.row.sop_instance_uid)

    @strawberry.field(description="The data partition that it lies in.")
    async def partition(self, info: Info) -> Partition:
        """Return the partition."""
        return await find_partition(info.context, self.partition_name)

    @strawberry.field(description="Its state.")
    def state(self) -> WorkitemState:
        """Return the state."""
        return WorkitemState(data_set.text(self.model, _STATE))

    @strawberry.field(description="How urgent it is.")
    def priority(self) -> WorkitemPriority:
        """Return the priority."""
        return WorkitemPriority(data_set.text(self.model, _PRIORITY))

    @strawberry.field(description="Whether what it works on is there.")
    def input_readiness(self) -> InputReadiness:
        """Return it."""
        return InputReadiness(data_set.text(self.model, _READINESS))

    worklist_label: str | None = text("WorklistLabel", "The worklist that it is on.")
    procedure_step_label: str | None = text("ProcedureStepLabel", "What is to be done.")
    comments: str | None = text(
        "CommentsOnTheScheduledProcedureStep", "What else there is to say of it."
    )
    scheduled_workitem_codes: list[CodedValue] = codes(
        "ScheduledWorkitemCodeSequence", "What is to be done, as codes."
    )
    scheduled_stations: list[CodedValue] = codes(
        "ScheduledStationNameCodeSequence", "Where it is to be done; none: anywhere."
    )

    @strawberry.field(description="Who is to do it; none: whoever may.")
    def scheduled_performers(self) -> list[HumanPerformer]:
        """Return them."""
        return [
            HumanPerformer(
                code=next(map(coded, items(item, _PERFORMER_CODE)), None),
                name=name_of(item, _PERFORMER_NAME),
                organization=data_set.text(item, _ORGANIZATION),
            )
            for item in items(self.model, _PERFORMERS)
        ]

    @strawberry.field(description="When it is to begin.")
    def start(self) -> datetime:
        """Return the moment."""
        return self.row.start_at

    @strawberry.field(
        description="When it is expected to be done; null where nobody said."
    )
    def expected_completion(self) -> datetime | None:
        """Return the moment."""
        return self.row.due_at

    @strawberry.field(
        description="Whether it is open, and was expected to be done by now."
    )
    def is_overdue(self) -> bool:
        """Return whether it is."""
        due = self.row.due_at
        return due is not None and self.row.ended_at is None and due < timezone.now()

    @strawberry.field(description="When it was changed last.")
    def modified_at(self) -> datetime:
        """Return the moment."""
        return self.row.modified_at

    @strawberry.field(
        description="When it was completed or canceled; null: it is open."
    )
    def ended_at(self) -> datetime | None:
        """Return the moment."""
        return self.row.ended_at

    @strawberry.field(description="How much of it is done, in percent.")
    def progress(self) -> float | None:
        """Return the number."""
        value = data_set.first(self._progress, _PROGRESS)
        return None if value is None else float(value)

    @strawberry.field(description="How far it is, in words.")
    def progress_description(self) -> str | None:
        """Return the words."""
        return data_set.text(self._progress, _DESCRIPTION) or None

    @strawberry.field(
        description="Why it was canceled; null: it was not, or nobody said."
    )
    def reason_for_cancellation(self) -> str | None:
        """Return the reason."""
        return data_set.text(self._progress, _REASON) or None

    patient_name: PersonName | None = name("PatientName", "The name of its patient.")
    patient_id: str | None = text("PatientID", "What the issuer calls its patient.")
    issuer_of_patient_id: str | None = text(
        "IssuerOfPatientID", "Who has given the patient this ID."
    )
    patient_birth_date: DA | None = text(
        "PatientBirthDate", "When its patient was born."
    )
    patient_sex: str | None = text("PatientSex", "F, M or O.")

    @strawberry.field(description="The numbers of the orders that it is part of.")
    def accession_numbers(self) -> list[str]:
        """Return them, each once."""
        found = (
            data_set.text(item, _ACCESSION) for item in items(self.model, _REQUESTS)
        )
        return list(dict.fromkeys(filter(None, found)))

    @strawberry.field(
        description="The UIDs of the studies that it names, whether they are held or"
        " not."
    )
    def study_instance_uids(self) -> list[UI]:
        """Return the UIDs."""
        return list(map(UI, self.row.study_instance_uids))

    @strawberry.field(
        description="The studies that it names and that you may see, of the first"
        f" {MAXIMUM_PAGE} of them."
    )
    async def studies(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Study]:
        """Find them with those of all others that ask."""
        uids = self.row.study_instance_uids[:MAXIMUM_PAGE]
        found = await gather(
            *(find_study(info.context, self.partition_name, uid) for uid in uids)
        )
        held = zip(uids, found, strict=True)
        return connect_all(
            [(uid, study) for uid, study in held if study], first=first, after=after
        )

    @strawberry.field(
        description="The account that has claimed it; null: nobody has, or it is no"
        " more."
    )
    async def claimed_by(self, info: Info) -> str | None:
        """Return the name of the account."""
        key = self.row.claimed_by_id
        return None if key is None else await name_of_account(info.context, key)

    @strawberry.field(description="Whether you have claimed it.")
    def is_mine(self, info: Info) -> bool:
        """Return whether the actor has."""
        return self._is_of(info.context)

    @strawberry.field(description="What you may do with it as it is now.")
    def actions(self, info: Info) -> list[WorkitemAction]:
        """Return the mutations that would do something."""
        return list(self._actions(info.context))

    @strawberry.field(
        description="The workitems in whose place it was scheduled, by their UIDs."
    )
    def replaced_uids(self) -> list[UI]:
        """Return the UIDs."""
        found = (
            data_set.text(item, _REFERENCED) for item in items(self.model, _REPLACED)
        )
        return [UI(uid) for uid in found if uid]

    @strawberry.field(
        description="The rule that made it, or the one in whose place it is, of a study"
        " or a resource; null: none did."
    )
    async def made_by_rule(self, info: Info) -> str | None:
        """Return the name of the rule."""
        uid = self.row.sop_instance_uid
        return await maker_of(info.context, self.row.partition_id, uid)

    @strawberry.field(
        description="What happened to it, the first thing first: the last 100."
    )
    async def history(self, info: Info) -> list[WorkitemEvent]:
        """Return its versions."""
        uid = self.row.sop_instance_uid
        held = await past_of(info.context, self.row.partition_id, uid)
        return [WorkitemEvent(past=each) for each in held]

    @strawberry.field(
        description="The last wish to cancel it, while it is in progress; null: there"
        " is none."
    )
    async def cancel_request(self, info: Info) -> WorkitemEvent | None:
        """Find it in what happened."""
        if data_set.text(self.model, _STATE) != State.IN_PROGRESS:
            return None
        uid = self.row.sop_instance_uid
        for each in reversed(await past_of(info.context, self.row.partition_id, uid)):
            if Happened.CANCEL_REQUESTED in each.happened:
                return WorkitemEvent(past=each)
        return None

    @strawberry.field(
        description="All that it says, as a DICOM JSON object (DICOM PS3.18 F): never"
        " its Transaction UID."
    )
    def dicom_json(self) -> Json:
        """Return the JSON unparsed."""
        return Json(orjson.Fragment(data_set.json_of(self.row.content)))

    def name_of_node(self) -> str:
        """Return partition and UID."""
        return f"{self.partition_name}/{self.row.sop_instance_uid}"

    def _is_of(self, context: Context) -> bool:
        own = context.actor.account_id
        return own is not None and self.row.claimed_by_id == own

    def _actions(self, context: Context) -> Iterator[WorkitemAction]:
        if not self.row.is_reached or self.row.ended_at is not None:
            return
        is_scheduled = data_set.text(self.model, _STATE) == State.SCHEDULED
        is_own = self._is_of(context)
        is_handed = may_hand_over(context.actor, self.row, self.model)
        if is_scheduled or is_own:
            yield WorkitemAction.UPDATE
        if is_scheduled:
            yield WorkitemAction.CLAIM
        elif is_handed:
            yield WorkitemAction.RELEASE
        if is_handed:
            yield WorkitemAction.HAND_OVER
        if is_own:
            yield WorkitemAction.COMPLETE
            yield WorkitemAction.CANCEL
        yield WorkitemAction.REQUEST_CANCEL


async def find_workitem(context: Context, partition: str, uid: str) -> Workitem:
    """Return a workitem by its UID.

    Raises
    ------
    Forbidden, NotFound
        The actor may see no patient anywhere; or there is none that it may see.
    """
    return workitem_of(await row_of(context, partition, uid), partition)


def workitem_of(row: Row, partition: str) -> Workitem:
    """Return a workitem that was found as the graph has it."""
    return Workitem(row=row, partition_name=partition)


async def _find(context: Context, path: str) -> Node:
    partition, _, uid = path.rpartition("/")
    return await find_workitem(context, partition, uid)


found_by("Workitem", _find)
