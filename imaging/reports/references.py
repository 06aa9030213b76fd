"""Where the objects lie that a report refers to (DICOM PS3.3 C.17.2.3).

A content item names an instance alone; the evidence sequences of its report say of
which study and series it is.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from pydicom.uid import UID

from imaging.rendering.attributes import Model, items, tag, text, values
from imaging.reports.document import Piece

_EVIDENCE: Final = tuple(
    map(
        tag,
        (
            "CurrentRequestedProcedureEvidenceSequence",
            "PertinentOtherEvidenceSequence",
        ),
    )
)
_STUDY: Final = tag("StudyInstanceUID")
_SERIES: Final = tag("SeriesInstanceUID")
_OF_SERIES: Final = tag("ReferencedSeriesSequence")
_OBJECTS: Final = tag("ReferencedSOPSequence")
_CLASS: Final = tag("ReferencedSOPClassUID")
_INSTANCE: Final = tag("ReferencedSOPInstanceUID")
_FRAMES: Final = tag("ReferencedFrameNumber")
_UID: Final = re.compile(r"[0-9.]{0,63}[0-9]", re.ASCII)
_MOST_FRAMES: Final = 20  # that are named one by one
_SUFFIX: Final = " Storage"


class Place(NamedTuple):
    """The study and series of an instance."""

    study: str
    series: str


def evidence_of(model: Model) -> Mapping[str, Place]:
    """Return the places of the instances that a report is about."""
    return {
        text(each, _INSTANCE): Place(text(study, _STUDY), text(series, _SERIES))
        for key in _EVIDENCE
        for study in items(model, key)
        for series in items(study, _OF_SERIES)
        for each in items(series, _OBJECTS)
    }


def referred(model: Model, evidence: Mapping[str, Place]) -> list[Piece]:
    """Return the object that a content item refers to, with a link where it lies here.

    Whether the reader may see it, is found when the link is followed.
    """
    found = []
    for each in items(model, _OBJECTS)[:1]:
        path = _path(text(each, _INSTANCE), evidence)
        found.append(Piece(_kind(each), link=f"{path}/rendered" if path else ""))
        found += _frames(each, path)
        for state in items(each, _OBJECTS)[:1]:  # a presentation state of the image
            path = _path(text(state, _INSTANCE), evidence)
            link = f"{path}/rendered" if path else ""
            found += [
                Piece("shown as in", is_note=True),
                Piece(_kind(state), link=link),
            ]
    return found


def _kind(reference: Model) -> str:
    uid = text(reference, _CLASS)
    known = UID(uid).name if _UID.fullmatch(uid) else ""
    return known.removesuffix(_SUFFIX) if known and known != uid else "Object"


def _path(instance: str, evidence: Mapping[str, Place]) -> str:
    place = evidence.get(instance)
    if place is None or not all(map(_UID.fullmatch, (*place, instance))):
        return ""
    return f"/studies/{place.study}/series/{place.series}/instances/{instance}"


def _frames(reference: Model, path: str) -> list[Piece]:
    numbers = [each for each in values(reference, _FRAMES) if isinstance(each, int)]
    found = [
        Piece(
            f"frame {number}", link=f"{path}/frames/{number}/rendered" if path else ""
        )
        for number in numbers[:_MOST_FRAMES]
    ]
    if len(numbers) > _MOST_FRAMES:
        more = f"and {len(numbers) - _MOST_FRAMES} more frames"
        found.append(Piece(more, is_note=True))
    return found
