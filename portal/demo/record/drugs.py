"""Drugs that the demo's patients take: ingredient, how much, how, how often.

RxNorm codes are those of ingredients; a drug without one is words alone.
"""

from typing import Final, NamedTuple

from portal.demo.record.codes import RXNORM, Coded, Element, concept, of, quantity, sct

_ROUTES: Final = {
    "oral": of(sct("26643006", "Oral route")),
    "intravenous": of(sct("47625008", "Intravenous route")),
}


class Drug(NamedTuple):
    """A drug as it is ordered here; `times` a day, 0 where it is given once."""

    name: str
    rxcui: str
    dose: float
    unit: str
    route: str = "oral"
    times: int = 1

    def concept(self) -> Element:
        """Return the CodeableConcept of the drug."""
        codes = [Coded(RXNORM, self.rxcui, self.name)] if self.rxcui else []
        return concept(self.name, *codes)

    def dosage(self) -> Element:
        """Return the Dosage of an order."""
        often = f"{self.times} times a day" if self.times else "once"
        element: Element = {
            "text": f"{self.dose:g} {self.unit} {self.route}, {often}",
            "route": _ROUTES[self.route],
            "doseAndRate": [{"doseQuantity": quantity(self.dose, self.unit)}],
        }
        if self.times:
            repeat = {"frequency": self.times, "period": 1, "periodUnit": "d"}
            element["timing"] = {"repeat": repeat}
        return element

    def given(self) -> Element:
        """Return the dosage of an administration."""
        return {"route": _ROUTES[self.route], "dose": quantity(self.dose, self.unit)}


_ALL: Final = (
    Drug("doxorubicin", "3639", 60, "mg", "intravenous", 0),
    Drug("cisplatin", "2555", 110, "mg", "intravenous", 0),
    Drug("methotrexate", "6851", 15000, "mg", "intravenous", 0),
    Drug("ifosfamide", "", 3000, "mg", "intravenous", 0),
    Drug("carboplatin", "40048", 450, "mg", "intravenous", 0),
    Drug("paclitaxel", "56946", 280, "mg", "intravenous", 0),
    Drug("pembrolizumab", "", 200, "mg", "intravenous", 0),
    Drug("oxaliplatin", "32592", 150, "mg", "intravenous", 0),
    Drug("fluorouracil", "4492", 700, "mg", "intravenous", 0),
    Drug("bleomycin", "1622", 15, "mg", "intravenous", 0),
    Drug("vinblastine", "", 10, "mg", "intravenous", 0),
    Drug("dacarbazine", "3098", 650, "mg", "intravenous", 0),
    Drug("temozolomide", "37776", 140, "mg", times=1),
    Drug("sunitinib", "357977", 50, "mg", times=1),
    Drug("tamoxifen", "10324", 20, "mg", times=1),
    Drug("dexamethasone", "3264", 4, "mg", times=2),
    Drug("ondansetron", "26225", 8, "mg", times=3),
    Drug("morphine", "7052", 10, "mg", times=4),
    Drug("ibuprofen", "5640", 400, "mg", times=3),
    Drug("acetaminophen", "161", 500, "mg", times=4),
    Drug("amoxicillin", "723", 500, "mg", times=3),
    Drug("ceftriaxone", "2193", 2000, "mg", "intravenous", 1),
    Drug("lisinopril", "29046", 10, "mg", times=1),
    Drug("amlodipine", "17767", 5, "mg", times=1),
    Drug("metformin", "6809", 500, "mg", times=2),
    Drug("atorvastatin", "83367", 40, "mg", times=1),
    Drug("aspirin", "1191", 100, "mg", times=1),
    Drug("clopidogrel", "32968", 75, "mg", times=1),
    Drug("albuterol", "435", 2, "mg", times=3),
    Drug("alendronate", "", 10, "mg", times=1),
    Drug("interferon beta-1a", "", 1, "mg", times=1),
    Drug("furosemide", "4603", 40, "mg", times=1),
)
DRUGS: Final = {drug.name: drug for drug in _ALL}
