"""Patients, and the ways from them to what is known of them, and back."""

import asyncio
from typing import Annotated, Final

import strawberry

from core.errors import Invalid, NotFound
from core.graphql.connections import (
    DEFAULT_PAGE,
    After,
    Connection,
    First,
    Uncounted,
    connect,
)
from core.graphql.context import Context, Info
from core.graphql.nodes import NO_NODE, Node, found_by
from core.graphql.partitions import Partition, find_partition
from fhirlink.events.read import at, first, text
from fhirlink.graphql import facts, loading
from fhirlink.graphql.facts import HumanName, Identifier
from fhirlink.graphql.labs import (
    FromDate,
    LabCode,
    LabValue,
    ToDate,
    labs_of,
    window_of,
)
from fhirlink.graphql.resources import (
    Allergy,
    ClinicalEvent,
    ClinicalResource,
    Condition,
    Document,
    Encounter,
    Immunization,
    MedicationUse,
    Observation,
    Procedure,
    Report,
    event_of,
)
from fhirlink.graphql.timeline import Kinds, Timeline, timeline_of
from imaging.graphql.by_uid import find_study
from imaging.graphql.nodes import Study

PATIENT: Final = "Patient"
MAXIMUM_IDS: Final = 100
_DRUGS: Final = ("MedicationRequest", "MedicationAdministration", "MedicationStatement")


@strawberry.type(
    description="A person of the clinical record, or whom images alone tell of."
)
class Patient(Node, ClinicalResource):
    """FHIR's Patient."""

    @strawberry.field(description="The data partition that it lies in.")
    async def partition(self, info: Info) -> Partition:
        """Return the partition."""
        return await find_partition(info.context, self.partition_name)

    @strawberry.field(description="Its names, in all scripts.")
    def names(self) -> list[HumanName]:
        """Return the names."""
        return facts.names_of(self.content)

    @strawberry.field(description="What others call it.")
    def identifiers(self) -> list[Identifier]:
        """Return the identifiers."""
        return facts.identifiers_of(self.content)

    @strawberry.field(description="male, female, other or unknown.")
    def sex(self) -> str | None:
        """Return FHIR's gender, of administration."""
        return facts.said(self.content, "gender")

    @strawberry.field(description="When it was born: a date, a month or a year.")
    def birth_date(self) -> str | None:
        """Return the date."""
        return facts.said(self.content, "birthDate")

    @strawberry.field(description="Whether it has died; null: nobody says.")
    def deceased(self) -> bool | None:
        """Return what the record says."""
        if facts.said(self.content, "deceasedDateTime"):
            return True
        found = self.content.get("deceasedBoolean")
        return found if isinstance(found, bool) else None

    @strawberry.field(description="When it died, if that is known.")
    def deceased_at(self) -> str | None:
        """Return the date."""
        return facts.said(self.content, "deceasedDateTime")

    @strawberry.field(
        description="Where it is from: the codes of its tags, such as dicom of whom"
        " images alone tell of; and its source."
    )
    def sources(self) -> list[str]:
        """Return tags and source."""
        tags = [text(each, "code") for each in at(self.content, "meta.tag")]
        source = first(self.content, "meta.source")
        found = [*tags, source if isinstance(source, str) else ""]
        return [each for each in dict.fromkeys(found) if each]

    @strawberry.field(
        description="Studies of its images, those linked last first; those that are"
        " not held here, or that you may not see, are left out of the page."
    )
    async def studies(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Study]:
        """List studies, by the ImagingStudies of the record."""
        page = await self._below(
            info.context, ClinicalResource, ("ImagingStudy",), first, after
        )
        found = await asyncio.gather(
            *(self._study(info.context, each.node) for each in page.edges)
        )
        nodes = [
            (edge.cursor, study)
            for edge, study in zip(page.edges, found, strict=True)
            if study is not None
        ]
        connected = connect(
            nodes,
            has_more=page.page_info.has_next_page,
            after=after,
            count=page.count,
        )
        connected.page_info.end_cursor = page.page_info.end_cursor
        return connected

    async def _study(self, context: Context, node: ClinicalResource) -> Study | None:
        uid = facts.study_uid_of(node.content)
        return await find_study(context, self.partition_name, uid)

    @strawberry.field(description="Diseases and problems, written last first.")
    async def conditions(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Condition]:
        """List them."""
        return await self._below(info.context, Condition, ("Condition",), first, after)

    @strawberry.field(description="Drugs, written last first.")
    async def medications(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[MedicationUse]:
        """List them."""
        return await self._below(info.context, MedicationUse, _DRUGS, first, after)

    @strawberry.field(description="What was done, written last first.")
    async def procedures(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Procedure]:
        """List them."""
        return await self._below(info.context, Procedure, ("Procedure",), first, after)

    @strawberry.field(description="What was measured or seen, written last first.")
    async def observations(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Observation]:
        """List them."""
        return await self._below(
            info.context, Observation, ("Observation",), first, after
        )

    @strawberry.field(description="Reports, written last first.")
    async def reports(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Report]:
        """List them."""
        return await self._below(
            info.context, Report, ("DiagnosticReport",), first, after
        )

    @strawberry.field(description="Documents, written last first.")
    async def documents(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Document]:
        """List them."""
        return await self._below(
            info.context, Document, ("DocumentReference",), first, after
        )

    @strawberry.field(description="Visits and stays, written last first.")
    async def encounters(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Encounter]:
        """List them."""
        return await self._below(info.context, Encounter, ("Encounter",), first, after)

    @strawberry.field(description="What it does not bear, written last first.")
    async def allergies(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Allergy]:
        """List them."""
        return await self._below(
            info.context, Allergy, ("AllergyIntolerance",), first, after
        )

    @strawberry.field(description="Vaccinations, written last first.")
    async def immunizations(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Immunization]:
        """List them."""
        return await self._below(
            info.context, Immunization, ("Immunization",), first, after
        )

    @strawberry.field(
        description="Resources about it, by type and id; those that are not about it,"
        " or not there, are left out."
    )
    async def events(
        self,
        info: Info,
        ids: Annotated[
            list[str],
            strawberry.argument(
                description=f"Such as Observation/17; {MAXIMUM_IDS} at most."
            ),
        ],
    ) -> list[ClinicalEvent]:
        """Find some."""
        if len(ids) > MAXIMUM_IDS:
            message = f"At most {MAXIMUM_IDS} ids can be asked for at once."
            raise Invalid(message, path="ids")
        addresses = [(type_, id_) for type_, _, id_ in (e.partition("/") for e in ids)]
        found = await loading.resources(info.context, self.partition_name, addresses)
        own = f"{PATIENT}/{self.held.fhir_id}"
        events = [event_of(self.partition_name, held) for held in found]
        return [each for each in events if own in facts.subjects_of(each.content)]

    @strawberry.field(
        description="All that happened to the person, at once: for a time line."
    )
    async def timeline(self, info: Info, kinds: Kinds = None) -> Timeline:
        """Return it as narrow rows."""
        return await timeline_of(
            info.context, self.partition_name, self.held.fhir_id, kinds or ()
        )

    @strawberry.field(
        description="What was measured of the person by one code, in the order of days:"
        " the curve of a laboratory value. Without what has no value, or was entered in"
        " error."
    )
    async def labs(
        self,
        info: Info,
        code: LabCode,
        from_: FromDate = None,
        to: ToDate = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Uncounted[LabValue]:
        """List values."""
        return await labs_of(
            info.context,
            self.partition_name,
            self.held.fhir_id,
            code=code,
            window=window_of(from_, to),
            first=first,
            after=after,
        )

    async def _below(
        self,
        context: Context,
        kind: type[loading.T],
        types: tuple[str, ...],
        first: int,
        after: str | None,
    ) -> Connection[loading.T]:
        return await loading.below(
            context,
            kind,
            partition=self.partition_name,
            types=types,
            patient=self.held.fhir_id,
            first=first,
            after=after,
        )

    def name_of_node(self) -> str:
        """Return partition and id."""
        return f"{self.partition_name}/{self.held.fhir_id}"


async def find_patient(context: Context, partition: str, fhir_id: str) -> Patient:
    """Return a patient.

    Raises
    ------
    NotFound
        There is none that the actor may see.
    """
    held = await loading.resource(context, partition, (PATIENT, fhir_id))
    if held is None:
        raise NotFound(NO_NODE, path="id")
    return Patient(partition_name=partition, held=held)


async def _find(context: Context, name: str) -> Node:
    partition, _, fhir_id = name.partition("/")
    return await find_patient(context, partition, fhir_id)


found_by("Patient", _find)
