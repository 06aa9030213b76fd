"""Codes of DICOM as FHIR's Coding and CodeableConcept: pure.

References
----------
DICOM PS3.16 section 8 (schemes), PS3.3 8 (code sequences).
"""

import importlib
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import quote

from fhirlink.linkage.reading import clean, code, code_of, compact, items, text
from fhirlink.linkage.source import Source
from imaging.rendering.attributes import Model

SCT: Final = "http://snomed.info/sct"
DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
LOINC: Final = "http://loinc.org"
UCUM: Final = "http://unitsofmeasure.org"

SYSTEMS: Final[Mapping[str, str]] = {
    "SCT": SCT,
    "LN": LOINC,
    "DCM": DCM,
    "UCUM": UCUM,
    "RADLEX": "http://radlex.org",
    "RPID": "http://radlex.org",
    "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "NCIT": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
    "UMLS": "http://terminology.hl7.org/CodeSystem/umls",
    "MSH": "urn:oid:2.16.840.1.113883.6.177",
    "FMA": "http://terminology.hl7.org/CodeSystem/fma",
    "I9C": "http://hl7.org/fhir/sid/icd-9-cm",
    "I10": "http://hl7.org/fhir/sid/icd-10",
    "I10P": "http://www.cms.gov/Medicare/Coding/ICD10",
    "ICD10CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "C4": "http://www.ama-assn.org/go/cpt",
    "CPT4": "http://www.ama-assn.org/go/cpt",
    "HCPCS": "http://terminology.hl7.org/CodeSystem/HCPCS",
    "BI": "urn:oid:1.2.840.10008.2.16.5",
    "IBSI": "urn:oid:1.2.840.10008.2.16.13",
    "SRT": "urn:oid:2.16.840.1.113883.6.99",
    "SNM3": "urn:oid:2.16.840.1.113883.6.51",
}
"""Code systems of the schemes that have one of their own."""

_RETIRED: Final = ("SRT", "SNM3", "99SDM")
_URI: Final = re.compile(r"(?:urn:[a-z0-9][a-z0-9-]{0,31}:\S+|https?://\S+)", re.I)


def is_uri(value: str) -> bool:
    """Return whether a text is a URI that names a system."""
    return _URI.fullmatch(value) is not None


def system_of(scheme: str, source: Source) -> str:
    """Return the system of a coding scheme; one of ours where it has none."""
    name = scheme.upper().replace("-", "") if scheme else ""
    if not name:
        return ""
    return SYSTEMS.get(name) or source.urn("scheme", quote(scheme, safe=""))


def coding_of(item: Model, source: Source) -> dict[str, Any]:
    """Return the Coding of an item of a code sequence; empty where it has no code."""
    value = (
        code(item, "CodeValue")
        or code(item, "LongCodeValue")
        or code(item, "URNCodeValue")
    )
    if not value:
        return {}
    scheme = code(item, "CodingSchemeDesignator")
    meaning = text(item, "CodeMeaning")
    if scheme.upper() in _RETIRED and value in _retired_codes():
        scheme, value = "SCT", _retired_codes()[value]
    return compact(system=system_of(scheme, source), code=value, display=meaning)


def concept_of(item: Model, source: Source) -> dict[str, Any]:
    """Return the CodeableConcept of an item of a code sequence."""
    coding = coding_of(item, source)
    meaning = text(item, "CodeMeaning")
    return compact(coding=[coding] if coding else [], text=meaning)


def concepts(model: Model, keyword: str, source: Source) -> list[dict[str, Any]]:
    """Return the CodeableConcepts of a code sequence, each once."""
    found: list[dict[str, Any]] = []
    for item in items(model, keyword):
        concept = concept_of(item, source)
        if concept and concept not in found:
            found.append(concept)
    return found


def first_coding(model: Model, keyword: str, source: Source) -> dict[str, Any]:
    """Return the Coding of the first item that has a code."""
    return next(filter(None, (coding_of(e, source) for e in items(model, keyword))), {})


def plain(system: str, value: str, display: str = "") -> dict[str, Any]:
    """Return a Coding."""
    return compact(system=system, code=code_of(value), display=clean(display))


@cache
def _retired_codes() -> Mapping[str, str]:
    """Return SNOMED CT's codes by those of SNOMED RT, from the only table of both.

    Read when the first one comes: with the package around it, it takes 10 MB and a
    tenth of the start of each of our processes.
    """
    table = importlib.import_module("pydicom.sr._snomed_dict")
    codes: Mapping[str, str] = table.mapping["SRT"]
    return codes
