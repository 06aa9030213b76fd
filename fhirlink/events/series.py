"""The series of an imaging event, as an ImagingStudy tells of them: pure."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fhirlink.events.codes import Codes, codes_of
from fhirlink.events.read import at, text

Json = Any

_LONGEST = 64
_MOST = 2**31 - 1


class Series(NamedTuple):
    """A series of a study."""

    uid: str
    modality: str
    body: Codes
    number_of_instances: int


def series_of(resource: Mapping[str, Json]) -> Iterator[Series]:
    """Yield the series of an ImagingStudy; where it names none, one of its modality."""
    found = [_series(each) for each in at(resource, "series") if isinstance(each, dict)]
    if found:
        yield from found
        return
    for modality in at(resource, "modality"):
        yield Series("", text(modality, "code")[:_LONGEST], (), 0)


def _series(item: Mapping[str, Json]) -> Series:
    number = item.get("numberOfInstances")
    if not isinstance(number, int):
        number = len(list(at(item, "instance")))
    modality = next(at(item, "modality"), None)
    return Series(
        text(item, "uid")[:_LONGEST],
        text(modality, "code")[:_LONGEST],
        codes_of(*at(item, "bodySite")),
        max(0, min(number, _MOST)),
    )
