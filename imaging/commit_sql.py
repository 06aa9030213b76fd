"""The statements that give instances their places: set-based and prepared.

They run on the current thread's connection inside the caller's transaction. Rows go in
as JSON and byte strings as arrays beside it, so one prepared statement serves any
number of rows. The order of locks is: studies by partition and UID, then everything
below them. What studies and series say of themselves: `imaging.describe_sql`.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from core.access import values_within, within
from core.database import as_rows, raw_connection
from core.errors import Conflict
from core.reach import Reach
from imaging.index import InstanceIndex, PatientIndex
from imaging.query_tags import rows as tag_rows
from imaging.receive import Received

StudyKey = tuple[int, str]
"""Partition and StudyInstanceUID."""

Key = tuple[int, str, str, str]
"""The identity of an instance: partition, study, series and instance UID."""


class HeldInstance(NamedTuple):
    """What holds a place already."""

    version_id: int
    variant_id: int
    sha256: bytes
    blob_key: str


class Place(NamedTuple):
    """Where an instance goes, its study locked.

    Attributes
    ----------
    version_id
        The key of the version that may be written there.
    """

    study_id: int
    series_id: int
    version_id: int
    held: HeldInstance | None


class Locked(NamedTuple):
    """Where instances go, their studies locked, and what tags they are indexed by."""

    places: list[Place]
    tags: tag_rows.Tags


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """An instance to be written to its place."""

    place: Place
    received: Received

    @property
    def instance(self) -> InstanceIndex:
        """Return the columns that come from the instance itself."""
        return self.received.instance

    @property
    def patient(self) -> PatientIndex:
        """Return the patient as the instance names them."""
        return self.received.patient


def lock_places(keys: Sequence[Key]) -> Locked:
    """Create and lock the studies of `keys`, create their series, see what is held.

    Returns
    -------
    Locked
        Places in the order of `keys`. Version keys go up along it.

    Raises
    ------
    Conflict
        A partition was disabled or deleted after the request had begun.
    """
    connection = raw_connection()
    connection.execute(_LOCK_STUDIES, (_key_rows({key[:2] for key in keys}),))
    connection.execute(_CREATE_SERIES, (_key_rows({key[:3] for key in keys}),))
    rows = connection.execute(_FIND_PLACES, (_key_rows(keys, in_order=True),))
    tags = tag_rows.ask_tags()  # under the lock, and waited for together
    found = rows.fetchall()
    if len(found) != len(keys):
        message = "The partition was disabled or deleted: nothing is stored in it."
        raise Conflict(message, path="partition")
    version_ids = sorted(row[2] for row in found)
    places = [
        Place(row[0], row[1], version_id, HeldInstance(*row[3:]) if row[3] else None)
        for row, version_id in zip(found, version_ids, strict=True)
    ]
    return Locked(places, tag_rows.read_tags(tags))


def held_studies(keys: Collection[StudyKey], reach: Reach) -> set[StudyKey]:
    """Return which of the studies are held and reached.

    Without a lock: taken here it would be out of the order of locks. A study that is
    deleted before it is locked is begun anew by what is stored.
    """
    rows = raw_connection().execute(
        "SELECT s.partition_id, s.study_instance_uid"  # noqa: S608 own names
        " FROM json_to_recordset(%s::json) AS key (partition_id bigint, study text)"
        " JOIN imaging_study s ON s.partition_id = key.partition_id"
        " AND s.study_instance_uid = key.study"
        f" WHERE {within('s.id', 's.partition_id')}",
        (_key_rows(keys), *values_within(reach)),
    )
    return set(rows.fetchall())


def write_instances(rows: Sequence[InstanceRow]) -> None:
    """Write versions, count the patients as they name them, give places what they hold.

    One statement. What held a place before loses its blob to the sweeper.
    """
    named = _named_patients(rows)
    raw_connection().execute(
        _WRITE_INSTANCES,
        (
            as_rows(map(_version_row, rows)),
            [row.received.sha256 for row in rows],
            [row.received.metadata for row in rows],
            [row.received.layout for row in rows],
            [row.received.frames for row in rows],
            as_rows(row for row, _digest in named),
            [digest for _row, digest in named],
            as_rows(map(_instance_row, rows)),
            [row.patient.digest for row in rows],
            [row.instance.summary for row in rows],
        ),
    )
    replaced = [row.place.held for row in rows if row.place.held]
    if replaced:
        uncount_variants(held.variant_id for held in replaced)
        free_blobs([held.blob_key for held in replaced])


def uncount_variants(variant_ids: Iterable[int]) -> None:
    """Count one instance less for each key; a spelling that nobody has left goes."""
    counts = Counter(variant_ids)
    connection = raw_connection()
    connection.execute(
        "UPDATE imaging_patientvariant v"
        " SET number_of_instances = v.number_of_instances - gone.number"
        " FROM unnest(%s::bigint[], %s::int[]) AS gone (id, number)"
        " WHERE v.id = gone.id",
        (list(counts), list(counts.values())),
    )
    connection.execute(
        "DELETE FROM imaging_patientvariant"
        " WHERE id = ANY(%s::bigint[]) AND number_of_instances = 0",
        (list(counts),),
    )


def free_blobs(keys: Sequence[str]) -> None:
    """Hand blobs to the sweeper, which removes them after the grace time."""
    raw_connection().execute(
        "INSERT INTO imaging_freedblob (blob_key) SELECT unnest(%s::text[])",
        (list(keys),),
    )


def _key_rows(
    keys: Collection[tuple[int, *tuple[str, ...]]], *, in_order: bool = False
) -> str:
    names = ("partition_id", "study", "series", "instance")
    ordered = keys if in_order else sorted(keys)
    return as_rows(dict(zip(names, key, strict=False)) for key in ordered)


def _version_row(row: InstanceRow) -> dict[str, object]:
    received = row.received
    return {
        "id": row.place.version_id,
        "study": received.study_instance_uid,
        "syntax": received.transfer_syntax_uid,
        "blob_key": received.blob_key,
        "size_bytes": received.size_bytes,
    }


def _instance_row(row: InstanceRow) -> dict[str, object]:
    return {
        "study_id": row.place.study_id,
        "series_id": row.place.series_id,
        "version_id": row.place.version_id,
        "uid": row.instance.sop_instance_uid,
        "sop_class": row.instance.sop_class_uid,
        "number": row.instance.instance_number,
    }


def _named_patients(
    rows: Sequence[InstanceRow],
) -> list[tuple[dict[str, object], bytes]]:
    """Return each spelling of a study's patient once, with how often it comes."""
    counts = Counter((row.place.study_id, row.patient.digest) for row in rows)
    patients = {(row.place.study_id, row.patient.digest): row.patient for row in rows}
    return [
        (
            {
                "study_id": key[0],
                "issuer": patients[key].issuer_of_patient_id,
                "patient_id": patients[key].patient_id,
                "name": patients[key].patient_name,
                "birth_date": patients[key].patient_birth_date,
                "sex": patients[key].patient_sex,
                "number": counts[key],
            },
            key[1],
        )
        for key in sorted(counts)
    ]


# A study that is there already is locked and not changed: the condition of the update
# is tested under the lock. One that is deleted meanwhile is created anew.
_LOCK_STUDIES: Final = """
INSERT INTO imaging_study AS held (partition_id, study_instance_uid)
SELECT partition_id, study
FROM json_to_recordset(%s::json) AS key (partition_id bigint, study text)
ORDER BY 1, 2
ON CONFLICT (partition_id, study_instance_uid) DO UPDATE
SET newest_version_id = held.newest_version_id WHERE false
"""
_CREATE_SERIES: Final = """
INSERT INTO imaging_series (study_id, series_instance_uid)
SELECT study.id, key.series
FROM json_to_recordset(%s::json) AS key (partition_id bigint, study text, series text)
JOIN imaging_study study ON study.partition_id = key.partition_id
  AND study.study_instance_uid = key.study
ON CONFLICT DO NOTHING
"""
# A new study has locked its partition's row, and this sees what was committed before:
# nothing is stored in a partition that is deleted meanwhile.
# OFFSET 0: one look-up by index for each key, whatever the planner thinks of tables
# that were small when the statement was prepared.
_FIND_PLACES: Final = """
SELECT place.study_id, place.series_id,
  nextval('imaging_instanceversion_id_seq'),
  held.version_id, held.variant_id, held.sha256, held.blob_key
FROM ROWS FROM (json_to_recordset(%s::json) AS (
  partition_id bigint, study text, series text, instance text
)) WITH ORDINALITY AS key (partition_id, study, series, instance, place),
LATERAL (
  SELECT study.id AS study_id, series.id AS series_id FROM imaging_study study
  JOIN imaging_series series ON series.study_id = study.id
    AND series.series_instance_uid = key.series
  JOIN core_partition partition ON partition.id = study.partition_id
    AND partition.disabled_at IS NULL AND partition.deleted_at IS NULL
  WHERE study.partition_id = key.partition_id
    AND study.study_instance_uid = key.study OFFSET 0
) AS place
LEFT JOIN LATERAL (
  SELECT i.version_id, i.patient_variant_id AS variant_id, v.sha256, v.blob_key
  FROM imaging_instance i JOIN imaging_instanceversion v ON v.id = i.version_id
  WHERE i.series_id = place.series_id AND i.sop_instance_uid = key.instance OFFSET 0
) AS held ON true
ORDER BY key.place
"""
_WRITE_INSTANCES: Final = """
WITH version AS (
  INSERT INTO imaging_instanceversion (id, study_instance_uid, transfer_syntax_uid,
    blob_key, size_bytes, sha256, metadata, layout, frames)
  SELECT * FROM ROWS FROM (json_to_recordset(%s::json) AS (
    id bigint, study text, syntax text, blob_key text, size_bytes bigint
  ), unnest(%b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[]))
), variant AS (
  INSERT INTO imaging_patientvariant AS held (study_id, issuer_of_patient_id,
    patient_id, patient_name, patient_birth_date, patient_sex, number_of_instances,
    digest)
  SELECT * FROM ROWS FROM (json_to_recordset(%s::json) AS (
    study_id bigint, issuer text, patient_id text, name text, birth_date text,
    sex text, number int
  ), unnest(%b::bytea[]))
  ON CONFLICT (study_id, digest) DO UPDATE
  SET number_of_instances = held.number_of_instances + excluded.number_of_instances
  RETURNING study_id, digest, id
)
INSERT INTO imaging_instance (study_id, series_id, version_id, sop_instance_uid,
  sop_class_uid, instance_number, summary, patient_variant_id)
SELECT new.study_id, new.series_id, new.version_id, new.uid, new.sop_class,
  new.number, new.summary, variant.id
FROM ROWS FROM (json_to_recordset(%s::json) AS (
  study_id bigint, series_id bigint, version_id bigint, uid text, sop_class text,
  number bigint
), unnest(%b::bytea[], %b::bytea[])) AS new (
  study_id, series_id, version_id, uid, sop_class, number, digest, summary
)
JOIN variant ON variant.study_id = new.study_id AND variant.digest = new.digest
ORDER BY new.version_id
ON CONFLICT (series_id, sop_instance_uid) DO UPDATE SET
  version_id = excluded.version_id, patient_variant_id = excluded.patient_variant_id,
  sop_class_uid = excluded.sop_class_uid, instance_number = excluded.instance_number,
  summary = excluded.summary
"""
