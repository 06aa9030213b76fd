"""Whether two descriptions of a person can be of one: pure.

Names are compared as words, in any order and without accents; of several names and
forms those that are most alike count. Names in different scripts say nothing of each
other.
"""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from itertools import product
from typing import Any, Final

from fhirlink.linkage.reading import clean
from imaging.fold import fold_name

LEAST_ALIKE: Final = 0.6
_LONGEST: Final = 200
_MOST_NAMES: Final = 20
_FULL_DATE: Final = len("1970-01-02")
_SILENT: Final = ("", "unknown")


def contradictions(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return which members of two Patients contradict each other."""
    found = []
    births = clean(one.get("birthDate")), clean(other.get("birthDate"))
    known = min(map(len, births))
    if known and births[0][:known] != births[1][:known]:
        found.append("birthDate")
    genders = clean(one.get("gender")), clean(other.get("gender"))
    if genders[0] != genders[1] and not set(genders).intersection(_SILENT):
        found.append("gender")
    alike = similarity(one, other)
    if alike is not None and alike < LEAST_ALIKE:
        found.append("name")
    return found


def similarity(one: Mapping[str, Any], other: Mapping[str, Any]) -> float | None:
    """Return how alike the names of two Patients are, up to 1; None: they say not."""
    pairs = product(list(_names(one)), list(_names(other)))
    alike = [
        SequenceMatcher(None, a, b, autojunk=False).ratio()
        for a, b in pairs
        if a.isascii() == b.isascii()
    ]
    return max(alike, default=None)


def likenesses(patient: Mapping[str, Any]) -> list[str]:
    """Return what a Patient has in common with those that may be the same person.

    Nothing, where birth date, gender or name are not known.
    """
    birth, gender = clean(patient.get("birthDate")), clean(patient.get("gender"))
    if len(birth) != _FULL_DATE or gender in _SILENT:
        return []
    return sorted({f"{birth} {gender} {name}" for name in _names(patient)})


def _names(patient: Mapping[str, Any]) -> Iterator[str]:
    names = patient.get("name")
    for name in names[:_MOST_NAMES] if isinstance(names, list) else ():
        if not isinstance(name, Mapping):
            continue
        given = name.get("given")
        parts = [name.get("family"), *(given if isinstance(given, list) else ())]
        written = " ".join(map(clean, parts)).strip() or clean(name.get("text"))
        plain = fold_name(written[:_LONGEST])
        words = "".join(c if c.isalnum() else " " for c in plain).split()
        if words:
            yield " ".join(sorted(words))
