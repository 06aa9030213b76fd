"""The demo's record as tests read it: resources alone, without how they were made."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from portal.demo.record.house import shared_resources
from portal.demo.record.lives import life_of
from portal.demo.record.record import record_of
from portal.demo.stories import EVERYONE, hospital

Resource = dict[str, Any]


@cache
def charts() -> tuple[tuple[Resource, ...], ...]:
    """Return the default hospital's charts, one for each patient."""
    patients = hospital(patients=len(EVERYONE), seed=1)
    return tuple(tuple(record_of(life_of(patient))) for patient in patients)


def all_resources() -> list[Resource]:
    """Return the whole hospital: what is shared, then chart after chart."""
    return [*shared_resources(), *(each for chart in charts() for each in chart)]


def reference_to(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def references_of(value: Any) -> Iterator[str]:
    """Yield every literal reference inside a resource."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for each in value.values():
            yield from references_of(each)
    elif isinstance(value, list):
        for each in value:
            yield from references_of(each)


def text_of(concept: Resource) -> str:
    """Return all words of a CodeableConcept, in lower case."""
    displays = [coding.get("display", "") for coding in concept.get("coding", [])]
    return " | ".join([concept.get("text", ""), *displays]).lower()


def of_type(chart: tuple[Resource, ...], *types: str) -> list[Resource]:
    return [each for each in chart if each["resourceType"] in types]
