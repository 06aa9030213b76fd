"""Vital signs, smoking status and an electrocardiogram.

References
----------
FHIR R4 vital signs profiles (observation-vitalsigns), SampledData.
"""

from math import exp
from typing import Final

from portal.demo.record.chart import Chart, Visit
from portal.demo.record.codes import Coded, Element, concept, hl7, loinc, quantity, sct
from portal.demo.record.laboratory import observed

_VITAL: Final = hl7("observation-category", "vital-signs", "Vital Signs")
_SOCIAL: Final = hl7("observation-category", "social-history", "Social History")
_PROCEDURE: Final = hl7("observation-category", "procedure", "Procedure")
_PRESSURE: Final = concept(
    "Blood pressure",
    loinc("85354-9", "Blood pressure panel with all children optional"),
)
_SYSTOLIC: Final = concept(
    "Systolic blood pressure", loinc("8480-6", "Systolic blood pressure")
)
_DIASTOLIC: Final = concept(
    "Diastolic blood pressure", loinc("8462-4", "Diastolic blood pressure")
)
_SATURATION: Final = concept(
    "Oxygen saturation",
    loinc("2708-6", "Oxygen saturation in Arterial blood"),
    loinc("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"),
)
_SMOKING: Final = concept(
    "Tobacco smoking status", loinc("72166-2", "Tobacco smoking status")
)
_HABITS: Final = {
    "never": concept("Never smoker", sct("266919005", "Never smoked tobacco")),
    "former": concept("Former smoker", sct("8517006", "Ex-smoker")),
    "current": concept("Smoker", sct("77176002", "Smoker")),
}
_ECG: Final = concept("ECG, lead II", loinc("11524-6", "EKG study"))
_ECG_HZ: Final = 100
_ECG_BEATS: Final = 3


def vital_signs(chart: Chart, visit: Visit, *, raised: bool, weight_kg: float) -> None:
    """Write blood pressure, pulse, weight and body mass index of a visit down."""
    luck = chart.luck
    systolic = round(luck.gauss(152 if raised else 122, 8))
    diastolic = round(systolic * 0.6 + luck.gauss(4, 3))
    _pressure(chart, visit, systolic, diastolic)
    _sign(chart, visit, "8867-4", "Heart rate", luck.randint(58, 96), "/min")
    weight = round(weight_kg + luck.gauss(0, 0.5), 1)
    _sign(chart, visit, "29463-7", "Body weight", weight, "kg")
    index = round(weight / chart.life.height_m**2, 1)
    _sign(chart, visit, "39156-5", "Body mass index (BMI) [Ratio]", index, "kg/m2")


def acute_signs(chart: Chart, visit: Visit, temperature: float, oxygen: int) -> None:
    """Write temperature, breathing and oxygen saturation down."""
    _sign(chart, visit, "8310-5", "Body temperature", temperature, "Cel")
    breaths = chart.luck.randint(14, 26)
    _sign(chart, visit, "9279-1", "Respiratory rate", breaths, "/min")
    value = quantity(oxygen, "%")
    observed(chart, visit, _SATURATION, _VITAL, valueQuantity=value)


def body_height(chart: Chart, visit: Visit) -> None:
    """Write the body height down."""
    height = round(chart.life.height_m * 100, 1)
    _sign(chart, visit, "8302-2", "Body height", height, "cm")


def smoking(chart: Chart, visit: Visit) -> None:
    """Write down whether the patient smokes."""
    habit = _HABITS[chart.life.smoking]
    observed(chart, visit, _SMOKING, _SOCIAL, valueCodeableConcept=habit)


def electrocardiogram(chart: Chart, visit: Visit) -> None:
    """Write a few beats of one lead down, as the device sampled them."""
    shape = [_beat(second / _ECG_HZ) for second in range(_ECG_HZ)]
    samples = [
        round(100 * volt + chart.luck.gauss(0, 1.5)) for volt in shape * _ECG_BEATS
    ]
    data = {
        "origin": quantity(0, "mV"),
        "period": 1000 / _ECG_HZ,
        "factor": 0.01,
        "dimensions": 1,
        "data": " ".join(map(str, samples)),
    }
    device = {"reference": "Device/demo-device-ecg"}
    observed(chart, visit, _ECG, _PROCEDURE, valueSampledData=data, device=device)


def _beat(second: float) -> float:
    """Return the millivolts of lead II at a moment of a beat: P, QRS, T."""
    waves = (
        (0.16, 0.15, 0.025),
        (0.3, -0.1, 0.008),
        (0.33, 1.1, 0.01),
        (0.36, -0.2, 0.01),
        (0.56, 0.3, 0.05),
    )
    return sum(
        height * exp(-((second - middle) ** 2) / (2 * width**2))
        for middle, height, width in waves
    )


def _pressure(chart: Chart, visit: Visit, systolic: int, diastolic: int) -> None:
    parts = ((_SYSTOLIC, systolic), (_DIASTOLIC, diastolic))
    component = [
        {"code": code, "valueQuantity": quantity(value, "mmHg", "mm[Hg]")}
        for code, value in parts
    ]
    observed(chart, visit, _PRESSURE, _VITAL, component=component)


def _sign(
    chart: Chart, visit: Visit, code: str, display: str, value: float, unit: str
) -> None:
    what: Element = concept(display, Coded(*loinc(code, display)))
    observed(chart, visit, what, _VITAL, valueQuantity=quantity(value, unit))
