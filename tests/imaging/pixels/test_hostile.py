"""Streams made to break or to exhaust: refused, before memory is given to them."""

import tracemalloc
from struct import pack

import numpy as np
import pytest

from imaging.errors import CannotTranscode
from imaging.pixels import (
    CODECS,
    ENCODED,
    NATIVE,
    ImageDescription,
    after_encoding,
    decode,
    encode,
)

SIDE = 32
GREY = ImageDescription(SIDE, SIDE, 1, 8, 8, 7, False, "MONOCHROME2")
BOMB = ImageDescription(60_000, 60_000, 1, 8, 8, 7, False, "MONOCHROME2")
COMPRESSED = sorted(ENCODED - NATIVE)
PICTURE = np.random.default_rng(7).integers(0, 255, (SIDE, SIDE), dtype=np.uint8)


def stream(syntax: str) -> bytes:
    return encode(PICTURE, syntax, GREY)


def enlarged(made: bytes, syntax: str, side: int = 60_000) -> bytes:
    """Return the stream with another size in its header."""
    if CODECS[syntax].kind in {"jpeg-2000", "htj2k"}:
        return made[:8] + pack(">2I", side, side) + made[16:]
    start = next(
        place
        for place in range(len(made))
        if made[place] == 0xFF and made[place + 1] in {0xC0, 0xC1, 0xC3, 0xF7}
    )
    return made[: start + 5] + pack(">2H", side, side) + made[start + 9 :]


@pytest.mark.parametrize("syntax", [each for each in COMPRESSED if each[-1] != "5"])
def test_a_stream_larger_than_described_is_refused_at_once(syntax: str) -> None:
    hostile = enlarged(stream(syntax), syntax)
    tracemalloc.start()
    with pytest.raises(CannotTranscode, match="60000"):
        decode(hostile, syntax, GREY)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20


@pytest.mark.parametrize("syntax", sorted(CODECS))
def test_a_description_larger_than_is_decoded_is_refused(syntax: str) -> None:
    with pytest.raises(CannotTranscode, match="60000 by 60000"):
        decode(b"", syntax, BOMB)


@pytest.mark.parametrize("syntax", COMPRESSED)
@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9])
def test_a_stream_that_is_cut_off_is_refused(syntax: str, part: float) -> None:
    made = stream(syntax)
    with pytest.raises(CannotTranscode, match="damaged"):
        decode(made[: int(len(made) * part)], syntax, GREY)


@pytest.mark.parametrize("syntax", COMPRESSED)
def test_another_size_than_described_is_refused(syntax: str) -> None:
    other = ImageDescription(SIDE, SIDE // 2, 1, 8, 8, 7, False, "MONOCHROME2")
    with pytest.raises(CannotTranscode, match="damaged"):
        decode(stream(syntax), syntax, other)


@pytest.mark.parametrize("syntax", COMPRESSED)
def test_more_samples_than_described_are_refused(syntax: str) -> None:
    colour = ImageDescription(SIDE, SIDE, 3, 8, 8, 7, False, "RGB")
    with pytest.raises(CannotTranscode, match="damaged"):
        decode(stream(syntax), syntax, colour)


def test_native_pixels_that_end_early_are_refused() -> None:
    with pytest.raises(CannotTranscode, match="1023 bytes of 1024"):
        decode(bytes(SIDE * SIDE - 1), "1.2.840.10008.1.2.1", GREY)


def test_more_bits_than_allocated_are_refused() -> None:
    deep = ImageDescription(SIDE, SIDE, 1, 16, 16, 15, False, "MONOCHROME2")
    made = encode(PICTURE.astype(np.uint16) << 8, "1.2.840.10008.1.2.4.90", deep)
    with pytest.raises(CannotTranscode, match="16 bits"):
        decode(made, "1.2.840.10008.1.2.4.90", GREY)


@pytest.mark.parametrize("syntax", [each for each in COMPRESSED if each[-1] != "5"])
def test_a_large_picture_in_few_bytes_costs_nothing(syntax: str) -> None:
    """As large as the data set says, and as is decoded, with nothing in it."""
    side = 11_585
    large = ImageDescription(side, side, 1, 8, 8, 7, False, "MONOCHROME2")
    hostile = enlarged(stream(syntax), syntax, side)
    tracemalloc.start()
    with pytest.raises(CannotTranscode, match="damaged"):
        decode(hostile, syntax, large)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 160 << 20  # numpy's picture at most, which is not touched


def test_a_stream_with_very_many_scans_is_refused() -> None:
    made = stream("1.2.840.10008.1.2.4.50")
    scan = made.index(b"\xff\xda")
    hostile = made[:scan] + made[scan : scan + 10] * 1000 + made[scan:]
    with pytest.raises(CannotTranscode, match="scans"):
        decode(hostile, "1.2.840.10008.1.2.4.50", GREY)


def test_a_stream_much_longer_than_its_pixels_is_refused() -> None:
    made = stream("1.2.840.10008.1.2.4.90") + bytes(2 << 20)
    with pytest.raises(CannotTranscode, match="longer"):
        decode(made, "1.2.840.10008.1.2.4.90", GREY)


@pytest.mark.parametrize("syntax", COMPRESSED)
def test_mutated_streams_are_decoded_or_refused(syntax: str) -> None:
    made = stream(syntax)
    described = after_encoding(syntax, GREY)
    random = np.random.default_rng(11)
    for _ in range(150):
        mutant = bytearray(made)
        for place in random.integers(0, len(made), random.integers(1, 6)):
            mutant[place] = random.integers(0, 256)
        try:
            samples, _meaning = decode(bytes(mutant), syntax, described)
        except CannotTranscode:
            continue
        assert samples.shape == (SIDE, SIDE)
