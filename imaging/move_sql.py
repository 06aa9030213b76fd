"""The statements of `imaging.move`: set-based, inside the caller's transaction."""

from typing import Final, NamedTuple

from psycopg.rows import class_row

from core.database import raw_connection
from imaging.models import Study


class MovedInstance(NamedTuple):
    """An instance that has just been given to another study."""

    series_instance_uid: str
    sop_instance_uid: str
    version_id: int


def begin_study(partition_id: int, study_instance_uid: str) -> int | None:
    """Create the row of a study, and so lock it; None where there is one already.

    Waits for whoever is creating or deleting one at this moment. The row says nothing
    yet.
    """
    row = (
        raw_connection()
        .execute(
            "INSERT INTO imaging_study (partition_id, study_instance_uid)"
            " VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING id",
            (partition_id, study_instance_uid),
        )
        .fetchone()
    )
    return None if row is None else int(row[0])


def are_open(partition_ids: set[int]) -> bool:
    """Return whether all of the partitions are neither disabled nor deleted."""
    row = (
        raw_connection()
        .execute(
            "SELECT count(*) FROM core_partition WHERE id = ANY(%s::bigint[])"
            " AND disabled_at IS NULL AND deleted_at IS NULL",
            (list(partition_ids),),
        )
        .fetchone()
    )
    return row == (len(partition_ids),)


def copy_values(study_id: int, new_study_id: int) -> None:
    """Give a study what another one says of itself, but its place and patient."""
    raw_connection().execute(_COPY_VALUES, (study_id, new_study_id))


def give_instances(study_id: int, new_study_id: int) -> list[MovedInstance]:
    """Give a study all that lies below another one; return the instances in order."""
    connection, keys = raw_connection(), {"old": study_id, "new": new_study_id}
    for statement in _GIVE:
        connection.execute(statement, keys)
    cursor = connection.cursor(row_factory=class_row(MovedInstance))
    cursor.execute(_GIVE_INSTANCES, keys)
    return cursor.fetchall()


def name_patient(study_id: int, partition_id: int) -> int | None:
    """Return the key that a study's patient has in another partition.

    Created where it is not there; None where the study names no patient.
    """
    connection, keys = (
        raw_connection(),
        {"study": study_id, "partition": partition_id},
    )
    connection.execute(_NAME_PATIENT, keys)
    row = connection.execute(_FIND_PATIENT, keys).fetchone()
    return None if row is None else int(row[0])


def link_patient(study_id: int, patient_id: int | None) -> None:
    """Say whose study it is, which decides who sees it (migration 0010)."""
    raw_connection().execute(
        "UPDATE imaging_study SET linked_patient_id = %s WHERE id = %s",
        (patient_id, study_id),
    )


_OWN: Final = frozenset(
    {"id", "partition_id", "linked_patient_id", "created_at", "updated_at"}
)
"""What the new row of a study has of its own."""

_VALUES: Final = ", ".join(
    field.attname
    for field in Study._meta.concrete_fields  # noqa: SLF001 of Django, documented
    if field.attname not in _OWN
)
_COPY_VALUES: Final = (
    f"UPDATE imaging_study SET ({_VALUES}) ="  # noqa: S608 own names
    f" (SELECT {_VALUES} FROM imaging_study WHERE id = %s) WHERE id = %s"
)
_GIVE: Final = tuple(
    f"UPDATE {table} SET study_id = %(new)s WHERE study_id = %(old)s"  # noqa: S608 own names
    for table in ("imaging_series", "imaging_patientvariant")
)
_GIVE_INSTANCES: Final = """
WITH given AS (
  UPDATE imaging_instance i SET study_id = %(new)s FROM imaging_series s
  WHERE i.study_id = %(old)s AND s.id = i.series_id
  RETURNING s.series_instance_uid, i.sop_instance_uid, i.version_id
)
SELECT * FROM given ORDER BY version_id
"""
_PATIENT: Final = """
FROM imaging_study s JOIN imaging_patient named ON named.id = s.linked_patient_id
"""
_NAME_PATIENT: Final = f"""
INSERT INTO imaging_patient (partition_id, patient_id, issuer_of_patient_id)
SELECT %(partition)s, named.patient_id, named.issuer_of_patient_id {_PATIENT}
WHERE s.id = %(study)s ON CONFLICT DO NOTHING
"""
_FIND_PATIENT: Final = f"""
SELECT held.id {_PATIENT} JOIN imaging_patient held
  ON held.partition_id = %(partition)s AND held.patient_id = named.patient_id
  AND held.issuer_of_patient_id = named.issuer_of_patient_id
WHERE s.id = %(study)s
"""
