"""Exports of what a cohort has found: tables, bundles, images."""

from enum import Enum
from typing import Annotated

import strawberry

from cohorts.answers.exporting import Format, start_cohort_export
from cohorts.answers.study_export import start_study_export
from cohorts.graphql.arguments import RunId
from core.graphql.context import Info
from core.graphql.faults import mutation
from core.graphql.operations import Operation
from imaging.export import AS_STORED
from imaging.graphql.exports import (
    ExportDestination,
    StartedOperation,
    StartResult,
    destination_of,
)


@strawberry.enum(description="As what the rows of a cohort are exported.")
class CohortFormat(Enum):
    """`cohorts.answers.exporting.Format`."""

    CSV = strawberry.enum_value(Format.CSV, description="Tables of text.")
    PARQUET = strawberry.enum_value(
        Format.PARQUET, description="The same tables as Parquet files."
    )
    BUNDLE = strawberry.enum_value(
        Format.BUNDLE, description="The resources as FHIR Bundles (collection)."
    )


@strawberry.type
class CohortMutations:
    """The part of cohorts in the root of mutations."""

    @mutation(
        description="Export the patients and the rows of a cohort that you have asked"
        " for: files of an operation, with a manifest that tells their SHA-256. Needs"
        " the right to export all that you see there."
    )
    async def start_cohort_export(
        self,
        info: Info,
        run_id: RunId,
        formats: Annotated[
            list[CohortFormat],
            strawberry.argument(description="As what, one at least."),
        ],
    ) -> StartResult:
        """Start one."""
        held = await info.context.do(
            start_cohort_export,
            actor=info.context.actor,
            run_id=run_id,
            formats=[Format[each.name] for each in formats],
        )
        return StartedOperation(operation=Operation(held=held))

    @mutation(
        description="Export the studies that a cohort lists as DICOM files; those that"
        " are not held here are skipped."
    )
    async def start_cohort_study_export(
        self,
        info: Info,
        run_id: RunId,
        destination: Annotated[
            ExportDestination, strawberry.argument(description="Where to.")
        ],
        transfer_syntax: Annotated[
            str,
            strawberry.argument(
                description="UID of one that is encoded here; *: as stored."
            ),
        ] = AS_STORED,
    ) -> StartResult:
        """Start one."""
        held = await info.context.do(
            start_study_export,
            actor=info.context.actor,
            run_id=run_id,
            destination=destination_of(destination),
            transfer_syntax=transfer_syntax,
        )
        return StartedOperation(operation=Operation(held=held))
