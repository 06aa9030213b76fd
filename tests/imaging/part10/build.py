"""Data sets written byte by byte, so that also what no writer would write can be."""

from struct import pack

LONG = ("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV")
UNDEFINED = 0xFFFFFFFF
ITEM_END = b"\xfe\xff\x0d\xe0\0\0\0\0"
SEQUENCE_END = b"\xfe\xff\xdd\xe0\0\0\0\0"


def element(tag: int, vr: str, value: bytes = b"", length: int | None = None) -> bytes:
    """One element in explicit VR little endian, with a length of its own if given."""
    size = len(value) if length is None else length
    head = pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    if vr in LONG:
        return head + pack("<HI", 0, size) + value
    return head + pack("<H", size) + value


def implicit(tag: int, value: bytes = b"", length: int | None = None) -> bytes:
    """One element in implicit VR little endian."""
    size = len(value) if length is None else length
    return pack("<HHI", tag >> 16, tag & 0xFFFF, size) + value


def item(value: bytes, length: int | None = None) -> bytes:
    """One item, or one fragment."""
    return (
        pack("<HHI", 0xFFFE, 0xE000, len(value) if length is None else length) + value
    )


def part10(data_set: bytes, transfer_syntax_uid: str = "1.2.840.10008.1.2.1") -> bytes:
    """A file with that data set."""
    uid = transfer_syntax_uid.encode()
    syntax = element(0x00020010, "UI", uid + b"\0" * (len(uid) % 2))
    length = element(0x00020000, "UL", pack("<I", len(syntax)))
    return bytes(128) + b"DICM" + length + syntax + data_set


def image(
    value: bytes, *, frames: int = 1, rows: int = 2, columns: int = 2, bits: int = 8
) -> bytes:
    """The elements of an image with that pixel data element."""
    return (
        element(0x00280002, "US", pack("<H", 1))
        + element(0x00280008, "IS", str(frames).encode())
        + element(0x00280010, "US", pack("<H", rows))
        + element(0x00280011, "US", pack("<H", columns))
        + element(0x00280100, "US", pack("<H", bits))
        + value
    )


def encapsulated(*fragments: bytes, offsets: bytes = b"") -> bytes:
    """An encapsulated pixel data element (DICOM PS3.5 A.4)."""
    items = item(offsets) + b"".join(item(fragment) for fragment in fragments)
    return element(0x7FE00010, "OB", items + SEQUENCE_END, UNDEFINED)
