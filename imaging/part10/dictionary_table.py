"""The data dictionary in the form that the walker reads fastest.

Built once from pydicom's tables (DICOM PS3.6, and the private dictionary of GDCM).
"""

from functools import lru_cache
from typing import Final, NamedTuple

from pydicom import datadict
from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary
from pydicom._private_dict import private_dictionaries

ITEM: Final = 0xFFFEE000
ITEM_DELIMITER: Final = 0xFFFEE00D
SEQUENCE_DELIMITER: Final = 0xFFFEE0DD

CHARACTER_SET: Final = 0x00080005
PIXEL_DATA: Final = 0x7FE00010
PIXEL_TAGS: Final = frozenset({0x7FE00008, 0x7FE00009, PIXEL_DATA})
LUT_DESCRIPTOR_TAGS: Final = frozenset({0x00281101, 0x00281102, 0x00281103, 0x00283002})
"""US or SS; the number of entries, the first value, is unsigned in either case."""

MANY: Final = 0
"""Several values are allowed, or the dictionary doesn't know the attribute."""
ONE: Final = 1
"""The dictionary allows one value."""
SPECIAL: Final = 2
"""The walker has to do more than decode the value."""

_CACHED_TAGS: Final = 8192


class Entry(NamedTuple):
    """What the dictionary says of one tag; `vr` is empty for unknown ones."""

    key: str
    tag: int
    vr: str
    flag: int


def _entry(tag: int, vr: str, multiplicity: str) -> Entry:
    special = (
        tag == CHARACTER_SET
        or tag in PIXEL_TAGS
        or tag in LUT_DESCRIPTOR_TAGS
        or tag >> 16 == 0xFFFE
        or not tag & 0xFFFF
    )
    flag = SPECIAL if special else ONE if multiplicity == "1" else MANY
    return Entry(f"{tag:08X}", tag, "" if vr == "NONE" else vr, flag)


def _swapped(tag: int) -> int:
    """Return the tag as a little endian 32-bit integer reads its four bytes."""
    return (tag & 0xFFFF) << 16 | tag >> 16


_STANDARD: Final = {
    tag: _entry(tag, vr, multiplicity)
    for tag, (vr, multiplicity, *_) in DicomDictionary.items()
}
LITTLE_ENDIAN: Final = {_swapped(tag): entry for tag, entry in _STANDARD.items()}
"""Entries by the tag's bytes read as little endian 32-bit integer."""
BIG_ENDIAN: Final = _STANDARD


@lru_cache(maxsize=_CACHED_TAGS)
def unlisted(raw: int, little_endian: bool) -> Entry:  # noqa: FBT001 - cache key
    """Return the entry of a tag that is not in the main table.

    Repeating groups have their own table; private tags have no value representation
    here, as it depends on the private creator (see `private_vr`).
    """
    tag = _swapped(raw) if little_endian else raw
    if tag >> 16 & 1:
        return _entry(tag, "", "")
    mask = datadict.mask_match(tag)
    if mask is None:
        return _entry(tag, "UL" if not tag & 0xFFFF else "", "")
    vr, multiplicity, *_ = RepeatersDictionary[mask]
    return _entry(tag, vr, multiplicity)


@lru_cache(maxsize=_CACHED_TAGS)
def private_vr(tag: int, creator: str) -> str:
    """Return the representation of a private attribute, ``UN`` for an unknown one."""
    known = private_dictionaries.get(creator)
    if known is None:
        return "UN"
    group, element = f"{tag >> 16:04X}", f"{tag & 0xFFFF:04X}"
    for pattern in (
        f"{group}{element}",
        f"{group}xx{element[2:]}",
        f"{group[:2]}xxxx{element[2:]}",
    ):
        if pattern in known:
            return known[pattern][0].replace("_", " or ")
    return "UN"


def is_private_creator(tag: int) -> bool:
    """Tell whether the tag reserves a block (DICOM PS3.5 7.8.1)."""
    return bool(tag >> 16 & 1) and 0x10 <= tag & 0xFFFF <= 0xFF


def keyword(tag: int) -> str:
    """Return the keyword of a standard attribute, empty for any other."""
    entry = DicomDictionary.get(tag)
    return entry[4] if entry else ""


def starts_data_set(tag: int) -> bool:
    """Tell whether a bare data set may well begin with this tag."""
    group = tag >> 16
    group_length = not tag & 0xFFFF and not group & 1
    return 0 < group < 0xFFFE and (tag in _STANDARD or group_length)


def describe(tag: int) -> str:
    """Return the tag as people write it, for messages."""
    name = keyword(tag)
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X}){' ' + name if name else ''}"
