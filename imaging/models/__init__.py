"""The tables of DICOM storage."""

from imaging.models.blob import FreedBlob
from imaging.models.imported_file import ImportedFile, ImportOutcome
from imaging.models.instance import Instance, InstanceVersion
from imaging.models.patient import Patient, PatientVariant
from imaging.models.project import Project, ProjectPatient, ProjectStudy
from imaging.models.series import Series
from imaging.models.study import Study
from imaging.models.thumbnail import Thumbnail
from imaging.models.usage import Usage

__all__ = [
    "FreedBlob",
    "ImportOutcome",
    "ImportedFile",
    "Instance",
    "InstanceVersion",
    "Patient",
    "PatientVariant",
    "Project",
    "ProjectPatient",
    "ProjectStudy",
    "Series",
    "Study",
    "Thumbnail",
    "Usage",
]
