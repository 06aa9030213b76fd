"""Writing of elements and file headers in Explicit VR Little Endian.

DICOM PS3.5 7.1.2 (elements), PS3.10 7.1 (the file).
"""

import base64
from struct import pack
from typing import Any, Final

from imaging.part10.model import JsonModel
from imaging.part10.values import REPRESENTATIONS, VALUE, WORD_SIZE

IMPLEMENTATION_CLASS_UID: Final = "2.25.260387703119733746544838568902001469140"
IMPLEMENTATION_VERSION_NAME: Final = "RESEARCH_PORTAL"  # 16 characters at most
ITEM_START: Final = b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
ITEM_END: Final = b"\xfe\xff\x0d\xe0\0\0\0\0"
SEQUENCE_END: Final = b"\xfe\xff\xdd\xe0\0\0\0\0"
MAX_SHORT: Final = 0xFFFE
"""Bytes; what is longer does not go with most representations (PS3.5 6.2.2)."""


def header(tag: int, vr: str, length: int) -> bytes:
    """Return the start of an element in explicit VR (DICOM PS3.5 7.1.2)."""
    group, element = tag >> 16, tag & 0xFFFF
    if is_long(vr):
        return pack("<HH2s2xI", group, element, vr.encode(), length)
    return pack("<HH2sH", group, element, vr.encode(), length)


def implicit_header(tag: int, _vr: str, length: int) -> bytes:
    """Return the start of an element in implicit VR (DICOM PS3.5 7.1.3)."""
    return pack("<HHI", tag >> 16, tag & 0xFFFF, length)


def is_long(vr: str) -> bool:
    """Return whether the lengths of a representation have 32 bits."""
    return REPRESENTATIONS[True][vr].long


def padding(vr: str, length: int) -> bytes:
    """Return what makes a value of `length` bytes even (DICOM PS3.5 6.2)."""
    if not length % 2:
        return b""
    text = (
        vr != "UI" and REPRESENTATIONS[True][vr].kind == VALUE and vr not in WORD_SIZE
    )
    return b" " if text else b"\0"


def file_head(model: JsonModel, transfer_syntax_uid: str, meta: JsonModel) -> bytes:
    """Return preamble, prefix and file meta information (DICOM PS3.10 7.1).

    Parameters
    ----------
    model
        Names the class and the instance.
    meta
        What is known of group 2 besides; it goes before what is made here.
    """
    made: JsonModel = {
        "00020001": {"vr": "OB", "InlineBinary": "AAE="},
        "00020002": model.get("00080016", {"vr": "UI"}),
        "00020003": model.get("00080018", {"vr": "UI"}),
        "00020012": {"vr": "UI", "Value": [IMPLEMENTATION_CLASS_UID]},
    }
    if "00020012" not in meta:
        name = {"vr": "SH", "Value": [IMPLEMENTATION_VERSION_NAME]}
        made["00020013"] = name
    made |= meta
    made["00020010"] = {"vr": "UI", "Value": [transfer_syntax_uid]}
    body = b"".join(
        _meta_element(int(key, 16), attribute)
        for key, attribute in sorted(made.items())
    )
    length = header(0x00020000, "UL", 4) + pack("<I", len(body))
    return bytes(128) + b"DICM" + length + body


def _meta_element(tag: int, attribute: dict[str, Any]) -> bytes:
    vr = attribute["vr"]
    if "InlineBinary" in attribute:
        value = base64.b64decode(attribute["InlineBinary"])
    else:
        texts = [str(value) for value in attribute.get("Value", [])]
        value = "\\".join(texts).encode("latin-1", "replace")
    value += padding(vr, len(value))
    return header(tag, vr, len(value)) + value
