"""By which rules a search is read and answered: the standard's, and Azure's two.

The edge chooses (`imaging.dicomweb.qido`). The standard's rules are DICOM PS3.18 10.6
with what clients ask for besides; Azure's are what its DICOM service documents for its
versions 1 and 2, by the letter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from imaging import index
from imaging.levels import Level

Fields = Mapping[Level, frozenset[str]]
"""The tags that are answered of each level."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What differs between the dialects of the service.

    Attributes
    ----------
    maximum_limit
        How many results an answer has at most.
    tolerant
        A limit above the maximum is cut and parameters that are not known are passed
        over, each with a warning; keywords are read in any case; ``includefield`` may
        name ``all`` beside others, and attributes inside of sequences.
    literal
        A value stands for itself: no wild cards, no lists, nothing for everything.
    options
        The parameters that are no attributes.
    searchable
        Tags of the attributes that can be matched; None for all that there are.
    all_partitions
        Whether a search may go through all partitions at once.
    fields, all_fields
        What is answered by default, and for ``includefield=all``.
    whole_instance
        Whether ``all`` of an instance is its whole metadata.
    fields_of_newest
        Whether what ``includefield`` names beyond the level is taken from the newest
        instance of a study or series; otherwise only private attributes are.
    """

    maximum_limit: int
    tolerant: bool
    literal: bool
    options: frozenset[str]
    searchable: frozenset[str] | None
    all_partitions: bool
    fields: Fields
    all_fields: Fields
    whole_instance: bool
    fields_of_newest: bool


def _tags(keywords: str) -> frozenset[str]:
    return frozenset(map(index.tag_of, keywords.split()))


def _fields(*levels: Iterable[str]) -> Fields:
    return {level: frozenset(tags) for level, tags in zip(Level, levels, strict=True)}


def _with(fields: Fields, more: Fields) -> Fields:
    return {level: fields[level] | more[level] for level in Level}


_COMPUTED: Final = _fields(
    _tags(
        "ModalitiesInStudy NumberOfStudyRelatedSeries NumberOfStudyRelatedInstances"
        " InstanceAvailability RetrieveURL"
    ),
    _tags("NumberOfSeriesRelatedInstances InstanceAvailability RetrieveURL"),
    _tags("InstanceAvailability RetrieveURL"),
)
_ALL: Final = _fields(
    (*index.STUDY_ATTRIBUTES, *_tags("SOPClassesInStudy")),
    index.SERIES_ATTRIBUTES,
    index.INSTANCE_SUMMARY,
)

STANDARD: Final = Rules(
    maximum_limit=1000,
    tolerant=True,
    literal=False,
    options=frozenset(
        {
            "limit",
            "offset",
            "fuzzymatching",
            "emptyvaluematching",
            "multiplevaluematching",
            "sort",
            "orderby",
            "total",
            "cursor",
        }
    ),
    searchable=None,
    all_partitions=True,
    fields=_with(
        _fields(index.STUDY_SUMMARY, index.SERIES_SUMMARY, index.INSTANCE_SUMMARY),
        _COMPUTED,
    ),
    all_fields=_with(_ALL, _COMPUTED),
    whole_instance=True,
    fields_of_newest=False,
)

_AZURE_OPTIONS: Final = frozenset({"limit", "offset", "fuzzymatching"})
_AZURE_SEARCHABLE: Final = _tags(
    "StudyInstanceUID PatientName PatientID PatientBirthDate AccessionNumber"
    " ReferringPhysicianName StudyDate StudyDescription ModalitiesInStudy"
    " SeriesInstanceUID Modality PerformedProcedureStepStartDate"
    " ManufacturerModelName SOPInstanceUID"
)
_V1_FIELDS: Final = _fields(
    _tags(
        "SpecificCharacterSet StudyDate StudyTime AccessionNumber InstanceAvailability"
        " ReferringPhysicianName TimezoneOffsetFromUTC PatientName PatientID"
        " PatientBirthDate PatientSex StudyInstanceUID StudyID"
    ),
    _tags(
        "SpecificCharacterSet Modality TimezoneOffsetFromUTC SeriesDescription"
        " SeriesInstanceUID PerformedProcedureStepStartDate"
        " PerformedProcedureStepStartTime RequestAttributesSequence"
    ),
    _tags(
        "SpecificCharacterSet SOPClassUID SOPInstanceUID InstanceAvailability"
        " TimezoneOffsetFromUTC InstanceNumber Rows Columns BitsAllocated"
        " NumberOfFrames"
    ),
)
_V2_FIELDS: Final = _fields(
    _tags(
        "StudyInstanceUID StudyDate StudyDescription AccessionNumber"
        " ReferringPhysicianName PatientName PatientID PatientBirthDate"
    ),
    _tags(
        "SeriesInstanceUID Modality PerformedProcedureStepStartDate"
        " ManufacturerModelName"
    ),
    _tags("SOPInstanceUID"),
)
_V1_ALL_FIELDS: Final = _with(
    _V1_FIELDS,
    _fields(
        _tags(
            "StudyDescription AnatomicRegionsInStudyCodeSequence ProcedureCodeSequence"
            " NameOfPhysiciansReadingStudy AdmittingDiagnosesDescription"
            " ReferencedStudySequence PatientAge PatientSize PatientWeight Occupation"
            " AdditionalPatientHistory"
        ),
        _tags("SeriesNumber Laterality SeriesDate SeriesTime"),
        (),
    ),
)


def _azure(fields: Fields, all_fields: Fields) -> Rules:
    return Rules(
        maximum_limit=200,
        tolerant=False,
        literal=True,
        options=_AZURE_OPTIONS,
        searchable=_AZURE_SEARCHABLE,
        all_partitions=False,
        fields=fields,
        all_fields=all_fields,
        whole_instance=False,
        fields_of_newest=True,
    )


AZURE_V1: Final = _azure(_V1_FIELDS, _V1_ALL_FIELDS)
AZURE_V2: Final = _azure(_V2_FIELDS, _with(_V1_ALL_FIELDS, _V2_FIELDS))
