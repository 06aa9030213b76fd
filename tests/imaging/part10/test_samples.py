"""Every sample file is read as pydicom reads it."""

from pathlib import Path
from struct import unpack

import orjson
import pytest
from pydicom.encaps import generate_frames

from imaging.part10 import (
    NotDicom,
    ParsedInstance,
    Truncated,
    UnsupportedTransferSyntax,
    open_stream,
    parse,
    to_explicit_little_endian,
)
from imaging.part10.rewrite import _swapped
from imaging.part10.values import WORD_SIZE
from tests.imaging.part10 import oracle
from tests.imaging.part10.samples import (
    CUT_OFF,
    WITHOUT_FIRST_BYTE,
    sample_files,
    sample_id,
)

_FILES = [
    path
    for path in sample_files()
    if path.name not in CUT_OFF and path.name != WITHOUT_FIRST_BYTE
]
_BROKEN = [path for path in sample_files() if path.name in CUT_OFF]


@pytest.mark.parametrize("path", _FILES, ids=sample_id)
def test_model_and_bulk_equal_pydicoms(path: Path) -> None:
    data = path.read_bytes()
    parsed, data_set = parse(data), oracle.read(data)
    assert oracle.differences(parsed, oracle.model_of(data_set)) == []
    assert list(parsed.model) == sorted(parsed.model)
    orjson.dumps(parsed.model)
    stream = open_stream(data, parsed.transfer_syntax_uid, parsed.data_set_offset)
    for spot in parsed.bulk:
        value = b"".join(stream.read_range(spot.offset, spot.length))
        assert value == oracle.value_at(data_set, spot.path), spot.path
    assert _frames(data, parsed) == _pydicoms_frames(data, parsed)


def _frames(data: bytes, parsed: ParsedInstance) -> list[bytes] | None:
    layout = parsed.pixels
    if layout is None or not layout.encapsulated or not layout.frames_known:
        return None
    numbers = unpack(f"<{len(layout.frames) // 8}Q", layout.frames)
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    return [_without_headers(data[start : start + size]) for start, size in pairs]


def _without_headers(items: bytes) -> bytes:
    frame, pos = b"", 0
    while pos < len(items):
        (size,) = unpack("<I", items[pos + 4 : pos + 8])
        frame += items[pos + 8 : pos + 8 + size]
        pos += 8 + size
    return frame


def _pydicoms_frames(data: bytes, parsed: ParsedInstance) -> list[bytes] | None:
    layout = parsed.pixels
    if layout is None or not layout.encapsulated or not layout.frames_known:
        return None
    value = data[layout.offset : layout.offset + layout.length]
    return list(generate_frames(value, number_of_frames=layout.number_of_frames))


@pytest.mark.parametrize("path", _FILES, ids=sample_id)
def test_rewriting_keeps_every_value(path: Path) -> None:
    data = path.read_bytes()
    parsed = parse(data)
    try:
        written = b"".join(to_explicit_little_endian(data, parsed))
    except UnsupportedTransferSyntax:
        assert parsed.pixels is not None
        assert parsed.pixels.encapsulated
        return
    again = parse(written)
    assert again.transfer_syntax_uid == "1.2.840.10008.1.2.1"
    assert _without_empty_sequences(again.model) == _without_empty_sequences(
        parsed.model
    )
    before, after = oracle.read(data), oracle.read(written)
    assert oracle.differences(again, oracle.model_of(after)) == []
    encoding = parsed.encoding
    recoded = encoding.implicit_vr or not encoding.little_endian
    for spot in again.bulk:
        old = oracle.value_at(before, spot.path)
        word = 1 if encoding.little_endian else WORD_SIZE.get(spot.vr, 1)
        if word == 2 and spot.path == "7FE00010":
            word = max(word, before.BitsAllocated // 8)
        padding = b"\0" * (recoded and len(old) % 2)
        assert oracle.value_at(after, spot.path) == _swapped(old, word) + padding


def _without_empty_sequences(model: dict) -> dict:  # type: ignore[type-arg]
    return {
        key: attribute
        if attribute["vr"] != "SQ"
        else [_without_empty_sequences(item) for item in attribute.get("Value", [])]
        for key, attribute in model.items()
    }


@pytest.mark.parametrize("path", _BROKEN, ids=sample_id)
def test_a_file_that_is_cut_off_is_refused(path: Path) -> None:
    with pytest.raises(Truncated):
        parse(path.read_bytes())


def test_a_file_without_its_first_byte_is_refused() -> None:
    path = next(path for path in sample_files() if path.name == WITHOUT_FIRST_BYTE)
    with pytest.raises(NotDicom):
        parse(path.read_bytes())
