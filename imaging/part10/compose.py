"""Making a Part 10 file of a data set in DICOM JSON and its bulk data.

DICOM PS3.18 annex F and 8.7.3, PS3.10 7.1. In Explicit VR Little Endian, or in the
transfer syntax of the compressed bulk data. What comes from the model is held in
memory; bulk data are only pointed at, so that the file can be written in a stream.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from struct import pack
from typing import Any, Final, NamedTuple

import orjson

from imaging.part10.dictionary_table import CHARACTER_SET, PIXEL_DATA, PIXEL_TAGS
from imaging.part10.encapsulated import UNDEFINED
from imaging.part10.encode import encode_values
from imaging.part10.errors import Malformed, Unwritable
from imaging.part10.instance import EXPLICIT_LITTLE
from imaging.part10.json_model import (
    BINARY,
    attributes_of,
    checked,
    inline,
    uid_of,
)
from imaging.part10.model import JsonModel
from imaging.part10.walker import MAX_DEPTH
from imaging.part10.writing import (
    ITEM_END,
    ITEM_START,
    MAX_SHORT,
    SEQUENCE_END,
    file_head,
    header,
    is_long,
    padding,
)

_ENCAPSULATED_DOCUMENT: Final = 0x00420011
_UTF_8: Final = {"vr": "CS", "Value": ["ISO_IR 192"]}
_FRAGMENT: Final = 0xE000FFFE


class Range(NamedTuple):
    """Bytes that lie elsewhere."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class BulkPart:
    """Bulk data that came with a model.

    Attributes
    ----------
    transfer_syntax_uid
        Of a compressed value or frame, else empty: little endian.
    is_document
        Whether it is of a media type that only an encapsulated document has.
    """

    range: Range
    transfer_syntax_uid: str = ""
    is_document: bool = False


class Composition(NamedTuple):
    """A Part 10 file, its bulk data still elsewhere."""

    pieces: tuple[bytes | Range, ...]
    size_bytes: int


def compose(model: object, bulk: Callable[[str], Sequence[BulkPart]]) -> Composition:
    """Return the file of a data set.

    Parameters
    ----------
    model
        A DICOM JSON Model Object, as it was sent.
    bulk
        Returns what a ``BulkDataURI`` names, frames in their order; nothing for any
        other.

    Raises
    ------
    Unwritable
        The model breaks annex F, or what it names has not been sent.
    """
    if not isinstance(model, dict):
        raise Unwritable("", _NO_DATA_SET)
    composer = _Composer(bulk, is_ascii=_is_ascii(model))
    composer.root(model)
    names = {key: uid_of(model, key) for key in ("00080016", "00080018")}
    head = file_head(names, composer.transfer_syntax_uid, {})
    pieces = (head, *composer.pieces())
    size = sum(each.length if isinstance(each, Range) else len(each) for each in pieces)
    return Composition(pieces, size)


_NO_DATA_SET: Final = "The data set is not an object of DICOM JSON."


def _is_ascii(model: JsonModel) -> bool:
    """Return whether all text is the same in nearly any character set.

    Then the data set keeps its own; else it is written, and says so, in UTF-8.
    """
    try:
        return orjson.dumps(model).isascii()
    except orjson.JSONEncodeError:  # nested deeper than any data set may be
        return False


class _Composer:
    """Writes attributes one after the other."""

    def __init__(
        self, bulk: Callable[[str], Sequence[BulkPart]], *, is_ascii: bool
    ) -> None:
        self._bulk = bulk
        self._is_ascii = is_ascii
        self._pieces: list[bytes | Range] = []
        self._held = bytearray()
        self._model: JsonModel = {}
        self._compressed: set[int] = set()
        self.transfer_syntax_uid = EXPLICIT_LITTLE

    def root(self, model: JsonModel) -> None:
        """Write the data set itself."""
        if not self._is_ascii:
            model = {**model, f"{CHARACTER_SET:08X}": _UTF_8}
        self._model = model
        self._data_set(model, "", 0)
        has_pixels = any(int(key, 16) == PIXEL_DATA for key in model)
        if self._compressed and has_pixels and PIXEL_DATA not in self._compressed:
            message = "is not compressed, but other bulk data are"
            raise Unwritable(f"{PIXEL_DATA:08X}", message)

    def pieces(self) -> list[bytes | Range]:
        """Return all that was written."""
        self._flush()
        return self._pieces

    def _data_set(self, model: JsonModel, prefix: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            message = f"sequences are nested more than {MAX_DEPTH} deep"
            raise Unwritable(prefix.rstrip("/"), message)
        for tag, attribute in attributes_of(model, prefix):
            if tag == CHARACTER_SET and prefix and not self._is_ascii:
                continue
            path = f"{prefix}{tag:08X}"
            try:
                self._attribute(tag, checked(attribute), path, depth)
            except Malformed as error:
                raise Unwritable(path, error.reason) from error

    def _attribute(
        self, tag: int, attribute: dict[str, Any], path: str, depth: int
    ) -> None:
        vr = attribute["vr"]
        if "BulkDataURI" in attribute:
            self._named(tag, vr, attribute["BulkDataURI"], nested=depth > 0)
        elif "InlineBinary" in attribute:
            self._value(tag, vr, inline(attribute["InlineBinary"]))
        elif vr == "SQ":
            self._sequence(tag, attribute.get("Value", []), path, depth)
        elif vr in BINARY:
            self._value(tag, vr, b"")
        else:
            self._value(tag, vr, encode_values(vr, tag, attribute.get("Value", [])))

    def _sequence(self, tag: int, items: list[Any], path: str, depth: int) -> None:
        self._held += header(tag, "SQ", UNDEFINED)
        for number, item in enumerate(items, start=1):
            if not isinstance(item, dict):
                message = f"item {number} is not an object"
                raise Malformed(message)
            self._held += ITEM_START
            self._data_set(item, f"{path}/{number}/", depth + 1)
            self._held += ITEM_END
        self._held += SEQUENCE_END

    def _value(self, tag: int, vr: str, value: bytes) -> None:
        self._begin(tag, vr, len(value))
        self._held += value
        self._held += padding(vr, len(value))

    def _begin(self, tag: int, vr: str, length: int) -> None:
        if length > MAX_SHORT and not is_long(vr):
            vr = "UN"  # too long for explicit VR (PS3.5 6.2.2, note 1)
        if length >= UNDEFINED - 1:
            message = "is longer than an element can be"
            raise Malformed(message)
        self._held += header(tag, vr, length + length % 2)

    def _named(self, tag: int, vr: str, uri: object, *, nested: bool) -> None:
        """Write what came as bulk data."""
        parts = self._bulk(uri) if isinstance(uri, str) else ()
        if not parts:
            message = "no part of the request is what its BulkDataURI names"
            raise Malformed(message)
        if len(parts) > 1:
            self._require_frames(tag, parts, nested=nested)
        if tag != _ENCAPSULATED_DOCUMENT and any(part.is_document for part in parts):
            message = "its bulk data are of a media type that only documents have"
            raise Malformed(message)
        syntaxes = {part.transfer_syntax_uid for part in parts}
        if syntaxes == {""}:
            length = sum(part.range.length for part in parts)
            self._begin(tag, vr, length)
            self._ranges(parts)
            self._held += padding(vr, length)
        else:
            self._encapsulated(tag, syntaxes, parts, nested=nested)

    def _require_frames(
        self, tag: int, parts: Sequence[BulkPart], *, nested: bool
    ) -> None:
        """Refuse several parts, but as many as there are frames."""
        if nested or tag not in PIXEL_TAGS:
            message = "several parts of the request are what its BulkDataURI names"
            raise Malformed(message)
        if self._number("00280008") != len(parts):
            message = "has not as many parts as (0028,0008) NumberOfFrames says"
            raise Malformed(message)
        is_native = not any(part.transfer_syntax_uid for part in parts)
        if is_native and self._number("00280100") == 1:
            self._require_whole_bytes(parts)

    def _require_whole_bytes(self, parts: Sequence[BulkPart]) -> None:
        """Refuse frames of single-bit pixels that begin inside a byte (PS3.5 8.1.1)."""
        bits = self._number("00280010") * self._number("00280011")
        if any(8 * part.range.length != bits for part in parts):
            message = "has single-bit frames that fill no bytes: send all in one part"
            raise Malformed(message)

    def _encapsulated(
        self, tag: int, syntaxes: set[str], parts: Sequence[BulkPart], *, nested: bool
    ) -> None:
        """Write compressed frames, each one fragment (DICOM PS3.5 A.4)."""
        if tag != PIXEL_DATA:
            message = "only pixel data are compressed"
            raise Malformed(message)
        known = {self.transfer_syntax_uid} if self._compressed else syntaxes
        if len(syntaxes | known) > 1:
            message = "bulk data are of several transfer syntaxes"
            raise Malformed(message)
        (self.transfer_syntax_uid,) = syntaxes
        self._compressed.add(0 if nested else tag)
        self._held += header(tag, "OB", UNDEFINED)
        self._held += pack("<II", _FRAGMENT, 0)  # no offsets: one fragment a frame
        for part in parts:
            length = part.range.length
            if length >= UNDEFINED - 1:
                message = "has a frame that is longer than a fragment can be"
                raise Malformed(message)
            self._held += pack("<II", _FRAGMENT, length + length % 2)
            self._ranges([part])
            self._held += bytes(length % 2)
        self._held += SEQUENCE_END

    def _ranges(self, parts: Sequence[BulkPart]) -> None:
        self._flush()
        self._pieces += [part.range for part in parts]

    def _flush(self) -> None:
        if self._held:
            self._pieces.append(bytes(self._held))
            self._held.clear()

    def _number(self, key: str) -> int:
        """Return the first value as a number, as which text is taken too; else 0."""
        attribute = self._model.get(key)
        values = attribute.get("Value") if isinstance(attribute, dict) else None
        first = values[0] if isinstance(values, list) and values else None
        try:
            return int(float(str(first)))
        except (ValueError, OverflowError):
            return 0
