"""The DocumentReference of a report or document in a study: pure.

Structured reports that people read, and encapsulated PDFs and clinical documents. One
that a resource of the record names by its UID has none: the record tells of it itself.

References
----------
FHIR R4 DocumentReference; DICOM PS3.3 C.17, C.24, PS3.4 B.5.
"""

from base64 import b64encode
from typing import Any, Final, NamedTuple

from fhirlink.linkage.codes import LOINC, concept_of, plain
from fhirlink.linkage.identifiers import DICOM_UID
from fhirlink.linkage.moments import moment_of
from fhirlink.linkage.notes import Notes
from fhirlink.linkage.reading import code, compact, items, text
from fhirlink.linkage.report_tree import About
from imaging import reports
from imaging.rendering.attributes import Model

TYPE: Final = "DocumentReference"
TEXTS: Final = frozenset(
    f"1.2.840.10008.5.1.4.1.1.88.{number}" for number in (11, 22, 33, 34, 35)
)
"""Structured reports for people; those of dose and of devices are Observations."""
ENCAPSULATED: Final = {
    "1.2.840.10008.5.1.4.1.1.104.1": "application/pdf",
    "1.2.840.10008.5.1.4.1.1.104.2": "text/xml",
}
CLASSES: Final = TEXTS | ENCAPSULATED.keys()
"""SOP classes that are documents."""
MOST_CHARACTERS: Final = 100_000  # of the words of a report

IMAGING: Final = plain(LOINC, "18748-4", "Diagnostic imaging study")
"""The type of documents about imaging, where nothing better is said."""
Json = dict[str, Any]


class Place(NamedTuple):
    """Where a document lies in its study."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str

    @property
    def path(self) -> str:
        """Return its address below the root of the DICOMweb service."""
        return (
            f"/studies/{self.study_instance_uid}/series/{self.series_instance_uid}"
            f"/instances/{self.sop_instance_uid}"
        )


def document_of(model: Model, place: Place, about: About) -> Json:
    """Return the DocumentReference of a document; of one too large to be read, too.

    Parameters
    ----------
    model
        Its data set; empty where it is not read.
    """
    at = _made_at(model, about)
    return compact(
        resourceType=TYPE,
        id=about.source.id_of(TYPE, place.sop_instance_uid),
        masterIdentifier={
            "system": DICOM_UID,
            "value": f"urn:oid:{place.sop_instance_uid}",
        },
        status="current",
        docStatus="final" if _is_final(model) else "preliminary",
        type_=_kind(model, about),
        category=[{"coding": [IMAGING]}],
        subject=about.subject,
        date=at if "T" in at else "",
        description=_title(model),
        content=_contents(model, place, about, at),
        context={"related": [{"reference": f"ImagingStudy/{about.study_id}"}]},
    )


def _contents(model: Model, place: Place, about: About, at: str) -> list[Json]:
    root, title = about.source.address, _title(model)
    media_type = ENCAPSULATED.get(place.sop_class_uid, "")
    rendered = "/rendered" if media_type else ""
    itself = compact(
        contentType=media_type or "application/dicom",
        url=f"{root}{place.path}{rendered}" if root else "",
        title=title,
        creation=at,
    )
    words = "" if media_type else _words(model)
    if not words:
        return [{"attachment": itself}]
    data = b64encode(words.encode(errors="replace")).decode()
    as_text = compact(
        contentType="text/plain; charset=utf-8", data=data, title=title, creation=at
    )
    return [{"attachment": as_text}, {"attachment": itself}]


def _words(model: Model) -> str:
    """Return what a structured report says, line by line."""
    if not reports.is_report(model):
        return ""
    found = reports.plain(reports.read_report(model), "")
    return found[:MOST_CHARACTERS].strip()


def _title(model: Model) -> str:
    named = text(model, "DocumentTitle")
    for item in items(model, "ConceptNameCodeSequence"):
        named = named or text(item, "CodeMeaning")
    return named or text(model, "SeriesDescription")


def _kind(model: Model, about: About) -> Json:
    for item in items(model, "ConceptNameCodeSequence"):
        if found := concept_of(item, about.source):
            return found
    return {"coding": [IMAGING]}


def _is_final(model: Model) -> bool:
    is_early = code(model, "CompletionFlag") == "PARTIAL"
    return not is_early and code(model, "PreliminaryFlag") != "PRELIMINARY"


def _made_at(model: Model, about: About) -> str:
    for day, time in (("ContentDate", "ContentTime"), ("StudyDate", "StudyTime")):
        if text(model, day):
            return moment_of(model, day, time, source=about.source, notes=Notes())
    return ""
