"""The Patient that images alone tell of: pure.

It says by a tag where it comes from, so that the record's own takes its place.
"""

from typing import Any, Final

from fhirlink.linkage.identifiers import Identifier
from fhirlink.linkage.moments import birth_date
from fhirlink.linkage.notes import Note, Notes
from fhirlink.linkage.people import names_of
from fhirlink.linkage.reading import code, compact
from imaging.rendering.attributes import Model

ORIGIN: Final = {"system": "urn:portal:origin", "code": "dicom"}
"""The tag of what images alone tell of."""

PLACEHOLDER: Final = {"system": "urn:portal:origin", "code": "placeholder"}
"""That of a patient without PatientID: there is one for each study."""

_GENDERS: Final = {"M": "male", "F": "female", "O": "other"}


def demographics(model: Model, notes: Notes) -> dict[str, Any]:
    """Return name, gender and birth date of a data set as members of a Patient."""
    return compact(
        name=names_of(model, "PatientName"),
        gender=gender_of(model, notes),
        birthDate=birth_date(model, notes),
    )


def gender_of(model: Model, notes: Notes) -> str:
    """Return the patient's sex as FHIR calls it; empty where none of its codes is."""
    sex = code(model, "PatientSex").upper()
    if sex and sex not in _GENDERS:
        notes.add(Note.BAD_SEX, "PatientSex")
    return _GENDERS.get(sex, "")


def patient_of(
    identifiers: list[Identifier],
    told: dict[str, Any],
    *,
    replaced_by: str = "",
    is_active: bool = True,
    is_placeholder: bool = False,
) -> dict[str, Any]:
    """Return the Patient of some identifiers.

    Parameters
    ----------
    told
        Its `demographics`.
    replaced_by
        Id of the Patient that stands for it.
    """
    other = {"other": {"reference": f"Patient/{replaced_by}"}, "type": "replaced-by"}
    tags = [ORIGIN, PLACEHOLDER] if is_placeholder else [ORIGIN]
    return {
        "resourceType": "Patient",
        "meta": {"tag": tags},
        "identifier": [each._asdict() for each in identifiers],
        "active": is_active and not replaced_by,
        **told,
        **({"link": [other]} if replaced_by else {}),
    }


def is_ours(patient: dict[str, Any]) -> bool:
    """Return whether images alone tell of a Patient."""
    tags = patient.get("meta", {}).get("tag", [])
    return any(
        isinstance(each, dict)
        and each.get("system") == ORIGIN["system"]
        and each.get("code") == ORIGIN["code"]
        for each in tags
    )
