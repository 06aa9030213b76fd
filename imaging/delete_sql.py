"""The statements of `imaging.delete`: set-based, inside the caller's transaction."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from psycopg.rows import class_row

from core.access import values_within, within
from core.database import raw_connection
from core.reach import Reach
from imaging.index import Model
from imaging.receive import load_model


class LockedStudy(NamedTuple):
    """A study that is deleted from, or moved: nobody else writes below it."""

    id: int
    partition_id: int
    study_instance_uid: str
    patient_id: str
    number_of_instances: int


class DeletedInstance(NamedTuple):
    """An instance that has just been deleted."""

    id: int
    series_id: int
    series_instance_uid: str
    sop_instance_uid: str
    version_id: int
    variant_id: int


class Newest(NamedTuple):
    """The newest held version of a series, and its DICOM JSON model."""

    version_id: int
    model: Model


def lock_study(
    partition_id: int, study_instance_uid: str, reach: Reach, *, only_expired: bool
) -> LockedStudy | None:
    """Lock a study's row; None where it is not there or reached, or has time left.

    The time is looked at under the lock, where no store can give the study more.
    """
    cursor = raw_connection().cursor(row_factory=class_row(LockedStudy))
    cursor.execute(
        "SELECT id, partition_id, study_instance_uid, patient_id, number_of_instances"  # noqa: S608 own names
        " FROM imaging_study s WHERE partition_id = %s AND study_instance_uid = %s"
        " AND (expires_at <= now() OR NOT %s)"
        f" AND {within('s.id', 's.partition_id')} FOR NO KEY UPDATE",
        (
            partition_id,
            study_instance_uid,
            only_expired,
            *values_within(reach),
        ),
    )
    return cursor.fetchone()


def delete_instances(
    study_id: int, series_instance_uid: str | None, sop_instance_uid: str | None
) -> list[DeletedInstance]:
    """Delete the instances of a study, of one series, or one; return them in order."""
    cursor = raw_connection().cursor(row_factory=class_row(DeletedInstance))
    cursor.execute(
        "WITH gone AS (DELETE FROM imaging_instance i USING imaging_series s"
        " WHERE i.study_id = %(study)s AND s.id = i.series_id"
        " AND (%(series)s::text IS NULL OR s.series_instance_uid = %(series)s)"
        " AND (%(sop)s::text IS NULL OR i.sop_instance_uid = %(sop)s)"
        " RETURNING i.id, s.id AS series_id, s.series_instance_uid, i.sop_instance_uid,"
        " i.version_id, i.patient_variant_id AS variant_id)"
        " SELECT * FROM gone ORDER BY version_id",
        {
            "study": study_id,
            "series": series_instance_uid,
            "sop": sop_instance_uid,
        },
    )
    return cursor.fetchall()


def free_versions(version_ids: Sequence[int]) -> None:
    """Hand the blobs of versions to the sweeper."""
    raw_connection().execute(
        "INSERT INTO imaging_freedblob (blob_key)"
        " SELECT blob_key FROM imaging_instanceversion WHERE id = ANY(%s::bigint[])",
        (list(version_ids),),
    )


def delete_empty_series(series_ids: Sequence[int]) -> set[int]:
    """Delete those of the series that have no instances; return their keys."""
    rows = (
        raw_connection()
        .execute(
            "DELETE FROM imaging_series s WHERE id = ANY(%s::bigint[]) AND NOT EXISTS"
            " (SELECT FROM imaging_instance i WHERE i.series_id = s.id) RETURNING id",
            (list(series_ids),),
        )
        .fetchall()
    )
    return {row[0] for row in rows}


def delete_study(study_id: int) -> None:
    """Delete the row of a study that has no instances."""
    raw_connection().execute("DELETE FROM imaging_study WHERE id = %s", (study_id,))


def newest_of_series(series_id: int) -> Newest:
    """Return what a series with instances takes its values from."""
    row = raw_connection().execute(_NEWEST_OF_SERIES, (series_id,)).fetchone()
    assert row is not None  # noqa: S101 the caller knows that instances are left
    return Newest(row[0], load_model(row[1]))


def newest_version(study_id: int) -> int:
    """Return the newest version that a study with instances holds."""
    row = (
        raw_connection()
        .execute(
            "SELECT max(version_id) FROM imaging_instance WHERE study_id = %s",
            (study_id,),
        )
        .fetchone()
    )
    assert row is not None  # noqa: S101 an aggregate always answers
    return int(row[0])


_NEWEST_OF_SERIES: Final = (
    "SELECT id, metadata FROM imaging_instanceversion WHERE id ="
    " (SELECT max(version_id) FROM imaging_instance WHERE series_id = %s)"
)
