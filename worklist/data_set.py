"""Data sets of workitems in DICOM JSON: packed, and looked into: pure.

They have been read and checked by `worklist.rules` before they come here.
"""

import zlib
from collections.abc import Iterator
from typing import Any, Final

import orjson

from imaging.index import tag_of
from imaging.part10 import JsonModel
from worklist.packing_table import DICTIONARY

TRANSACTION_UID: Final = tag_of("TransactionUID")
STUDY_INSTANCE_UID: Final = tag_of("StudyInstanceUID")

_LEVEL: Final = 3  # of zlib: half of the time of the usual 6, for a tenth more bytes


def packed(model: JsonModel) -> bytes:
    """Return a data set as it is kept, with all but its Transaction UID."""
    shown = {tag: model[tag] for tag in sorted(model) if tag != TRANSACTION_UID}
    # Small ones are alike: with what they have in common known beforehand they take
    # half of the time and a quarter of the bytes.
    packing = zlib.compressobj(_LEVEL, zdict=DICTIONARY)
    return packing.compress(orjson.dumps(shown)) + packing.flush()


def unpacked(content: bytes) -> JsonModel:
    """Return the data set that `packed` has made bytes of."""
    model: JsonModel = orjson.loads(json_of(content))
    return model


def json_of(content: bytes) -> bytes:
    """Return the JSON text of what `packed` has made, with DICTIONARY or without.

    Raises
    ------
    zlib.error
        It is something else.
    """
    unpacking = zlib.decompressobj(zdict=DICTIONARY)
    text = unpacking.decompress(content)
    if not unpacking.eof:
        message = "a packed data set is cut off"
        raise zlib.error(message)
    return text


def first(model: JsonModel, tag: str) -> Any:
    """Return the first value of an attribute; None where it has none."""
    values = model.get(tag, {}).get("Value")
    return values[0] if values else None


def text(model: JsonModel, tag: str) -> str:
    """Return the first value of an attribute, without padding; empty without one."""
    value = first(model, tag)
    return value.strip("\0 ") if isinstance(value, str) else ""


def items(model: JsonModel, tag: str) -> list[JsonModel]:
    """Return the items of a sequence, none where it has none."""
    found: list[JsonModel] = model.get(tag, {}).get("Value") or []
    return found


def elements(
    model: JsonModel, path: str = "", item: str = ""
) -> Iterator[tuple[str, str, str, Any]]:
    """Yield path, item, VR and value of all values but items, at any depth.

    Parameters
    ----------
    path, item
        Those of the sequences that `model` stands in: tags joined by dots, and the
        numbers of the items from 0, four digits each in base 16.
    """
    for tag, attribute in model.items():
        vr, values = attribute["vr"], attribute.get("Value", ())
        here = f"{path}.{tag}" if path else tag
        for number, value in enumerate(values):
            if vr == "SQ":
                yield from elements(value, here, f"{item}{number:04x}")
            elif value is not None:
                yield here, item, vr, value
