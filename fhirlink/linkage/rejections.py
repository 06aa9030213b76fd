"""Studies that have been rejected as a whole, by key object selections in them.

References
----------
DICOM PS3.16 CID 7011 (Rejected for ... Reasons), TID 2010; IHE RAD TF-1 34 (IOCM).
"""

from collections.abc import Collection, Iterator
from typing import Final

from core.database import raw_connection
from fhirlink.linkage.reading import code, items, tag, text
from imaging.metadata import model_of
from imaging.rendering import attributes
from imaging.rendering.attributes import Model

KEY_OBJECTS: Final = "1.2.840.10008.5.1.4.1.1.88.59"
TITLES: Final = frozenset(
    {
        "113001",  # Rejected for Quality Reasons
        "113037",  # Rejected for Patient Safety Reasons
        "113038",  # Incorrect Modality Worklist Entry
    }
)
"""What rejects; images whose time is over (113039) were right."""
LARGEST_BYTES: Final = 1024 * 1024  # of a compressed model
_MOST_NOTES: Final = 200  # of a study
_EVIDENCE: Final = (
    *("CurrentRequestedProcedureEvidenceSequence", "ReferencedSeriesSequence"),
    "ReferencedSOPSequence",
)


def rejected_studies(study_ids: Collection[int]) -> set[int]:
    """Return which studies have no instance that is not rejected, by their keys."""
    rejected: dict[int, set[str]] = {}
    cursor = raw_connection().cursor(binary=True)
    values = (list(study_ids), KEY_OBJECTS, LARGEST_BYTES, _MOST_NOTES)
    for study, metadata in cursor.execute(_NOTES, values):
        if metadata:
            rejected.setdefault(study, set()).update(rejected_by(model_of(metadata)))
    return {
        study for study, uids in rejected.items() if uids and _has_no_other(study, uids)
    }


def rejected_by(model: Model) -> set[str]:
    """Return the SOPInstanceUIDs that a key object selection rejects."""
    titles = items(model, "ConceptNameCodeSequence")
    is_rejection = any(
        code(each, "CodingSchemeDesignator") == "DCM"
        and code(each, "CodeValue") in TITLES
        for each in titles
    )
    return set(_references(model, _EVIDENCE)) if is_rejection else set()


def _references(model: Model, path: tuple[str, ...]) -> Iterator[str]:
    if not path:
        yield text(model, "ReferencedSOPInstanceUID")
        return
    # All of them: one for each slice, of which there may be thousands.
    for each in attributes.items(model, tag(path[0])):
        yield from _references(each, path[1:])


def _has_no_other(study_id: int, uids: Collection[str]) -> bool:
    """Return whether all that is held of a study, but for key objects, is rejected."""
    values = (study_id, KEY_OBJECTS, sorted(uids), study_id, sorted(uids))
    row = raw_connection().execute(_IS_REJECTED, values).fetchone()
    return bool(row and row[0])


_NOTES: Final = """
SELECT note.study_id, v.metadata FROM unnest(%s::bigint[]) AS study (id)
CROSS JOIN LATERAL (SELECT i.study_id, i.version_id FROM imaging_instance i
  JOIN imaging_instanceversion held ON held.id = i.version_id
  WHERE i.study_id = study.id AND i.sop_class_uid = %s
    AND octet_length(held.metadata) <= %s ORDER BY i.id LIMIT %s) note
JOIN imaging_instanceversion v ON v.id = note.version_id
"""
_IS_REJECTED: Final = """
SELECT NOT EXISTS (SELECT FROM imaging_instance WHERE study_id = %s
    AND sop_class_uid <> %s AND sop_instance_uid <> ALL(%s::text[]))
  AND EXISTS (SELECT FROM imaging_instance WHERE study_id = %s
    AND sop_instance_uid = ANY(%s::text[]))
"""
