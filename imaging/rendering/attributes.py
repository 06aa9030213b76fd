"""What a DICOM JSON model says, read as if somebody hostile had written it: pure.

Values of the wrong kind are none. Nothing here knows what the attributes mean.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydicom.datadict import tag_for_keyword

Model = Mapping[str, Mapping[str, Any]]
"""A DICOM JSON object; a bulk value is named by its path (`imaging.layout`)."""

Bulk = Callable[[str], bytes]
"""Reads the bulk value of a path, in little endian, or of one that is too long b""."""


def tag(keyword: str) -> str:
    """Return the tag of a standard attribute as DICOM JSON writes it."""
    found = tag_for_keyword(keyword)
    if found is None:
        raise KeyError(keyword)
    return f"{found:08X}"


def values(model: Model, key: str) -> list[Any]:
    """Return the values of an attribute; none, where it has none in the model."""
    found: Any = model.get(key)
    held = found.get("Value") if isinstance(found, Mapping) else None
    return held if isinstance(held, list) else []


def numbers(model: Model, key: str) -> list[float]:
    """Return the values of an attribute as numbers; none, if one of them is not."""
    found = [_number(each) for each in values(model, key)]
    return [] if None in found else [each for each in found if each is not None]


def number(model: Model, key: str) -> float | None:
    """Return the first value of an attribute as a number, or None."""
    found = values(model, key)
    return _number(found[0]) if found else None


def whole(model: Model, key: str, usual: int) -> int:
    """Return the first value of an attribute as a whole number, or what is usual."""
    found = number(model, key)
    return int(found) if found is not None else usual


def text(model: Model, key: str) -> str:
    """Return the first value of an attribute, if it is text, without padding."""
    found = values(model, key)
    return found[0].strip() if found and isinstance(found[0], str) else ""


def items(model: Model, key: str) -> list[Model]:
    """Return the items of a sequence."""
    return [each for each in values(model, key) if isinstance(each, Mapping)]


def octets(model: Model, key: str, bulk: Bulk) -> bytes:
    """Return a bulk value; b"" where there is none."""
    found: Any = model.get(key)
    path = found.get("BulkDataURI") if isinstance(found, Mapping) else None
    return bulk(path) if isinstance(path, str) else b""


def _number(value: object) -> float | None:
    """Return a number that numpy can hold; DICOM JSON may write one as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        made = float(value)
    except (ValueError, OverflowError):
        return None
    # Neither infinite nor not a number: no such value means anything here.
    return made if abs(made) <= _MOST else None


_MOST: Final = 1e300

PER_FRAME: Final = tag("PerFrameFunctionalGroupsSequence")
SHARED: Final = tag("SharedFunctionalGroupsSequence")
# The functional groups that tell how a frame looks (DICOM PS3.3 C.7.6.16.2).
_MACROS: Final = tuple(
    map(
        tag,
        (
            "PixelValueTransformationSequence",
            "FrameVOILUTSequence",
            "PixelMeasuresSequence",
        ),
    )
)


def of_frame(model: Model, frame: int) -> Model:
    """Return the model with what its functional groups say of one frame, from 1.

    Those of the frame go before those of all frames, and these before the data set's
    own attributes, which tell where there are no such groups.
    """
    groups = items(model, SHARED)[:1] + items(model, PER_FRAME)[frame - 1 : frame]
    found = [item for group in groups for key in _MACROS for item in items(group, key)]
    merged = dict(model)
    for item in found:
        merged.update(item)
    return merged
