"""Blood counts and chemistry: what is normal, how a course moves it, the results.

References
----------
FHIR R4 Observation, Specimen, DiagnosticReport; UCUM.
"""

from typing import Final, NamedTuple

from portal.demo.record.chart import Chart, Visit
from portal.demo.record.codes import (
    LOINC,
    Coded,
    Element,
    concept,
    hl7,
    loinc,
    of,
    quantity,
    sct,
)

LABORATORY: Final = {"reference": "Organization/demo-organization-laboratory"}
CATEGORY: Final = hl7("observation-category", "laboratory", "Laboratory")


class Test(NamedTuple):
    """What is measured: LOINC code, UCUM unit, reference range, its spread."""

    code: str
    display: str
    unit: str
    low: float
    high: float
    digits: int = 1

    def around(self, level: float) -> float:
        """Return the value at a level: 0 the lower, 1 the upper end of normal."""
        value = self.low + level * (self.high - self.low)
        return round(max(value, self.low / 8), self.digits)


TESTS: Final = {
    "hemoglobin": Test(
        "718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 12.0, 16.5
    ),
    "leukocytes": Test(
        "6690-2",
        "Leukocytes [#/volume] in Blood by Automated count",
        "10*3/uL",
        4.0,
        10.0,
    ),
    "platelets": Test(
        "777-3",
        "Platelets [#/volume] in Blood by Automated count",
        "10*3/uL",
        150,
        400,
        0,
    ),
    "creatinine": Test(
        "2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 0.6, 1.2, 2
    ),
    "alt": Test(
        "1742-6",
        "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma",
        "U/L",
        7,
        45,
        0,
    ),
    "alkaline phosphatase": Test(
        "6768-6",
        "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma",
        "U/L",
        40,
        130,
        0,
    ),
    "lactate dehydrogenase": Test(
        "2532-0",
        "Lactate dehydrogenase [Enzymatic activity/volume] in Serum or Plasma",
        "U/L",
        120,
        250,
        0,
    ),
    "glucose": Test(
        "2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL", 70, 105, 0
    ),
    "hemoglobin a1c": Test(
        "4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", 4.0, 5.7
    ),
    "sodium": Test(
        "2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", 135, 145, 0
    ),
    "potassium": Test(
        "2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", 3.5, 5.1
    ),
    "calcium": Test(
        "17861-6", "Calcium [Mass/volume] in Serum or Plasma", "mg/dL", 8.6, 10.3
    ),
    "ldl cholesterol": Test(
        "13457-7",
        "Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation",
        "mg/dL",
        60,
        130,
        0,
    ),
    "c-reactive protein": Test(
        "1988-5",
        "C reactive protein [Mass/volume] in Serum or Plasma",
        "mg/L",
        0.2,
        5.0,
    ),
}
_PANEL: Final = Coded(LOINC, "11502-2", "Laboratory report")
_BLOOD: Final = concept("Blood specimen", sct("119297000", "Blood specimen"))
_FLAGS: Final = {
    "H": hl7("v3-ObservationInterpretation", "H", "High"),
    "L": hl7("v3-ObservationInterpretation", "L", "Low"),
    "N": hl7("v3-ObservationInterpretation", "N", "Normal"),
}


def results(chart: Chart, visit: Visit, levels: dict[str, float]) -> None:
    """Write a blood sample down, its results, and the report that joins them.

    `levels` says for each test how high it is: 0 to 1 is within the reference range.
    """
    if not levels:
        return
    specimen = chart.add(
        "Specimen",
        status="available",
        type=_BLOOD,
        subject=chart.patient,
        collection={"collectedDateTime": visit.moment(10)},
    )
    found = [
        _result(chart, visit, specimen, TESTS[name], level + chart.luck.gauss(0, 0.09))
        for name, level in levels.items()
    ]
    chart.add(
        "DiagnosticReport",
        status="final",
        category=[hl7("v2-0074", "LAB", "Laboratory")],
        code=of(_PANEL),
        subject=chart.patient,
        encounter=visit.encounter,
        effectiveDateTime=visit.moment(10),
        issued=visit.moment(50),
        performer=[LABORATORY],
        specimen=[specimen],
        result=found,
    )


def observed(
    chart: Chart, visit: Visit, code: Element, category: Element, **value: object
) -> Element:
    """Write an observation of a visit down, a quarter of an hour into it."""
    return chart.add(
        "Observation",
        status=value.pop("status", "final"),
        category=[category],
        code=code,
        subject=chart.patient,
        encounter=visit.encounter,
        effectiveDateTime=visit.moment(15),
        **value,
    )


def _result(
    chart: Chart, visit: Visit, specimen: Element, test: Test, level: float
) -> Element:
    value = test.around(level)
    flag = "L" if value < test.low else "H" if value > test.high else "N"
    return observed(
        chart,
        visit,
        of(loinc(test.code, test.display)),
        CATEGORY,
        valueQuantity=quantity(value, test.unit),
        interpretation=[_FLAGS[flag]],
        referenceRange=[
            {
                "low": quantity(test.low, test.unit),
                "high": quantity(test.high, test.unit),
            }
        ],
        performer=[LABORATORY],
        specimen=specimen,
    )
