"""What the record knows of a study, as fields of the study."""

import strawberry

from core.errors import Forbidden, NotFound
from core.graphql.context import Context, Info
from fhirlink.graphql import facts, loading
from fhirlink.graphql.patients import PATIENT, Patient
from fhirlink.graphql.resources import ClinicalResource, Order, Report
from imaging.graphql.values import values
from imaging.index import tag_of
from imaging.query import Row

_UID = tag_of("StudyInstanceUID")


@strawberry.type(description="A report of a study, or what may be one.")
class LinkedReport:
    """A report, and how sure it is."""

    report: Report = strawberry.field(description="The report.")
    how: str = strawberry.field(
        description="By what they are linked: reference, order, accession, suggestion."
    )
    is_suggestion: bool = strawberry.field(
        description="Nothing but patient, day and modality says that it is of the"
        " study."
    )


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
        partition = self.row.partition
        uid = str(values(self.row, _UID)[0])
        try:
            found = await loading.reports(info.context, partition, uid)
        except (Forbidden, NotFound):
            return []
        return [
            LinkedReport(
                report=Report(partition_name=partition, held=each.report),
                how=each.how,
                is_suggestion=each.is_suggestion,
            )
            for each in found
        ]


async def _told(context: Context, row: Row) -> ClinicalResource | None:
    """Return the ImagingStudy of a study, for who may see who patients are."""
    uid = str(values(row, _UID)[0])
    try:
        held = await loading.imaging_study(context, row.partition, uid)
    except (Forbidden, NotFound):
        return None
    return held and ClinicalResource(partition_name=row.partition, held=held)
