"""What the record knows of a study, as fields of the study."""

from enum import Enum

import strawberry

from core.errors import Forbidden, NotFound
from core.graphql.context import Context, Info
from fhirlink.graphql import facts, loading
from fhirlink.graphql.patients import PATIENT, Patient
from fhirlink.graphql.resources import (
    ClinicalResource,
    Document,
    Order,
    Report,
)
from fhirlink.study_elements import Teller
from fhirlink.study_reports import DOCUMENT, REPORT, StudyReport
from imaging.graphql.values import values
from imaging.index import tag_of
from imaging.query import Row

_UID = tag_of("StudyInstanceUID")


@strawberry.type(description="A report of a study, or what may be one.")
class LinkedReport:
    """A report, and how sure it is."""

    report: Report = strawberry.field(description="The report.")
    how: str = strawberry.field(
        description="By what they are linked: reference, document (in the study),"
        " order, accession, suggestion."
    )
    is_suggestion: bool = strawberry.field(
        description="Nothing but patient, day and modality says that it is of the"
        " study."
    )


@strawberry.type(description="A document of a study, or what may be one.")
class LinkedDocument:
    """A document, and how sure it is."""

    document: Document = strawberry.field(description="The document.")
    how: str = strawberry.field(
        description="By what they are linked: reference, document (in the study),"
        " order, accession."
    )


@strawberry.enum(description="Who tells something of a study.")
class ElementSource(Enum):
    """`fhirlink.study_elements.Teller`."""

    IMAGES = strawberry.enum_value(Teller.IMAGES, description="Its images.")
    RECORD = strawberry.enum_value(Teller.RECORD, description="The clinical record.")
    BOTH = strawberry.enum_value(Teller.BOTH, description="Both, a part each.")


@strawberry.type(description="An element of the FHIR ImagingStudy of a study.")
class StudyElement:
    """An element, and who tells it."""

    name: str = strawberry.field(description="Its name, such as reasonCode.")
    source: ElementSource = strawberry.field(description="Who tells it.")


@strawberry.type
class StudyOfRecord:
    """The part of the record in a study."""

    row: strawberry.Private[Row]

    @strawberry.field(
        description="The patient of the record that it is of; null where it is linked"
        " to none, or you may not see who patients are."
    )
    async def patient(self, info: Info) -> Patient | None:
        """Return the patient."""
        found = await _told(info.context, self.row)
        if found is None:
            return None
        for address in facts.references(found.content, "subject", PATIENT):
            partition = self.row.partition
            held = await loading.resource(info.context, partition, address)
            if held is not None:
                return Patient(partition_name=partition, held=held)
        return None

    @strawberry.field(description="What asked for it, as far as the record knows.")
    async def orders(self, info: Info) -> list[Order]:
        """Return the orders."""
        found = await _told(info.context, self.row)
        if found is None:
            return []
        addresses = list(facts.references(found.content, "basedOn", "ServiceRequest"))
        partition = self.row.partition
        orders = await loading.resources(info.context, partition, addresses)
        return [Order(partition_name=partition, held=each) for each in orders]

    @strawberry.field(
        description="Reports that the record has of it, those that may be of it last."
    )
    async def reports(self, info: Info) -> list[LinkedReport]:
        """Return the reports."""
        return [
            LinkedReport(
                report=Report(partition_name=self.row.partition, held=each.report),
                how=each.how,
                is_suggestion=each.is_suggestion,
            )
            for each in await _linked(info.context, self.row, REPORT)
        ]

    @strawberry.field(
        description="Documents of it: of the record, and reports and PDFs in the study"
        " of which the record does not tell itself."
    )
    async def documents(self, info: Info) -> list[LinkedDocument]:
        """Return the documents."""
        return [
            LinkedDocument(
                document=Document(partition_name=self.row.partition, held=each.report),
                how=each.how,
            )
            for each in await _linked(info.context, self.row, DOCUMENT)
        ]

    @strawberry.field(
        description="Who tells what its FHIR ImagingStudy says; empty where there is"
        " none, or you may not see who patients are."
    )
    async def elements(self, info: Info) -> list[StudyElement]:
        """Return the elements by their names."""
        uid = str(values(self.row, _UID)[0])
        try:
            found = await loading.elements(info.context, self.row.partition, uid)
        except (Forbidden, NotFound):
            return []
        return [
            StudyElement(name=name, source=ElementSource[teller.name])
            for name, teller in found.items()
        ]


async def _linked(context: Context, row: Row, type_: str) -> list[StudyReport]:
    """Return what is linked with a study, for who may see who patients are."""
    uid = str(values(row, _UID)[0])
    try:
        return await loading.reports(context, row.partition, type_, uid)
    except (Forbidden, NotFound):
        return []


async def _told(context: Context, row: Row) -> ClinicalResource | None:
    """Return the ImagingStudy of a study, for who may see who patients are."""
    uid = str(values(row, _UID)[0])
    try:
        held = await loading.imaging_study(context, row.partition, uid)
    except (Forbidden, NotFound):
        return None
    return held and ClinicalResource(partition_name=row.partition, held=held)
