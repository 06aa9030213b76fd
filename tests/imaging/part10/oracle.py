"""pydicom as oracle: its model of the same bytes, and how the two may differ.

Differences that are meant, and normalised here:

- group lengths, stray delimiters and zero padding are no part of the model;
- an empty sequence has no ``Value`` (PS3.18 F.2.5), an empty value among several is
  null, an empty component group of a name is absent (F.2.2);
- NaN and infinities of FL and FD are texts (F.2.3);
- "OB or OW" and the like, where pydicom leaves the choice open, are OW;
- the first value of a LUT descriptor is never negative;
- text and numbers beyond 1 MiB are bulk data;
- pixel data in implicit VR are OW, also where another transfer syntax is declared;
- UN that a dictionary calls a sequence but that holds none stays UN;
- attributes that pydicom cannot put into JSON are not compared, nor is the value of an
  attribute that we report as an issue.
"""

import math
import warnings
from io import BytesIO
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames

from imaging.part10 import ParsedInstance
from imaging.part10.dictionary_table import LUT_DESCRIPTOR_TAGS
from imaging.part10.elements import MAX_INLINE
from imaging.part10.walker import NO_SEQUENCE

IMPLICIT = "1.2.840.10008.1.2"
_WORD_SIZE = {"OW": 2, "OL": 4, "OF": 4, "OD": 8, "OV": 8}
_PIXEL_TAGS = ("7FE00010", "7FE00008", "7FE00009")
UNREPRESENTABLE: dict[str, Any] = {"vr": "unrepresentable"}


def read(data: bytes) -> Dataset:
    """Read with pydicom, silently."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pydicom.dcmread(BytesIO(data), force=True)


def model_of(data_set: Dataset) -> dict[str, Any]:
    """Return pydicom's DICOM JSON model, normalised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _model(data_set)


def _model(data_set: Dataset) -> dict[str, Any]:
    model = {}
    for tag in list(data_set.keys()):
        if tag & 0xFFFF and tag != 0xFFFEE0DD:
            model[f"{tag:08X}"] = _element(data_set, tag)
    return model


def _element(data_set: Dataset, tag: Any) -> dict[str, Any]:
    try:
        element = data_set[tag]
        if element.VR == "SQ":
            items = [_model(item) for item in element.value]
            return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
        attribute = element.to_json_dict(lambda _: "bulk", 0)
    except Exception:  # noqa: BLE001 - whatever it stumbles over
        return UNREPRESENTABLE
    vr = str(attribute["vr"])
    if " or " in vr:
        vr = "OW"
    if "BulkDataURI" in attribute:
        return {"vr": vr, "BulkDataURI": "bulk"}
    if "Value" not in attribute:
        return {"vr": vr}
    values = [_value(value) for value in attribute["Value"]]
    if tag in LUT_DESCRIPTOR_TAGS and isinstance(values[0], int) and values[0] < 0:
        values[0] += 65536
    if values in ([], [None]):
        return {"vr": vr}
    return {"vr": vr, "Value": values}


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: group for name, group in value.items() if group} or None
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            value = value.encode("utf-8", "replace").decode()
    return None if value == "" else value


def differences(parsed: ParsedInstance, theirs: dict[str, Any]) -> list[str]:
    """Return the paths at which the models differ, with both sides."""
    excused = {issue.path for issue in parsed.issues}
    excused |= {note.path for note in parsed.warnings if note.reason == NO_SEQUENCE}
    large = {spot.path for spot in parsed.bulk if spot.length > MAX_INLINE}
    if parsed.encoding.implicit_vr and parsed.transfer_syntax_uid != IMPLICIT:
        excused.add("7FE00010")
    found: list[str] = []
    _compare(parsed.model, theirs, "", excused | large, found)
    return found


def _compare(
    ours: dict[str, Any],
    theirs: dict[str, Any],
    prefix: str,
    excused: set[str],
    found: list[str],
) -> None:
    for key in sorted(ours.keys() | theirs.keys()):
        path = prefix + key
        mine, other = ours.get(key), theirs.get(key)
        if other is UNREPRESENTABLE or path in excused:
            continue
        if mine is None or other is None or mine["vr"] != other["vr"]:
            found.append(f"{path}: {mine} != {other}")
        elif mine["vr"] == "SQ":
            _compare_items(mine, other, path, excused, found)
        elif "BulkDataURI" in mine:
            if mine["BulkDataURI"] != path or "BulkDataURI" not in other:
                found.append(f"{path}: {mine} != {other}")
        elif not _same(mine, other):
            found.append(f"{path}: {mine} != {other}")


def _compare_items(
    mine: dict[str, Any],
    other: dict[str, Any],
    path: str,
    excused: set[str],
    found: list[str],
) -> None:
    left, right = mine.get("Value", []), other.get("Value", [])
    if len(left) != len(right):
        found.append(f"{path}: {len(left)} items != {len(right)}")
        return
    for number, (a, b) in enumerate(zip(left, right, strict=True), 1):
        _compare(a, b, f"{path}/{number}/", excused, found)


def _same(mine: dict[str, Any], other: dict[str, Any]) -> bool:
    return mine == other and list(map(type, mine.get("Value", []))) == list(
        map(_plain_type, other.get("Value", []))
    )


def _plain_type(value: Any) -> type:
    for plain in (str, int, float, dict):
        if isinstance(value, plain):
            return plain
    return type(value)


def value_at(data_set: Dataset, path: str) -> bytes:
    """Return pydicom's value of the bulk attribute at a path of ours, as encoded."""
    *ancestors, key = path.split("/")
    for sequence, number in zip(ancestors[::2], ancestors[1::2], strict=True):
        data_set = data_set[int(sequence, 16)].value[int(number) - 1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = data_set[int(key, 16)].value
    return bytes(value)


def octets_at(data_set: Dataset, path: str, vr: str) -> bytes:
    """Return that value in little endian, as it is sent (DICOM PS3.18 8.7.3.3)."""
    value = value_at(data_set, path)
    _, is_little_endian = data_set.original_encoding
    if is_little_endian:
        return value
    size = _WORD_SIZE.get(vr, 1)
    if vr == "OW" and path in _PIXEL_TAGS:
        size = max(size, data_set.BitsAllocated // 8)
    return np.frombuffer(value, f"V{size}").view(f">u{size}").byteswap().tobytes()


def frames_of(data_set: Dataset) -> list[bytes] | None:
    """Return the frames of the pixel data as they are sent; None without pixel data."""
    key = next((key for key in _PIXEL_TAGS if int(key, 16) in data_set), None)
    if key is None:
        return None
    element = data_set[int(key, 16)]
    count = data_set.get("NumberOfFrames", 1)
    count = count if isinstance(count, int) else 1  # not if the file says "1A"
    if element.is_undefined_length:
        return list(generate_frames(element.value, number_of_frames=count))
    octets = octets_at(data_set, key, element.VR)
    bits = _bits_per_frame(data_set)
    if bits % 8 == 0:
        size = bits // 8
        return [octets[number * size : (number + 1) * size] for number in range(count)]
    unpacked = np.unpackbits(np.frombuffer(octets, "u1"), bitorder="little")
    rows = unpacked[: count * bits].reshape(count, bits)
    return [np.packbits(row, bitorder="little").tobytes() for row in rows]


def _bits_per_frame(data_set: Dataset) -> int:
    samples = int(data_set.get("SamplesPerPixel", 1))
    if data_set.get("PhotometricInterpretation") == "YBR_FULL_422":
        samples = 2
    pixels = int(data_set.Rows) * int(data_set.Columns)
    return pixels * samples * int(data_set.BitsAllocated)
