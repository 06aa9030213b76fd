"""The element of pixel data around frames (DICOM PS3.5 A.4, 8.1)."""

from collections.abc import Iterator
from struct import unpack_from

import pytest
from pydicom.encaps import generate_frames, parse_basic_offsets

from imaging.part10 import TooLarge, encapsulated_element, native_element
from imaging.part10.pixel_element import HELD_BYTES


def test_frames_are_taken_one_at_a_time_once_the_table_is_given_up() -> None:
    size = HELD_BYTES // 2 + 1
    taken = []

    def frames() -> Iterator[bytes]:
        for number in range(5):
            taken.append(number)
            yield bytes([number]) * size

    written = bytearray()
    for piece in encapsulated_element(frames()):
        written += piece
        held = len(taken) - len(written) // size
        assert held <= 2
    assert parse_basic_offsets(bytes(written[12:])) == []
    found = generate_frames(bytes(written[12:]), number_of_frames=5)
    assert [frame[0] for frame in found] == [0, 1, 2, 3, 4]
    assert taken == [0, 1, 2, 3, 4]


def test_short_frames_get_a_complete_table() -> None:
    frames = [b"odd", b"even", b"", b"x"]
    written = b"".join(encapsulated_element(iter(frames)))
    assert written[:12] == b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff"
    assert written[-8:] == b"\xfe\xff\xdd\xe0\0\0\0\0"
    offsets = parse_basic_offsets(written[12:])
    assert offsets == [0, 12, 24, 32]
    start = 12 + 8 + 16
    lengths = [unpack_from("<I", written, start + each + 4)[0] for each in offsets]
    assert lengths == [4, 4, 0, 2]


@pytest.mark.parametrize(
    ("bits", "implicit", "head"),
    [
        (8, False, b"\xe0\x7f\x10\x00OB\0\0\x04\0\0\0"),
        (16, False, b"\xe0\x7f\x10\x00OW\0\0\x04\0\0\0"),
        (8, True, b"\xe0\x7f\x10\x00\x04\0\0\0"),
    ],
)
def test_native_frames_are_padded_together(
    bits: int, implicit: bool, head: bytes
) -> None:
    element = native_element(iter([b"a", b"bc"]), 3, bits, implicit=implicit)
    assert b"".join(element) == head + b"abc\0"


def test_native_pixels_beyond_4_gb_have_no_element() -> None:
    with pytest.raises(TooLarge):
        native_element(iter([]), 0xFFFFFFFE, 16, implicit=False)
