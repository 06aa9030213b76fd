"""How images call the Patients of the record: PatientID and issuer.

As the images that a Patient is linked to do; of one without images it is told from
its identifiers, by the settings by which images are linked
(`fhirlink.linkage.source`).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from core.database import raw_connection
from fhirlink.linkage.identifiers import TYPES
from fhirlink.linkage.source import Source

MEDICAL_RECORD: Final = "MR"
_LONGEST: Final = 64  # of a PatientID and of its issuer: both are LO


class ImagesIdentity(NamedTuple):
    """A patient as images name it (DICOM PS3.3 C.7.1.1)."""

    patient_id: str
    issuer: str


def identities_of(
    partition_id: int, source: Source, patients: Mapping[str, Mapping[str, Any]]
) -> dict[str, ImagesIdentity]:
    """Return how images call Patients, by id; those without identifiers are left out.

    Parameters
    ----------
    patients
        Their JSON by id.
    """
    rows = raw_connection().execute(_LINKED, (partition_id, sorted(patients)))
    linked = {fhir_id: ImagesIdentity(*rest) for fhir_id, *rest in rows}
    told = {fhir_id: _told(each, source) for fhir_id, each in patients.items()}
    return {fhir_id: each for fhir_id, each in told.items() if each} | linked


def _told(patient: Mapping[str, Any], source: Source) -> ImagesIdentity | None:
    """Return the identity that one of the identifiers is, the likeliest one."""
    identifiers = [
        each
        for each in patient.get("identifier", ())
        if isinstance(each, Mapping) and 0 < len(str(each.get("value", ""))) <= _LONGEST
    ]
    if not identifiers:
        return None
    names = {system: name for name, system in source.issuers.items()}
    ours = {*names, source.assigning_authority} - {""}
    best = max(identifiers, key=lambda each: _rank(each, ours))
    system = str(best.get("system", ""))
    issuer = "" if system == source.assigning_authority else names.get(system, system)
    return ImagesIdentity(str(best["value"]), issuer if len(issuer) <= _LONGEST else "")


def _rank(identifier: Mapping[str, Any], ours: set[str]) -> tuple[bool, bool]:
    codings: Sequence[Any] = identifier.get("type", {}).get("coding", ())
    is_record_number = any(
        each.get("code") == MEDICAL_RECORD and each.get("system", TYPES) == TYPES
        for each in codings
    )
    return identifier.get("system") in ours, is_record_number


_LINKED: Final = (
    "SELECT DISTINCT ON (l.fhir_id) l.fhir_id, p.patient_id, p.issuer_of_patient_id"
    " FROM fhirlink_patientlink l JOIN imaging_patient p ON p.id = l.patient_id"
    " WHERE l.partition_id = %s AND l.fhir_id = ANY(%s::text[])"
    " ORDER BY l.fhir_id, p.id"
)
