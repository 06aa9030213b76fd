"""The statements of `imaging.query_tags.reindex`."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from psycopg.rows import class_row

from core.database import raw_connection
from imaging.levels import Level
from imaging.results import is_result_sql


class Held(NamedTuple):
    """A row that is indexed, and what it takes its values from.

    Attributes
    ----------
    with_patient_id
        The metadata of the newest instance with a PatientID, where the one that
        describes a study has none.
    """

    row_id: int
    partition_id: int
    version_id: int
    metadata: bytes
    with_patient_id: bytes | None


def lock(level: Level, below: int | None, number: int) -> list[int]:
    """Lock the studies of the next rows of a level; return the keys, going down.

    A row whose study another transaction has just moved is found in its new one: then
    the locks are taken once more.
    """
    connection = raw_connection()
    keys = [
        row[0]
        for row in connection.execute(_NEXT[level], (below, below, number)).fetchall()
    ]
    locked: set[int] = set()
    while keys:
        rows = connection.execute(_LOCK[level], (keys,)).fetchall()
        locked = {row[0] for row in rows}
        held = connection.execute(_STUDIES[level], (keys,)).fetchall()
        if locked.issuperset(row[0] for row in held):
            break
    return keys


def read(level: Level, keys: Sequence[int]) -> list[Held]:
    """Return those of the rows that are still there, under the lock."""
    cursor = raw_connection().cursor(class_row(Held), binary=True)
    statement, parameters = _READ[level]
    cursor.execute(statement, (*parameters, list(keys)))
    return cursor.fetchall()


def about(level: Level) -> int:
    """Return about how many rows a level has, in no time."""
    ((number,),) = raw_connection().execute(_COUNT[level]).fetchall()
    return int(number)


def remove_some(tag: int, number: int) -> int:
    """Remove some values of a tag; return how many."""
    return raw_connection().execute(_REMOVE_SOME, (tag, number)).rowcount


_TABLE: Final = {
    Level.STUDY: "imaging_study",
    Level.SERIES: "imaging_series",
    Level.INSTANCE: "imaging_instance",
}
_STUDY: Final = {
    Level.STUDY: "id",
    Level.SERIES: "study_id",
    Level.INSTANCE: "study_id",
}
_NEXT: Final = {
    level: f"SELECT id FROM {table} WHERE (%s::bigint IS NULL OR id < %s)"  # noqa: S608 own names
    " ORDER BY id DESC LIMIT %s"
    for level, table in _TABLE.items()
}
_STUDIES: Final = {
    level: f"SELECT DISTINCT {_STUDY[level]} FROM {table}"  # noqa: S608 own names
    " WHERE id = ANY(%s::bigint[])"
    for level, table in _TABLE.items()
}
# By partition and UID, as all who write below studies do.
_LOCK: Final = {
    level: f"SELECT id FROM imaging_study WHERE id IN ({studies})"  # noqa: S608 own names
    " ORDER BY partition_id, study_instance_uid FOR NO KEY UPDATE"
    for level, studies in _STUDIES.items()
}
_IS_RESULT, _RESULTS = is_result_sql("i.sop_class_uid")
# What describes a study: `imaging.describe_sql.describing_model`.
_READ: Final = {
    Level.STUDY: (
        "SELECT s.id AS row_id, s.partition_id, v.id AS version_id, v.metadata,"  # noqa: S608 own names
        " (SELECT w.metadata FROM imaging_instance i"
        " JOIN imaging_patientvariant p ON p.id = i.patient_variant_id"
        " JOIN imaging_instanceversion w ON w.id = i.version_id"
        " WHERE i.study_id = s.id AND p.patient_id <> '' AND described.patient_id = ''"
        " ORDER BY i.version_id DESC LIMIT 1) AS with_patient_id"
        " FROM imaging_study s CROSS JOIN LATERAL ("
        "SELECT i.version_id, p.patient_id FROM imaging_instance i"
        " JOIN imaging_patientvariant p ON p.id = i.patient_variant_id"
        f" WHERE i.study_id = s.id ORDER BY {_IS_RESULT}, i.version_id DESC LIMIT 1"
        ") described JOIN imaging_instanceversion v ON v.id = described.version_id"
        " WHERE s.id = ANY(%s::bigint[])",
        _RESULTS,
    ),
    Level.SERIES: (
        "SELECT e.id AS row_id, s.partition_id, v.id AS version_id, v.metadata,"
        " NULL::bytea AS with_patient_id FROM imaging_series e"
        " JOIN imaging_study s ON s.id = e.study_id"
        " JOIN imaging_instanceversion v ON v.id = e.newest_version_id"
        " WHERE e.id = ANY(%s::bigint[])",
        [],
    ),
    Level.INSTANCE: (
        "SELECT i.id AS row_id, s.partition_id, v.id AS version_id, v.metadata,"
        " NULL::bytea AS with_patient_id FROM imaging_instance i"
        " JOIN imaging_study s ON s.id = i.study_id"
        " JOIN imaging_instanceversion v ON v.id = i.version_id"
        " WHERE i.id = ANY(%s::bigint[])",
        [],
    ),
}
_COUNT: Final = {
    level: f"SELECT coalesce(max(id) - min(id) + 1, 0) FROM {table}"  # noqa: S608 own names
    for level, table in _TABLE.items()
}
_REMOVE_SOME: Final = """
DELETE FROM imaging_tagvalue WHERE ctid = ANY(ARRAY(
  SELECT ctid FROM imaging_tagvalue WHERE tag_id = %s LIMIT %s
))
"""
