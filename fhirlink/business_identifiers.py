"""What others call resources and persons: Identifiers, of many in one statement.

The caller has decided that they may be told (`fhirlink.access`).

References
----------
FHIR R4 Identifier; DICOM PS3.3 C.7.1.1 (Issuer of Patient ID).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from core.database import raw_connection
from fhirlink.document import unpacked
from fhirlink.events.read import at, text

MOST_AT_ONCE: Final = 2_000
"""Resources whose content is in memory at once."""


class Identifier(NamedTuple):
    """What somebody calls it; without a system it is not said who."""

    system: str
    value: str


def of_resources(keys: Sequence[int]) -> dict[int, list[Identifier]]:
    """Return the identifiers of resources by their keys; of those that are there."""
    found: dict[int, list[Identifier]] = {}
    for start in range(0, len(keys), MOST_AT_ONCE):
        some = list(keys[start : start + MOST_AT_ONCE])
        rows = raw_connection().cursor(binary=True).execute(_BODIES, (some,))
        found.update({key: list(_told(body)) for key, body in rows})
    return found


def of_persons(patients: Sequence[int]) -> dict[int, list[Identifier]]:
    """Return the identifiers of persons by their keys, each once.

    Those of all Patients that a person is; of whom images alone tell, issuer and
    PatientID.
    """
    found: dict[int, dict[Identifier, None]] = {each: {} for each in patients}
    for start in range(0, len(patients), MOST_AT_ONCE):
        some = list(patients[start : start + MOST_AT_ONCE])
        for person, body in _rows(_PATIENTS, some):
            found[person].update(dict.fromkeys(_told(body)))
        for person, system, value in _rows(_OF_IMAGES, some):
            found[person].setdefault(Identifier(system, value))
    return {person: list(identifiers) for person, identifiers in found.items()}


def _rows(statement: str, keys: list[int]) -> list[tuple[Any, ...]]:
    return raw_connection().cursor(binary=True).execute(statement, (keys,)).fetchall()


def _told(body: bytes) -> Iterator[Identifier]:
    resource: Mapping[str, Any] = orjson.loads(unpacked(body))
    for each in at(resource, "identifier"):
        if value := text(each, "value"):
            yield Identifier(text(each, "system"), value)


_BODIES: Final = (
    "SELECT r.id, v.body FROM fhirlink_resource r"
    " JOIN fhirlink_resourceversion v ON v.id = r.version_id"
    " WHERE r.id = ANY(%s::bigint[]) AND NOT r.is_deleted"
)
_PATIENTS: Final = (
    "SELECT i.patient, v.body FROM fhirlink_patientidentity i JOIN fhirlink_resource r"
    " ON r.partition_id = i.partition_id AND r.type = 'Patient'"
    " AND r.fhir_id = substr(i.name, 9) AND NOT r.is_deleted"
    " JOIN fhirlink_resourceversion v ON v.id = r.version_id"
    " WHERE i.patient = ANY(%s::int[]) AND i.name LIKE 'Patient/%%' ORDER BY i.id"
)
# Only while no Patient claims its images: then that has the identifier, with a system.
_OF_IMAGES: Final = (
    "SELECT i.patient, p.issuer_of_patient_id, p.patient_id"
    " FROM fhirlink_patientidentity i JOIN imaging_patient p"
    " ON p.id = CASE WHEN i.name LIKE 'imaging/%%' THEN substr(i.name, 9)::bigint END"
    " WHERE i.patient = ANY(%s::int[]) AND i.is_present AND p.patient_id <> ''"
    " ORDER BY i.id"
)
