"""What is measured in units of two kinds, between which only a formula leads.

References
----------
HbA1c: IFCC and NGSP master equation, NGSP (%) = 0.09148 * IFCC (mmol/mol) + 2.152.
Glucose: 180.156 g/mol.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from fhirlink.search.units import Scale


@dataclass(frozen=True, slots=True)
class Analyte:
    """What is measured: its LOINC codes and names; and its units.

    Attributes
    ----------
    one, other
        Units that numbers are kept in.
    factor, offset
        A number of `other` is one of `one` times the factor, and the offset.
    """

    name: str
    loinc: tuple[str, ...]
    words: tuple[str, ...]
    one: str
    other: str
    factor: Decimal
    offset: Decimal

    def from_unit(self, scale: Scale) -> Iterator[Scale]:
        """Yield how numbers of a unit are converted to the other kind, if it has one."""
        if scale.unit == self.one:
            factor = self.factor
            yield Scale(
                self.other, scale.factor * factor, scale.offset * factor + self.offset
            )
        elif scale.unit == self.other:
            factor = 1 / self.factor
            offset = -self.offset / self.factor
            yield Scale(self.one, scale.factor * factor, scale.offset * factor + offset)


_IFCC: Final = 1 / Decimal("0.09148")
ANALYTES: Final = (
    Analyte(
        "HbA1c",
        (
            *("4548-4", "17856-6", "4549-2", "17855-8", "41995-2", "71875-9"),
            *("59261-8", "62388-4", "55454-3", "96595-4"),
        ),
        ("hemoglobin a1c", "haemoglobin a1c", "hba1c", "hb a1c", "glycated hemoglobin"),
        one="%",
        other="mmol/mol",
        factor=_IFCC,
        offset=-Decimal("2.152") * _IFCC,
    ),
    Analyte(
        "glucose",
        (
            *("2345-7", "2339-0", "2340-8", "2341-6", "1558-6", "15074-8", "14749-6"),
            *("14771-0", "41653-7", "76629-5", "27353-2", "10450-5", "1521-4"),
        ),
        ("glucose", "blood sugar"),
        one="mg/dL",
        other="mmol/L",
        factor=1 / Decimal("18.0156"),
        offset=Decimal(0),
    ),
)
