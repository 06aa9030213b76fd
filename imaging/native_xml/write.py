"""A data set in DICOM JSON, written as Native DICOM Model (DICOM PS3.19 A.1.5).

Private attributes are written with their creator and without their block (table
A.1.5-2); the elements that reserve blocks stay, as DCMTK writes them, so that nothing
of the data set is lost. What XML 1.0 cannot hold (control characters, form feeds among
them) comes as U+FFFD.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from pydicom.datadict import keyword_for_tag
from pydicom.valuerep import format_number_as_ds

from imaging.part10 import JsonModel

NAMESPACE: Final = "http://dicom.nema.org/PS3.19/models/NativeDICOM"
GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
COMPONENTS: Final = (
    "FamilyName",
    "GivenName",
    "MiddleName",
    "NamePrefix",
    "NameSuffix",
)
FIRST_BLOCK: Final = 0x10
"""Of the elements that reserve blocks of private ones (DICOM PS3.5 7.8.1)."""

_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<NativeDicomModel xmlns="{NAMESPACE}" xml:space="preserve">'
)
_TAIL: Final = "</NativeDicomModel>"
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Readers of XML make blanks and line breaks of others, unless they are written so.
_ESCAPES: Final = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "\t": "&#9;",
        "\n": "&#10;",
        "\r": "&#13;",
    }
)
_LONGEST_DECIMAL: Final = 16

Write = Callable[[str], None]


def write(model: JsonModel) -> bytes:
    """Return the XML document of a data set, in UTF-8."""
    pieces = [_HEAD]
    _data_set(model, pieces.append)
    pieces.append(_TAIL)
    return "".join(pieces).encode()


def is_private(key: str) -> bool:
    """Return whether a tag of eight hexadecimal digits is of an odd group."""
    return bool(int(key[3], 16) & 1)


def creator_of(key: str, attribute: Mapping[str, Any]) -> str | None:
    """Return for which creator an element reserves its block; None if it is no such."""
    if key[4:6] != "00" or int(key[6:], 16) < FIRST_BLOCK or not is_private(key):
        return None
    values = attribute.get("Value")
    first = values[0] if isinstance(values, list) and values else None
    return first if isinstance(first, str) else None


def _data_set(model: JsonModel, out: Write) -> None:
    creators = {
        key[:4] + key[6:]: creator
        for key, attribute in model.items()
        if (creator := creator_of(key, attribute))
    }
    for key, attribute in model.items():
        out(f"<DicomAttribute {_tag(key, creators)} vr={_quoted(attribute['vr'])}>")
        _content(attribute, out)
        out("</DicomAttribute>")


def _tag(key: str, creators: Mapping[str, str]) -> str:
    if not is_private(key):
        keyword = _keyword(key)
        return f'tag="{key}" keyword="{keyword}"' if keyword else f'tag="{key}"'
    creator = creators.get(key[:6])
    if creator is None:
        return f'tag="{key}"'
    return f'tag="{key[:4]}00{key[6:]}" privateCreator={_quoted(creator)}'


@lru_cache(8192)
def _keyword(key: str) -> str:
    return keyword_for_tag(int(key, 16))


def _content(attribute: Mapping[str, Any], out: Write) -> None:
    if "BulkDataURI" in attribute:
        out(f"<BulkData uri={_quoted(attribute['BulkDataURI'])}/>")
    elif "InlineBinary" in attribute:
        out(f"<InlineBinary>{_escaped(attribute['InlineBinary'])}</InlineBinary>")
    elif attribute["vr"] == "SQ":
        for number, item in enumerate(attribute.get("Value", ()), start=1):
            out(f'<Item number="{number}">')
            _data_set(item, out)
            out("</Item>")
    elif attribute["vr"] == "PN":
        for number, name in enumerate(attribute.get("Value", ()), start=1):
            groups = _groups(name or {})
            out(f'<PersonName number="{number}">{groups}</PersonName>')
    else:
        text = _decimal if attribute["vr"] == "DS" else _text
        for number, value in enumerate(attribute.get("Value", ()), start=1):
            out(f'<Value number="{number}">{text(value)}</Value>')


def _groups(name: Mapping[str, str]) -> str:
    return "".join(
        f"<{group}>{_components(name[group])}</{group}>"
        for group in GROUPS
        if name.get(group)
    )


def _components(group: str) -> str:
    """Return those that are not empty, and the last, which tells how many there are.

    More than five, which no name may have, stay in the last.
    """
    parts = group.split("^", len(COMPONENTS) - 1)
    return "".join(
        f"<{component}>{_escaped(part)}</{component}>"
        for place, (component, part) in enumerate(
            zip(COMPONENTS, parts, strict=False), start=1
        )
        if part or place == len(parts)
    )


def _text(value: str | float | None) -> str:
    if value is None:
        return ""
    return _escaped(value) if isinstance(value, str) else str(value)


def _decimal(value: str | float | None) -> str:
    """Return a DS in 16 characters, where it is the same number then."""
    text = _text(value)
    if len(text) > _LONGEST_DECIMAL and isinstance(value, float):
        short = format_number_as_ds(value)
        return short if float(short) == value else text
    return text


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    if text.isalnum():  # most are; none of these is to be escaped
        return text
    return _FORBIDDEN.sub("\ufffd", text).translate(_ESCAPES)
