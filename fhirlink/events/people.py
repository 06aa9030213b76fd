"""What a Patient resource, or a study, says of a person: pure.

References
----------
FHIR R4 8.1; DICOM PS3.3 C.7.1.1.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from fhirlink.events.days import Days, days_of, dicom_days
from fhirlink.events.read import at, reference, text

Json = Any

_GENDERS: Final = frozenset({"male", "female", "other", "unknown"})
_SEXES: Final = {"M": "male", "F": "female", "O": "other"}


class Person(NamedTuple):
    """Who somebody is, as one source says; what it does not say is None or empty.

    Attributes
    ----------
    replaced_by
        The reference to the Patient that this one was merged into.
    is_active
        Whether the source uses it; of one that is not, only what happened counts.
    """

    birth: Days | None = None
    gender: str = ""
    is_deceased: bool = False
    deceased: Days | None = None
    replaced_by: str = ""
    is_active: bool = True


def person_of(resource: Mapping[str, Json]) -> Person:
    """Return what a Patient says."""
    gender = text(resource, "gender")
    deceased = days_of(resource.get("deceasedDateTime"))
    return Person(
        birth=days_of(resource.get("birthDate")),
        gender=gender if gender in _GENDERS else "",
        is_deceased=deceased is not None or resource.get("deceasedBoolean") is True,
        deceased=deceased,
        replaced_by=_replacement(resource),
        is_active=resource.get("active") is not False,
    )


def person_of_study(birth_date: str, sex: str) -> Person:
    """Return what Patient's Birth Date (0010,0030) and Sex (0010,0040) say."""
    return Person(dicom_days(birth_date), _SEXES.get(sex.strip(), ""))


def together(people: list[Person]) -> Person:
    """Return what all sources say of one person, the first of them first."""
    return Person(
        birth=next((each.birth for each in people if each.birth), None),
        gender=next((each.gender for each in people if each.gender), ""),
        is_deceased=any(each.is_deceased for each in people),
        deceased=next((each.deceased for each in people if each.deceased), None),
    )


def _replacement(resource: Mapping[str, Json]) -> str:
    for link in at(resource, "link"):
        if text(link, "type") == "replaced-by":
            other = reference(next(at(link, "other"), None))
            if other.startswith("Patient/"):
                return other
    return ""
