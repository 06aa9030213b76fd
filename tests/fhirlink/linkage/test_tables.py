"""The tables of codes say what pydicom's dictionaries of the standard say."""

from typing import Any

from pydicom.sr._concepts_dict import concepts

from fhirlink.linkage.body_parts_table import BODY_PARTS
from fhirlink.linkage.modalities_table import MODALITIES


def meanings(scheme: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    words: dict[str, Any] = concepts[scheme]
    for by_value in words.values():
        for value, (meaning, _) in by_value.items():
            found.setdefault(value, set()).add(meaning.lower())
    return found


def test_parts_of_the_body_have_the_codes_of_the_standard() -> None:
    known = meanings("SCT")
    wrong = {
        name: part
        for name, part in BODY_PARTS.items()
        if part[1].lower() not in known.get(part[0], set())
    }
    assert wrong == {}


def test_modalities_are_called_as_the_standard_does() -> None:
    known = meanings("DCM")
    wrong = {
        code: name
        for code, name in MODALITIES.items()
        if name.lower() not in known.get(code, set())
    }
    assert wrong == {}
