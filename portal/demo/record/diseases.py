"""What a disease is to the record: its codes, its drugs, what is measured."""

from enum import StrEnum
from typing import NamedTuple

from portal.demo.record.codes import ICD10, Coded, Element, concept


class Kind(StrEnum):
    """How a disease goes through the years."""

    TUMOUR = "tumour"
    CHRONIC = "chronic"
    ACUTE = "acute"
    FINDING = "finding"


class Disease(NamedTuple):
    """A disease; `infusions` are given in cycles, `drugs` are taken at home.

    `words` are what the record calls it; `results` are keys of the laboratory.
    """

    kind: Kind
    words: str
    code: Coded
    icd10: tuple[tuple[str, str], ...]
    drugs: tuple[str, ...] = ()
    infusions: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    histology: str = ""

    def concept(self, icd10: str = "", *, coded: bool = True) -> Element:
        """Return the CodeableConcept with the ICD-10-CM code of the tale."""
        names = dict(self.icd10)
        chosen = icd10 if icd10 in names else next(iter(names))
        billing = Coded(ICD10, chosen, names[chosen])
        return concept(self.words, *((self.code, billing) if coded else (billing,)))
