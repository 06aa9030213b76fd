"""Code systems of the record, and how a coded concept is written.

Only codes that public data use are here (Synthea, HL7's examples, DICOM PS3.16, mCODE);
what has none that is well known is words alone.

References
----------
FHIR R4 CodeableConcept, and terminologies-systems.
"""

from typing import Any, Final, NamedTuple

from portal.demo.protocols import Code

LOINC: Final = "http://loinc.org"
SNOMED: Final = "http://snomed.info/sct"
RXNORM: Final = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD10: Final = "http://hl7.org/fhir/sid/icd-10-cm"
CVX: Final = "http://hl7.org/fhir/sid/cvx"
UCUM: Final = "http://unitsofmeasure.org"
HL7: Final = "http://terminology.hl7.org/CodeSystem"
DICOM: Final = "http://dicom.nema.org/resources/ontology/DCM"
MODALITIES: Final = {
    "CR": "Computed Radiography",
    "CT": "Computed Tomography",
    "MG": "Mammography",
    "MR": "Magnetic Resonance",
    "PT": "Positron emission tomography",
    "US": "Ultrasound",
}
LANGUAGES: Final = "urn:ietf:bcp:47"

Element = dict[str, Any]


class Coded(NamedTuple):
    """A code with its display; as a CodeableConcept its text is the display."""

    system: str
    code: str
    display: str

    def coding(self) -> Element:
        """Return the FHIR Coding."""
        return {"system": self.system, "code": self.code, "display": self.display}


def concept(text: str, *codes: Coded) -> Element:
    """Return a CodeableConcept; without codes it is its text."""
    element: Element = {"text": text}
    if codes:
        element["coding"] = [code.coding() for code in codes]
    return element


def of(code: Coded) -> Element:
    """Return the CodeableConcept of one code."""
    return concept(code.display, code)


def hl7(table: str, code: str, display: str) -> Element:
    """Return the CodeableConcept of a code of HL7's own tables, which needs no text."""
    return {"coding": [Coded(f"{HL7}/{table}", code, display).coding()]}


def of_dicom(code: Code) -> Element:
    """Return the CodeableConcept of a code that DICOM objects of the demo bear."""
    if code.scheme != "SCT":
        return {"text": code.meaning}
    return of(Coded(SNOMED, code.value, code.meaning))


def dicom(modality: str) -> Element:
    """Return the Coding of a modality."""
    return {"system": DICOM, "code": modality, "display": MODALITIES[modality]}


def quantity(value: float, unit: str, ucum: str = "") -> Element:
    """Return a Quantity in a UCUM unit."""
    return {"value": value, "unit": unit, "system": UCUM, "code": ucum or unit}


def sct(code: str, display: str) -> Coded:
    """Return a SNOMED CT code."""
    return Coded(SNOMED, code, display)


def loinc(code: str, display: str) -> Coded:
    """Return a LOINC code."""
    return Coded(LOINC, code, display)
