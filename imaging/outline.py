"""Studies in outline: what followers outside of this app derive from images.

Read from the columns that search reads; no DICOM is parsed.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

from psycopg.rows import args_row

from core.access import Actor, Verb, require_everywhere
from core.database import as_rows, raw_connection

StudyKey = tuple[int, str]
"""Key of a partition, and a StudyInstanceUID in it."""


class SeriesOutline(NamedTuple):
    """A series of a study."""

    series_instance_uid: str
    modality: str
    body_part_examined: str
    number_of_instances: int


class StudyOutline(NamedTuple):
    """A study that is held.

    Attributes
    ----------
    patient
        Key of its patient; None where it names none.
    """

    partition_id: int
    study_instance_uid: str
    patient: int | None
    patient_birth_date: str
    patient_sex: str
    study_date: str
    study_time: str
    study_description: str
    series: tuple[SeriesOutline, ...] = ()


def outline_studies(*, actor: Actor, keys: Iterable[StudyKey]) -> list[StudyOutline]:
    """Return those of some studies that are held, with their series, in two statements.

    Raises
    ------
    Forbidden
        The actor may not see who the patients are, everywhere.
    """
    require_everywhere(actor, Verb.VIEW_PHI, "Only who sees all reads outlines.")
    asked = as_rows({"partition_id": part, "uid": uid} for part, uid in keys)
    series: defaultdict[StudyKey, list[SeriesOutline]] = defaultdict(list)
    connection = raw_connection()
    for part, uid, *columns in connection.execute(_SERIES, (asked,)):
        series[part, uid].append(SeriesOutline(*columns))
    with connection.cursor(row_factory=args_row(StudyOutline)) as cursor:
        studies = cursor.execute(_STUDIES, (asked,)).fetchall()
    return [
        study._replace(
            series=tuple(series[study.partition_id, study.study_instance_uid])
        )
        for study in studies
    ]


_ASKED: Final = (
    "json_to_recordset(%s::json) AS asked (partition_id bigint, uid text)"
    " JOIN imaging_study study ON study.partition_id = asked.partition_id"
    " AND study.study_instance_uid = asked.uid"
)
_STUDIES: Final = (
    "SELECT study.partition_id, study.study_instance_uid, study.linked_patient_id,"  # noqa: S608 own names
    " study.patient_birth_date, study.patient_sex, study.study_date, study.study_time,"
    f" study.study_description FROM {_ASKED}"
)
_SERIES: Final = (
    "SELECT study.partition_id, study.study_instance_uid, series.series_instance_uid,"  # noqa: S608 own names
    " series.modality, series.body_part_examined, series.number_of_instances"
    f" FROM {_ASKED} JOIN imaging_series series ON series.study_id = study.id"
    " ORDER BY series.series_instance_uid"
)


def newest_studies(*, actor: Actor, patients: Iterable[int]) -> list[StudyOutline]:
    """Return of each patient the study that has changed last, without its series.

    Raises
    ------
    Forbidden
        The actor may not see who the patients are, everywhere.
    """
    require_everywhere(actor, Verb.VIEW_PHI, "Only who sees all reads outlines.")
    with raw_connection().cursor(row_factory=args_row(StudyOutline)) as cursor:
        return cursor.execute(_NEWEST, (sorted(set(patients)),)).fetchall()


_NEWEST: Final = (
    "SELECT DISTINCT ON (linked_patient_id) partition_id, study_instance_uid,"
    " linked_patient_id, patient_birth_date, patient_sex, study_date, study_time,"
    " study_description FROM imaging_study WHERE linked_patient_id = ANY(%s::bigint[])"
    " ORDER BY linked_patient_id, newest_version_id DESC"
)
