"""What search keeps of an instance: pure functions from its DICOM JSON model.

The values of a study or series are a function of the instances held now (those of the
newest one), so that what stores and deletes build bit by bit equals a rebuild.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from pydicom.datadict import tag_for_keyword

from imaging import levels_table
from imaging.fold import fold, fold_name, storable
from imaging.moments import moment_utc

Model = Mapping[str, Mapping[str, Any]]
"""A DICOM JSON object: 8-hexadecimal tag to ``{"vr": …, "Value": […]}``."""


def tag_of(keyword: str) -> str:
    """Return the tag of a standard attribute as DICOM JSON writes it."""
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise KeyError(keyword)
    return f"{tag:08X}"


def _tags(*keywords: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({tag_of(word) for group in keywords for word in group}))


STUDY_SUMMARY: Final = _tags(levels_table.STUDY_DEFAULT)
STUDY_ATTRIBUTES: Final = _tags(levels_table.STUDY_DEFAULT, levels_table.STUDY_MORE)
SERIES_SUMMARY: Final = _tags(levels_table.SERIES_DEFAULT)
SERIES_ATTRIBUTES: Final = _tags(levels_table.SERIES_DEFAULT, levels_table.SERIES_MORE)
INSTANCE_SUMMARY: Final = _tags(levels_table.INSTANCE_DEFAULT)

PATIENT_ID: Final = tag_of("PatientID")
ISSUER_OF_PATIENT_ID: Final = tag_of("IssuerOfPatientID")
_NAME_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")


@dataclass(frozen=True, slots=True)
class PatientIndex:
    """The patient as one instance names them."""

    digest: bytes
    issuer_of_patient_id: str
    patient_id: str
    patient_name: str
    patient_birth_date: str
    patient_sex: str


@dataclass(frozen=True, slots=True)
class StudyIndex:
    """The columns of ``imaging.Study`` that come from one instance."""

    patient_id: str
    patient_id_folded: str
    issuer_of_patient_id_folded: str
    patient_name: str
    patient_name_alphabetic_folded: str
    patient_name_ideographic_folded: str
    patient_name_phonetic_folded: str
    patient_birth_date: str
    patient_sex: str
    study_date: str
    study_time: str
    study_moment_utc: str
    study_id_folded: str
    study_description: str
    study_description_folded: str
    accession_number: str
    accession_number_folded: str
    referring_physician_name_alphabetic_folded: str
    referring_physician_name_ideographic_folded: str
    referring_physician_name_phonetic_folded: str
    summary: bytes
    attributes: bytes


@dataclass(frozen=True, slots=True)
class SeriesIndex:
    """The columns of ``imaging.Series`` that come from one instance."""

    modality: str
    series_number: int | None
    series_description_folded: str
    body_part_examined: str
    performed_procedure_step_start_date: str
    performed_procedure_step_start_time: str
    performed_procedure_step_start_moment_utc: str
    manufacturer_model_name_folded: str
    scheduled_procedure_step_ids_folded: list[str]
    requested_procedure_ids_folded: list[str]
    summary: bytes
    attributes: bytes


@dataclass(frozen=True, slots=True)
class InstanceIndex:
    """The columns of ``imaging.Instance`` that come from the instance itself."""

    sop_instance_uid: str
    sop_class_uid: str
    instance_number: int | None
    summary: bytes


def members(model: Model, tags: Iterable[str]) -> bytes:
    """Return the attributes of `tags` that are there, as JSON members without braces.

    Stored in this form so that a search splices them into its answer unparsed.
    """
    return orjson.dumps({tag: model[tag] for tag in tags if tag in model})[1:-1]


def text(model: Model, keyword: str) -> str:
    """Return the first value of a text attribute, empty where there is none."""
    values = model.get(_TAG[keyword], _ABSENT).get("Value")
    return storable(values[0]) if values and isinstance(values[0], str) else ""


def integer(model: Model, keyword: str) -> int | None:
    """Return the first value of an IS or US attribute, if it fits 64 bits."""
    values = model.get(_TAG[keyword], _ABSENT).get("Value")
    if not values or not isinstance(values[0], int):
        return None
    number: int = values[0]
    return number if -(2**63) <= number < 2**63 else None


def name_groups(model: Model, keyword: str) -> tuple[str, str, str]:
    """Return the component groups of a person name (DICOM PS3.5 6.2.1.2)."""
    values = model.get(_TAG[keyword], _ABSENT).get("Value")
    if not values or not isinstance(values[0], dict):
        return ("", "", "")
    alphabetic, ideographic, phonetic = (
        storable(values[0].get(group, "")) for group in _NAME_GROUPS
    )
    return (alphabetic, ideographic, phonetic)


def patient_index(model: Model) -> PatientIndex:
    """Return who the patient is, and a digest that tells spellings apart."""
    name = name_groups(model, "PatientName")
    values = (
        text(model, "IssuerOfPatientID"),
        text(model, "PatientID"),
        "=".join(name).rstrip("="),
        text(model, "PatientBirthDate"),
        text(model, "PatientSex"),
    )
    identity = (
        *map(fold, values[:2]),
        *map(fold_name, name),
        *values[3:],
    )
    digest = hashlib.blake2b("\0".join(identity).encode(), digest_size=16).digest()
    return PatientIndex(digest, *values)


def study_index(model: Model) -> StudyIndex:
    """Return the study's columns as the instance `model` gives them."""
    name = name_groups(model, "PatientName")
    referring = name_groups(model, "ReferringPhysicianName")
    patient_id = text(model, "PatientID")
    description = text(model, "StudyDescription")
    accession_number = text(model, "AccessionNumber")
    return StudyIndex(
        patient_id=patient_id,
        patient_id_folded=fold(patient_id),
        issuer_of_patient_id_folded=fold(text(model, "IssuerOfPatientID")),
        patient_name="=".join(name).rstrip("="),
        patient_name_alphabetic_folded=fold_name(name[0]),
        patient_name_ideographic_folded=fold_name(name[1]),
        patient_name_phonetic_folded=fold_name(name[2]),
        patient_birth_date=text(model, "PatientBirthDate"),
        patient_sex=text(model, "PatientSex"),
        study_date=text(model, "StudyDate"),
        study_time=text(model, "StudyTime"),
        study_moment_utc=_moment(model, "StudyDate", "StudyTime"),
        study_id_folded=fold(text(model, "StudyID")),
        study_description=description,
        study_description_folded=fold(description),
        accession_number=accession_number,
        accession_number_folded=fold(accession_number),
        referring_physician_name_alphabetic_folded=fold_name(referring[0]),
        referring_physician_name_ideographic_folded=fold_name(referring[1]),
        referring_physician_name_phonetic_folded=fold_name(referring[2]),
        summary=members(model, STUDY_SUMMARY),
        attributes=members(model, STUDY_ATTRIBUTES),
    )


def with_patient_id(model: Model, source: Model) -> Model:
    """Return `model` with PatientID and issuer of `source` where it has no PatientID.

    An empty PatientID never replaces one that the study has.
    """
    if text(model, "PatientID"):
        return model
    kept = {
        tag: source[tag] for tag in (PATIENT_ID, ISSUER_OF_PATIENT_ID) if tag in source
    }
    return {**model, **kept}


def series_index(model: Model) -> SeriesIndex:
    """Return the series' columns as the instance `model` gives them."""
    requests = model.get(_TAG["RequestAttributesSequence"], _ABSENT).get("Value", [])
    return SeriesIndex(
        modality=text(model, "Modality"),
        series_number=integer(model, "SeriesNumber"),
        series_description_folded=fold(text(model, "SeriesDescription")),
        body_part_examined=text(model, "BodyPartExamined"),
        performed_procedure_step_start_date=text(
            model, "PerformedProcedureStepStartDate"
        ),
        performed_procedure_step_start_time=text(
            model, "PerformedProcedureStepStartTime"
        ),
        performed_procedure_step_start_moment_utc=_moment(
            model, "PerformedProcedureStepStartDate", "PerformedProcedureStepStartTime"
        ),
        manufacturer_model_name_folded=fold(text(model, "ManufacturerModelName")),
        scheduled_procedure_step_ids_folded=[
            fold(text(item, "ScheduledProcedureStepID")) for item in requests
        ],
        requested_procedure_ids_folded=[
            fold(text(item, "RequestedProcedureID")) for item in requests
        ],
        summary=members(model, SERIES_SUMMARY),
        attributes=members(model, SERIES_ATTRIBUTES),
    )


def instance_index(model: Model) -> InstanceIndex:
    """Return the instance's own columns."""
    return InstanceIndex(
        sop_instance_uid=text(model, "SOPInstanceUID"),
        sop_class_uid=text(model, "SOPClassUID"),
        instance_number=integer(model, "InstanceNumber"),
        summary=members(model, INSTANCE_SUMMARY),
    )


def _moment(model: Model, date: str, time: str) -> str:
    offset = text(model, "TimezoneOffsetFromUTC")
    return moment_utc(text(model, date), text(model, time), offset) if offset else ""


_ABSENT: Final[Mapping[str, Any]] = {}
_TAG: Final = {
    keyword: tag_of(keyword)
    for keyword in (
        "AccessionNumber",
        "BodyPartExamined",
        "InstanceNumber",
        "IssuerOfPatientID",
        "ManufacturerModelName",
        "Modality",
        "PatientBirthDate",
        "PatientID",
        "PatientName",
        "PatientSex",
        "PerformedProcedureStepStartDate",
        "PerformedProcedureStepStartTime",
        "ReferringPhysicianName",
        "RequestAttributesSequence",
        "RequestedProcedureID",
        "SOPClassUID",
        "SOPInstanceUID",
        "ScheduledProcedureStepID",
        "SeriesDescription",
        "SeriesInstanceUID",
        "SeriesNumber",
        "StudyDate",
        "StudyDescription",
        "StudyID",
        "StudyInstanceUID",
        "StudyTime",
        "TimezoneOffsetFromUTC",
    )
}

INDEXED: Final = frozenset(_TAG.values())
"""The attributes of which columns are made; of sequences the outermost one."""
