"""The attributes that a search can match, and where their values are kept.

One row for each: the mandatory keys of DICOM PS3.18 table 10.6.1-5, those of Azure's
DICOM service, and what the columns give besides. How a kind of value is matched is in
`imaging.query.matching`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from pydicom._dicom_dict import DicomDictionary
from pydicom.datadict import dictionary_has_tag

from imaging.levels import Kind, Level

_HEXADECIMAL: Final = re.compile(r"[0-9A-Fa-f]{8}")


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute that can be matched.

    Attributes
    ----------
    tag
        8 hexadecimal digits; for one inside a sequence both, joined by a dot.
    columns
        In SQL; ``s``, ``e`` and ``i`` are the rows of study, series and instance. Of a
        name one for each component group; of an attribute inside a sequence first that
        of an `item`, then the array with the values of all items.
    many
        Whether it can have several values, of which any may match; a column is an
        array then.
    query_tag
        Key of the extended query tag whose values are searched, where there are no
        columns (`imaging.query_tags`).
    of_any_series
        Whether it is a study's for having a series with the value: the column is
        that of its series.
    """

    tag: str
    keyword: str
    level: Level
    kind: Kind
    columns: tuple[str, ...]
    many: bool = False
    query_tag: int | None = None
    of_any_series: bool = False

    @property
    def in_item(self) -> bool:
        """Return whether it stands inside a sequence."""
        return "." in self.tag

    @property
    def sortable(self) -> bool:
        """Return whether a row has one value of it: of a name the first group."""
        return bool(self.columns) and not self.many and not self.in_item


class KnownTag(NamedTuple):
    """An extended query tag, as far as a query may use it.

    Attributes
    ----------
    refusal
        Why searches cannot use it now; empty where they can.
    has_errors
        Whether some of what is held could not be indexed by it.
    """

    attribute: Attribute
    refusal: str = ""
    has_errors: bool = False


KnownTags = Mapping[str, KnownTag]
"""By path."""


def _name(tag: str, keyword: str, column: str) -> Attribute:
    groups = ("alphabetic", "ideographic", "phonetic")
    columns = tuple(f"s.{column}_{group}_folded" for group in groups)
    return Attribute(tag, keyword, Level.STUDY, Kind.NAME, columns)


def _study(tag: str, keyword: str, kind: Kind, column: str) -> Attribute:
    return Attribute(tag, keyword, Level.STUDY, kind, (f"s.{column}",))


def _series(tag: str, keyword: str, kind: Kind, column: str) -> Attribute:
    return Attribute(tag, keyword, Level.SERIES, kind, (f"e.{column}",))


def _request(tag: str, keyword: str, column: str, array: str) -> Attribute:
    return Attribute(
        f"00400275.{tag}",
        f"RequestAttributesSequence.{keyword}",
        Level.SERIES,
        Kind.TEXT,
        (f"item.{column}", f"e.{array}"),
    )


def _instance(tag: str, keyword: str, kind: Kind, column: str) -> Attribute:
    return Attribute(tag, keyword, Level.INSTANCE, kind, (f"i.{column}",))


ATTRIBUTES: Final = (
    _study("0020000D", "StudyInstanceUID", Kind.UID, "study_instance_uid"),
    _study("00080020", "StudyDate", Kind.DATE, "study_date"),
    _study("00080030", "StudyTime", Kind.TIME, "study_time"),
    _study("00080050", "AccessionNumber", Kind.TEXT, "accession_number_folded"),
    Attribute(
        "00080061",
        "ModalitiesInStudy",
        Level.STUDY,
        Kind.CODE,
        ("s.modalities_in_study",),
        many=True,
    ),
    Attribute(
        "00080062",
        "SOPClassesInStudy",
        Level.STUDY,
        Kind.UID,
        ("s.sop_classes_in_study",),
        many=True,
    ),
    _name("00080090", "ReferringPhysicianName", "referring_physician_name"),
    _study("00081030", "StudyDescription", Kind.TEXT, "study_description_folded"),
    _name("00100010", "PatientName", "patient_name"),
    _study("00100020", "PatientID", Kind.TEXT, "patient_id_folded"),
    _study("00100021", "IssuerOfPatientID", Kind.TEXT, "issuer_of_patient_id_folded"),
    _study("00100030", "PatientBirthDate", Kind.DATE, "patient_birth_date"),
    _study("00100040", "PatientSex", Kind.CODE, "patient_sex"),
    _study("00200010", "StudyID", Kind.TEXT, "study_id_folded"),
    _series("0020000E", "SeriesInstanceUID", Kind.UID, "series_instance_uid"),
    _series("00080060", "Modality", Kind.CODE, "modality"),
    _series("0008103E", "SeriesDescription", Kind.TEXT, "series_description_folded"),
    _series(
        "00081090", "ManufacturerModelName", Kind.TEXT, "manufacturer_model_name_folded"
    ),
    _series("00180015", "BodyPartExamined", Kind.CODE, "body_part_examined"),
    _series("00200011", "SeriesNumber", Kind.NUMBER, "series_number"),
    _series(
        "00400244",
        "PerformedProcedureStepStartDate",
        Kind.DATE,
        "performed_procedure_step_start_date",
    ),
    _series(
        "00400245",
        "PerformedProcedureStepStartTime",
        Kind.TIME,
        "performed_procedure_step_start_time",
    ),
    _request(
        "00400009",
        "ScheduledProcedureStepID",
        "scheduled_procedure_step_id",
        "scheduled_procedure_step_ids_folded",
    ),
    _request(
        "00401001",
        "RequestedProcedureID",
        "requested_procedure_id",
        "requested_procedure_ids_folded",
    ),
    _instance("00080016", "SOPClassUID", Kind.UID, "sop_class_uid"),
    _instance("00080018", "SOPInstanceUID", Kind.UID, "sop_instance_uid"),
    _instance("00200013", "InstanceNumber", Kind.NUMBER, "instance_number"),
)

BY_TAG: Final = {attribute.tag: attribute for attribute in ATTRIBUTES}


def resolve(name: str, *, any_case: bool = True) -> str | None:
    """Return the tag that `name` gives by keyword or hexadecimal digits, or None.

    Attributes of sequences are named with a dot between (DICOM PS3.18 8.3.4.1).
    Private tags (odd group) are known without a dictionary.

    Parameters
    ----------
    any_case
        Whether keywords are known in any case.
    """
    tags = [_resolve_one(part, any_case=any_case) for part in name.split(".")]
    return None if None in tags else ".".join(tag for tag in tags if tag)


def with_creators(tags: frozenset[str]) -> frozenset[str]:
    """Return tags with the Private Creator of each private one (DICOM PS3.5 7.8.1)."""
    private = [tag for tag in tags if int(tag[3], 16) & 1]
    return tags.union(f"{tag[:4]}00{tag[4:6]}" for tag in private)


def _resolve_one(name: str, *, any_case: bool) -> str | None:
    if _HEXADECIMAL.fullmatch(name):
        number = int(name, 16)
        known = number >> 16 & 1 or dictionary_has_tag(number)
        return name.upper() if known else None
    keyword, tag = _by_keyword().get(name.lower(), ("", None))
    return tag if any_case or name == keyword else None


@cache
def _by_keyword() -> dict[str, tuple[str, str]]:
    """Return keyword and tag of each attribute by its keyword in lower case."""
    entries = [(entry[4], tag) for tag, entry in DicomDictionary.items() if entry[4]]
    return {keyword.lower(): (keyword, f"{tag:08X}") for keyword, tag in entries}
