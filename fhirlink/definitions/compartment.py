"""What lies in the compartment of a patient (FHIR R4 CompartmentDefinition Patient)."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import orjson

_TABLE: Final = Path(__file__).parent / "patient_compartment.json"


@cache
def patient_compartment(resource_type: str) -> frozenset[str]:
    """Return by which parameters resources of a type lie in a patient's compartment.

    A patient lies in its own, besides.
    """
    return frozenset(_table().get(resource_type, ()))


@cache
def _table() -> Mapping[str, Sequence[str]]:
    table: Mapping[str, Sequence[str]] = orjson.loads(_TABLE.read_bytes())
    return table
