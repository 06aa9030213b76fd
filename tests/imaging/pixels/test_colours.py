"""Colours: what marks them in a stream, planes, shared chrominance."""

from dataclasses import replace

import imagecodecs
import numpy as np
import pytest

from imaging.pixels import ImageDescription, after_decoding, decode, encode
from tests.imaging.pixels.reading import Array

JPEG, JPEG_LOSSLESS = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.70"
JPEG_2000, RLE = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.5"
NATIVE = "1.2.840.10008.1.2.1"
RGB = ImageDescription(16, 16, 3, 8, 8, 7, False, "RGB")
YBR = replace(RGB, photometric_interpretation="YBR_FULL")
SHARED = replace(RGB, photometric_interpretation="YBR_FULL_422")
RED = np.full((16, 16, 3), (200, 30, 40), np.uint8)


def jpeg(stored: str, *, marked: bool) -> bytes:
    """Return a red picture, its samples stored as RGB or YCbCr."""
    made = bytes(
        imagecodecs.jpeg8_encode(RED, 95, colorspace="RGB", outcolorspace=stored)
    )
    if marked:
        return made
    for mark, name in ((b"\xff\xe0", b"JFIF"), (b"\xff\xee", b"Adobe")):
        place = made.find(mark)
        if place >= 0 and made[place + 4 :].startswith(name):
            length = int.from_bytes(made[place + 2 : place + 4], "big")
            made = made[:place] + made[place + 2 + length :]
    return made


def numbered(stream: bytes) -> bytes:
    """Return the stream with components that are called 1, 2 and 3."""
    made = bytearray(stream)
    frame, scan = made.index(b"\xff\xc0"), made.index(b"\xff\xda")
    made[frame + 10 : frame + 19 : 3] = made[scan + 5 : scan + 11 : 2] = bytes(
        [1, 2, 3]
    )
    return bytes(made)


def is_red(samples: Array) -> bool:
    return bool(np.abs(samples.astype(int) - RED.astype(int)).max() <= 6)


@pytest.mark.parametrize("said", [RGB, YBR, SHARED])
def test_marks_in_a_stream_say_what_its_colours_are(said: ImageDescription) -> None:
    samples, meaning = decode(jpeg("YCBCR", marked=True), JPEG, said)
    assert (is_red(samples), meaning) == (True, "RGB")


@pytest.mark.parametrize(
    ("stored", "said"), [("YCBCR", YBR), ("YCBCR", SHARED), ("RGB", RGB)]
)
def test_without_marks_the_data_set_says_it(
    stored: str, said: ImageDescription
) -> None:
    stream = numbered(jpeg(stored, marked=False))
    samples, meaning = decode(stream, JPEG, said)
    assert (is_red(samples), meaning) == (True, "RGB")


def test_components_named_rgb_are_rgb() -> None:
    stream = jpeg("RGB", marked=False)
    assert b"R\x11\x00G\x11\x00B" in stream
    samples, _meaning = decode(stream, JPEG, YBR)
    assert is_red(samples)


def test_other_colours_stay_as_they_are() -> None:
    for syntax in (JPEG_LOSSLESS, JPEG_2000, RLE, NATIVE):
        samples, meaning = decode(encode(RED, syntax, YBR), syntax, YBR)
        assert meaning == "YBR_FULL"
        assert np.array_equal(samples, RED)


@pytest.mark.parametrize("meaning", ["YBR_RCT", "YBR_ICT"])
def test_transformed_colours_of_jpeg_2000_are_rgb_again(meaning: str) -> None:
    described = replace(RGB, photometric_interpretation=meaning)
    found = after_decoding(JPEG_2000, described)
    assert found.photometric_interpretation == "RGB"


def test_planes_become_pixels() -> None:
    planes = np.arange(16 * 16 * 3, dtype=np.uint8)
    described = replace(RGB, planar_configuration=1)
    samples, _meaning = decode(planes.tobytes(), NATIVE, described)
    assert np.array_equal(samples, np.moveaxis(planes.reshape(3, 16, 16), 0, -1))
    assert encode(samples, NATIVE, RGB) == samples.tobytes()


def test_shared_chrominance_is_given_to_both_pixels() -> None:
    two = replace(SHARED, rows=1, columns=4)
    samples, meaning = decode(bytes([1, 2, 3, 4, 5, 6, 7, 8]), NATIVE, two)
    assert meaning == "YBR_FULL"
    assert samples.tolist() == [[[1, 3, 4], [2, 3, 4], [5, 7, 8], [6, 7, 8]]]


def test_baseline_of_ybr_is_not_transformed_again() -> None:
    grey = np.full((16, 16, 3), (90, 128, 128), np.uint8)
    samples, meaning = decode(encode(grey, JPEG, YBR), JPEG, SHARED)
    assert meaning == "RGB"
    assert np.abs(samples.astype(int) - 90).max() <= 2
