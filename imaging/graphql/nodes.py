"""Studies, series and instances, and the ways from one to another.

What lies below a study or series is looked up for all of a page at once, and so is what
lies above.
"""

from typing import Annotated

import strawberry

from core.errors import NotFound
from core.graphql.connections import DEFAULT_PAGE, After, Connection, First
from core.graphql.context import Context, Info
from core.graphql.nodes import NO_NODE, Node, found_by
from core.graphql.scalars import BigInt
from imaging.graphql.filters import InstanceFilter, SeriesFilter
from imaging.graphql.objects import DicomObject
from imaging.graphql.scalars import DA, TM, UI
from imaging.graphql.searching import (
    BY_NUMBER,
    Sort,
    find,
    find_by_uids,
    query_of,
    search_below,
)
from imaging.graphql.values import PersonName, name, number, text, texts
from imaging.query import Level


@strawberry.type(
    description="A DICOM study: what was done with a patient at one time. Its values"
    " are those of its newest instance."
)
class Study(DicomObject):
    """A study of a partition."""

    study_instance_uid: UI = text("StudyInstanceUID", "What it is called everywhere.")
    study_date: DA | None = text("StudyDate", "When it began.")
    study_time: TM | None = text("StudyTime", "At what time it began.")
    timezone_offset_from_utc: str | None = text(
        "TimezoneOffsetFromUTC", "The time zone of its dates and times, such as +0100."
    )
    accession_number: str | None = text("AccessionNumber", "The number of its order.")
    modalities_in_study: list[str] = texts(
        "ModalitiesInStudy", "The modalities of its series, each once."
    )
    sop_classes_in_study: list[UI] = texts(
        "SOPClassesInStudy", "The classes of its instances, each once."
    )
    referring_physician_name: PersonName | None = name(
        "ReferringPhysicianName", "Who asked for it."
    )
    study_description: str | None = text("StudyDescription", "What was done.")
    study_id: str | None = text("StudyID", "What its equipment calls it.")
    patient_name: PersonName | None = name("PatientName", "The name of its patient.")
    patient_id: str | None = text("PatientID", "What the issuer calls its patient.")
    issuer_of_patient_id: str | None = text(
        "IssuerOfPatientID", "Who has given the patient this ID."
    )
    patient_birth_date: DA | None = text(
        "PatientBirthDate", "When its patient was born."
    )
    patient_sex: str | None = text("PatientSex", "F, M or O.")
    number_of_study_related_series: int | None = number(
        "NumberOfStudyRelatedSeries", "How many series it has."
    )
    number_of_study_related_instances: int | None = number(
        "NumberOfStudyRelatedInstances", "How many instances it has."
    )

    @strawberry.field(description="Its series, by their number if nothing is said.")
    async def series(
        self,
        info: Info,
        where: Annotated[
            SeriesFilter | None,
            strawberry.argument(name="filter", description="Which of them."),
        ] = None,
        sort: Sort = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> "Connection[Series]":
        """List series."""
        order = BY_NUMBER[Level.SERIES] if sort is None else sort
        query = await query_of(
            info.context, Level.SERIES, where, sort=order, first=first, after=after
        )
        parent = self.row.keys[-1]
        return await search_below(
            info.context, Series, query, parent=parent, after=after
        )


@strawberry.type(
    description="A DICOM series: what one piece of equipment has made in one go. Its"
    " values are those of its newest instance."
)
class Series(DicomObject):
    """A series of a study."""

    series_instance_uid: UI = text("SeriesInstanceUID", "What it is called everywhere.")
    study_instance_uid: UI = text("StudyInstanceUID", "The UID of its study.")
    modality: str | None = text("Modality", "What it was made with, such as CT.")
    series_number: BigInt | None = number("SeriesNumber", "Its number in the study.")
    series_description: str | None = text("SeriesDescription", "What it shows.")
    body_part_examined: str | None = text("BodyPartExamined", "The part of the body.")
    manufacturer_model_name: str | None = text(
        "ManufacturerModelName", "The model of its equipment."
    )
    performed_procedure_step_start_date: DA | None = text(
        "PerformedProcedureStepStartDate", "When the step that made it began."
    )
    performed_procedure_step_start_time: TM | None = text(
        "PerformedProcedureStepStartTime",
        "At what time the step that made it began.",
    )
    timezone_offset_from_utc: str | None = text(
        "TimezoneOffsetFromUTC", "The time zone of its dates and times, such as +0100."
    )
    number_of_series_related_instances: int | None = number(
        "NumberOfSeriesRelatedInstances", "How many instances it has."
    )

    @strawberry.field(description="The study that it belongs to.")
    async def study(self, info: Info) -> Study:
        """Return the study."""
        return Study(row=await find(info.context, Level.STUDY, self.row.keys[0]))

    @strawberry.field(description="Its instances, by their number if nothing is said.")
    async def instances(
        self,
        info: Info,
        where: Annotated[
            InstanceFilter | None,
            strawberry.argument(name="filter", description="Which of them."),
        ] = None,
        sort: Sort = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> "Connection[Instance]":
        """List instances."""
        order = BY_NUMBER[Level.INSTANCE] if sort is None else sort
        query = await query_of(
            info.context, Level.INSTANCE, where, sort=order, first=first, after=after
        )
        parent = self.row.keys[-1]
        return await search_below(
            info.context, Instance, query, parent=parent, after=after
        )


@strawberry.type(
    description="A DICOM instance: one object, such as an image with its frames."
)
class Instance(DicomObject):
    """An instance of a series, in its current version."""

    sop_instance_uid: UI = text("SOPInstanceUID", "What it is called everywhere.")
    sop_class_uid: UI = text("SOPClassUID", "What kind of object it is.")
    study_instance_uid: UI = text("StudyInstanceUID", "The UID of its study.")
    series_instance_uid: UI = text("SeriesInstanceUID", "The UID of its series.")
    instance_number: BigInt | None = number(
        "InstanceNumber", "Its number in the series."
    )
    number_of_frames: int | None = number(
        "NumberOfFrames", "How many frames it has; null: one, or no image."
    )
    rows: int | None = number("Rows", "The height of its image, in pixels.")
    columns: int | None = number("Columns", "The width of its image, in pixels.")
    bits_allocated: int | None = number("BitsAllocated", "Bits that a sample takes.")

    @strawberry.field(description="The series that it belongs to.")
    async def series(self, info: Info) -> Series:
        """Return the series."""
        return Series(row=await find(info.context, Level.SERIES, self.row.keys[1]))

    @strawberry.field(description="The study that it belongs to.")
    async def study(self, info: Info) -> Study:
        """Return the study."""
        return Study(row=await find(info.context, Level.STUDY, self.row.keys[0]))


async def _find(context: Context, level: Level, path: str) -> Node:
    partition, *uids = path.split("/")
    if len(uids) != level + 1:
        raise NotFound(NO_NODE, path="id")
    row = await find_by_uids(context, level, partition, uids)
    kinds: tuple[type[DicomObject], ...] = (Study, Series, Instance)
    return kinds[level](row=row)


async def _find_study(context: Context, path: str) -> Node:
    return await _find(context, Level.STUDY, path)


async def _find_series(context: Context, path: str) -> Node:
    return await _find(context, Level.SERIES, path)


async def _find_instance(context: Context, path: str) -> Node:
    return await _find(context, Level.INSTANCE, path)


found_by("Study", _find_study)
found_by("Series", _find_series)
found_by("Instance", _find_instance)
