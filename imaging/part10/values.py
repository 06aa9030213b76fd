"""Decoding of one value field to the values of the DICOM JSON model, by VR.

DICOM PS3.18 F.2.3, with pydicom's reading of the bytes (padding, separators) except:
empty values among several are ``None``; numbers that JSON cannot hold (NaN, infinities,
integers beyond 64 bits, malformed IS and DS) are strings.

A decoder returns the values, or None where there are none, and what is wrong with them.
Everything here runs once per element of every stored instance, hence the early returns
and the repeated lines.
"""

from collections.abc import Callable
from math import isfinite
from mmap import mmap
from struct import Struct, unpack_from
from typing import Any, Final, NamedTuple

from imaging.part10.charset import Charset
from imaging.part10.validate import (
    DECIMAL_CHARACTERS,
    LONGEST,
    Check,
    check_age,
    check_application_entity,
    check_code,
    check_date,
    check_date_time,
    check_decimal,
    check_identifier,
    check_integer,
    check_line,
    check_lines,
    check_location,
    check_person_name,
    check_time,
)

Buffer = bytes | bytearray | memoryview | mmap
Values = list[Any] | None
Decoder = Callable[[Buffer, int, int, Charset], tuple[Values, str]]

UNDECODABLE: Final = "bytes that are not of the character set were replaced"
"""Not the value's fault alone, so it is no issue but a warning."""

VALUE: Final = 0
BULK: Final = 1
SEQUENCE: Final = 2
UNKNOWN: Final = 3
AMBIGUOUS: Final = 4

WORD_SIZE: Final = {
    "AT": 2, "US": 2, "SS": 2, "OW": 2,
    "FL": 4, "SL": 4, "UL": 4, "OF": 4, "OL": 4,
    "FD": 8, "SV": 8, "UV": 8, "OD": 8, "OV": 8,
}  # fmt: skip
"""Bytes per unit of the binary representations, whose order is the byte order's."""


class Representation(NamedTuple):
    """How elements of one value representation are handled."""

    name: str
    kind: int
    long: bool  # explicit VR: a 32-bit length after two reserved bytes
    decode: Decoder


def decode_nothing(
    buffer: Buffer, start: int, stop: int, charset: Charset
) -> tuple[Values, str]:
    """Decode what is not decoded to values: bulk data and sequences."""
    return None, ""


def looks_explicit(code: Buffer) -> bool:
    """Tell whether the two bytes behind a tag may be a VR: capital letters.

    Else they are the low half of the length of an element in implicit VR.
    """
    return all(0x40 < letter < 0x5B for letter in bytes(code))


def unknown_header(head: Buffer, order: str, room: int) -> tuple[int, int]:
    """Return the sizes of a header with a VR that is not known, and of its value.

    New representations have 32-bit lengths, after two zero bytes (PS3.5 7.1.2).

    Parameters
    ----------
    head
        The element from its tag on.
    order
        Byte order, as `struct` writes it.
    room
        Bytes from the tag to the end of the data set or item.
    """
    if not any(head[6:8]) and room >= 12:
        (length,) = unpack_from(f"{order}I", head, 8)
        if 12 + length <= room:
            return 12, length
    (length,) = unpack_from(f"{order}H", head, 6)
    return 8, length


def _texts(buffer: Buffer, start: int, stop: int, charset: Charset) -> tuple[str, str]:
    """Decode text of the declared character set, with what could not be decoded."""
    try:
        text = str(buffer[start:stop], charset.codec)
    except (UnicodeError, LookupError):
        pass
    else:
        if "\x1b" not in text:
            return text, ""
    text, good = charset.decode(bytes(buffer[start:stop]))
    return text, "" if good else UNDECODABLE


def _first(reasons: list[str]) -> str:
    for reason in reasons:
        if reason:
            return reason
    return ""


def _line_decoder(longest: int | None) -> Decoder:
    def decode(
        buffer: Buffer, start: int, stop: int, charset: Charset
    ) -> tuple[Values, str]:
        text, note = _texts(buffer, start, stop, charset)
        if "\\" not in text:
            text = text.rstrip("\0 ")
            if not text:
                return None, note
            return [text], check_line(text, longest) or note
        values = [value.rstrip("\0 ") for value in text.split("\\")]
        reason = _first([check_line(value, longest) for value in values])
        return [value or None for value in values], reason or note

    return decode


def _lines_decoder(longest: int | None) -> Decoder:
    def decode(
        buffer: Buffer, start: int, stop: int, charset: Charset
    ) -> tuple[Values, str]:
        text, note = _texts(buffer, start, stop, charset)
        text = text.rstrip("\0 ")
        if not text:
            return None, note
        return [text], check_lines(text, longest) or note

    return decode


def _coded_decoder(check: Check) -> Decoder:
    def decode(
        buffer: Buffer, start: int, stop: int, charset: Charset
    ) -> tuple[Values, str]:
        text = str(buffer[start:stop], "latin-1").rstrip(" \0")
        if "\\" not in text:
            return ([text], check(text)) if text else (None, "")
        values = text.split("\\")
        reason = _first([check(value.rstrip(" ")) for value in values if value])
        return [value or None for value in values], reason

    return decode


def _decode_application_entities(
    buffer: Buffer, start: int, stop: int, charset: Charset
) -> tuple[Values, str]:
    texts = str(buffer[start:stop], "latin-1").split("\\")
    values = [text.strip() or None for text in texts]
    if values == [None]:
        return None, ""
    return values, _first(
        [check_application_entity(v.rstrip("\0 ")) for v in values if v]
    )


def _decode_identifiers(
    buffer: Buffer, start: int, stop: int, charset: Charset
) -> tuple[Values, str]:
    text = str(buffer[start:stop], "latin-1").rstrip("\0 ")
    if "\\" not in text:
        text = text.strip()
        return ([text], check_identifier(text)) if text else (None, "")
    values = [value.strip() for value in text.split("\\")]
    reason = _first([check_identifier(value) for value in values if value])
    return [value or None for value in values], reason


def _decode_location(
    buffer: Buffer, start: int, stop: int, charset: Charset
) -> tuple[Values, str]:
    text = str(buffer[start:stop], "latin-1").rstrip()
    return ([text], check_location(text.rstrip("\0 "))) if text else (None, "")


def _decode_person_names(
    buffer: Buffer, start: int, stop: int, charset: Charset
) -> tuple[Values, str]:
    raw = bytes(buffer[start:stop]).rstrip(b"\0 ")
    text, note = _texts(raw, 0, len(raw), charset)
    if "\\" not in text:
        name = _person_name(text)
        return ([name], check_person_name(text) or note) if name else (None, note)
    texts = text.split("\\")
    reason = _first([check_person_name(value) for value in texts])
    return [_person_name(value) for value in texts], reason or note


def _person_name(text: str) -> dict[str, str] | None:
    """Return the groups that are not empty (DICOM PS3.18 F.2.2)."""
    if "=" not in text:
        return {"Alphabetic": text} if text else None
    names = zip(
        ("Alphabetic", "Ideographic", "Phonetic"), text.split("="), strict=False
    )
    return {name: group for name, group in names if group} or None


def _decode_integers(
    buffer: Buffer, start: int, stop: int, charset: Charset
) -> tuple[Values, str]:
    text = str(buffer[start:stop], "latin-1").rstrip(" \0")
    if not text:
        return None, ""
    if len(text) <= 9 and text.isdecimal():  # nearly all: below 2**31
        return [int(text)], ""
    texts = text.split("\\")
    values = [_integer(value) for value in texts]
    for value, source in zip(values, texts, strict=True):
        if value is not None:
            reason = _integer_fault(value, source)
            if reason:
                return values, reason
    return values, ""


def _integer_fault(value: int | str, source: str) -> str:
    if isinstance(value, str):
        return "is not an integer"
    if not -(2**31) <= value < 2**31:
        return "is beyond 32 bits"
    return check_integer(source.rstrip(" "))


def _integer(text: str) -> int | str | None:
    """Return the number, or the text where JSON cannot hold it as an integer."""
    try:
        value = int(text)
    except ValueError:
        if not text.strip():
            return None
        try:
            number = float(text)
            value = int(number)
        except (ValueError, OverflowError):
            return text
        if value != number:
            return text
    return value if -(2**63) <= value < 2**63 else text


def _decode_decimals(
    buffer: Buffer, start: int, stop: int, charset: Charset
) -> tuple[Values, str]:
    text = str(buffer[start:stop], "latin-1").strip().rstrip(" \0")
    if not text:
        return None, ""
    texts = text.split("\\") if "\\" in text else [text]
    try:
        values: list[Any] = [float(value) for value in texts]
        finite = isfinite(sum(values))
    except ValueError:
        finite = False
    if not finite:
        values = [_decimal(value) for value in texts]
        if any(isinstance(value, str) for value in values):
            return values, "is not a decimal number"
    # All are numbers; so with these characters and lengths they are valid, too.
    if len(text) <= 16 and not text.strip(DECIMAL_CHARACTERS):
        return values, ""
    return values, _first([check_decimal(value.rstrip(" ")) for value in texts])


def _decimal(text: str) -> float | str | None:
    try:
        value = float(text)
    except ValueError:
        return text if text.strip() else None
    return value if isfinite(value) else text


def _number_decoder(order: str, code: str, vr: str) -> Decoder:
    size = WORD_SIZE[vr]
    one = Struct(order + code).unpack_from

    def decode(
        buffer: Buffer, start: int, stop: int, charset: Charset
    ) -> tuple[Values, str]:
        length = stop - start
        if length == size:
            return list(one(buffer, start)), ""
        count, rest = divmod(length, size)
        reason = f"length is not a multiple of {size}" if rest else ""
        if not count:
            return None, reason
        return list(Struct(f"{order}{count}{code}").unpack_from(buffer, start)), reason

    return decode


def _float_decoder(order: str, code: str, vr: str) -> Decoder:
    numbers = _number_decoder(order, code, vr)

    def decode(
        buffer: Buffer, start: int, stop: int, charset: Charset
    ) -> tuple[Values, str]:
        values, reason = numbers(buffer, start, stop, charset)
        if values and not isfinite(sum(values)):
            values = [_json_float(value) for value in values]
        return values, reason

    return decode


def _json_float(value: float) -> float | str:
    """Return the number, or the texts that PS3.18 F.2.3 has for what is none."""
    if isfinite(value):
        return value
    return "NaN" if value != value else "inf" if value > 0 else "-inf"


def _tag_decoder(order: str) -> Decoder:
    def decode(
        buffer: Buffer, start: int, stop: int, charset: Charset
    ) -> tuple[Values, str]:
        count, rest = divmod(stop - start, 4)
        reason = "length is not a multiple of 4" if rest else ""
        halves = Struct(f"{order}{count * 2}H").unpack_from(buffer, start)
        pairs = zip(halves[::2], halves[1::2], strict=True)
        return [f"{group:04X}{element:04X}" for group, element in pairs] or None, reason

    return decode


_TEXT: Final[dict[str, Decoder]] = {
    "AE": _decode_application_entities,
    "AS": _coded_decoder(check_age),
    "CS": _coded_decoder(check_code),
    "DA": _coded_decoder(check_date),
    "DS": _decode_decimals,
    "DT": _coded_decoder(check_date_time),
    "IS": _decode_integers,
    "LO": _line_decoder(LONGEST["LO"]),
    "LT": _lines_decoder(LONGEST["LT"]),
    "PN": _decode_person_names,
    "SH": _line_decoder(LONGEST["SH"]),
    "ST": _lines_decoder(LONGEST["ST"]),
    "TM": _coded_decoder(check_time),
    "UC": _line_decoder(None),
    "UI": _decode_identifiers,
    "UR": _decode_location,
    "UT": _lines_decoder(None),
}
_LONG: Final = frozenset(
    {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
)


def _representations(order: str) -> dict[str, Representation]:
    decoders = dict(_TEXT)
    for vr, code in {
        "US": "H",
        "SS": "h",
        "UL": "I",
        "SL": "i",
        "UV": "Q",
        "SV": "q",
    }.items():
        decoders[vr] = _number_decoder(order, code, vr)
    for vr, code in {"FL": "f", "FD": "d"}.items():
        decoders[vr] = _float_decoder(order, code, vr)
    decoders["AT"] = _tag_decoder(order)
    known = {
        vr: Representation(vr, VALUE, vr in _LONG, decoders[vr]) for vr in decoders
    }
    for vr in ("OB", "OD", "OF", "OL", "OV", "OW"):
        known[vr] = Representation(vr, BULK, True, decode_nothing)  # noqa: FBT003
    known["SQ"] = Representation("SQ", SEQUENCE, True, decode_nothing)  # noqa: FBT003
    known["UN"] = Representation("UN", UNKNOWN, True, decode_nothing)  # noqa: FBT003
    for vr in ("OB or OW", "US or SS", "US or OW", "US or SS or OW"):
        known[vr] = Representation(vr, AMBIGUOUS, False, decode_nothing)  # noqa: FBT003
    return known


REPRESENTATIONS: Final = {True: _representations("<"), False: _representations(">")}
"""By byte order (little endian or not), then by name."""
ENCODED: Final = {
    little: {name.encode(): known for name, known in table.items() if len(name) == 2}
    for little, table in REPRESENTATIONS.items()
}
"""The same by the two bytes of an explicit VR."""
