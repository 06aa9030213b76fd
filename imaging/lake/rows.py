"""The rows of the lake's tables, read from the database some at a time.

Models of versions can be large, so that as many are in memory at once as have
`CHUNK_BYTES` as they are stored.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeVar

import orjson

from core.changefeed import Entry
from core.database import RawConnection, as_rows, raw_connection
from core.models import Partition
from imaging.index import Model
from imaging.lake.columns import INDEXED, ModelColumn, Row, Value
from imaging.lake.definitions import INSTANCES, SERIES, STUDIES, Definition
from imaging.lake.history import Held
from imaging.layout import FRAME_ENTRY, Layout
from imaging.receive import load_model

CHUNK_BYTES: Final = 4 * 1024 * 1024
CHUNK_ROWS: Final = 500
_DEFLATED: Final = "1.2.840.10008.1.2.1.99"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Item = TypeVar("Item")
StudyKey = tuple[int, str]
"""Partition and StudyInstanceUID."""


def partition_names(keys: Iterable[int]) -> dict[int, str]:
    """Return what partitions are called now."""
    held = Partition.objects.filter(pk__in=set(keys))
    return dict(held.values_list("pk", "name"))


def months_of(version_ids: Collection[int]) -> set[str]:
    """Return the months in which versions were stored."""
    rows = raw_connection().execute(
        "SELECT DISTINCT to_char(stored_at AT TIME ZONE 'UTC', 'YYYY-MM')"
        " FROM imaging_instanceversion WHERE id = ANY(%s::bigint[])",
        (list(version_ids),),
    )
    return {row[0] for row in rows.fetchall()}


def instance_rows(added: Sequence[Held]) -> Iterator[list[Row]]:
    """Return the rows of versions, in their order, some at a time.

    Read when they are taken, on the connection of who has called this: delta-rs takes
    them in a thread of its own, which must not open another.
    """
    connection = raw_connection()
    names = partition_names(each.partition_id for each in added)
    columns = INSTANCES.model_columns()
    return (
        [_instance_row(each, found[each.version_id], names, columns) for each in chunk]
        for chunk in _chunks(added, lambda held: held.version_id)
        for found in [_versions(connection, {held.version_id for held in chunk})]
    )


def study_rows(keys: Collection[StudyKey]) -> Iterator[list[Row]]:
    """Return the rows of studies, as they are now; none of those that are gone."""
    return _level_rows(STUDIES, _STUDIES, keys)


def series_rows(keys: Collection[StudyKey]) -> Iterator[list[Row]]:
    """Return the rows of all series of studies, as they are now."""
    return _level_rows(SERIES, _SERIES, keys)


def change_rows(entries: Sequence[Entry]) -> list[Row]:
    """Return the entries themselves as rows."""
    keys = (each.partition_id for each in entries if each.partition_id is not None)
    names = partition_names(keys)
    return [
        (
            each.partition_id,
            month(each.at),
            None if each.partition_id is None else names.get(each.partition_id),
            each.seq,
            microseconds(each.at),
            each.kind,
            each.op,
            list(each.key),
            each.version,
            each.actor,
            each.reason,
        )
        for each in entries
    ]


def patients_of(keys: Collection[StudyKey]) -> dict[StudyKey, int | None]:
    """Return the keys of the patients of studies; None where there is none."""
    found = raw_connection().execute(_PATIENTS, (_key_rows(keys),)).fetchall()
    patients = {(row[0], row[1]): row[2] for row in found}
    return {key: patients.get(key) for key in keys}


def month(moment: datetime) -> str:
    """Return the month of a moment, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m}"


def microseconds(moment: datetime) -> int:
    """Return a moment as Delta keeps it."""
    passed = moment - _EPOCH
    return (passed.days * 86400 + passed.seconds) * 1_000_000 + passed.microseconds


class _Version(NamedTuple):
    id: int
    transfer_syntax_uid: str
    blob_key: str
    size_bytes: int
    sha256: bytes
    metadata: bytes
    layout: bytes
    frames: bytes
    stored_at: datetime


def _instance_row(
    held: Held,
    version: _Version,
    names: Mapping[int, str],
    columns: Sequence[ModelColumn],
) -> Row:
    number, offsets, lengths = _frames(version)
    model = _model(version)
    return (
        held.partition_id,
        month(version.stored_at),
        names[held.partition_id],
        version.id,
        held.seq,
        *held.key,
        microseconds(version.stored_at),
        version.transfer_syntax_uid,
        version.blob_key,
        version.size_bytes,
        version.sha256.hex(),
        number,
        offsets,
        lengths,
        *(column.read(model) for column in columns),
    )


def _frames(version: _Version) -> tuple[int | None, list[int], list[int]]:
    """Return number, offsets and lengths of frames in the file.

    No places where frames do not begin at a byte of the file: inside of a deflated
    stream, or of single bits.
    """
    pixels = Layout.load(version.layout).pixels if version.layout else None
    if pixels is None:
        return None, [], []
    if pixels.encapsulated:
        entries = list(FRAME_ENTRY.iter_unpack(version.frames))
        return len(entries), [each[0] for each in entries], [e[1] for e in entries]
    number, size = pixels.number_of_frames, pixels.bits_per_frame // 8
    # A file may say that it has more frames than its bytes have room for.
    held = min(number, pixels.length // size) if size else 0
    if version.transfer_syntax_uid == _DEFLATED or pixels.bits_per_frame % 8:
        held = 0
    return number, [pixels.offset + n * size for n in range(held)], [size] * held


def _chunks(
    items: Sequence[Item], version_of: Callable[[Item], int]
) -> list[list[Item]]:
    """Return items in their order, as many together as have models for the memory."""
    ids = [version_of(each) for each in items]
    sizes: dict[int, int] = dict(raw_connection().execute(_SIZES, (ids,)).fetchall())
    chunks: list[list[Item]] = []
    size = CHUNK_BYTES + 1  # none yet
    for each, key in zip(items, ids, strict=True):
        size += sizes[key]
        if size > CHUNK_BYTES or len(chunks[-1]) == CHUNK_ROWS:
            chunks.append([])
            size = sizes[key]
        chunks[-1].append(each)
    return chunks


def _versions(
    connection: RawConnection, keys: Collection[int]
) -> dict[int, "_Version"]:
    rows = connection.cursor(binary=True).execute(_VERSIONS, (list(keys),))
    return {row[0]: _Version(*row) for row in rows}


def _model(version: "_Version") -> Model:
    return load_model(version.metadata) if version.metadata else {}


def _level_rows(
    definition: Definition, query: str, keys: Collection[StudyKey]
) -> Iterator[list[Row]]:
    """Return rows of a level, some at a time.

    Models of the newest instances are read only where a column is made of them. They
    are when rows are taken, on the connection of who has called this.
    """
    connection = raw_connection()
    columns = definition.model_columns()
    newest = [each.name for each in definition.fixed].index("newest_version_id") - 1
    rows = connection.cursor().execute(query, (_key_rows(keys),)).fetchall()
    if set(columns) <= set(INDEXED):
        return iter([[_level_row(row, {}, columns) for row in rows]])
    return (
        [_level_row(row, _model(found[row[newest]]), columns) for row in chunk]
        for chunk in _chunks(rows, lambda row: int(row[newest]))
        for found in [_versions(connection, {row[newest] for row in chunk})]
    )


def _level_row(
    row: Sequence[Any], newest: Model, columns: Sequence[ModelColumn]
) -> Row:
    *fixed, created_at, attributes = row
    # Those of the level come last: a study keeps a PatientID that its newest lacks.
    model = {**newest, **orjson.loads(b"{%b}" % bytes(attributes))}
    values: list[Value] = [fixed[0], month(created_at), *fixed[1:]]
    return (
        *values,
        microseconds(created_at),
        *(column.read(model) for column in columns),
    )


def _key_rows(keys: Collection[StudyKey]) -> str:
    return as_rows({"partition_id": key[0], "study": key[1]} for key in keys)


_SIZES: Final = (
    "SELECT id, octet_length(metadata) + octet_length(frames)"
    " FROM imaging_instanceversion WHERE id = ANY(%s::bigint[])"
)
_VERSIONS: Final = (
    "SELECT id, transfer_syntax_uid, blob_key, size_bytes, sha256, metadata, layout,"
    " frames, stored_at FROM imaging_instanceversion WHERE id = ANY(%s::bigint[])"
)
_OF_KEYS: Final = (
    "FROM json_to_recordset(%s::json) AS key (partition_id bigint, study text)"
    " JOIN imaging_study s ON s.partition_id = key.partition_id"
    " AND s.study_instance_uid = key.study"
    " JOIN core_partition p ON p.id = s.partition_id"
)
_STUDIES: Final = (
    "SELECT s.partition_id, p.name, s.study_instance_uid, s.modalities_in_study,"
    " s.sop_classes_in_study, s.number_of_series, s.number_of_instances,"
    f" s.newest_version_id, s.created_at, s.attributes {_OF_KEYS}"
    " ORDER BY s.partition_id, s.study_instance_uid"
)
_SERIES: Final = (
    "SELECT s.partition_id, p.name, s.study_instance_uid, e.series_instance_uid,"
    " e.number_of_instances, e.newest_version_id, e.created_at, e.attributes"
    f" {_OF_KEYS}"
    " JOIN imaging_series e ON e.study_id = s.id"
    " ORDER BY s.partition_id, s.study_instance_uid, e.series_instance_uid"
)
_PATIENTS: Final = (
    f"SELECT s.partition_id, s.study_instance_uid, s.linked_patient_id {_OF_KEYS}"
)
