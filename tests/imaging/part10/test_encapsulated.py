"""Frames of encapsulated and native pixel data (DICOM PS3.5 A.4, 8.1)."""

from struct import pack, unpack

import pytest

from imaging.part10 import PixelLayout, parse
from tests.imaging.part10.build import element, encapsulated, image, part10

JPEG = "1.2.840.10008.1.2.4.50"
SOI, EOI = b"\xff\xd8", b"\xff\xd9"


def layout_of(data: bytes) -> PixelLayout:
    layout = parse(data).pixels
    assert layout is not None
    return layout


def pieces(data: bytes, layout: PixelLayout) -> list[bytes]:
    numbers = unpack(f"<{len(layout.frames) // 8}Q", layout.frames)
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    return [data[start : start + size] for start, size in pairs]


def items(*values: bytes) -> bytes:
    return b"".join(pack("<HHI", 0xFFFE, 0xE000, len(v)) + v for v in values)


@pytest.mark.parametrize(
    ("fragments", "offsets", "frames"),
    [
        ((b"ab", b"cd"), b"", [(b"ab",), (b"cd",)]),
        ((b"ab", b"cd", b"ef"), pack("<2I", 0, 20), [(b"ab", b"cd"), (b"ef",)]),
        ((b"ab", b"cd"), pack("<2I", 0, 11), [(b"ab",), (b"cd",)]),
        (
            (SOI + b"ab", b"cd", SOI + b"ef"),
            b"",
            [(SOI + b"ab", b"cd"), (SOI + b"ef",)],
        ),
        (
            (b"ab", EOI + b"\0\0", b"cd" + EOI),
            b"",
            [(b"ab", EOI + b"\0\0"), (b"cd" + EOI,)],
        ),
    ],
)
def test_frames_of_fragments(
    fragments: tuple[bytes, ...], offsets: bytes, frames: list[tuple[bytes, ...]]
) -> None:
    value = encapsulated(*fragments, offsets=offsets)
    data = part10(image(value, frames=2), JPEG)
    layout = layout_of(data)
    assert layout.frames_known
    assert pieces(data, layout) == [items(*frame) for frame in frames]


def test_one_frame_of_many_fragments() -> None:
    data = part10(image(encapsulated(b"ab", b"cd", b"ef")), JPEG)
    assert pieces(data, layout_of(data)) == [items(b"ab", b"cd", b"ef")]


def test_the_extended_offset_table_comes_first() -> None:
    table = element(0x7FE00001, "OV", pack("<2Q", 0, 10))
    lengths = element(0x7FE00002, "OV", pack("<2Q", 2, 2))
    value = table + lengths + encapsulated(b"ab", b"cd", b"ef")
    data = part10(image(value, frames=2), JPEG)
    assert pieces(data, layout_of(data)) == [items(b"ab"), items(b"cd", b"ef")]


def test_frames_that_cannot_be_told_apart_are_unknown() -> None:
    layout = layout_of(part10(image(encapsulated(b"ab", b"cd", b"ef"), frames=2), JPEG))
    assert (layout.frames, layout.frames_known, layout.number_of_frames) == (
        b"",
        False,
        2,
    )


def test_a_hundred_thousand_fragments() -> None:
    fragments = [pack("<I", number) for number in range(100_000)]
    data = part10(image(encapsulated(*fragments), frames=100_000), JPEG)
    last = pieces(data, layout_of(data))[-1]
    assert last == items(fragments[-1])


def test_native_frames_are_measured_in_bits() -> None:
    value = element(0x7FE00010, "OB", b"\x12\x34")
    layout = layout_of(part10(image(value, frames=3, rows=5, columns=1, bits=1)))
    assert (layout.encapsulated, layout.bits_per_frame, layout.frames) == (
        False,
        5,
        b"",
    )


def test_subsampled_colour_has_two_samples_a_pixel() -> None:
    data = image(element(0x7FE00010, "OB", bytes(8)))
    colour = element(0x00280002, "US", b"\3\0") + element(
        0x00280004, "CS", b"YBR_FULL_422"
    )
    layout = layout_of(part10(colour + data[10:]))
    assert layout.bits_per_frame == 2 * 2 * 2 * 8


def test_a_nested_image_is_not_the_pixel_data() -> None:
    icon = items(image(element(0x7FE00010, "OB", b"icon")))
    parsed = parse(part10(element(0x00880200, "SQ", icon)))
    assert parsed.pixels is None
    assert [spot.path for spot in parsed.bulk] == ["00880200/1/7FE00010"]
