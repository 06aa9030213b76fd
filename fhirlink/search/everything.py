"""``Patient/[id]/$everything`` as a search: what lies in a patient's compartment: pure.

And what of it refers to, such as practitioners and medications.

References
----------
FHIR R4 Patient operations: everything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from core.errors import Invalid
from fhirlink.definitions.compartment import patient_compartment
from fhirlink.search.asked import CURSOR, Asked, asked
from fhirlink.search.parse import condition_of
from fhirlink.search.terms import Condition
from fhirlink.served import served_types

_TAKEN: Final = frozenset(
    ["start", "end", "_since", "_type", "_count", "_format", "_pretty", CURSOR]
)
_DATES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        [
            *("AllergyIntolerance", "Appointment", "AuditEvent", "CarePlan"),
            *("DiagnosticReport", "DocumentReference", "Encounter", "Immunization"),
            *("List", "Observation", "Procedure"),
        ],
        "date",
    ),
    "Communication": "sent",
    "Condition": "onset-date",
    "ImagingStudy": "started",
    "MedicationAdministration": "effective-time",
    "MedicationRequest": "authoredon",
    "MedicationStatement": "effective",
    "Provenance": "recorded",
    "ServiceRequest": "authored",
    "Specimen": "collected",
}
"""By which parameter the date of care is known; all else belongs to any time."""


def everything(patient_id: str, pairs: Sequence[tuple[str, str]]) -> Asked:
    """Return the search of all about a patient.

    Parameters
    ----------
    pairs
        ``start`` and ``end`` (dates of care), ``_since``, ``_type`` and ``_count``.

    Raises
    ------
    Invalid
        Another parameter, or a value that is none of these.
    """
    given = dict(pairs)
    for name in given:
        if name not in _TAKEN:
            message = f"$everything has no parameter {name[:64]!r}."
            raise Invalid(message, path=name)
    rest = [(name, text) for name, text in pairs if name in {"_count", CURSOR}]
    types = _types(given.get("_type", ""))
    search = asked(types, [*rest, ("_include", "*")], compartment=patient_id)
    shown = tuple(pair for pair in pairs if pair[0] != CURSOR)
    return replace(
        search,
        conditions=tuple(tuple(_conditions(type_, given)) for type_ in types),
        pairs=shown,
    )


def _types(text: str) -> list[str]:
    inside = [
        each
        for each in served_types()
        if each == "Patient" or patient_compartment(each)
    ]
    if not text:
        return inside
    wanted = text.split(",")
    for each in wanted:
        if each not in inside:
            message = f"No {each[:64]!r} lies in the compartment of a patient."
            raise Invalid(message, path="_type")
    return list(dict.fromkeys(wanted))


def _conditions(type_: str, given: Mapping[str, str]) -> list[Condition]:
    found: list[Condition] = []
    if "_since" in given:
        found.append(condition_of(type_, "_lastUpdated", f"ge{given['_since']}"))
    name = _DATES.get(type_)
    for prefix, bound in (("ge", "start"), ("le", "end")):
        if name is not None and bound in given:
            found.append(condition_of(type_, name, f"{prefix}{given[bound]}"))
    return found
