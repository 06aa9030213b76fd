"""Pixels made to break or to exhaust, asked for in every form that needs a codec."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from struct import pack
from typing import Any, Final

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from imaging.errors import CannotTranscode
from imaging.pixels import ENCODED, NATIVE, ImageDescription, encode
from tests.imaging.dicomweb.service import Service, parts_of
from tests.synthetic import encode as file_with
from tests.synthetic import instance

pytestmark = pytest.mark.usefixtures("committing")
ELE: Final = "1.2.840.10008.1.2.1"
JPEG_2000: Final = "1.2.840.10008.1.2.4.90"
RLE: Final = "1.2.840.10008.1.2.5"
COMPRESSED: Final = sorted(ENCODED - NATIVE)
SIDE: Final = 64
GREY: Final = ImageDescription(SIDE, SIDE, 1, 8, 8, 7, False, "MONOCHROME2")
PICTURE: Final = np.random.default_rng(9).integers(0, 256, (SIDE, SIDE), np.uint8)
MOST_BYTES: Final = 8 << 20


@pytest.fixture
def service() -> Service:
    return Service()


@contextmanager
def bounded() -> Iterator[None]:
    """Assert that little memory is taken."""
    tracemalloc.start()
    try:
        yield
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES


def store(
    service: Service, syntax: str, streams: list[bytes], **attributes: Any
) -> Dataset:
    values = {
        "NumberOfFrames": len(streams),
        "Rows": SIDE,
        "Columns": SIDE,
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
        "PixelData": b"".join(streams) if syntax in NATIVE else encapsulate(streams),
        **attributes,
    }
    dataset = instance(**values)
    dataset["PixelData"].VR = "OW" if syntax in NATIVE else "OB"
    dataset["PixelData"].is_undefined_length = syntax not in NATIVE
    service.store(file_with(dataset, UID(syntax)))
    return dataset


def refusals(service: Service, dataset: Dataset, *wanted: str) -> set[str]:
    """Return what is said to who asks for the instance, and its first frame."""
    said = set()
    for syntax in wanted:
        form = f"; transfer-syntax={syntax}"
        for path, media_type in (
            ("", "application/dicom"),
            ("/frames/1", "application/octet-stream"),
        ):
            answer = service.get(service.url(dataset, path=path), media_type + form)
            assert answer.status_code == 406, answer.text
            assert len(answer.text) < 300
            said.add(answer.text)
    return said


@pytest.mark.parametrize("syntax", COMPRESSED)
def test_a_declared_bomb_is_refused(service: Service, syntax: str) -> None:
    stream = encode(PICTURE, syntax, GREY)
    dataset = store(service, syntax, [stream], Rows=60_000, Columns=60_000)
    others = [each for each in (ELE, RLE, JPEG_2000) if each != syntax]
    with bounded():
        said = refusals(service, dataset, *others)
    assert all("60000 by 60000" in each for each in said)


def test_a_bomb_in_the_stream_is_refused(service: Service) -> None:
    made = encode(PICTURE, JPEG_2000, GREY)
    bomb = made[:8] + pack(">2I", 60_000, 60_000) + made[16:]
    dataset = store(service, JPEG_2000, [bomb])
    with bounded():
        said = refusals(service, dataset, ELE, RLE)
    assert all("(60000, 60000, 1)" in each for each in said)


@pytest.mark.parametrize("syntax", COMPRESSED)
def test_truncated_frames_are_refused_and_can_be_had_as_stored(
    service: Service, syntax: str
) -> None:
    stream = encode(PICTURE, syntax, GREY)[:500]
    dataset = store(service, syntax, [stream])
    others = [each for each in (ELE, RLE, JPEG_2000) if each != syntax]
    said = refusals(service, dataset, *others)
    assert all(each.startswith("A frame is damaged") for each in said)
    url = service.url(dataset, path="/frames/1")
    ((_, part),) = parts_of(service.get(url, "*/*"))
    assert part == stream
    either = f"application/octet-stream, image/jpeg;transfer-syntax={syntax};q=0.1"
    assert service.get(url, either).content == stream


def test_native_frames_that_are_not_there_are_refused(service: Service) -> None:
    pixels = PICTURE.tobytes()
    dataset = store(service, ELE, [pixels], NumberOfFrames=3)
    form = f"application/dicom; transfer-syntax={JPEG_2000}"
    refused = service.get(service.url(dataset), form)
    assert (refused.status_code, refused.text) == (
        406,
        "The pixel data end before the last frame does.",
    )


def test_a_number_of_frames_beyond_reason_is_refused(service: Service) -> None:
    dataset = store(service, ELE, [PICTURE.tobytes()], NumberOfFrames=2_000_000_000)
    form = f"application/dicom; transfer-syntax={RLE}"
    with bounded():
        assert service.get(service.url(dataset), form).status_code == 406


@pytest.mark.parametrize("missing", ["Rows", "Columns", "BitsAllocated"])
def test_pixels_that_are_not_described_are_refused(
    service: Service, missing: str
) -> None:
    stream = encode(PICTURE, RLE, GREY)
    dataset = store(service, RLE, [stream], **{missing: None})
    said = refusals(service, dataset, JPEG_2000)
    assert all(each.startswith("The instance has no usable") for each in said)


def test_frames_that_cannot_be_told_apart_are_refused(service: Service) -> None:
    streams = [b"some", b"bytes", b"more"]
    dataset = store(service, JPEG_2000, streams, NumberOfFrames=2)
    dataset.PixelData = encapsulate(streams, has_bot=False)
    form = f"application/dicom; transfer-syntax={ELE}"
    refused = service.get(service.url(dataset), form)
    assert (refused.status_code, refused.text) == (
        406,
        "The frames of this instance cannot be told apart.",
    )


@pytest.mark.parametrize("side", [SIDE, 640])
def test_a_later_frame_that_is_damaged_ends_the_answer(
    service: Service, side: int
) -> None:
    """Told while a status can still be sent; else the connection is closed."""
    noise = np.random.default_rng(4).integers(0, 256, (side, side), np.uint8)
    stream = encode(noise, RLE, replace(GREY, rows=side, columns=side))
    streams = [stream, stream, stream[: len(stream) // 2]]
    dataset = store(service, RLE, streams, Rows=side, Columns=side)
    octets = f"application/octet-stream; transfer-syntax={ELE}"
    accept = (
        f'multipart/related; type="application/octet-stream"; transfer-syntax={ELE}'
    )
    url = service.url(dataset, path="/frames/1,2")
    assert [part for _, part in parts_of(service.get(url, accept))] == [
        noise.tobytes(),
        noise.tobytes(),
    ]
    assert (
        service.get(service.url(dataset, path="/frames/3"), octets).status_code == 406
    )
    whole = service.url(dataset, path="/frames/1,2,3")
    if side == SIDE:
        assert service.get(whole, accept).status_code == 406
    else:
        with pytest.raises(CannotTranscode):
            service.get(whole, accept)
    file = f"application/dicom; transfer-syntax={JPEG_2000}"
    assert service.get(service.url(dataset), file).status_code == 406


@pytest.mark.parametrize("length", [0, 4_000_000])
def test_a_later_frame_of_an_impossible_size_is_told_at_once(
    service: Service, length: int
) -> None:
    side = 640
    noise = np.random.default_rng(4).integers(0, 256, (side, side), np.uint8)
    stream = encode(noise, RLE, replace(GREY, rows=side, columns=side))
    last = pack("<HHI", 0xFFFE, 0xE000, length) + bytes(length)
    pixels = encapsulate([stream, stream], has_bot=False) + last
    described = {"Rows": side, "Columns": side, "NumberOfFrames": 3}
    dataset = store(service, RLE, [], PixelData=pixels, **described)
    accept = (
        f'multipart/related; type="application/octet-stream"; transfer-syntax={ELE}'
    )
    answer = service.get(service.url(dataset, path="/frames/1,2,3"), accept)
    assert answer.status_code == 406
    if not length:
        file = f"application/dicom; transfer-syntax={ELE}"
        assert service.get(service.url(dataset), file).status_code == 406
