"""Looking into a data set in DICOM JSON that may be anything (PS3.18 annex F)."""

import base64
import re
from collections.abc import Iterator
from typing import Any, Final

from imaging.part10.errors import Malformed, Unwritable
from imaging.part10.model import JsonModel
from imaging.part10.values import BULK, REPRESENTATIONS, UNKNOWN

_KEY: Final = re.compile("[0-9A-Fa-f]{8}")
_CONTENTS: Final = ("Value", "InlineBinary", "BulkDataURI")
_NAMES: Final = {
    name for name, known in REPRESENTATIONS[True].items() if len(name) == 2
}
_LONGEST_UID: Final = 64
BINARY: Final = {
    name
    for name, known in REPRESENTATIONS[True].items()
    if known.kind in {BULK, UNKNOWN}
}
"""The representations whose values are bytes, not items of JSON."""


def attributes_of(model: JsonModel, prefix: str) -> Iterator[tuple[int, object]]:
    """Yield the attributes in the order of a file (DICOM PS3.5 7.1).

    Group lengths, and group 2 which is made anew, are passed over.
    """
    where = prefix.rstrip("/")
    tags: dict[int, object] = {}
    for key, attribute in model.items():
        if not _KEY.fullmatch(key):
            message = "a key is not a tag of eight hexadecimal digits"
            raise Unwritable(where, message)
        tag = int(key, 16)
        if tag in tags or tag < 0x00010000 or tag >= 0xFFFE0000:
            message = f"{key} is there twice, or no attribute of a data set"
            raise Unwritable(where, message)
        tags[tag] = attribute
    for tag in sorted(tags):
        if tag & 0xFFFF and tag >> 16 != 2:
            yield tag, tags[tag]


def checked(attribute: object) -> dict[str, Any]:
    """Return what has a VR, and one content that goes with it (PS3.18 F.2.2)."""
    vr = attribute.get("vr") if isinstance(attribute, dict) else None
    if not isinstance(attribute, dict) or not isinstance(vr, str) or vr not in _NAMES:
        message = "has no known value representation"
        raise Malformed(message)
    contents = [name for name in _CONTENTS if name in attribute]
    is_apt = {
        "Value": vr not in BINARY and isinstance(attribute.get("Value"), list),
        "InlineBinary": vr in BINARY,
        "BulkDataURI": vr != "SQ",
    }
    if len(contents) > 1 or not all(is_apt[name] for name in contents):
        message = f"has a content that does not go with {vr}"
        raise Malformed(message)
    return attribute


def uid_of(model: JsonModel, key: str) -> dict[str, Any]:
    """Return a UID for group 2; whether it is a good one is told by the data set."""
    values = model.get(key, {}).get("Value") or [None]
    is_text = isinstance(values[0], str) and len(values[0]) <= _LONGEST_UID
    return {"vr": "UI", "Value": values[:1]} if is_text else {"vr": "UI"}


def inline(text: object) -> bytes:
    """Return the bytes of an ``InlineBinary`` (PS3.18 F.2.7)."""
    try:
        if isinstance(text, str):
            return base64.b64decode(text, validate=True)
    except ValueError:
        pass
    message = "has an InlineBinary that is not base64"
    raise Malformed(message)
