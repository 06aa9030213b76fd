"""Exports and imports: started here, followed as any operation is."""

from collections.abc import Callable
from typing import Annotated, Final

import strawberry

from core.errors import Invalid
from core.graphql.context import Info
from core.graphql.faults import Fault, mutation
from core.graphql.operations import Operation
from core.models import Operation as HeldOperation
from core.partitions import DEFAULT_PARTITION
from imaging.export import AS_STORED, Typed, start_export
from imaging.graphql.deletes import Partition
from imaging.restore import start_restore, start_restore_from_bucket

_ONE: Final = "Give exactly one of its fields."
_ONE_OF_IMPORT: Final = "Give either a folder or a bucket."


@strawberry.input(description="All that matches a search.")
class ExportQuery:
    """A search as QIDO-RS asks it."""

    query: str = strawberry.field(
        description="Attributes and their values, as in the address of a search:"
        " PatientID=17&StudyDate=20260101-."
    )
    level: str = strawberry.field(
        default="study", description="What is searched: study, series or instance."
    )


@strawberry.input(description=f"What is exported. {_ONE}")
class ExportSource:
    """Identifiers or a search."""

    identifiers: list[str] | None = strawberry.field(
        default=None,
        description="UIDs: study, study/series, or study/series/instance.",
    )
    query: ExportQuery | None = strawberry.field(
        default=None, description="All that matches a search."
    )


@strawberry.input(description=f"Where to it is exported. {_ONE}")
class ExportDestination:
    """A folder, an archive, a server or a bucket."""

    folder: str | None = strawberry.field(
        default=None,
        description="Path of a folder of the server, below those that are allowed.",
    )
    download: bool | None = strawberry.field(
        default=None, description="true: an archive among the files of the operation."
    )
    dicomweb: str | None = strawberry.field(
        default=None, description="Name of a DICOMweb server that the settings list."
    )
    bucket: str | None = strawberry.field(
        default=None, description="Name of a bucket that the settings list."
    )


@strawberry.input(description="What lies in a bucket, to be imported.")
class ImportBucket:
    """A bucket and a place in it."""

    name: str = strawberry.field(description="Name of a bucket that the settings list.")
    path: str = strawberry.field(
        description="Path of the exported folder, or of the archive, in it."
    )


@strawberry.type(description="Long work that was started.")
class StartedOperation:
    """The outcome of starting."""

    operation: Operation = strawberry.field(description="To be followed by its id.")


StartResult = Annotated[
    StartedOperation | Fault,
    strawberry.union(
        "StartResult", description="What was started, or why nothing was."
    ),
]


@strawberry.type
class ExportMutations:
    """The part of exports and imports in the root of mutations."""

    @mutation(
        description="Export instances of a data partition: a worker takes what there is"
        " now to another place. What may not be seen or exported is skipped."
    )
    async def start_export(
        self,
        info: Info,
        # Extensions of fields have an argument `source` of their own.
        exported: Annotated[
            ExportSource,
            strawberry.argument(name="source", description="What is exported."),
        ],
        destination: Annotated[
            ExportDestination, strawberry.argument(description="Where to.")
        ],
        transfer_syntax: Annotated[
            str,
            strawberry.argument(
                description="UID of one that is encoded here; *: as stored."
            ),
        ] = AS_STORED,
        partition: Partition = DEFAULT_PARTITION,
    ) -> StartResult:
        """Start an export."""
        held = await info.context.do(
            start_export,
            actor=info.context.actor,
            partition=partition,
            source=_source(exported),
            destination=destination_of(destination),
            transfer_syntax=transfer_syntax,
        )
        return StartedOperation(operation=Operation(held=held))

    @mutation(
        description="Import what an export has written, each file checked against the"
        " manifest, or a zip archive, as an export for download is one or any other"
        f" with DICOM files. {_ONE_OF_IMPORT}"
    )
    async def start_import(
        self,
        info: Info,
        folder: Annotated[
            str | None,
            strawberry.argument(
                description="Path of the exported folder, or of the archive, below the"
                " folders of the server that are allowed."
            ),
        ] = None,
        bucket: Annotated[
            ImportBucket | None,
            strawberry.argument(description="What lies in a bucket."),
        ] = None,
        replace: Annotated[
            bool,
            strawberry.argument(description="Whether to replace what is held already."),
        ] = False,
        partition: Partition = DEFAULT_PARTITION,
    ) -> StartResult:
        """Start an import."""
        start, named = _imported(folder, bucket)
        held = await info.context.do(
            start,
            actor=info.context.actor,
            partition=partition,
            replace=replace,
            **named,
        )
        return StartedOperation(operation=Operation(held=held))


def _imported(
    folder: str | None, bucket: ImportBucket | None
) -> tuple[Callable[..., HeldOperation], dict[str, str]]:
    """Return what starts an import of what is named."""
    if bucket is None and folder is not None:
        return start_restore, {"path": folder}
    if folder is None and bucket is not None:
        return start_restore_from_bucket, {"bucket": bucket.name, "path": bucket.path}
    raise Invalid(_ONE_OF_IMPORT, path="folder")


def _source(given: ExportSource) -> Typed:
    if given.query is not None and given.identifiers is None:
        asked = given.query
        return Typed("query", {"query": asked.query, "level": asked.level})
    if given.identifiers is not None and given.query is None:
        return Typed("identifiers", {"values": given.identifiers})
    raise Invalid(_ONE, path="source")


def destination_of(given: ExportDestination) -> Typed:
    """Return where to, as the domain has it.

    Raises
    ------
    Invalid
        Not exactly one destination is named.
    """
    named = []
    if given.folder is not None:
        named.append(Typed("folder", {"path": given.folder}))
    if given.download:
        named.append(Typed("download", {}))
    if given.dicomweb is not None:
        named.append(Typed("dicomweb", {"server": given.dicomweb}))
    if given.bucket is not None:
        named.append(Typed("bucket", {"bucket": given.bucket}))
    if len(named) != 1:
        raise Invalid(_ONE, path="destination")
    return named[0]
