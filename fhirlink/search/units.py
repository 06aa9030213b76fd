"""Units of UCUM that clinical data have, and how to compare across them: pure.

A table of our own of those units whose conversion is linear. What is not in it is
compared in its own unit only. Annotations (``{beats}/min``) mean nothing to UCUM.

References
----------
UCUM 2.1; FHIR R4 3.1.1.4.13.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

SYSTEM: Final = "http://unitsofmeasure.org"
_ANNOTATION: Final = re.compile(r"\{[^{}]*\}")

# Of each dimension first the unit that values are kept in, the most frequent one;
# then others as code=factor, or code=factor+offset.
_DIMENSIONS: Final = (
    "kg g=0.001 mg=1e-6 ug=1e-9 ng=1e-12 pg=1e-15 [lb_av]=0.45359237"
    " [oz_av]=0.028349523125 t=1000 [stone_av]=6.35029318",
    "cm m=100 mm=0.1 um=0.0001 nm=1e-7 km=100000 [in_i]=2.54 [ft_i]=30.48",
    "Cel [degF]=0.5555555555555555555555555556+-17.77777777777777777777777778"
    " K=1+-273.15",
    "mm[Hg] kPa=7.500615758456563 Pa=0.007500615758456563 cm[H2O]=0.735559"
    " bar=750.0615758456563 mbar=0.7500615758456563 hPa=0.7500615758456563"
    " m[H2O]=73.5559 atm=760",
    "/min /s=60 Hz=60 /h=0.01666666666666666666666666667 1/min=1 1/s=60",
    "% 1=100 10*-3=0.1 [ppth]=0.1 [ppm]=0.0001 10*-2=1",
    "mg/dL g/dL=1000 g/L=100 mg/L=0.1 ug/mL=0.1 ng/mL=0.0001 ug/dL=0.001 ug/L=0.0001"
    " pg/mL=1e-7 ng/dL=1e-6 ng/L=1e-7 mg/mL=100 g/mL=100000 pg/dL=1e-9 kg/L=100000"
    " kg/m3=100 mg/m3=0.0001 pg/L=1e-10",
    "mmol/L umol/L=0.001 nmol/L=1e-6 pmol/L=1e-9 mol/L=1000 mmol/dL=10 umol/dL=0.01"
    " mol/m3=1 nmol/mL=0.001 umol/mL=1 pmol/mL=1e-6 nmol/dL=1e-5",
    "meq/L eq/L=1000 ueq/L=0.001 meq/dL=10 meq/mL=1000",
    "mmol mol=1000 umol=0.001 nmol=1e-6 pmol=1e-9",
    "meq eq=1000 ueq=0.001",
    "mL L=1000 dL=100 cL=10 uL=0.001 fL=1e-12 nL=1e-6 pL=1e-9 cm3=1 mm3=0.001 m3=1e6",
    "10*3/uL 10*9/L=1 10*6/uL=1000 10*12/L=1000 10*6/L=0.001 /uL=0.001 /mm3=0.001"
    " 10*3/mm3=1 10*6/mm3=1000 10*3/mL=0.001 /mL=1e-6 /L=1e-9 10*6/mL=1 10*3/L=1e-6"
    " 1/uL=0.001 10*4/uL=10",
    "s ms=0.001 us=1e-6 min=60 h=3600 d=86400 wk=604800 mo=2629800 a=31557600 ns=1e-9",
    "kg/m2 g/m2=0.001 g/cm2=10 mg/cm2=0.01",
    "m2 cm2=0.0001 mm2=1e-6 dm2=0.01",
    "mL/min L/min=1000 L/s=60000 mL/s=60 mL/h=0.01666666666666666666666666667"
    " L/h=16.66666666666666666666666667 dL/min=100",
    "mL/min/m2 L/min/m2=1000",
    "mL/kg/h mL/kg/min=60 L/kg/h=1000",
    "cm/s m/s=100 mm/s=0.1",
    "U/L kU/L=1000 mU/mL=1 U/mL=1000 uU/mL=0.001 mU/L=0.001 U/dL=10",
    "[IU]/L [iU]/L=1 m[IU]/L=0.001 m[iU]/L=0.001 m[IU]/mL=1 m[iU]/mL=1"
    " u[IU]/mL=0.001 u[iU]/mL=0.001 [IU]/mL=1000 [iU]/mL=1000 k[IU]/L=1000"
    " k[iU]/mL=1e6 [IU]/dL=10 [iU]/dL=10",
    "[IU] [iU]=1 k[IU]=1000 m[IU]=0.001",
    "U kU=1000 mU=0.001",
    "mg/g ug/mg=1 g/g=1000 g/kg=1 mg/mg=1000 ug/g=0.001 mg/kg=0.001 ug/kg=1e-6"
    " ng/mg=0.001",
    "mg/mmol g/mol=1 g/mmol=1000",
    "mmol/mol umol/mol=0.001",
    "mm/h cm/h=10",
    "mosm/kg osm/kg=1000",
    "mosm/L osm/L=1000",
    "mg/min ug/min=0.001 mg/h=0.01666666666666666666666666667 g/h=16.66666666666666667"
    " ug/h=0.00001666666666666666666666666667 g/min=1000",
    "ug/kg/min mg/kg/min=1000 mg/kg/h=16.66666666666666666666666667"
    " ug/kg/h=0.01666666666666666666666666667 ng/kg/min=0.001",
    "mg/d g/d=1000 ug/d=0.001 mg/(24.h)=1 g/(24.h)=1000 ug/(24.h)=0.001",
    "mL/d L/d=1000 mL/(24.h)=1 L/(24.h)=1000",
    "mGy Gy=1000 cGy=10 uGy=0.001 dGy=100",
    "mGy.cm Gy.cm=1000 uGy.cm=0.001",
    "dGy.cm2 Gy.cm2=10 mGy.cm2=0.01 cGy.cm2=0.1 uGy.m2=1 uGy.cm2=0.00001 Gy.m2=100000",
    "mSv Sv=1000 uSv=0.001",
    "MBq kBq=0.001 GBq=1000 Bq=1e-6 mCi=37 Ci=37000 uCi=0.037",
    "mV V=1000 uV=0.001 kV=1e6",
    "mA A=1000 uA=0.001",
    "mA.s A.s=1000 uA.s=0.001",
    "kcal cal=0.001 kJ=0.2390057361376673 J=0.0002390057361376673",
    "deg rad=57.29577951308232",
    "[pH]",
    "[hnsf'U]",
    "[diop]",
    "dB[SPL]",
    "W mW=0.001 kW=1000",
)
# How units are written where there is no code, or none of UCUM.
_WRITTEN: Final[Mapping[str, str]] = {
    "mmHg": "mm[Hg]",
    "mm Hg": "mm[Hg]",
    "cmH2O": "cm[H2O]",
    "beats/minute": "/min",
    "beats/min": "/min",
    "breaths/minute": "/min",
    "breaths/min": "/min",
    "bpm": "/min",
    "per minute": "/min",
    "degC": "Cel",
    "°C": "Cel",
    "C": "Cel",
    "degF": "[degF]",
    "°F": "[degF]",
    "lb": "[lb_av]",
    "lbs": "[lb_av]",
    "oz": "[oz_av]",
    "in": "[in_i]",
    "ft": "[ft_i]",
    "percent": "%",
    "mg/dl": "mg/dL",
    "g/dl": "g/dL",
    "ml": "mL",
    "l": "L",
    "µg": "ug",
    "mcg": "ug",
    "sec": "s",
    "hr": "h",
    "days": "d",
    "years": "a",
    "kg/m^2": "kg/m2",
    "IU/L": "[IU]/L",
    "mEq/L": "meq/L",
    "HU": "[hnsf'U]",
}


class Scale(NamedTuple):
    """From a unit to the one that its dimension is compared in."""

    unit: str
    factor: Decimal
    offset: Decimal

    @property
    def is_own(self) -> bool:
        """Return whether it is the same unit."""
        return self.factor == 1 and not self.offset

    def convert(self, number: Decimal | None) -> Decimal | None:
        """Return a number of the unit in the unit of its dimension."""
        if number is None or self.is_own:
            return number
        return number * self.factor + self.offset


def scale_of(system: str | None, code: str) -> Scale | None:
    """Return the scale of a unit; None where it is known only to itself.

    Parameters
    ----------
    system
        None or empty where none is named: then it may be written in plain words.
    """
    if system == SYSTEM:
        return _scale(code)
    if not system:
        return _SCALES.get(_WRITTEN.get(code, "")) or _scale(code)
    return None


def _scale(code: str) -> Scale | None:
    found = _SCALES.get(code)
    if found is None and "{" in code and len(code) < _LONGEST:
        bare = _ANNOTATION.sub("", code)
        found = _SCALES.get(bare) or _SCALES.get(bare.strip("/.") or "1")
    return found


def _scales() -> Iterator[tuple[str, Scale]]:
    for row in _DIMENSIONS:
        own, *others = row.split()
        yield own, Scale(own, Decimal(1), Decimal(0))
        for each in others:
            code, _, text = each.partition("=")
            factor, _, offset = text.partition("+")
            yield code, Scale(own, Decimal(factor), Decimal(offset or 0))


_LONGEST: Final = 64
_SCALES: Final[Mapping[str, Scale]] = dict(_scales())
