"""The statements of `imaging.commit` and `imaging.delete`: set-based, prepared, hot.

All run on the current thread's connection inside the caller's transaction. Arrays go
in as parameters and are unnested, so one prepared statement serves any number of
rows. The order of locks is: studies by partition and UID, then everything below them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Final, NamedTuple

from psycopg.rows import class_row

from core.database import raw_connection
from imaging.index import (
    InstanceIndex,
    Model,
    PatientIndex,
    SeriesIndex,
    StudyIndex,
    series_index,
    study_index,
    text,
)
from imaging.receive import Received, load_model


class LockedStudy(NamedTuple):
    """A study whose row this transaction has locked."""

    id: int
    partition_id: int
    study_instance_uid: str


class HeldInstance(NamedTuple):
    """An instance that was held before this transaction."""

    id: int
    study_id: int
    series_id: int
    sop_instance_uid: str
    version_id: int
    variant_id: int
    sha256: bytes
    blob_key: str


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """An instance to be inserted, or the new state of a replaced one."""

    study_id: int
    series_id: int
    version_id: int
    variant_id: int
    instance: InstanceIndex


def lock_studies(keys: Sequence[tuple[int, str]]) -> list[LockedStudy]:
    """Create the studies that are not there and lock all, in the order of `keys`.

    Returns
    -------
    list of LockedStudy
        Fewer than `keys` where one was deleted meanwhile: the caller tries again.
    """
    connection = raw_connection()
    parameters = ([key[0] for key in keys], [key[1] for key in keys])
    with connection.pipeline():
        connection.execute(
            "INSERT INTO imaging_study (partition_id, study_instance_uid)"
            " SELECT * FROM unnest(%s::bigint[], %s::text[]) ORDER BY 1, 2"
            " ON CONFLICT DO NOTHING",
            parameters,
        )
        cursor = connection.cursor(row_factory=class_row(LockedStudy))
        cursor.execute(
            "SELECT id, partition_id, study_instance_uid FROM imaging_study"
            " WHERE (partition_id, study_instance_uid) IN"
            " (SELECT * FROM unnest(%s::bigint[], %s::text[]))"
            " ORDER BY partition_id, study_instance_uid FOR UPDATE",
            parameters,
        )
        return cursor.fetchall()


def find_series(keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Create the series that are not there; return the key of each."""
    connection = raw_connection()
    parameters = ([key[0] for key in keys], [key[1] for key in keys])
    with connection.pipeline():
        connection.execute(
            "INSERT INTO imaging_series (study_id, series_instance_uid)"
            " SELECT * FROM unnest(%s::bigint[], %s::text[])"
            " ON CONFLICT DO NOTHING",
            parameters,
        )
        rows = connection.execute(
            "SELECT study_id, series_instance_uid, id FROM imaging_series"
            " WHERE (study_id, series_instance_uid) IN"
            " (SELECT * FROM unnest(%s::bigint[], %s::text[]))",
            parameters,
        ).fetchall()
    return {(study_id, uid): series_id for study_id, uid, series_id in rows}


def held_instances(places: Sequence[tuple[int, str]]) -> list[HeldInstance]:
    """Return what holds which of the places (series key, SOPInstanceUID)."""
    cursor = raw_connection().cursor(row_factory=class_row(HeldInstance))
    cursor.execute(
        "SELECT i.id, i.study_id, i.series_id, i.sop_instance_uid, i.version_id,"
        " i.patient_variant_id AS variant_id, v.sha256, v.blob_key"
        " FROM unnest(%s::bigint[], %s::text[]) AS place (series_id, uid)"
        " JOIN imaging_instance i ON i.series_id = place.series_id"
        " AND i.sop_instance_uid = place.uid"
        " JOIN imaging_instanceversion v ON v.id = i.version_id",
        ([place[0] for place in places], [place[1] for place in places]),
    )
    return cursor.fetchall()


def insert_versions(received: Sequence[Received]) -> list[int]:
    """Insert a version for each received instance; return their keys, ascending."""
    connection = raw_connection()
    rows = connection.execute(
        "SELECT nextval(pg_get_serial_sequence('imaging_instanceversion', 'id'))"
        " FROM generate_series(1, %s)",
        (len(received),),
    ).fetchall()
    ids = [row[0] for row in rows]
    connection.execute(
        "INSERT INTO imaging_instanceversion (id, study_instance_uid,"
        " transfer_syntax_uid, blob_key, size_bytes, sha256, metadata, layout, frames)"
        " SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[],"
        " %s::bigint[], %b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[])",
        (
            ids,
            [one.study_instance_uid for one in received],
            [one.transfer_syntax_uid for one in received],
            [one.blob_key for one in received],
            [one.size_bytes for one in received],
            [one.sha256 for one in received],
            [one.metadata for one in received],
            [one.layout for one in received],
            [one.frames for one in received],
        ),
    )
    return ids


def count_variants(
    named: Sequence[tuple[int, PatientIndex]],
) -> dict[tuple[int, bytes], int]:
    """Count one more instance for each spelling of a study's patient.

    Returns
    -------
    dict
        Key of the variant by study key and digest.
    """
    counts = Counter((study_id, patient.digest) for study_id, patient in named)
    patients = {(study_id, patient.digest): patient for study_id, patient in named}
    keys = sorted(counts)
    rows = (
        raw_connection()
        .execute(
            "INSERT INTO imaging_patientvariant AS held (study_id, digest,"
            " issuer_of_patient_id, patient_id, patient_name, patient_birth_date,"
            " patient_sex, number_of_instances)"
            " SELECT * FROM unnest(%s::bigint[], %b::bytea[], %s::text[], %s::text[],"
            " %s::text[], %s::text[], %s::text[], %s::int[])"
            " ON CONFLICT (study_id, digest) DO UPDATE SET number_of_instances ="
            " held.number_of_instances + excluded.number_of_instances"
            " RETURNING study_id, digest, id",
            (
                [key[0] for key in keys],
                [key[1] for key in keys],
                [patients[key].issuer_of_patient_id for key in keys],
                [patients[key].patient_id for key in keys],
                [patients[key].patient_name for key in keys],
                [patients[key].patient_birth_date for key in keys],
                [patients[key].patient_sex for key in keys],
                [counts[key] for key in keys],
            ),
        )
        .fetchall()
    )
    return {(study_id, bytes(digest)): variant for study_id, digest, variant in rows}


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


def insert_instances(rows: Sequence[InstanceRow]) -> None:
    """Insert instances that were not held."""
    if not rows:
        return
    raw_connection().execute(
        "INSERT INTO imaging_instance (study_id, series_id, version_id,"
        " patient_variant_id, sop_instance_uid, sop_class_uid, instance_number,"
        " summary) SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[],"
        " %s::bigint[], %s::text[], %s::text[], %s::bigint[], %b::bytea[])",
        _columns(rows),
    )


def replace_instances(replaced: Sequence[tuple[HeldInstance, InstanceRow]]) -> None:
    """Give held instances their new version and free the blobs of the old ones."""
    rows = [row for _, row in replaced]
    raw_connection().execute(
        "UPDATE imaging_instance i SET version_id = new.version_id,"
        " patient_variant_id = new.variant_id, sop_class_uid = new.sop_class_uid,"
        " instance_number = new.instance_number, summary = new.summary"
        " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],"
        " %s::text[], %s::text[], %s::bigint[], %b::bytea[]) AS new (study_id,"
        " series_id, version_id, variant_id, sop_instance_uid, sop_class_uid,"
        " instance_number, summary) WHERE i.series_id = new.series_id"
        " AND i.sop_instance_uid = new.sop_instance_uid",
        _columns(rows),
    )
    uncount_variants(held.variant_id for held, _ in replaced)
    free_blobs([held.blob_key for held, _ in replaced])


def free_blobs(keys: Sequence[str]) -> None:
    """Hand blobs to the sweeper, which removes them after the grace time."""
    raw_connection().execute(
        "INSERT INTO imaging_freedblob (blob_key) SELECT unnest(%s::text[])",
        (list(keys),),
    )


def describe_series(series_id: int, version_id: int, model: Model, added: int) -> None:
    """Give a series the values of its newest instance, and count `added` more."""
    raw_connection().execute(
        _UPDATE_SERIES,
        (*_values(series_index(model)), version_id, added, series_id),
    )


def find_patients(models: Mapping[LockedStudy, Model]) -> dict[LockedStudy, int | None]:
    """Return the key of the patient that each study names; create those not there.

    All at once and in one order, so that two transactions that name the same new
    patients never wait for each other in a circle.
    """
    identities = {
        study: (
            study.partition_id,
            text(model, "PatientID"),
            text(model, "IssuerOfPatientID"),
        )
        for study, model in models.items()
    }
    named = sorted({identity for identity in identities.values() if identity[1]})
    parameters = tuple([identity[part] for identity in named] for part in range(3))
    connection = raw_connection()
    with connection.pipeline():
        connection.execute(
            "INSERT INTO imaging_patient (partition_id, patient_id,"
            " issuer_of_patient_id)"
            " SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[])"
            " ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING",
            parameters,
        )
        rows = connection.execute(
            "SELECT partition_id, patient_id, issuer_of_patient_id, id"
            " FROM imaging_patient"
            " WHERE (partition_id, patient_id, issuer_of_patient_id) IN"
            " (SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[]))",
            parameters,
        ).fetchall()
    keys = {(partition, name, issuer): key for partition, name, issuer, key in rows}
    return {study: keys.get(identity) for study, identity in identities.items()}


def describe_study(
    study: LockedStudy,
    version_id: int,
    model: Model,
    patient: int | None,
    added: int,
) -> None:
    """Give a study the values of its newest instance, and count `added` more.

    What the study says of its series and instances follows the rows held now.
    """
    raw_connection().execute(
        _UPDATE_STUDY,
        (*_values(study_index(model)), version_id, patient, added, study.id),
    )


def count_study(study_id: int, sop_classes: set[str] | None) -> None:
    """Have a study say how many and which series and instances it has.

    Parameters
    ----------
    sop_classes
        What was added; None where something was taken away or replaced, so that all
        instances have to be looked at.
    """
    raw_connection().execute(
        _COUNT_STUDY.format(
            sop_classes=_ALL_SOP_CLASSES if sop_classes is None else _MORE_SOP_CLASSES
        ),
        {"study": study_id, "added": sorted(sop_classes or ())},
    )


def held_patient_id(study_id: int) -> Model:
    """Return the newest held model of a study that has a PatientID, or nothing."""
    row = (
        raw_connection()
        .execute(
            "SELECT v.metadata FROM imaging_instance i"
            " JOIN imaging_patientvariant p ON p.id = i.patient_variant_id"
            " JOIN imaging_instanceversion v ON v.id = i.version_id"
            " WHERE i.study_id = %s AND p.patient_id <> ''"
            " ORDER BY i.version_id DESC LIMIT 1",
            (study_id,),
        )
        .fetchone()
    )
    return {} if row is None else load_model(row[0])


def _columns(rows: Sequence[InstanceRow]) -> tuple[list[object], ...]:
    return (
        [row.study_id for row in rows],
        [row.series_id for row in rows],
        [row.version_id for row in rows],
        [row.variant_id for row in rows],
        [row.instance.sop_instance_uid for row in rows],
        [row.instance.sop_class_uid for row in rows],
        [row.instance.instance_number for row in rows],
        [row.instance.summary for row in rows],
    )


def _values(index: StudyIndex | SeriesIndex) -> tuple[object, ...]:
    return astuple(index)


def _assignments(index: type[StudyIndex] | type[SeriesIndex]) -> str:
    return ", ".join(f"{field.name} = %s" for field in fields(index))


_UPDATE_SERIES: Final = (
    f"UPDATE imaging_series SET {_assignments(SeriesIndex)},"  # noqa: S608 own names
    " newest_version_id = %s, number_of_instances = number_of_instances + %s"
    " WHERE id = %s"
)
_UPDATE_STUDY: Final = (
    f"UPDATE imaging_study SET {_assignments(StudyIndex)},"  # noqa: S608 own names
    " newest_version_id = %s, linked_patient_id = %s,"
    " number_of_instances = number_of_instances + %s, updated_at = now()"
    " WHERE id = %s"
)
_ALL_SOP_CLASSES: Final = (
    "SELECT sop_class_uid FROM imaging_instance WHERE study_id = %(study)s"
)
_MORE_SOP_CLASSES: Final = (
    "SELECT unnest(study.sop_classes_in_study || %(added)s::text[])"
)
_COUNT_STUDY: Final = """
UPDATE imaging_study study SET
    number_of_series = of_series.number,
    modalities_in_study = of_series.modalities,
    sop_classes_in_study = ARRAY(
        SELECT DISTINCT uid FROM ({sop_classes}) AS held (uid) ORDER BY uid
    ),
    number_of_patient_variants = (
        SELECT count(*) FROM imaging_patientvariant WHERE study_id = %(study)s
    )
FROM (
    SELECT count(*) AS number,
        coalesce(
            array_agg(DISTINCT modality ORDER BY modality)
                FILTER (WHERE modality <> ''),
            ARRAY[]::text[]
        ) AS modalities
    FROM imaging_series WHERE study_id = %(study)s
) AS of_series
WHERE study.id = %(study)s
"""
