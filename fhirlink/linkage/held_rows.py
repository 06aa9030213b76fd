"""Reading studies from the imaging index: a fixed number of statements for a batch.

Nothing is parsed but stored JSON models, some at a time, and of each only the
attributes that are mapped are kept.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, NamedTuple

import orjson

from core.database import raw_connection
from fhirlink.linkage.documents import CLASSES, Place
from fhirlink.linkage.held import HeldInstance, HeldSeries, HeldStudy
from fhirlink.linkage.reading import clean, text, values
from fhirlink.linkage.rejections import rejected_studies
from imaging.metadata import model_of
from imaging.rendering.attributes import Model, items, tag

CHUNK: Final = 200  # models in memory at once
REPORTS_AT_ONCE: Final = 10
LARGEST_BYTES: Final = 64 * 1024
"""Of a compressed model of which only a title is read."""
LARGEST_REPORT_BYTES: Final = 1024 * 1024
"""Of that of a structured report."""

REPORTS: Final = frozenset(
    f"1.2.840.10008.5.1.4.1.1.88.{number}"
    for number in (11, 22, 33, 34, 35, 67, 68, 74, 75, 76, 50, 65, 40)
)
"""SOP classes of structured reports that may hold measurements (PS3.4 B.5)."""

_KEPT: Final = tuple(
    map(
        tag,
        """
        AccessionNumber AnatomicRegionSequence BodyPartExamined DeviceSerialNumber
        DeviceUID ImageLaterality InstitutionName InstitutionalDepartmentName
        IssuerOfAccessionNumberSequence IssuerOfPatientID
        IssuerOfPatientIDQualifiersSequence Laterality Manufacturer
        ManufacturerModelName Modality NameOfPhysiciansReadingStudy
        NumberOfStudyRelatedInstances NumberOfStudyRelatedSeries
        OperatorIdentificationSequence OperatorsName OtherPatientIDsSequence
        PatientBirthDate PatientID PatientName PatientSex
        PerformingPhysicianIdentificationSequence PerformingPhysicianName
        PhysiciansReadingStudyIdentificationSequence ProcedureCodeSequence
        ReasonForRequestedProcedureCodeSequence ReasonForTheRequestedProcedure
        ReferringPhysicianIdentificationSequence ReferringPhysicianName
        RequestAttributesSequence SOPClassUID SeriesDate SeriesDescription
        SeriesNumber SeriesTime SoftwareVersions StationName StudyDate
        StudyDescription StudyID StudyTime TimezoneOffsetFromUTC
        """.split(),  # noqa: SIM905 a table
    )
)


class Report(NamedTuple):
    """A structured report of a study, or a document in it."""

    place: Place
    version_id: int


class Read(NamedTuple):
    """A study as it is held, and what the index says of it beside.

    Attributes
    ----------
    key
        Of its row.
    patient
        Key of its patient in the index, if it has one.
    number_of_patients
        How many PatientIDs its instances name.
    """

    held: HeldStudy
    key: int
    patient: int | None
    number_of_patients: int
    reports: Sequence[Report]


def read_studies(
    partition_id: int, uids: Collection[str], most_instances: int
) -> dict[str, Read]:
    """Return studies as they are held; those that are gone are not there."""
    connection = raw_connection()
    studies = connection.execute(_STUDIES, (partition_id, list(uids))).fetchall()
    keys = [row[0] for row in studies]
    series = connection.execute(_SERIES, (keys,)).fetchall()
    models = _models({row[4] for row in studies} | {row[4] for row in series})
    small = [row[0] for row in studies if row[6] <= most_instances]
    instances = _instances(small)
    reports, rejected = _reports(keys), rejected_studies(keys)
    by_study: dict[int, list[HeldSeries]] = {}
    for key, study, uid, number, newest in series:
        by_study.setdefault(study, []).append(
            HeldSeries(uid, models.get(newest, {}), number, instances.get(key, ()))
        )
    return {
        uid: Read(
            HeldStudy(
                uid,
                {**models.get(newest, {}), **_attributes(attributes)},
                by_study.get(key, ()),
                key in rejected,
            ),
            key,
            patient,
            patients,
            reports.get(key, ()),
        )
        for key, uid, patient, attributes, newest, patients, _ in studies
    }


def read_reports(reports: Sequence[Report]) -> Iterator[tuple[Place, Model]]:
    """Yield where reports are with their whole models, some at a time.

    Those that are too large have an empty one.
    """
    places = {each.version_id: each.place for each in reports}
    for some in _chunks(sorted(places), REPORTS_AT_ONCE):
        cursor = raw_connection().cursor(binary=True)
        values_ = (some, LARGEST_REPORT_BYTES)
        small: dict[int, bytes] = dict(cursor.execute(_SMALL, values_).fetchall())
        for key in some:
            yield places[key], _parsed(small.get(key, b""))


def _attributes(stored: bytes) -> Model:
    """Return what the study keeps, though its newest instance may not say it."""
    found: Model = orjson.loads(b"{%b}" % bytes(stored))
    return {key: found[key] for key in _KEPT if key in found}


def _models(version_ids: Collection[int]) -> dict[int, Model]:
    """Return what is mapped of versions."""
    found: dict[int, Model] = {}
    for some in _chunks(sorted(version_ids)):
        rows = raw_connection().cursor(binary=True).execute(_VERSIONS, (some,))
        for key, metadata in rows:
            model = _parsed(metadata)
            found[key] = {each: model[each] for each in _KEPT if each in model}
    return found


def _instances(study_ids: Collection[int]) -> dict[int, list[HeldInstance]]:
    """Return the instances of each series."""
    rows = raw_connection().execute(_INSTANCES, (list(study_ids),)).fetchall()
    titles = _titles([row[4] for row in rows])
    found: dict[int, list[HeldInstance]] = {}
    for series, uid, sop_class, number, version in rows:
        title = titles.get(version, "")
        found.setdefault(series, []).append(HeldInstance(uid, sop_class, number, title))
    return found


def _titles(version_ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in _chunks(version_ids):
        cursor = raw_connection().cursor(binary=True)
        for key, metadata in cursor.execute(_SMALL, (some, LARGEST_BYTES)):
            found[key] = title_of(_parsed(metadata))
    return found


def title_of(model: Model) -> str:
    """Return what an instance is called: a document's title, or the type of an image.

    The latter as it stands, its values apart by backslashes.
    """
    named = text(model, "DocumentTitle")
    for item in items(model, tag("ConceptNameCodeSequence")):
        named = named or text(item, "CodeMeaning")
    return named or "\\".join(map(clean, values(model, "ImageType")))


def _reports(study_ids: Collection[int]) -> dict[int, list[Report]]:
    found: dict[int, list[Report]] = {}
    values_ = (list(study_ids), sorted(REPORTS | CLASSES))
    for study, version, *place in raw_connection().execute(_REPORTS, values_):
        found.setdefault(study, []).append(Report(Place(*place), version))
    return found


def _parsed(metadata: bytes) -> dict[str, Any]:
    """Return a model; of a version that was erased there is none."""
    return model_of(metadata) if metadata else {}


def _chunks(found: Sequence[int], size: int = CHUNK) -> Iterator[list[int]]:
    return (list(found[at : at + size]) for at in range(0, len(found), size))


_STUDIES: Final = """
SELECT s.id, s.study_instance_uid, s.linked_patient_id, s.attributes,
  s.newest_version_id, (SELECT count(DISTINCT (v.issuer_of_patient_id, v.patient_id))
    FROM imaging_patientvariant v WHERE v.study_id = s.id AND v.patient_id <> ''),
  s.number_of_instances
FROM imaging_study s
WHERE s.partition_id = %s AND s.study_instance_uid = ANY(%s::text[])
"""
_SERIES: Final = (
    "SELECT id, study_id, series_instance_uid, number_of_instances, newest_version_id"
    " FROM imaging_series WHERE study_id = ANY(%s::bigint[]) ORDER BY id"
)
_VERSIONS: Final = (
    "SELECT id, metadata FROM imaging_instanceversion WHERE id = ANY(%s::bigint[])"
)
_SMALL: Final = f"{_VERSIONS} AND octet_length(metadata) <= %s"
_INSTANCES: Final = (
    "SELECT series_id, sop_instance_uid, sop_class_uid, instance_number, version_id"
    " FROM imaging_instance WHERE study_id = ANY(%s::bigint[])"
)
_REPORTS: Final = (
    "SELECT i.study_id, i.version_id, s.study_instance_uid, e.series_instance_uid,"
    " i.sop_instance_uid, i.sop_class_uid FROM imaging_instance i"
    " JOIN imaging_series e ON e.id = i.series_id"
    " JOIN imaging_study s ON s.id = i.study_id"
    " WHERE i.study_id = ANY(%s::bigint[]) AND i.sop_class_uid = ANY(%s::text[])"
    " ORDER BY i.study_id, i.sop_instance_uid LIMIT 1000"
)
