"""The tables of DICOM storage."""

from imaging.models.blob import FreedBlob
from imaging.models.instance import Instance, InstanceVersion
from imaging.models.patient import Patient, PatientVariant
from imaging.models.series import Series
from imaging.models.study import Study

__all__ = [
    "FreedBlob",
    "Instance",
    "InstanceVersion",
    "Patient",
    "PatientVariant",
    "Series",
    "Study",
]
