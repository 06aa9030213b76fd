"""The statements that say what studies and series are like, after what they hold.

Used by stores and deletes, inside their transaction and under the lock of the study
(`imaging.commit_sql`).
"""

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import timedelta
from operator import attrgetter
from typing import Final, NamedTuple

from core.database import as_rows, raw_connection
from imaging.commit_sql import StudyKey
from imaging.index import (
    Model,
    SeriesIndex,
    StudyIndex,
    series_index,
    study_index,
    text,
)
from imaging.receive import load_model
from imaging.results import is_result_sql


class Described(NamedTuple):
    """What a study takes its values from: a version, and its DICOM JSON model."""

    version_id: int
    model: Model


def describe_series(series_id: int, version_id: int, model: Model, added: int) -> None:
    """Give a series the values of its newest instance, and count `added` more."""
    raw_connection().execute(
        _UPDATE_SERIES,
        (*_SERIES_VALUES(series_index(model)), version_id, added, series_id),
    )


def name_patients(models: Mapping[StudyKey, Model]) -> None:
    """Create the patients that studies name, where they are not there.

    All at once and in one order, so that two transactions that name the same new
    patients never wait for each other in a circle.
    """
    named = {(key[0], *_patient(model)) for key, model in models.items()}
    rows = [
        {"partition_id": partition_id, "patient_id": name, "issuer": issuer}
        for partition_id, name, issuer in sorted(named)
        if name
    ]
    if rows:
        raw_connection().execute(_NAME_PATIENTS, (as_rows(rows),))


def describe_study(
    study_id: int,
    version_id: int,
    model: Model,
    *,
    added: int,
    sop_classes: Collection[str] | None,
    expires_after: timedelta | None = None,
    keeps_expiry: bool = False,
) -> None:
    """Give a study the values of the instance that describes it, and count what it has.

    What it says of its series and instances follows the rows held now, which are
    described before it; its patient is named before (`name_patients`).

    Parameters
    ----------
    version_id
        Of its newest instance.
    model
        Of the one that describes it (`describing_model`), with a PatientID if any has.
    added
        How many instances more; fewer where it is negative.
    sop_classes
        Of what was added; None where something was taken away or replaced, so that
        all instances have to be looked at.
    expires_after
        How long from now on the study is kept; for ever without.
    keeps_expiry
        Whether that stays what it is.
    """
    statement = _UPDATE_STUDY[sop_classes is None]
    parameters = (
        *_STUDY_VALUES(study_index(model)),
        version_id,
        *_patient(model),
        added,
        keeps_expiry,
        expires_after,
        *([] if sop_classes is None else [sorted(sop_classes)]),
        study_id,
    )
    raw_connection().execute(statement, parameters)


def describing_model(study_id: int) -> Described:
    """Return the held model that a study with instances takes its values from.

    The newest that is no result: what reads a study and what is drawn in it often
    says little of it, and would hide what the images say.
    """
    is_result, parameters = is_result_sql("i.sop_class_uid")
    row = (
        raw_connection()
        .execute(
            "SELECT id, metadata FROM imaging_instanceversion WHERE id = ("  # noqa: S608 own names
            "SELECT i.version_id FROM imaging_instance i WHERE i.study_id = %s"
            f" ORDER BY {is_result}, i.version_id DESC LIMIT 1)",
            (study_id, *parameters),
        )
        .fetchone()
    )
    assert row is not None  # noqa: S101 the caller knows that instances are held
    return Described(row[0], load_model(row[1]))


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


def _patient(model: Model) -> tuple[str, str]:
    return text(model, "PatientID"), text(model, "IssuerOfPatientID")


def _names(index: type[StudyIndex] | type[SeriesIndex]) -> list[str]:
    return [field.name for field in fields(index)]


def _assignments(index: type[StudyIndex] | type[SeriesIndex]) -> str:
    return ", ".join(f"{name} = %s" for name in _names(index))


_STUDY_VALUES: Final = attrgetter(*_names(StudyIndex))
_SERIES_VALUES: Final = attrgetter(*_names(SeriesIndex))

_NAME_PATIENTS: Final = """
INSERT INTO imaging_patient (partition_id, patient_id, issuer_of_patient_id)
SELECT * FROM json_to_recordset(%s::json) AS named (
  partition_id bigint, patient_id text, issuer text
)
ON CONFLICT DO NOTHING
"""
_UPDATE_SERIES: Final = (
    f"UPDATE imaging_series SET {_assignments(SeriesIndex)},"  # noqa: S608 own names
    " newest_version_id = %s, number_of_instances = number_of_instances + %s"
    " WHERE id = %s"
)
_ALL_SOP_CLASSES: Final = (
    "SELECT sop_class_uid FROM imaging_instance WHERE study_id = study.id"
)
_MORE_SOP_CLASSES: Final = "SELECT unnest(study.sop_classes_in_study || %s::text[])"


def _update_study(sop_classes: str) -> str:
    return f"""
UPDATE imaging_study AS study SET {_assignments(StudyIndex)},
  newest_version_id = %s, updated_at = now(),
  linked_patient_id = (
    SELECT patient.id FROM imaging_patient AS patient
    WHERE patient.partition_id = study.partition_id AND patient.patient_id = %s
      AND patient.issuer_of_patient_id = %s
  ),
  number_of_instances = number_of_instances + %s,
  expires_at = CASE WHEN %s THEN expires_at ELSE now() + %s::interval END,
  (number_of_series, modalities_in_study) = (
    SELECT count(*), coalesce(
      array_agg(DISTINCT modality ORDER BY modality) FILTER (WHERE modality <> ''),
      ARRAY[]::text[]
    ) FROM imaging_series WHERE study_id = study.id
  ),
  sop_classes_in_study = ARRAY(
    SELECT DISTINCT uid FROM ({sop_classes}) AS held (uid) ORDER BY uid
  ),
  number_of_patient_variants = (
    SELECT count(*) FROM imaging_patientvariant WHERE study_id = study.id
  )
WHERE study.id = %s
"""  # noqa: S608 own names


_UPDATE_STUDY: Final = {
    True: _update_study(_ALL_SOP_CLASSES),
    False: _update_study(_MORE_SOP_CLASSES),
}
"""By whether all instances have to be looked at."""
