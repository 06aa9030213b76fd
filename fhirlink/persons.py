"""Persons of the event table by their keys: who they are, many in one statement.

The caller has decided that they may be told (`fhirlink.access`).
"""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from core.database import raw_connection


class Person(NamedTuple):
    """A person: `fhirlink.models.ClinicalPatient`.

    Attributes
    ----------
    fhir_ids
        Ids of the Patients that it is, oldest first; of images alone there are none.
    """

    id: int
    birth_first: date | None
    birth_last: date | None
    gender: str
    is_deceased: bool
    deceased_first: date | None
    deceased_last: date | None
    fhir_ids: Sequence[str]


def persons_of(keys: Sequence[int]) -> dict[int, Person]:
    """Return persons by their keys; of those that are there."""
    rows = raw_connection().execute(_PERSONS, (list(keys),))
    people = (Person(*row) for row in rows)
    return {each.id: each for each in people}


def lasting_names(keys: Sequence[int]) -> dict[int, str]:
    """Return what persons are called for good, by their keys.

    By the first patient of images that a person is: neither a rebuild of the event
    table nor a Patient that claims its images, nor a merge with somebody who came
    later, changes that. Of whom there are no images, by a name of the record.
    """
    rows = raw_connection().execute(_LASTING, (list(keys),))
    return {
        key: f"imaging/{patient}" if patient is not None else name
        for key, patient, name in rows
    }


def patients_of_images(keys: Sequence[int]) -> list[int]:
    """Return the keys of the patients of images that persons are, for the audit log."""
    rows = raw_connection().execute(_OF_IMAGES, (list(keys), list(keys)))
    return [key for (key,) in rows]


_PERSONS: Final = (
    "SELECT p.id, p.birth_first, p.birth_last, p.gender, p.is_deceased,"
    " p.deceased_first, p.deceased_last,"
    " ARRAY(SELECT substr(i.name, 9) FROM fhirlink_patientidentity i"
    " WHERE i.patient = p.id AND i.is_present AND i.name LIKE 'Patient/%%'"
    " ORDER BY i.id)"
    " FROM fhirlink_clinicalpatient p WHERE p.id = ANY(%s::int[])"
)
_LASTING: Final = (
    "SELECT i.patient, min(CASE WHEN i.name LIKE 'imaging/%%'"
    " THEN CASE WHEN i.is_present THEN substr(i.name, 9)::bigint END"
    " ELSE l.patient_id END), min(i.name) FROM fhirlink_patientidentity i"
    " LEFT JOIN fhirlink_patientlink l ON l.partition_id = i.partition_id"
    " AND i.name LIKE 'Patient/%%' AND l.fhir_id = substr(i.name, 9)"
    " WHERE i.patient = ANY(%s::int[]) GROUP BY i.patient"
)
_OF_IMAGES: Final = (
    "SELECT l.patient_id FROM fhirlink_patientidentity i JOIN fhirlink_patientlink l"
    " ON l.partition_id = i.partition_id AND l.fhir_id = substr(i.name, 9)"
    " WHERE i.patient = ANY(%s::int[]) AND i.name LIKE 'Patient/%%' UNION"
    " SELECT substr(name, 9)::bigint FROM fhirlink_patientidentity"
    " WHERE patient = ANY(%s::int[])"
    " AND CASE WHEN name LIKE 'imaging/%%' THEN is_present ELSE false END"
)
