"""Reading by pydicom of what the walker leaves undecided.

Elements out of order that others depend on, and undefined lengths that neither a
sequence nor fragments explain. pydicom finds the elements and their representations;
values are decoded and checked as everywhere here. In memory, so for small data sets.
"""

import threading
import warnings
from io import BytesIO
from typing import Any, Final

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag

from imaging.part10.charset import charset_for
from imaging.part10.dictionary_table import (
    LITTLE_ENDIAN,
    PIXEL_TAGS,
    Entry,
    describe,
    unlisted,
)
from imaging.part10.encapsulated import UNDEFINED, scan
from imaging.part10.errors import Malformed, Part10Error, TooLarge, Truncated
from imaging.part10.findings import Findings, PixelPlace
from imaging.part10.model import Encoding, JsonModel
from imaging.part10.values import BULK, REPRESENTATIONS, VALUE, Buffer

MAX_SIZE: Final = 64 << 20

# `warnings.catch_warnings` changes what all threads share.
_quiet: Final = threading.Lock()


def read(
    buffer: Buffer, start: int, size: int, encoding: Encoding, doubt: str
) -> tuple[JsonModel, Findings]:
    """Return the model of the data set from `start` to `size`, as pydicom reads it.

    Raises
    ------
    Malformed
        If pydicom cannot read it either; `doubt` is what stopped the walker.
    Truncated
        If a value is cut off.
    """
    if size > MAX_SIZE:
        message = f"{doubt}, in a data set of more than {MAX_SIZE} bytes"
        raise TooLarge(message)
    data = bytes(buffer[:size])
    file = BytesIO(data)
    file.seek(start)
    try:
        with _quiet, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data_set = read_dataset(file, encoding.implicit_vr, encoding.little_endian)
            reading = _Reading(data, encoding, Findings())
            return reading.model(data_set, "", 0, ()), reading.findings
    except Part10Error:
        raise
    # pydicom raises whatever a broken value leads to.
    except Exception as error:
        message = f"{doubt}, and pydicom cannot read it"
        raise Malformed(message) from error


class _Reading:
    """Turns pydicom's data sets into the model."""

    def __init__(self, data: bytes, encoding: Encoding, findings: Findings) -> None:
        self.data = data
        self.findings = findings
        self.byte_order = "<" if encoding.little_endian else ">"
        self.named = REPRESENTATIONS[encoding.little_endian]

    def model(
        self, data_set: Dataset, prefix: str, base: int, terms: tuple[str, ...]
    ) -> JsonModel:
        """Return the model of one data set whose offsets count from `base`."""
        # Before anything is converted: access turns raw elements into values.
        raws = {tag: data_set.get_item(tag) for tag in sorted(data_set.keys())}
        if 0x00080005 in raws:
            value = data_set[0x00080005].value or ""
            terms = (value,) if isinstance(value, str) else tuple(value)
        return {
            f"{tag:08X}": self._element(raw, data_set[tag], prefix, base, terms)
            for tag, raw in raws.items()
            if tag & 0xFFFF and tag >> 16 != 0xFFFE
        }

    def _element(
        self,
        raw: RawDataElement | DataElement | None,
        element: DataElement,
        prefix: str,
        base: int,
        terms: tuple[str, ...],
    ) -> dict[str, Any]:
        entry = _entry(element.tag)
        path, vr = prefix + entry.key, str(element.VR)
        start = base + (element.file_tell or 0)
        _require_whole(entry, raw)
        if vr == "SQ":
            # Offsets inside a sequence of defined length count from its value.
            inner = start if isinstance(raw, RawDataElement) else base
            items = [
                self.model(item, f"{path}/{number}/", inner, terms)
                for number, item in enumerate(element.value, 1)
            ]
            return {"vr": vr, "Value": items} if items else {"vr": vr}
        if not isinstance(raw, RawDataElement) or not isinstance(raw.value, bytes):
            return {"vr": vr}
        if not raw.value:
            return {"vr": vr}
        known = self.named[vr]
        if known.kind != VALUE:
            return self._bulk(
                entry, vr if known.kind == BULK else "UN", path, start, raw
            )
        values, reason = known.decode(raw.value, 0, len(raw.value), charset_for(terms))
        if reason:
            self.findings.fault(path, entry.tag, vr, reason)
        return {"vr": vr} if values is None else {"vr": vr, "Value": values}

    def _bulk(
        self, entry: Entry, vr: str, path: str, start: int, raw: RawDataElement
    ) -> dict[str, Any]:
        length = len(raw.value or b"")
        if self.data[start : start + length] != raw.value:
            message = f"value of {path} cannot be located"
            raise Malformed(message)
        if entry.tag in PIXEL_TAGS and path == entry.key:
            fragments = None
            if raw.length == UNDEFINED:
                fragments = scan(self.data, start, len(self.data), self.byte_order)
            self.findings.pixels = PixelPlace(entry, start, length, fragments)
        return dict(self.findings.add_bulk(path, entry, vr, start, length))


def _require_whole(entry: Entry, raw: RawDataElement | DataElement | None) -> None:
    """Refuse a value that is cut off, which pydicom reads as far as it goes."""
    if isinstance(raw, RawDataElement) and raw.length != UNDEFINED:
        missing = raw.length - len(raw.value or b"")
        if missing > 0:
            message = f"{describe(entry.tag)} ends {missing} bytes beyond the data"
            raise Truncated(message)


def _entry(tag: BaseTag) -> Entry:
    raw = (tag & 0xFFFF) << 16 | tag >> 16
    return LITTLE_ENDIAN.get(raw) or unlisted(raw, True)  # noqa: FBT003 - cache key
