"""The part of the record in the root of queries."""

from typing import Annotated

import strawberry

from core.errors import NotFound
from core.graphql.connections import (
    DEFAULT_PAGE,
    After,
    Connection,
    First,
    checked_page,
    connect,
)
from core.graphql.context import Info
from fhirlink.graphql.patients import Patient, find_patient
from fhirlink.patients import Known, count_patients, find_patients

PartitionName = Annotated[
    str, strawberry.argument(description="Name of the data partition.")
]


@strawberry.input(description="What is known of patients; all of it has to be so.")
class PatientFilter:
    """What patients are looked for by."""

    text: str = strawberry.field(
        description="Words of a name, or an identifier.", default=""
    )
    name: str = strawberry.field(
        description="Words of a name, each by its beginning, without regard to case"
        " and accents.",
        default="",
    )
    identifier: str = strawberry.field(
        description="An identifier; its system may stand before it: system|value.",
        default="",
    )
    birth_date: str = strawberry.field(
        description="A day, a month or a year: 1980-02-29, 1980-02, 1980.", default=""
    )
    sex: str = strawberry.field(
        description="male, female, other or unknown.", default=""
    )

    def known(self) -> Known:
        """Return it as the domain has it."""
        return Known(
            text=self.text,
            name=self.name,
            identifier=self.identifier,
            birth_date=self.birth_date,
            sex=self.sex,
        )


@strawberry.type
class PatientQueries:
    """Patients of the clinical record."""

    @strawberry.field(
        description="Patients of a data partition that match and that you may see,"
        " those written last first."
    )
    async def patients(
        self,
        info: Info,
        where: Annotated[
            PatientFilter | None,
            strawberry.argument(name="filter", description="Which of them."),
        ] = None,
        partition: PartitionName = "default",
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[Patient]:
        """Search patients."""
        context = info.context
        known = where.known() if where else Known()
        found = await context.ask(
            find_patients,
            actor=context.actor,
            partition=partition,
            known=known,
            limit=checked_page(first),
            after=after,
        )

        async def total() -> int:
            return await context.ask(
                count_patients, actor=context.actor, partition=partition, known=known
            )

        nodes = [
            (cursor, Patient(partition_name=partition, held=held))
            for cursor, held in found.rows
        ]
        return connect(nodes, has_more=found.has_more, after=after, count=total)

    @strawberry.field(
        description="The patient of an id; null where there is none that you may see."
    )
    async def patient(
        self,
        info: Info,
        fhir_id: Annotated[
            str,
            strawberry.argument(description="Its id: the end of its address in /fhir."),
        ],
        partition: PartitionName = "default",
    ) -> Patient | None:
        """Find one."""
        try:
            return await find_patient(info.context, partition, fhir_id)
        except NotFound as error:
            info.context.refused["patient"] = error
            return None
