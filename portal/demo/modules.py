"""The modules that the demo's objects share: patient, study, series, equipment.

Each function returns one module, or a few that belong together, with all attributes of
type 1 and 2. What a modality adds is in `modalities`.

References
----------
DICOM PS3.3 C.7 (patient, study, series, equipment), C.12.1 (SOP common).
"""

from datetime import timedelta
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from portal.demo.identity import uid
from portal.demo.protocols import Code, SeriesPlan
from portal.demo.stories import (
    ACCESSIONS,
    INSTITUTION,
    ISSUER,
    NAMESPACE,
    Patient,
    Study,
)

PRIVATE_CREATOR: Final = "IMAGING RESEARCH PORTAL DEMO"
PRIVATE_GROUP: Final = 0x0099
MAKERS: Final = {
    "CT": ("Ferrum Imaging", "Helix 64"),
    "PT": ("Ferrum Imaging", "Helix PET"),
    "MR": ("Spinwerk", "Tesla One"),
    "CR": ("Lumen Systems", "Plate 5"),
    "US": ("Echoform", "Curve 3"),
    "SEG": ("Ferrum Imaging", "Outline 2"),
}


def coded(*codes: Code) -> Sequence:
    """Return a code sequence (PS3.3 8.8)."""
    items = []
    for code in codes:
        item = Dataset()
        item.CodeValue = code.value
        item.CodingSchemeDesignator = code.scheme
        item.CodeMeaning = code.meaning
        items.append(item)
    return Sequence(items)


def patient_modules(patient: Patient, study: Study) -> Dataset:
    """Patient and Patient Study (C.7.1.1, C.7.2.2), with the character set."""
    part = Dataset()
    if patient.character_set:
        part.SpecificCharacterSet = list(patient.character_set)
    part.PatientName = patient.name
    part.PatientID = patient.patient_id
    part.IssuerOfPatientID = ISSUER
    part.PatientBirthDate = f"{patient.birth_date:%Y%m%d}"
    part.PatientSex = patient.sex
    part.PatientAge = f"{patient.age(study.at.date()):03d}Y"
    part.PatientSize = f"{patient.height_m:.2f}"
    part.PatientWeight = f"{patient.weight_kg:.1f}"
    return part


def study_modules(patient: Patient, study: Study) -> Dataset:
    """General Study (C.7.2.1), the order it answers included."""
    part = Dataset()
    part.StudyInstanceUID = study.study_instance_uid
    part.StudyDate = f"{study.at:%Y%m%d}"
    part.StudyTime = f"{study.at:%H%M%S}"
    part.TimezoneOffsetFromUTC = "+0000"
    part.AccessionNumber = study.accession_number
    part.IssuerOfAccessionNumberSequence = _accession_issuer()
    part.StudyID = study.study_id
    part.StudyDescription = study.protocol.description
    part.ReferringPhysicianName = study.referring_physician
    part.NameOfPhysiciansReadingStudy = study.reading_physician
    part.ProcedureCodeSequence = coded(study.protocol.procedure)
    part.ReasonForPerformedProcedureCodeSequence = coded(patient.diagnosis.disease)
    return part


def series_modules(patient: Patient, study: Study, number: int) -> Dataset:
    """General Series and General Equipment (C.7.3.1, C.7.5.1) of series `number`."""
    plan = study.protocol.series[number - 1]
    at = study.at + timedelta(minutes=6 * (number - 1))
    part = Dataset()
    part.Modality = plan.modality
    part.SeriesInstanceUID = series_uid(patient, study, plan)
    part.SeriesNumber = number
    part.SeriesDate = f"{at:%Y%m%d}"
    part.SeriesTime = f"{at:%H%M%S}"
    part.SeriesDescription = plan.description
    part.ProtocolName = study.protocol.description
    part.BodyPartExamined = study.protocol.body_part
    if study.protocol.laterality:
        part.Laterality = study.protocol.laterality
    part.OperatorsName = study.operator
    part.RequestAttributesSequence = Sequence([_request(study)])
    part.AnatomicRegionSequence = coded(study.protocol.region)
    part.Manufacturer, part.ManufacturerModelName = MAKERS[plan.modality]
    part.InstitutionName = INSTITUTION
    part.StationName = f"{plan.modality}1"
    part.DeviceSerialNumber = f"{plan.modality}-0001"
    part.SoftwareVersions = "1.0"
    return part


def frame_of_reference(patient: Patient, study: Study) -> Dataset:
    """Frame of Reference (C.7.4.1): one per study, so PET and CT lie together."""
    part = Dataset()
    part.FrameOfReferenceUID = uid(patient.seed, study.study_instance_uid, "frame")
    part.PositionReferenceIndicator = ""
    return part


def private_block(patient: Patient, study: Study) -> Dataset:
    """Private elements that say what was planted (PS3.5 7.8.1)."""
    part = Dataset()
    block = part.private_block(PRIVATE_GROUP, PRIVATE_CREATOR, create=True)
    block.add_new(0x01, "LO", patient.diagnosis.disease.meaning)
    block.add_new(0x02, "CS", patient.diagnosis.course.upper())
    if study.lesion:
        block.add_new(0x03, "DS", f"{study.lesion.diameter_mm:.1f}")
        block.add_new(0x04, "LO", study.lesion.site.value)
    block.add_new(0x05, "OB", patient.index.to_bytes(4, "little"))
    return part


def series_uid(patient: Patient, study: Study, plan: SeriesPlan) -> str:
    """Return the Series Instance UID of a series of a study."""
    return uid(patient.seed, study.study_instance_uid, plan.description)


def instance_uid(patient: Patient, study: Study, plan: SeriesPlan, number: int) -> str:
    """Return the SOP Instance UID of instance `number` (from 1) of a series."""
    return uid(patient.seed, study.study_instance_uid, plan.description, number)


def _request(study: Study) -> Dataset:
    item = Dataset()
    item.RequestedProcedureID = f"RP{study.study_id}"
    item.ScheduledProcedureStepID = f"SPS{study.study_id}"
    item.ScheduledProcedureStepDescription = study.protocol.description
    item.RequestedProcedureDescription = study.protocol.description
    item.RequestedProcedureCodeSequence = coded(study.protocol.procedure)
    item.AccessionNumber = study.accession_number
    item.IssuerOfAccessionNumberSequence = _accession_issuer()
    return item


def _accession_issuer() -> Sequence:
    """Hierarchic designator of who gives accession numbers (PS3.3 10.14)."""
    item = Dataset()
    item.LocalNamespaceEntityID = NAMESPACE
    item.UniversalEntityID = ACCESSIONS
    item.UniversalEntityIDType = "URI"
    return Sequence([item])
