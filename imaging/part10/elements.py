"""Elements that are more than a short value of known representation.

The part of the walker that looks at one element by itself: representations that are
implied, hidden in UN or ambiguous, values with a meaning for what follows, bulk values
and fragments. What contains other elements is in `walker`.
"""

from dataclasses import dataclass
from struct import Struct
from typing import Any, Final, NamedTuple

from pydicom.charset import python_encoding

from imaging.part10.ambiguous import (
    Pending,
    bytes_or_words,
    word_representation,
)
from imaging.part10.charset import DEFAULT, Charset, charset_for
from imaging.part10.dictionary_table import (
    BIG_ENDIAN,
    CHARACTER_SET,
    LITTLE_ENDIAN,
    LUT_DESCRIPTOR_TAGS,
    ONE,
    PIXEL_DATA,
    PIXEL_TAGS,
    Entry,
    describe,
    is_private_creator,
    private_vr,
)
from imaging.part10.encapsulated import scan
from imaging.part10.errors import Part10Error, Truncated
from imaging.part10.findings import Findings, PixelPlace, Undecided
from imaging.part10.model import Encoding, JsonModel
from imaging.part10.values import (
    AMBIGUOUS,
    BULK,
    ENCODED,
    REPRESENTATIONS,
    UNKNOWN,
    VALUE,
    Buffer,
    Representation,
    decode_nothing,
    unknown_header,
)

MAX_INLINE: Final = 1 << 20
"""Bytes; a longer value becomes bulk data, whatever its VR (PS3.18 F.2.2 allows it)."""

_UNKNOWN_VR: Final = Representation("UN", BULK, long=True, decode=decode_nothing)


@dataclass(slots=True)
class Scope:
    """The data set being read: the outermost one or an item of a sequence."""

    model: JsonModel
    models: tuple[JsonModel, ...]  # from the outermost to this one
    implicit: bool
    charset: Charset
    prefix: str = ""
    delimited: bool = False  # shall end with an item delimiter
    closed: bool = False  # and has
    disordered: bool = False


class Element(NamedTuple):
    """One element as its header tells."""

    entry: Entry
    known: Representation
    path: str
    start: int
    length: int


class ElementReader:
    """Turns one element into its attribute object, noting what is beside the model."""

    def __init__(
        self, buffer: Buffer, size: int, encoding: Encoding, *, shift: int = 0
    ) -> None:
        self.buffer = buffer
        self.size = size
        self.encoding = encoding
        self.findings = Findings(shift)
        self._little = encoding.little_endian
        self._order = order = "<" if self._little else ">"
        self._entries = LITTLE_ENDIAN if self._little else BIG_ENDIAN
        self._encoded = ENCODED[self._little]
        self._named = REPRESENTATIONS[self._little]
        self._implicit_header = Struct(order + "II").unpack_from
        self._explicit_header = Struct(order + "I2sH").unpack_from
        self._length = Struct(order + "I").unpack_from
        self._item_header = Struct(order + "HHI").unpack_from
        self._pending: list[Pending] = []

    def _implied(self, tag: int, model: JsonModel) -> Representation:
        """Return the VR of an element that the main dictionary doesn't know."""
        if is_private_creator(tag):
            return self._named["LO"]
        if tag >> 16 & 1 and tag & 0xFF00:
            reservation = model.get(f"{tag >> 16:04X}{tag >> 8 & 0xFF:04X}", {})
            creator = reservation.get("Value")
            if creator and len(creator) == 1 and isinstance(creator[0], str):
                name = private_vr(tag, creator[0])
                return self._named.get(name, self._named["UN"])
        return self._named["UN"]

    def _odd_header(
        self, entry: Entry, code: bytes, pos: int, end: int, scope: Scope
    ) -> tuple[Representation, int, int]:
        """Read a header without a known VR: an implicit one, or one of the future.

        Returns the representation, the offset of the value and its length.
        """
        _, length = self._implicit_header(self.buffer, pos)
        if not b"AA" <= code <= b"ZZ":
            if entry.vr:
                return self._named[entry.vr], pos + 8, length
            return self._implied(entry.tag, scope.model), pos + 8, length
        self.findings.fault(
            scope.prefix + entry.key, entry.tag, "UN", "unknown value representation"
        )
        head = self.buffer[pos : pos + 12]
        size, length = unknown_header(head, self._order, end - pos)
        return _UNKNOWN_VR, pos + size, length

    def _uncovered(self, element: Element, scope: Scope) -> Element:
        """Replace UN in explicit VR by what the dictionary says (PS3.5 6.2.2)."""
        entry, length = element.entry, element.length
        if not entry.tag >> 16 & 1 and length >= 0xFFFF:
            return element
        if entry.vr:
            return element._replace(known=self._named[entry.vr])
        return element._replace(known=self._implied(entry.tag, scope.model))

    def _attribute(self, element: Element, scope: Scope) -> dict[str, Any]:
        """Return the attribute object of any element but a sequence."""
        known = element.known
        if not element.length:
            return {"vr": self._empty_vr(element, scope)}
        if known.kind == AMBIGUOUS:
            return self._ambiguous(element, scope)
        if known.kind == VALUE and element.length <= MAX_INLINE:
            if element.entry.tag == CHARACTER_SET:
                self._change_charset(element, scope)
            return self._decoded(element, scope.charset)
        return self._bulk(element, known.name, scope)

    def _empty_vr(self, element: Element, scope: Scope) -> str:
        entry, known = element.entry, element.known
        if known.kind != AMBIGUOUS:
            return known.name
        if known.name == "OB or OW":
            return bytes_or_words(entry, scope.model, implicit=scope.implicit)
        return word_representation(known.name, scope.models)

    def _ambiguous(self, element: Element, scope: Scope) -> dict[str, Any]:
        entry, name = element.entry, element.known.name
        if name == "OB or OW":
            vr = bytes_or_words(entry, scope.model, implicit=scope.implicit)
            return self._bulk(element, vr, scope)
        if name == "US or SS or OW":
            return self._bulk(element, "OW", scope)
        attribute: dict[str, Any] = {"vr": name}
        self._pending.append(Pending(attribute, element, scope.models))
        return attribute

    def _decide(self, pending: Pending) -> None:
        """Complete an attribute of 16-bit words, when all around it is known."""
        element = pending.element
        vr = word_representation(element.known.name, pending.models)
        if vr == "OW" or element.length > MAX_INLINE:
            found: dict[str, Any] = self.findings.add_bulk(
                element.path, element.entry, vr, element.start, element.length
            )
        else:
            found = self._decoded(element._replace(known=self._named[vr]), DEFAULT)
        pending.attribute.update(found)

    def _change_charset(self, element: Element, scope: Scope) -> None:
        start, stop = element.start, element.start + element.length
        text = str(self.buffer[start:stop], "latin-1").rstrip(" \0")
        terms = tuple(text.split("\\"))
        scope.charset = charset_for(terms)
        if any(term not in python_encoding for term in terms):
            self.findings.warn(
                element.path, CHARACTER_SET, element.known.name, "unknown character set"
            )

    def _decoded(self, element: Element, charset: Charset) -> dict[str, Any]:
        entry, known, path, start, length = element
        values, reason = known.decode(self.buffer, start, start + length, charset)
        if reason:
            self.findings.fault(path, entry.tag, known.name, reason)
        if values is None:
            return {"vr": known.name}
        if entry.flag == ONE and len(values) > 1:
            self.findings.too_many(path, entry.tag, known.name, len(values))
        if entry.tag in LUT_DESCRIPTOR_TAGS and known.name == "SS" and values[0] < 0:
            values[0] += 0x10000
        return {"vr": known.name, "Value": values}

    def _bulk(self, element: Element, vr: str, scope: Scope) -> dict[str, Any]:
        entry, _, path, start, length = element
        if entry.tag in PIXEL_TAGS and not scope.prefix:
            self.findings.pixels = PixelPlace(entry, start, length, None)
        return dict(self.findings.add_bulk(path, entry, vr, start, length))

    def _fragments(self, element: Element, end: int, scope: Scope) -> int:
        """Read an encapsulated value (PS3.5 A.4); return where it ends."""
        entry, known, path, start, _ = element
        if known.kind not in (BULK, UNKNOWN) and known.name != "OB or OW":
            message = f"{describe(entry.tag)} has undefined length"
            raise Undecided(message)
        try:
            fragments = scan(self.buffer, start, end, self._order)
        except Part10Error as error:
            if entry.tag in PIXEL_TAGS or isinstance(error, Truncated):
                message = f"{describe(entry.tag)}: {error.reason}"
                raise type(error)(message) from error
            message = f"{describe(entry.tag)} has undefined length"
            raise Undecided(message) from error
        length = fragments.stop - start
        vr = known.name
        if known.kind == AMBIGUOUS:
            vr = "OB" if entry.tag == PIXEL_DATA else "OW"
        if entry.tag in PIXEL_TAGS and not scope.prefix:
            self.findings.pixels = PixelPlace(entry, start, length, fragments)
        scope.model[entry.key] = (
            self.findings.add_bulk(path, entry, vr, start, length)
            if length
            else {"vr": vr}
        )
        return fragments.after
