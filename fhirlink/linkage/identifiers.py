"""Identifiers of studies, patients and orders: pure.

References
----------
FHIR R4 ImagingStudy (notes on DICOM), DICOM PS3.3 10.14 (HL7v2 hierarchic designator).
"""

import re
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from fhirlink.linkage.codes import is_uri
from fhirlink.linkage.reading import clean, compact, is_uid, items, text
from fhirlink.linkage.source import Source
from imaging.rendering.attributes import Model

DICOM_UID: Final = "urn:dicom:uid"
RFC3986: Final = "urn:ietf:rfc:3986"
TYPES: Final = "http://terminology.hl7.org/CodeSystem/v2-0203"
_OID: Final = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*))+", re.ASCII)
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)


class Identifier(NamedTuple):
    """A value in a system."""

    system: str
    value: str


def of_study(uid: str) -> dict[str, Any]:
    """Return the identifier of a study, by which it is found."""
    return {"system": DICOM_UID, "value": f"urn:oid:{uid}"}


def study_uid(system: str, value: str) -> str:
    """Return the UID that an identifier of an ImagingStudy names; empty for none.

    Others write the system of URIs, no system, or the bare UID.
    """
    if system not in {DICOM_UID, RFC3986, ""}:
        return ""
    bare = value.removeprefix("urn:oid:")
    # A bare number in no system may be anything.
    return bare if is_uid(bare) and (system or value != bare or "." in bare) else ""


def accession(value: str, system: str) -> dict[str, Any]:
    """Return the identifier of an accession; without system it is only shown."""
    typed = {"coding": [{"system": TYPES, "code": "ACSN"}]}
    return compact(type_=typed, system=system, value=value)


def accessions_of(model: Model, source: Source) -> list[Identifier]:
    """Return the accession numbers of a data set and of its requests, each once."""
    found: list[Identifier] = []
    for each in (model, *items(model, "RequestAttributesSequence")):
        value = text(each, "AccessionNumber")
        if not value:
            continue
        designators = items(each, "IssuerOfAccessionNumberSequence")
        system = _designated(designators, source) or source.accession_system
        one = Identifier(system, value)
        if one not in found:
            found.append(one)
    return found


def patient_key(model: Model, source: Source) -> Identifier:
    """Return who a data set says that the patient is; no system: it cannot be told."""
    return Identifier(_issuer(model, source), text(model, "PatientID"))


def other_keys(model: Model, source: Source) -> list[Identifier]:
    """Return the other identifiers of the patient that have an issuer (0010,1002)."""
    found: list[Identifier] = []
    for item in items(model, "OtherPatientIDsSequence"):
        value = text(item, "PatientID")
        system = _named_issuer(item, source)
        if value and system and (one := Identifier(system, value)) not in found:
            found.append(one)
    return found


def _issuer(model: Model, source: Source) -> str:
    return _named_issuer(model, source) or source.assigning_authority


def _named_issuer(model: Model, source: Source) -> str:
    """Return the system that an issuer names (0010,0021), or its qualifiers."""
    name = text(model, "IssuerOfPatientID")
    if system := source.issuers.get(name, "") if name else "":
        return system
    if is_uri(name):
        return name
    qualifiers = items(model, "IssuerOfPatientIDQualifiersSequence")
    if system := _designated(qualifiers, source):
        return system
    return _of_local(name, source) if name else ""


def _designated(designators: list[Model], source: Source) -> str:
    """Return the system of a hierarchic designator: its universal id, else its name."""
    if not designators:
        return ""
    universal = text(designators[0], "UniversalEntityID")
    local = text(designators[0], "LocalNamespaceEntityID")
    named = source.issuers.get(universal) or source.issuers.get(local)
    if named:
        return named
    kind = text(designators[0], "UniversalEntityIDType").upper()
    if is_uri(universal):
        return universal
    if kind in {"ISO", ""} and _OID.fullmatch(universal):
        return f"urn:oid:{universal}"
    if kind in {"UUID", ""} and _UUID.fullmatch(universal):
        return f"urn:uuid:{universal.lower()}"
    name = universal or local
    return _of_local(name, source) if name else ""


def _of_local(name: str, source: Source) -> str:
    """Return a system of ours for an issuer that is known here only."""
    if _OID.fullmatch(name):
        return f"urn:oid:{name}"
    return source.urn("issuer", quote(clean(name), safe=""))
