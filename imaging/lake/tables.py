"""One Delta table of the lake; loads delta-rs.

Each commit names the last entry of the feed that it has taken (``txn`` of the Delta
protocol): rows and number are there together, or neither is.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from arro3.core import RecordBatchReader
from deltalake import (
    CommitProperties,
    DeltaTable,
    QueryBuilder,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import DeltaError
from django.conf import settings

from core.errors import Upstream
from imaging.lake import arrow, predicates
from imaging.lake.columns import Row
from imaging.lake.definitions import PARTITIONED_BY, TABLES, Definition
from imaging.lake.places import LakePlace

FEED: Final = "imaging-research-portal/feed"
"""What ``txn`` calls us."""

FILE_BYTES: Final = 128 * 1024 * 1024
SPILL_BYTES: Final = 256 * 1024 * 1024
_WRITER: Final = WriterProperties(
    compression="ZSTD", compression_level=3, max_row_group_size=16 * 1024
)


@dataclass(frozen=True, slots=True)
class TableState:
    """How a table is.

    Attributes
    ----------
    position
        The last entry of the feed in it.
    version
        Number of its last commit.
    """

    number_of_files: int
    number_of_rows: int
    size_bytes: int
    position: int
    version: int
    committed_at: datetime


@contextmanager
def storage_errors() -> Iterator[None]:
    """Have what storage and Delta fail with tried again: the feed waits meanwhile.

    It is never laid to an entry of the feed, whose turn it happened to be.
    """
    try:
        yield
    except (DeltaError, OSError) as error:
        message = f"The lake could not be read or written ({type(error).__name__})."
        raise Upstream(message, retryable=True) from error


class LakeTable:
    """A table, as its last commit left it. Not for use by several threads at once."""

    def __init__(self, definition: Definition, place: LakePlace) -> None:
        self.definition = definition
        options = dict(place.options)
        url = place.below(definition.name).url
        if DeltaTable.is_deltatable(url, options):
            self._table = DeltaTable(url, storage_options=options)
        else:
            self._table = _create(definition, url, options)

    @property
    def position(self) -> int:
        """Return the number of the last entry that the table has taken."""
        return self._table.transaction_version(FEED) or 0

    def append(self, chunks: Iterable[Sequence[Row]], *, position: int) -> None:
        """Add rows, and take the feed up to `position`, in one commit."""
        self._write_rows(chunks, "append", None, position)

    def replace(
        self, where: str, chunks: Iterable[Sequence[Row]], *, position: int
    ) -> None:
        """Put rows in the place of all that `where` holds for, in one commit.

        The condition holds for the rows as well. Never goes back in the feed.
        """
        at = max(position, self.position)
        self._write_rows(chunks, "overwrite", where, at)

    def replace_part(
        self, partition_id: int | None, month: str, source: "LakeTable | None"
    ) -> None:
        """Put what another table has of a partition and month in the place of ours."""
        where = predicates.of_part(partition_id, month)
        if source is None:
            self._table.delete(where)
            return
        query = f"SELECT * FROM source WHERE {where}"  # noqa: S608 a number and a month
        self._write(source.read(query), "overwrite", where, None)

    def read(self, query: str) -> RecordBatchReader:
        """Return the rows of a query on this table, called ``source``."""
        builder = QueryBuilder().register("source", self._table)
        return RecordBatchReader.from_stream(builder.execute(query))

    def parts(self) -> set[tuple[int | None, str]]:
        """Return the partitions and months of which there are files."""
        files = self._files()
        return {
            (None if key is None else int(key), str(month))
            for key, month in zip(
                files["partition.partition_id"], files["partition.month"], strict=True
            )
        }

    def file_uris(self) -> list[str]:
        """Return the addresses of the files that make up the table now."""
        return self._table.file_uris()

    def rename_partition(self, partition_id: int, name: str) -> None:
        """Call a partition by its new name, in the rows that call it otherwise."""
        literal = predicates.text(name)
        where = f"partition_id = {partition_id} AND partition <> {literal}"
        self._table.update(
            updates={"partition": literal}, predicate=where, writer_properties=_WRITER
        )

    def take(self, position: int) -> None:
        """Say that the table has all up to an entry, without a row of its own."""
        self.replace("false", (), position=position)

    def compact(self) -> int:
        """Merge small files of a partition and month; return how many were merged."""
        done = self._table.optimize.compact(
            target_size=FILE_BYTES,
            max_concurrent_tasks=1,
            max_spill_size=SPILL_BYTES,
            writer_properties=_WRITER,
        )
        return int(done["numFilesRemoved"])

    def vacuum(self) -> int:
        """Remove files that no commit of the retention time needs; return how many."""
        removed = self._table.vacuum(
            retention_hours=settings.LAKE_RETENTION_HOURS,
            dry_run=False,
            enforce_retention_duration=False,
            full=True,  # also what was written and never committed
        )
        self._table.create_checkpoint()
        self._table.cleanup_metadata()
        return len(removed)

    def state(self) -> TableState:
        """Return how the table is."""
        files = self._files()
        (last,) = self._table.history(1)
        return TableState(
            len(files["path"]),
            sum(files["num_records"]),
            sum(files["size_bytes"]),
            self.position,
            self._table.version(),
            datetime.fromtimestamp(last["timestamp"] / 1000, UTC),
        )

    def _files(self) -> dict[str, list[Any]]:
        """Return what the log says of files, by column."""
        actions = self._table.get_add_actions(flatten=True)
        names = ("path", "size_bytes", "num_records", *_PARTS)
        return {name: _values(actions, name) for name in names}

    def _write_rows(
        self, chunks: Iterable[Sequence[Row]], mode: Any, where: str | None, at: int
    ) -> None:
        """Write rows; raise what making them failed with as what it is."""
        faults: list[Exception] = []
        rows = arrow.reader(self.definition.columns(), _watched(chunks, faults))
        try:
            self._write(rows, mode, where, at)
        except DeltaError as error:
            if faults:
                raise faults[0] from error
            raise

    def _write(
        self,
        rows: RecordBatchReader,
        mode: Any,
        where: str | None,
        position: int | None,
    ) -> None:
        """Write rows in one commit; columns that the table lacks are added to it."""
        write_deltalake(
            self._table,
            rows,
            mode=mode,
            predicate=where,
            schema_mode="merge",
            target_file_size=FILE_BYTES,
            writer_properties=_WRITER,
            commit_properties=_commit(position),
        )


def _watched(
    chunks: Iterable[Sequence[Row]], faults: list[Exception]
) -> Iterator[Sequence[Row]]:
    """Yield rows, and keep what fails: of delta-rs one hears that something has."""
    try:
        yield from chunks
    except Exception as error:
        faults.append(error)
        raise


Lake = dict[str, LakeTable]


def open_lake(place: LakePlace) -> Lake:
    """Return all tables, created where they are not there."""
    place.make()
    return {each.name: LakeTable(each, place) for each in TABLES}


_PARTS: Final = tuple(f"partition.{name}" for name in PARTITIONED_BY)


def _values(actions: Any, name: str) -> list[Any]:
    """Return a column's values; none where there are no files."""
    if name not in actions.schema.names:
        return []
    return [each.as_py() for each in actions.column(name)]


def _commit(position: int | None) -> CommitProperties | None:
    if position is None:
        return None
    return CommitProperties(
        app_transactions=[Transaction(FEED, position)],
        custom_metadata={"feedSequence": str(position)},
    )


def _create(definition: Definition, url: str, options: dict[str, str]) -> DeltaTable:
    retention = f"interval {settings.LAKE_RETENTION_HOURS} hours"
    return DeltaTable.create(
        url,
        arrow.schema_of(definition.columns()),
        mode="ignore",
        partition_by=list(PARTITIONED_BY),
        storage_options=options,
        configuration={
            "delta.dataSkippingStatsColumns": ",".join(definition.found_by),
            "delta.deletedFileRetentionDuration": retention,
            "delta.logRetentionDuration": retention,
        },
    )
