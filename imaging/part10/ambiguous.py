"""Representations that the dictionary leaves open (DICOM PS3.5 Annex A, PS3.6 6).

Arises in implicit VR, and in explicit VR where a writer put UN for a known attribute.
As in pydicom, except that a missing attribute to decide by is no error.
"""

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from imaging.part10.dictionary_table import PIXEL_DATA, Entry
from imaging.part10.model import JsonModel

if TYPE_CHECKING:
    from imaging.part10.elements import Element

_WAVEFORM_TAGS: Final = frozenset({0x54000110, 0x54000112, 0x5400100A, 0x54001010})


class Pending(NamedTuple):
    """An element to decide on when the data sets around it have been read.

    Pixel Representation (0028,0103) may follow, in a data set farther out.
    """

    attribute: dict[str, Any]
    element: "Element"
    models: tuple[JsonModel, ...]  # from the outermost to the one it is in


def bytes_or_words(entry: Entry, model: JsonModel, *, implicit: bool) -> str:
    """Decide between OB and OW."""
    if implicit:
        return "OW"
    if entry.tag == PIXEL_DATA:
        return "OW" if _first(model, "00280100", 8) > 8 else "OB"
    if entry.tag in _WAVEFORM_TAGS:
        return "OW" if _first(model, "54001004", 8) > 8 else "OB"
    return "OW"


def word_representation(choice: str, models: tuple[JsonModel, ...]) -> str:
    """Decide among US, SS and OW by the data sets from the outermost inwards."""
    if choice == "US or SS or OW":
        return "OW"
    if choice == "US or OW":
        return "US" if _first(models[-1], "00283002", 0) == 1 else "OW"
    for model in reversed(models):
        if "00280103" in model and "Value" in model["00280103"]:
            return "US" if _first(model, "00280103", 0) == 0 else "SS"
    return "SS" if "00280103" in models[-1] else "US"


def _first(model: JsonModel, key: str, default: int) -> int:
    values = model.get(key, {}).get("Value")
    return values[0] if values and isinstance(values[0], int) else default
