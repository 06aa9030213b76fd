"""A Native DICOM Model, read as DICOM JSON (DICOM PS3.19 A.1.5, PS3.18 annex F).

Whoever sends it may send anything. Only elements are read, in one pass: a document
with a DTD is refused, so that there are no entities. What the elements hold is taken as
text, but for floating point numbers; whether it is fit for its VR is found by who makes
a file of it (`imaging.part10.compose`), as for JSON.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, NoReturn
from xml.parsers import expat

from imaging.native_xml.write import (
    COMPONENTS,
    FIRST_BLOCK,
    GROUPS,
    creator_of,
    is_private,
)
from imaging.part10 import JsonModel
from imaging.part10.walker import MAX_DEPTH

_PIECE_BYTES: Final = 64 * 1024
_LAST_BLOCK: Final = 0xFF
_FLOATS: Final = frozenset({"FL", "FD"})
_FLOAT: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_NAMES: Final = {"Value", "Item", "PersonName", "BulkData", "InlineBinary"}
_TEXTS: Final = frozenset({"Value", "InlineBinary", *COMPONENTS})
_INSIDE: Final = {
    "": {"NativeDicomModel"},
    "NativeDicomModel": {"DicomAttribute"},
    "Item": {"DicomAttribute"},
    "DicomAttribute": _NAMES,
    "PersonName": {*GROUPS},
    **{group: {*COMPONENTS} for group in GROUPS},
}
"""Which elements may be inside of which."""


class NotNative(Exception):
    """A document is no XML in Unicode, or no Native DICOM Model.

    Attributes
    ----------
    reason
        Names elements, never values.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read(document: bytes | bytearray) -> JsonModel:
    """Return the data set of a document.

    Raises
    ------
    NotNative
        It is not well-formed, or holds what a Native DICOM Model does not.
    """
    # What the document says of its encoding is not looked at: it is UTF-8, or UTF-16
    # by its byte order mark.
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.buffer_text = True
    reader = _Reader()
    parser.StartDoctypeDeclHandler = _refuse_dtd
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        _feed(parser, memoryview(document))
    except expat.ExpatError as error:
        message = f"The XML is not well-formed, or not in Unicode: line {error.lineno}."
        raise NotNative(message) from error
    return reader.model


def _feed(parser: expat.XMLParserType, document: memoryview) -> None:
    """Parse a piece at a time, as long as each tag ends soon.

    A tag with a million attributes would hold up all other threads for seconds.
    """
    for start in range(0, len(document), _PIECE_BYTES):
        piece = document[start : start + _PIECE_BYTES]
        parser.Parse(piece, False)  # noqa: FBT003
        if start + len(piece) - parser.CurrentByteIndex > 2 * _PIECE_BYTES:
            _refuse(f"A tag or comment is longer than {_PIECE_BYTES} bytes.")
    parser.Parse(b"", True)  # noqa: FBT003


class _Attribute(NamedTuple):
    """One that is being read, or was."""

    key: str
    creator: str | None
    content: dict[str, Any]


class _Reader:
    """Takes what the parser finds; knows the elements that are open."""

    def __init__(self) -> None:
        self.model: JsonModel = {}
        self._open = [""]
        self._data_sets: list[list[_Attribute]] = []
        self._group: list[str] = []
        self._texts: list[str] = []

    def start(self, name: str, fields: dict[str, str]) -> None:
        """Take the begin of an element."""
        name = name.rpartition(" ")[2]  # with or without its namespace, as DCMTK writes
        if name not in _INSIDE.get(self._open[-1], ()):
            _refuse(f"{name[:32]} stands where it cannot.")
        self._open.append(name)
        self._texts.clear()
        match name:
            case "NativeDicomModel":
                self._data_sets.append([])
            case "DicomAttribute":
                self._data_sets[-1].append(_attribute(fields))
            case "Item":
                if len(self._data_sets) > MAX_DEPTH:
                    _refuse(f"Items are nested more than {MAX_DEPTH} deep.")
                _require_next(self._values(), fields)
                self._data_sets.append([])
            case "PersonName":
                _require_next(self._values(), fields)
                self._values().append({})
            case "Value":
                _require_next(self._values(), fields)
            case "BulkData":
                self._hold("BulkDataURI", fields.get("uri", fields.get("uuid")))
            case _ if name in GROUPS:
                self._group = []

    def text(self, data: str) -> None:
        """Take characters: those between elements, which lay them out, mean nothing."""
        if self._open[-1] in _TEXTS:
            self._texts.append(data)
        elif not data.isspace():
            _refuse("Text stands where it cannot.")

    def end(self, _name: str) -> None:
        """Take the end of an element."""
        name = self._open.pop()
        match name:
            case "NativeDicomModel":
                self.model = _data_set(self._data_sets.pop())
            case "Item":
                item = _data_set(self._data_sets.pop())
                self._values().append(item)
            case "PersonName":
                values = self._values()
                values[-1] = values[-1] or None
            case "Value":
                vr = self._content.get("vr")
                self._values().append(_value(vr, "".join(self._texts)))
            case "InlineBinary":
                self._hold(name, "".join("".join(self._texts).split()))
            case _ if name in COMPONENTS:
                self._component(COMPONENTS.index(name), "".join(self._texts))
            case _ if name in GROUPS:
                self._values()[-1][name] = "^".join(self._group)

    @property
    def _content(self) -> dict[str, Any]:
        return self._data_sets[-1][-1].content

    def _values(self) -> list[Any]:
        values: list[Any] = self._content.setdefault("Value", [])
        return values

    def _hold(self, name: str, content: str | None) -> None:
        if name in self._content:
            _refuse(f"An attribute has {name} twice.")
        self._content[name] = content

    def _component(self, place: int, text: str) -> None:
        """Take a component of a name; those left out before it are empty."""
        missing = place - len(self._group)
        if missing < 0:
            _refuse("The components of a name are not in their order.")
        self._group += [*[""] * missing, text]


def _attribute(fields: Mapping[str, str]) -> _Attribute:
    key = fields.get("tag", "").upper()
    if len(key) != 8 or key.strip("0123456789ABCDEF"):
        _refuse("A tag is not of eight hexadecimal digits.")
    creator = fields.get("privateCreator") if is_private(key) else None
    return _Attribute(key, creator, {"vr": fields["vr"]} if "vr" in fields else {})


def _require_next(values: list[Any], fields: Mapping[str, str]) -> None:
    if fields.get("number") != str(len(values) + 1):
        _refuse("Values, names and items are not numbered 1, 2, 3.")


def _value(vr: str | None, text: str) -> str | float | None:
    if not text:
        return None
    return float(text) if vr in _FLOATS and _FLOAT.fullmatch(text) else text


def _data_set(attributes: list[_Attribute]) -> JsonModel:
    """Return the attributes by their tags, private ones in blocks of their creators."""
    model: JsonModel = {}
    for key, creator, content in attributes:
        if creator is None:
            _put(model, key, content)
    blocks = _Blocks(model)
    for key, creator, content in attributes:
        if creator is not None:
            _put(model, blocks.place(key, creator), content)
    return model


class _Blocks:
    """Where private attributes go in a data set, which has all others already."""

    def __init__(self, model: JsonModel) -> None:
        self._model = model
        self._taken = {key[:6] for key in model}
        self._known: dict[tuple[str, str], list[str]] = {}
        for key in sorted(model):
            creator = creator_of(key, model[key])
            if creator is not None:
                known = self._known.setdefault((key[:4], creator), [])
                known.append(key[:4] + key[6:])

    def place(self, key: str, creator: str) -> str:
        """Return the tag of an attribute: in the creator's first block with room."""
        known = self._known.setdefault((key[:4], creator), [])
        for block in known:
            if f"{block}{key[6:]}" not in self._model:
                return f"{block}{key[6:]}"
        known.append(self._reserved(key[:4], creator))
        return f"{known[-1]}{key[6:]}"

    def _reserved(self, group: str, creator: str) -> str:
        """Reserve the next free block (DICOM PS3.5 7.8.1)."""
        for block in range(FIRST_BLOCK, _LAST_BLOCK + 1):
            reservation, prefix = f"{group}00{block:02X}", f"{group}{block:02X}"
            if reservation not in self._model and prefix not in self._taken:
                self._model[reservation] = {"vr": "LO", "Value": [creator]}
                return prefix
        message = f"The group {group} has more creators than blocks."
        raise NotNative(message)


def _put(model: JsonModel, key: str, content: dict[str, Any]) -> None:
    if key in model:
        _refuse(f"{key} is there twice.")
    model[key] = content


def _refuse_dtd(*_declaration: object) -> None:
    _refuse("The XML has a document type: send it without.")


def _refuse(reason: str) -> NoReturn:
    raise NotNative(reason)
