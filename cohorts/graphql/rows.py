"""Rows of answers: patients and events, each with its reasons."""

from datetime import date

import strawberry

from cohorts.answers.rows import EventRow, PatientRow
from cohorts.answers.rows import Reason as Found
from core.graphql.context import Info
from fhirlink.business_identifiers import Identifier as Called
from fhirlink.graphql import loading
from fhirlink.graphql.facts import Coding, Identifier
from fhirlink.graphql.patients import PATIENT, Patient
from fhirlink.graphql.timeline import EventKind
from fhirlink.happened import Happened
from fhirlink.persons import Person


@strawberry.type(description="Something that happened to a patient.")
class CohortEvent:
    """An event of the time line."""

    kind: EventKind = strawberry.field(description="What it is.")
    label: str = strawberry.field(description="What it is, in words.")
    code: Coding | None = strawberry.field(description="What it is, by its first code.")
    category: str = strawberry.field(
        description="Its category in words; of a study its modalities."
    )
    value: str = strawberry.field(description="Its value as people read it.")
    unit: str = strawberry.field(description="The unit of its value.")
    status: str = strawberry.field(description="Its status as written.")
    start_first: date | None = strawberry.field(
        description="The first day that it can have begun on; null: it has no date."
    )
    start_last: date | None = strawberry.field(
        description="The last day that it can have begun on."
    )
    end_first: date | None = strawberry.field(
        description="The first day that it can have ended on."
    )
    end_last: date | None = strawberry.field(
        description="The last day that it can have ended on; 9999-12-31: it still runs."
    )
    resource: str | None = strawberry.field(
        description="Type/id of the resource that tells of it; null: images alone. Of"
        " rows without names the id is a pseudonym."
    )
    studies: list[str] = strawberry.field(
        description="StudyInstanceUIDs that it is, or is about; of rows without names"
        " others that stand for these."
    )


@strawberry.type(description="Why somebody is in a cohort: an event that has matched.")
class CohortReason:
    """An event that satisfied a criterion."""

    leaf: int = strawberry.field(
        description="Which criterion: its place among those of a patient or an event,"
        " from 0, in the order in which they are written."
    )
    event: CohortEvent = strawberry.field(description="What has matched.")
    number_of_events: int = strawberry.field(
        description="How many events of the patient satisfy it; three are told."
    )


@strawberry.type(description="A patient of a cohort.")
class CohortPatient:
    """Who was found."""

    partition_name: strawberry.Private[str]
    person: strawberry.Private[Person]
    cursor: str = strawberry.field(
        description="What its course is asked by, and where a page begins after it."
    )
    pseudonym: str | None = strawberry.field(
        description="What the project calls the person whose name you do not see; else"
        " null."
    )
    age: str | None = strawberry.field(
        description="Where there is a pseudonym: the full years that it reaches in the"
        " year of the day that counts as now; 90+ of who is older than 89; null where"
        " no birth is known. Of others births are told."
    )
    identifiers: list[Identifier] = strawberry.field(
        description="What others call the person: of all Patients that it is; none"
        " where there is a pseudonym."
    )
    reasons: list[CohortReason] = strawberry.field(
        description="The events for which it is in the cohort."
    )

    @strawberry.field(
        description="Ids of the Patients that it is; none of whom images alone tell."
    )
    def fhir_ids(self) -> list[str]:
        """Return the ids."""
        return list(self.person.fhir_ids)

    @strawberry.field(description="male, female, other, unknown; empty: nobody says.")
    def sex(self) -> str:
        """Return FHIR's gender, of administration."""
        return self.person.gender

    @strawberry.field(description="The first day that it can have been born on.")
    def birth_first(self) -> date | None:
        """Return the day."""
        return self.person.birth_first

    @strawberry.field(description="The last day that it can have been born on.")
    def birth_last(self) -> date | None:
        """Return the day."""
        return self.person.birth_last

    @strawberry.field(description="Whether it is known to have died.")
    def deceased(self) -> bool:
        """Return what is known."""
        return self.person.is_deceased

    @strawberry.field(
        description="It as the record has it; null of whom images alone tell, or who is"
        " not seen."
    )
    async def patient(self, info: Info) -> Patient | None:
        """Return the first Patient that it is."""
        return await _patient(info, self.partition_name, self.person)


@strawberry.type(
    description="A series of a study, and how it was made; null is what is not said."
)
class CohortSeries:
    """What `imaging.technique` has of it."""

    modality: str = strawberry.field(
        description="Modality (0008,0060); empty where it is none of DICOM's and you"
        " see no names."
    )
    body_part: str = strawberry.field(
        description="Body Part Examined (0018,0015); empty where it is none of DICOM's"
        " and you see no names."
    )
    manufacturer: str = strawberry.field(description="Manufacturer (0008,0070).")
    model_name: str = strawberry.field(
        description="Manufacturer's Model Name (0008,1090)."
    )
    number_of_instances: int = strawberry.field(
        description="How many instances are held."
    )
    slice_thickness_mm: float | None = strawberry.field(
        description="Slice Thickness (0018,0050), in mm."
    )
    spacing_between_slices_mm: float | None = strawberry.field(
        description="Spacing Between Slices (0018,0088), in mm."
    )
    kvp: float | None = strawberry.field(description="KVP (0018,0060), in kV.")
    magnetic_field_strength_t: float | None = strawberry.field(
        description="Magnetic Field Strength (0018,0087), in tesla."
    )
    repetition_time_ms: float | None = strawberry.field(
        description="Repetition Time (0018,0080), in ms."
    )
    echo_time_ms: float | None = strawberry.field(
        description="Echo Time (0018,0081), in ms."
    )
    flip_angle_deg: float | None = strawberry.field(
        description="Flip Angle (0018,1314), in degrees."
    )
    rows: int | None = strawberry.field(description="Rows (0028,0010).")
    columns: int | None = strawberry.field(description="Columns (0028,0011).")


@strawberry.type(description="An event that was wanted of the patients of a cohort.")
class CohortRow:
    """A row of an output."""

    partition_name: strawberry.Private[str]
    person: strawberry.Private[Person | None]
    pseudonym: str | None = strawberry.field(
        description="What the project calls the person whose it is and whose name you"
        " do not see; else null."
    )
    event: CohortEvent = strawberry.field(description="What happened.")
    identifiers: list[Identifier] = strawberry.field(
        description="What others call the resource that tells of it."
    )
    leaves: list[int] = strawberry.field(
        description="The criteria that it has satisfied itself."
    )
    reasons: list[CohortReason] = strawberry.field(
        description="The events for which its patient is in the cohort."
    )
    series: list[CohortSeries] = strawberry.field(
        description="Of a study that is held, its first 50 series, by number."
    )

    @strawberry.field(description="Ids of the Patients whose it is.")
    def patient_ids(self) -> list[str]:
        """Return the ids."""
        return list(self.person.fhir_ids) if self.person else []

    @strawberry.field(description="Whose it is; null of whom images alone tell.")
    async def patient(self, info: Info) -> Patient | None:
        """Return the first Patient that its person is."""
        return await _patient(info, self.partition_name, self.person)


def patient_of(partition: str, row: PatientRow) -> CohortPatient:
    """Return a patient as the graph tells it."""
    return CohortPatient(
        partition_name=partition,
        cursor=row.cursor,
        person=row.person,
        pseudonym=row.pseudonym or None,
        age=row.age or None,
        identifiers=[_identifier(each) for each in row.identifiers],
        reasons=[_reason(each) for each in row.reasons],
    )


def row_of(partition: str, row: EventRow) -> CohortRow:
    """Return a row of an output as the graph tells it."""
    return CohortRow(
        partition_name=partition,
        person=row.person,
        pseudonym=row.pseudonym or None,
        event=event_of(row.event),
        identifiers=[_identifier(each) for each in row.identifiers],
        leaves=list(row.leaves),
        reasons=[_reason(each) for each in row.reasons],
        series=[CohortSeries(**each._asdict()) for each in row.series],
    )


async def _patient(info: Info, partition: str, person: Person | None) -> Patient | None:
    ids = person.fhir_ids if person else ()
    if not ids:
        return None
    held = await loading.resource(info.context, partition, (PATIENT, ids[0]))
    return held and Patient(partition_name=partition, held=held)


def _identifier(called: Called) -> Identifier:
    return Identifier(system=called.system or None, value=called.value, type=None)


def _reason(found: Found) -> CohortReason:
    return CohortReason(
        leaf=found.leaf, event=event_of(found.event), number_of_events=found.number
    )


def event_of(event: Happened) -> CohortEvent:
    """Return an event as the graph tells it."""
    code = event.code
    return CohortEvent(
        kind=EventKind[event.kind.name],
        label=event.label,
        code=code and Coding(system=code.system, code=code.code, display=code.display),
        category=event.category,
        value=event.value,
        unit=event.unit,
        status=event.status,
        start_first=event.start_first,
        start_last=event.start_last,
        end_first=event.end_first,
        end_last=event.end_last,
        resource=event.resource or None,
        studies=list(event.studies),
    )
