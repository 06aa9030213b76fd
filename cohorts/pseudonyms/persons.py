"""What is shown of a person to who may not see who it is: pure."""

from datetime import date
from typing import Final

from cohorts.pseudonyms.events import OLDEST
from fhirlink.persons import Person

_GENDERS: Final = frozenset({"male", "female", "other", "unknown"})


def shown_person(person: Person) -> Person:
    """Return a person with nothing but what is shown: sex, and whether it has died."""
    return Person(
        id=0,
        birth_first=None,
        birth_last=None,
        gender=person.gender if person.gender in _GENDERS else "",
        is_deceased=person.is_deceased,
        deceased_first=None,
        deceased_last=None,
        fhir_ids=(),
    )


def shown_age(person: Person, now: date) -> str:
    """Return the age that somebody reaches in the year of a day, in full years.

    By years alone: who may choose the day must not find a birthday by it. ``90+`` of
    who is older than 89; ``44-45`` where the year of birth is not known; empty where
    no birth is.
    """
    if person.birth_first is None or person.birth_last is None:
        return ""
    least = max(now.year - person.birth_last.year, 0)
    most = max(now.year - person.birth_first.year, 0)
    if most > OLDEST:
        return f"{OLDEST + 1}+"
    return str(least) if least == most else f"{least}-{most}"
