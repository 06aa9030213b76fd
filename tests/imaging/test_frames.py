"""Values and frames as octets: byte order, single bits, fragments."""

import struct

import numpy as np
import pytest

from core.errors import NotFound, Upstream
from imaging.frames import (
    NativeFrame,
    Octets,
    Run,
    Value,
    chunks,
    fragments,
    native_frame,
    word_bytes,
)
from imaging.layout import Pixels
from imaging.pace import CHUNK_BYTES, WHOLE_BYTES, Pace


class Bytes:
    """A source in memory that counts what is read of it."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.number_of_bytes_read = 0

    def read(self, offset: int, length: int) -> bytes:
        assert 0 <= offset <= offset + length <= len(self.data)
        self.number_of_bytes_read += length
        return self.data[offset : offset + length]


def item(value: bytes) -> bytes:
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(value)) + value


def pixels(*, length: int, frames: int, bits: int) -> Pixels:
    return Pixels("7FE00010", 3, length, False, frames, bits)


def whole(octets: Octets) -> bytes:
    return b"".join(chunks(octets, 0, octets.size))


def test_a_frame_reads_its_own_bytes_only() -> None:
    source = Bytes(b"abc" + bytes(range(60)))
    layout = pixels(length=60, frames=10, bits=48)
    frame = native_frame(layout, Value(source, 3, 60), 3)
    assert whole(frame) == bytes(range(12, 18))
    assert source.number_of_bytes_read == 6


def test_a_frame_that_is_cut_off_is_not_there() -> None:
    layout = pixels(length=60, frames=11, bits=48)
    with pytest.raises(NotFound, match="ends before the end of frame 11"):
        native_frame(layout, Value(Bytes(b""), 3, 60), 11)


@pytest.mark.parametrize("number", [1, 2, 3, 7])
def test_single_bit_frames_begin_at_a_byte(number: int) -> None:
    """DICOM PS3.5 8.1.1: frames of 5 x 7 pixels in 35 bits each, not padded."""
    bits = np.random.default_rng(7).integers(0, 2, (7, 35), dtype=np.uint8)
    packed = np.packbits(bits.ravel(), bitorder="little").tobytes()
    layout = pixels(length=len(packed), frames=7, bits=35)
    frame = native_frame(layout, Value(Bytes(b"abc" + packed), 3, len(packed)), number)
    wanted = np.packbits(bits[number - 1], bitorder="little").tobytes()
    assert frame.size == 5
    assert whole(frame) == wanted
    assert frame.read(1, 3) == wanted[1:4]
    assert frame.read(4, 1) == wanted[4:]


def test_single_bit_frames_of_whole_bytes_are_read_as_they_are() -> None:
    frame = NativeFrame(Value(Bytes(bytes(range(16))), 0, 16), 64, 64)
    assert whole(frame) == bytes(range(8, 16))


@pytest.mark.parametrize("width", [2, 4, 8])
@pytest.mark.parametrize(("start", "length"), [(0, 24), (1, 5), (3, 1), (7, 17)])
def test_big_endian_values_are_swapped(width: int, start: int, length: int) -> None:
    little = bytes(range(24))
    big = np.frombuffer(little, f"<u{width}").astype(f">u{width}").tobytes()
    value = Value(Bytes(b"xyz" + big), 3, 24, width)
    assert value.read(start, length) == little[start : start + length]


def test_a_byte_beyond_the_last_word_stays() -> None:
    assert Value(Bytes(b"\1\2\3\4\5"), 0, 5, 2).read(0, 5) == b"\2\1\4\3\5"


@pytest.mark.parametrize(
    ("vr", "bits_allocated", "width"),
    [
        ("OB", 8, 1),
        ("UN", None, 1),
        ("OW", 8, 2),
        ("OW", 16, 2),
        ("OW", 32, 4),
        ("OW", None, 2),
        ("OF", None, 4),
        ("OL", None, 4),
        ("OD", None, 8),
        ("OV", None, 8),
    ],
)
def test_words_are_those_of_the_representation(
    vr: str, bits_allocated: int | None, width: int
) -> None:
    assert word_bytes(vr, bits_allocated) == width


def test_fragments_lose_their_item_tags() -> None:
    stored = b"head" + item(b"abcd") + item(b"") + item(b"efghij")
    stream = fragments(Bytes(stored), Run(4, len(stored) - 4))
    assert stream.size == 10
    assert whole(stream) == b"abcdefghij"
    assert stream.read(3, 4) == b"defg"
    assert stream.read(4, 6) == b"efghij"


def test_the_offset_table_can_be_left_out() -> None:
    stored = item(bytes(8)) + item(b"frame1") + item(b"frame2")
    assert (
        whole(fragments(Bytes(stored), Run(0, len(stored)), skip=1)) == b"frame1frame2"
    )


@pytest.mark.parametrize(
    "stored",
    [b"\xff\xd8" + bytes(20), item(b"abcd")[:-1], item(b"")[:6] + b"\xff\xff"],
)
def test_damaged_fragments_are_told(stored: bytes) -> None:
    with pytest.raises(Upstream, match="damaged"):
        fragments(Bytes(stored), Run(0, len(stored)))


def test_a_value_comes_in_pieces_as_large_as_the_pace_says() -> None:
    data = bytes(range(256)) * 4096
    value = Value(Bytes(data), 0, len(data))
    pace = Pace()
    length = 3 * CHUNK_BYTES + 1
    pieces = chunks(value, 100, length, pace)
    first = next(pieces)
    pace.chunk_bytes *= 2
    sent = [first, *pieces]
    assert [len(piece) for piece in sent] == [CHUNK_BYTES, 2 * CHUNK_BYTES, 1]
    assert b"".join(sent) == data[100 : 100 + length]


def test_what_is_short_comes_in_one_piece() -> None:
    data = bytes(WHOLE_BYTES)
    value = Value(Bytes(data), 0, len(data))
    assert [len(piece) for piece in chunks(value, 0, len(data))] == [WHOLE_BYTES]
