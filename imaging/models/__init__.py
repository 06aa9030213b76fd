"""The tables of DICOM storage."""

from imaging.models.archive_member import ArchiveMember
from imaging.models.blob import FreedBlob
from imaging.models.export_item import ExportItem, ExportOutcome
from imaging.models.imported_file import ImportedFile, ImportOutcome
from imaging.models.instance import Instance, InstanceVersion
from imaging.models.lake import LakeBuild, LakeTableState
from imaging.models.patient import Patient, PatientVariant
from imaging.models.project import Project, ProjectPatient, ProjectStudy
from imaging.models.query_tag import (
    QueryTag,
    TagError,
    TagLevel,
    TagStatus,
    TagValue,
)
from imaging.models.series import Series
from imaging.models.study import Study
from imaging.models.thumbnail import Thumbnail
from imaging.models.usage import Usage

__all__ = [
    "ArchiveMember",
    "ExportItem",
    "ExportOutcome",
    "FreedBlob",
    "ImportOutcome",
    "ImportedFile",
    "Instance",
    "InstanceVersion",
    "LakeBuild",
    "LakeTableState",
    "Patient",
    "PatientVariant",
    "Project",
    "ProjectPatient",
    "ProjectStudy",
    "QueryTag",
    "Series",
    "Study",
    "TagError",
    "TagLevel",
    "TagStatus",
    "TagValue",
    "Thumbnail",
    "Usage",
]
